// What operators look after: secrets, backups, and who is told of events.
import { html, useState } from '../lib/html.js';
import { api, useApi, useList } from '../lib/api.js';
import { bytes, count, ms, sentence } from '../lib/format.js';
import { to } from '../lib/router.js';
import { Await, Badge, Button, Card, Copyable, Dialog, Empty, Head, Problem, Time, ask, toast } from '../ui/basics.js';
import { TextField } from '../ui/form.js';
import { ListTable, Table } from '../ui/table.js';

// Secrets that are sealed in the store: what they are called, whether they open, how old they are and who
// uses them. A value goes in and never comes out.
/** A change holds at once, unless the configuration as a whole cannot be read with it. */
const say = (text, reload) => (reload && !reload.ok ? toast(`${text}, but the configuration is not good: the one before stays in force. See pinion check.`, 'bad') : toast(`${text}.`));

function Seal({ name: fixed, onDone, onClose }) {
  const [name, setName] = useState(fixed ?? '');
  const [value, setValue] = useState('');
  const [error, setError] = useState();
  const [busy, setBusy] = useState(false);
  const wrong = (part) => (error?.param?.includes(part) ? sentence(error.message) : undefined);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      onDone(await api('PUT', `/secrets/${encodeURIComponent(name.trim() || '-')}`, { body: { value } }));
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return html`
    <${Dialog} title=${fixed ? `Another value for ${fixed}` : 'A new secret'} onClose=${onClose}>
      <form onsubmit=${submit} class="form">
        ${!fixed && html`<${TextField} label="Name" value=${name} onInput=${setName} error=${wrong('name')} hint="1 to 63 of a-z, 0-9, - and _" />`}
        <${TextField} label="Value" type="password" value=${value} onInput=${setValue} error=${wrong('value')} hint="It is sealed with the master key, and cannot be read again." />
        <${Problem} error=${error} />
        <div class="row end"><${Button} onclick=${onClose}>Cancel<//><button class="button main" disabled=${busy} aria-busy=${busy ? 'true' : undefined}>Seal it</button></div>
      </form>
    <//>`;
}

const Users = ({ secret }) =>
  secret.providers.length > 0
    ? secret.providers.map((name, i) => html`${i > 0 && ', '}<a key=${name} href=${to('/providers')}>${name}</a>`)
    : secret.in_use ? 'the configuration' : html`<span class="note">nobody</span>`;

export function Secrets() {
  const secrets = useApi('/secrets');
  const [sealing, setSealing] = useState(); // {name} of one that is there, or {}
  const act = async (work) => {
    try {
      await work();
    } catch (error) {
      toast(`${sentence(error.message)}.`, 'bad');
    }
    secrets.reload();
  };
  const remove = async ({ name, in_use: used }) => {
    if (!(await ask({ title: `Delete ${name}?`, text: used ? 'The configuration in force uses it: without it, it cannot be read again.' : 'Nothing in force uses it.', action: 'Delete', danger: true, typed: used ? name : undefined }))) return;
    act(async () => say(`${name} is deleted`, (await api('DELETE', `/secrets/${encodeURIComponent(name)}`)).reload));
  };
  const rotate = async () => {
    if (!(await ask({ title: 'A new master key?', text: 'Every secret is sealed anew under it, and the old key opens nothing any more. Backups from before need the old one.', action: 'Rotate' }))) return;
    act(async () => {
      const done = await api('POST', '/secrets/rotate');
      toast(`${done.resealed} sealed anew under ${done.key_id}.${done.retire_by_hand ? ' Take the old key away from where the master key comes from.' : ''}`);
    });
  };
  const rows = secrets.data?.data ?? [];
  return html`
    <${Head} title="Secrets" lead="Sealed in the store. No value is ever shown, here or elsewhere.">
      ${rows.length > 0 && html`<${Button} onclick=${rotate}>Rotate the master key<//>`}
      <${Button} kind="main" onclick=${() => setSealing({})}>New secret<//>
    <//>
    <${Card} class="flush"><${Await} of=${secrets}>${(list) =>
      list.data.length === 0
        ? html`<${Empty} title="Nothing is sealed yet." command="pinion secret set openai">A provider names one as key: \${secret:openai}. Also from the command line:<//>`
        : html`<${Table} label="Secrets" rows=${list.data} rowKey=${(row) => row.name} columns=${[
            { key: 'name', label: 'Name', class: 'cut', render: (row) => html`<code>${row.name}</code>` },
            { key: 'opens', label: 'State', render: (row) => html`<${Badge} tone=${row.opens ? 'good' : 'bad'}>${row.opens ? 'opens' : 'does not open'}<//>` },
            { key: 'hint', label: 'Ends in', wide: true, render: (row) => (row.hint ? html`<code>${`…${row.hint}`}</code>` : '–') },
            { key: 'created', label: 'Sealed', wide: true, render: (row) => html`<${Time} at=${row.created_at} ago />` },
            { key: 'key', label: 'Under', wide: true, render: (row) => html`<code>${row.key_id}</code>` },
            { key: 'users', label: 'Used by', render: (row) => html`<${Users} secret=${row} />` },
            { key: 'acts', label: html`<span class="sr">What can be done</span>`, align: 'right', render: (row) => html`<${Button} kind="quiet small" aria-label=${`Replace ${row.name}`} onclick=${() => setSealing(row)}>Replace<//> <${Button} kind="quiet small" aria-label=${`Delete ${row.name}`} onclick=${() => remove(row)}>Delete<//>` },
          ]} />`}<//><//>
    ${sealing && html`<${Seal} name=${sealing.name} onClose=${() => setSealing(undefined)} onDone=${({ secret, new_key: made, reload }) => {
      setSealing(undefined);
      say(`${secret.name} is sealed under ${secret.key_id}${made ? `, a master key that was made just now in ${made}: keep a copy of it` : ''}`, reload);
      secrets.reload();
    }} />`}`;
}

