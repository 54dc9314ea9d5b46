// Who is told of what happens: whether events are taken, what waits, and what was given up.
import { html, useState } from '../lib/html.js';
import { api, useApi, useList } from '../lib/api.js';
import { count, ms, sentence } from '../lib/format.js';
import { ask, Await, Badge, Button, Card, Empty, Head, Time, toast } from '../ui/basics.js';
import { ListTable, Table } from '../ui/table.js';
import { say } from './secrets.js';

const WEBHOOKS = { ok: 'good', failing: 'bad', off: 'warn' };
const because = (row) => row.last_reason || row.last_status || '–';

export default function Webhooks() {
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
