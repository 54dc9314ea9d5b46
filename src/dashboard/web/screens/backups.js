// Copies of the store: which there are, what is in them, whether they are whole, and making one.
import { html, useState } from '../lib/html.js';
import { api, useApi } from '../lib/api.js';
import { bytes, count, sentence } from '../lib/format.js';
import { ask, Await, Badge, Button, Card, Copyable, Empty, Head, Problem, Time, toast } from '../ui/basics.js';
import { Table } from '../ui/table.js';

const records = (backup) => Object.values(backup.records ?? {}).reduce((sum, one) => sum + one, 0);

export default function Backups() {
  const backups = useApi('/backups');
  const [busy, setBusy] = useState(); // what is being done: 'take', or the name of one that is looked at
  const [looked, setLooked] = useState({}); // name -> true, or why it is not whole
  const [error, setError] = useState();
  const act = async (what, work) => {
    setBusy(what);
    setError(undefined);
    try {
      await work();
    } catch (problem) {
      setError(problem);
    }
    setBusy(undefined);
    backups.reload();
  };
  const take = () => act('take', async () => toast(`${(await api('POST', '/backups', { body: {} })).name} is taken, durable and whole.`));
  const verify = ({ name }) => act(name, async () => {
    try {
      await api('POST', `/backups/${encodeURIComponent(name)}/verify`);
      setLooked((before) => ({ ...before, [name]: true }));
    } catch (problem) {
      if (problem.code !== 'record_damaged') throw problem;
      setLooked((before) => ({ ...before, [name]: sentence(problem.message) }));
    }
  });
  const remove = async ({ name }) => {
    if (await ask({ title: `Delete ${name}?`, text: 'One cannot go back to it then.', action: 'Delete', danger: true, typed: name })) act(name, () => api('DELETE', `/backups/${encodeURIComponent(name)}`).then(() => toast(`${name} is deleted.`)));
  };
  const State = ({ backup }) => {
    const found = looked[backup.name];
    if (!backup.readable) return html`<${Badge} tone="bad">unreadable<//>`;
    if (found === undefined) return html`<span class="note">whole when taken</span>`;
    return found === true ? html`<${Badge} tone="good">whole<//>` : html`<${Badge} tone="bad" title=${found}>damaged<//> <span class="ink-bad">${found}</span>`;
  };
  return html`
    <${Head} title="Backups" lead="Copies of the store as of one moment. Each is as secret as the store itself, and needs the master key where secrets are sealed.">
      <${Button} kind="main" busy=${busy === 'take'} onclick=${take}>Take a backup<//>
    <//>
    <${Problem} error=${error} />
    <${Card} class="flush"><${Await} of=${backups}>${(list) =>
      list.data.length === 0
        ? html`<${Empty} title="There is no backup." command="pinion backup">One is taken while the server runs, and holds up nobody. Also by a command, as from cron:<//>`
        : html`<${Table} label="Backups" rows=${list.data.toReversed()} rowKey=${(row) => row.name} columns=${[
            { key: 'name', label: 'Name', class: 'cut', render: (row) => html`<code>${row.name}</code>` },
            { key: 'taken', label: 'Taken', render: (row) => html`<${Time} at=${row.taken_at} ago />` },
            { key: 'state', label: 'State', render: (row) => html`<${State} backup=${row} />` },
            { key: 'bytes', label: 'Size', align: 'right', render: (row) => bytes(row.bytes) },
            { key: 'records', label: 'Records', align: 'right', wide: true, render: (row) => count(records(row)) },
            { key: 'version', label: 'Of version', wide: true },
            { key: 'acts', label: html`<span class="sr">What can be done</span>`, align: 'right', render: (row) => html`<${Button} kind="quiet small" busy=${busy === row.name} aria-label=${`Verify ${row.name}`} onclick=${() => verify(row)}>Verify<//> <${Button} kind="quiet small" aria-label=${`Delete ${row.name}`} onclick=${() => remove(row)}>Delete<//>` },
          ]} />`}<//><//>
    ${backups.data?.data.length > 0 && html`<p class="note">To go back to one, with the server stopped: <${Copyable} text=${`pinion restore ${backups.data.data.at(-1).name}`} /></p>`}`;
}