// Copies of the store: which there are, what is in them, whether they are whole, and making one.
const records = (backup) => Object.values(backup.records ?? {}).reduce((sum, one) => sum + one, 0);

export function Backups() {
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

// Who is told of what happens: whether events are taken, what waits, and what was given up.
const WEBHOOKS = { ok: 'good', failing: 'bad', off: 'warn' };
const because = (row) => row.last_reason || row.last_status || '–';

export function Webhooks() {
  const hooks = useApi('/webhooks');
  const dead = useList('/webhooks/dead', { query: { limit: 50 } });
  const [busy, setBusy] = useState();
  const act = async (what, method, path, body, say) => {
    setBusy(what);
    try {
      say(await api(method, path, { body }));
    } catch (error) {
      toast(`${sentence(error.message)}.`, 'bad');
    }
    setBusy(undefined);
    hooks.reload();
    dead.reload();
  };
  const at = (name, rest) => `/webhooks/${encodeURIComponent(name)}/${rest}`;
  const test = ({ name }) =>
    act(name, 'POST', at(name, 'test'), {}, (told) => toast(told.delivered ? `${name} has taken a test event: ${told.status} after ${ms(told.took_ms)}.` : `${name} has not taken it: ${because({ last_status: told.status, last_reason: told.reason })}.`, told.delivered ? 'good' : 'bad'));
  const retry = (name, id) => act(id ?? `all ${name}`, 'POST', at(name, 'retry'), id ? { id } : {}, ({ retried }) => toast(`${count(retried)} will be sent again.`));
  const forget = async (name, id) => {
    if (await ask({ title: id ? 'Forget this event?' : `Forget all that ${name} was not told?`, text: 'It cannot be sent any more then.', action: 'Forget', danger: true })) act(id, 'DELETE', `${at(name, 'dead')}${id ? `?id=${encodeURIComponent(id)}` : ''}`, undefined, ({ forgotten }) => toast(`${count(forgotten)} forgotten.`));
  };
  const acts = (name, id, what) => html`<${Button} kind="quiet small" busy=${busy === (id ?? `all ${name}`)} aria-label=${`Send again: ${what}`} onclick=${() => retry(name, id)}>Send again<//> <${Button} kind="quiet small" aria-label=${`Forget: ${what}`} onclick=${() => forget(name, id)}>Forget<//>`;
  return html`
    <${Head} title="Webhooks" lead="Who is told of what happens. Receivers stand in pinion.yaml; what they do not take is sent again for a day." />
    <${Card} class="flush"><${Await} of=${hooks}>${(list) =>
      list.data.length === 0
        ? html`<${Empty} title="Nobody is told." command='webhooks: [{name: ops, url: "https://hooks.example.com/pinion", secret: "\${secret:hooks}"}]'>A receiver is a line of pinion.yaml:<//>`
        : html`<${Table} label="Receivers" rows=${list.data} rowKey=${(row) => row.name} columns=${[
            { key: 'name', label: 'Name', class: 'cut', render: (row) => html`<span title=${row.url}>${row.name}</span>` },
            { key: 'state', label: 'State', render: (row) => html`<${Badge} tone=${WEBHOOKS[row.state]} title=${because(row)}>${row.state}<//>` },
            { key: 'events', label: 'Of', wide: true, class: 'cut', render: (row) => html`<span title=${row.events.join(', ')}>${row.events.join(', ')}</span>` },
            { key: 'waiting', label: 'Waiting', align: 'right', render: (row) => count(row.waiting) },
            { key: 'dead', label: 'Given up', align: 'right', render: (row) => html`<span class=${row.dead > 0 ? 'ink-bad' : ''}>${count(row.dead)}</span>` },
            { key: 'delivered', label: 'Taken', align: 'right', wide: true, render: (row) => html`<span title="since the server began">${count(row.delivered)}</span>` },
            { key: 'last', label: 'Last', wide: true, class: 'cut', render: (row) => (row.last_at ? html`<${Time} at=${row.last_at} ago /> <span class="note">${because(row)}</span>` : '–') },
            { key: 'acts', label: html`<span class="sr">What can be done</span>`, align: 'right', render: (row) => html`<${Button} kind="quiet small" busy=${busy === row.name} aria-label=${`Test ${row.name}`} onclick=${() => test(row)}>Test<//>${row.dead > 0 && acts(row.name, undefined, `all of ${row.name}`)}` },
          ]} />`}<//><//>
    ${hooks.data?.data.length > 0 && html`<${Card} title="Given up" note="Not taken for a day, or refused for good">
      <${ListTable} label="Given up" list=${dead} empty=${{ title: 'Every event was taken, or still is sent again.' }} columns=${[
        { key: 'type', label: 'Event', render: (row) => html`<details><summary>${row.type}</summary><pre class="secret">${JSON.stringify(row.event, null, 2)}</pre></details>` },
        { key: 'webhook', label: 'For', class: 'cut' },
        { key: 'created', label: 'Of', wide: true, class: 'nowrap', render: (row) => html`<${Time} at=${row.created} ago />` },
        { key: 'tries', label: 'Tries', align: 'right', render: (row) => count(row.tries) },
        { key: 'why', label: 'Why', class: 'cut', render: because },
        { key: 'acts', label: html`<span class="sr">What can be done</span>`, align: 'right', class: 'nowrap', render: (row) => acts(row.webhook, row.id, row.id) },
      ]} />
    <//>`}`;
}
