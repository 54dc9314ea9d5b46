// Providers: whether they are reached, how fast they answer, which of their keys rest, what their models
// cost, and who depends on them.
import { html } from '../lib/html.js';
import { useApi } from '../lib/api.js';
import { count, ms, percent, relative, usd } from '../lib/format.js';
import { add, empty } from '../lib/spans.js';
import { to } from '../lib/router.js';
import { useUsage } from '../lib/usage.js';
import { Await, Badge, Button, Card, Empty, Head } from '../ui/basics.js';
import { Table } from '../ui/table.js';

const STATES = { up: 'good', degraded: 'warn', down: 'bad' };
const BREAKERS = { closed: ['good', 'in use'], half_open: ['warn', 'being tried'], open: ['bad', 'left alone'] };
const KEYS = { ready: 'good', cooling: 'warn', spent: 'bad', refused: 'bad' };

// What needs somebody stands first.
const order = (provider) => ['down', 'degraded', 'up'].indexOf(provider.state);

function Keys({ keys }) {
  if (keys.length === 0) return html`<p class="note">It asks for no key.</p>`;
  return html`<ul class="row" aria-label="Keys">${keys.map((key, i) => html`<li key=${i}>
    <${Badge} tone=${KEYS[key.state]} title=${key.used ? 'used since the server began' : 'not used since the server began'}>${key.state}<//> <code>${key.reference ?? `key ${i + 1}`}</code>${key.rests_ms > 0 && html`<span class="note"> for ${ms(key.rests_ms)}</span>`}
  </li>`)}</ul>`;
}

const Breaker = ({ model }) => {
  const [tone, text] = model.rests_ms > 0 && model.breaker === 'closed' ? ['warn', `rests ${ms(model.rests_ms)}`] : BREAKERS[model.breaker];
  return html`<${Badge} tone=${tone} title=${`Breaker ${model.breaker.replace('_', ' ')}; last answer ${model.answered_at ? relative(model.answered_at) : 'not since the server began'}`}>${text}<//>`;
};

const Price = ({ price }) => {
  const known = price && price.input_usd !== null;
  return known ? html`<span title=${price.configured ? 'as pinion.yaml says' : 'as the program knows it'}>${usd(price.input_usd)} / ${usd(price.output_usd)}${price.configured && '*'}</span>` : html`<span class="ink-warn">not known</span>`;
};

const Users = ({ model }) =>
  model.endpoint_count === 0 ? html`<span class="note">no endpoint</span>` : html`${model.endpoints.slice(0, 4).map((slug, i) => html`${i > 0 && ', '}<a key=${slug} href=${to(`/endpoints/${slug}`)}>${slug}</a>`)}${model.endpoint_count > 4 && html` <span title=${model.endpoints.join(', ')}>and ${count(model.endpoint_count - 4)} more</span>`}`;

function Provider({ provider, today }) {
  const calls = (model) => today?.get(`${provider.id}\n${model.model}`) ?? empty();
  return html`<${Card} title=${provider.id} note=${html`${provider.kind}${provider.origin && html` · ${provider.origin}`}${provider.stands_in && ' · answered by the built-in demo'}`}
    actions=${html`<${Badge} tone=${STATES[provider.state]}>${provider.state}<//>`}>
    <${Keys} keys=${provider.keys} />
    ${provider.models.length === 0
      ? html`<p class="note">Nothing has used it since the server began, and no endpoint names it.</p>`
      : html`<${Table} label=${`Models of ${provider.id}`} rows=${provider.models} rowKey=${(row) => row.model} rowHref=${(row) => to('/costs', { provider: provider.id, model: row.model, by: 'endpoint' })} columns=${[
          { key: 'model', label: 'Model', class: 'cut', render: (row) => (row.model === '*' ? 'models by name' : row.model) },
          { key: 'breaker', label: 'State', render: (row) => html`<${Breaker} model=${row} />` },
          { key: 'p50', label: 'p50', align: 'right', wide: true, render: (row) => html`<span title="to the first byte, of the last minute">${ms(row.p50_ms)}</span>` },
          { key: 'p95', label: 'p95', align: 'right', wide: true, render: (row) => html`<span title="to the first byte, of the last minute, from 20 calls on">${ms(row.p95_ms)}</span>` },
          { key: 'calls', label: 'Calls today', align: 'right', wide: true, render: (row) => (today ? count(calls(row).calls) : '–') },
          { key: 'failed', label: 'Failed', align: 'right', render: (row) => html`<span class=${calls(row).errors / calls(row).calls > 0.05 ? 'ink-bad' : ''}>${percent(calls(row).errors, calls(row).calls)}</span>` },
          { key: 'price', label: 'In / out, a million', align: 'right', wide: true, render: (row) => html`<${Price} price=${row.price} />` },
          { key: 'users', label: 'Used by', class: 'cut', render: (row) => html`<${Users} model=${row} />` },
        ]} />`}
    ${provider.model_count > provider.models.length && html`<p class="note">${count(provider.model_count - provider.models.length)} more models are not shown.</p>`}
  <//>`;
}

/** What was called today, by provider and model: as far as the credential may see it. */
function useToday(allowed) {
  const usage = useUsage(1, 'provider,model', {}, allowed);
  if (!usage.data) return undefined;
  const sums = new Map();
  for (const row of usage.data.rows.filter((one) => one.day === usage.data.today)) {
    const key = `${row.provider}\n${row.model}`;
    sums.set(key, add(sums.get(key) ?? empty(), row));
  }
  return sums;
}

export default function Providers({ login }) {
  const providers = useApi('/providers');
  const today = useToday(login.verbs.includes('usage'));
  return html`
    <${Head} title="Providers" lead="Whom calls go to, and whether they can be relied on. Prices are in USD, with * where pinion.yaml says them.">
      <${Button} busy=${providers.loading} onclick=${providers.reload}>Look again<//>
    <//>
    <${Await} of=${providers}>${(list) =>
      list.data.length === 0
        ? html`<${Card}><${Empty} title="There are no providers." command="providers: {openai: {kind: openai, key: \${env:OPENAI_API_KEY}}}">pinion.yaml names them, by a line such as:<//><//>`
        : list.data.toSorted((a, b) => order(a) - order(b)).map((provider) => html`<${Provider} key=${provider.id} provider=${provider} today=${today} />`)}<//>`;
}
