// Budgets: what is spent of each, where that ends if it goes on so, and what was spent before.
import { html } from '../lib/html.js';
import { useApi, useList } from '../lib/api.js';
import { relative, usd, usdExact } from '../lib/format.js';
import { setQuery, to } from '../lib/router.js';
import { projection } from '../lib/spans.js';
import { Await, Bar, Card, Empty, Head } from '../ui/basics.js';
import { Filters, SelectField } from '../ui/form.js';
import { Near, useNear } from '../ui/near.js';
import { ListTable, Table } from '../ui/table.js';

const WHOSE = [['', 'everybody'], 'organisation', 'project', 'endpoint', 'token', 'shadow'];
const share = (budget, amount) => (Number(budget.limit_usd) > 0 ? amount / Number(budget.limit_usd) : 1);

function Spent({ budget }) {
  if (budget.limit_usd === null) return html`<span class="note">no limit</span>`;
  const then = projection(budget);
  return html`<${Bar} share=${budget.percent / 100} mark=${then === undefined ? undefined : share(budget, then)} label=${`${budget.of} ${budget.name}, ${budget.period}`} />`;
}

function Projected({ budget }) {
  const then = projection(budget);
  if (then === undefined) return '–';
  const over = budget.limit_usd !== null && then > Number(budget.limit_usd);
  return html`<span class=${over ? 'ink-bad' : ''}>${usd(then)}${over && html`<span class="sr"> beyond the limit</span>`}</span>`;
}

function History({ of, name }) {
  const history = useApi('/budgets/history', { query: { of, name, limit: 62 } });
  return html`<${Card} title=${`What was spent before: ${of} ${name}`}>
    <${Await} of=${history}>${(data) => data.data.length === 0 ? html`<${Empty} title="Nothing was spent of it yet." />` : html`
      <div class="bleed"><${Table} label="Periods" rows=${data.data.toReversed()} columns=${[
        { key: 'id', label: 'Period', render: (row) => row.id.split('/').slice(-1)[0] },
        { key: 'spent', label: 'Spent', align: 'right', render: (row) => html`<span title=${usdExact(row.spent_usd)}>${usd(row.spent_usd)}</span>` },
        { key: 'recovered', label: 'Of it after a crash', align: 'right', wide: true, render: (row) => usd(row.recovered_usd) },
      ]} /></div>`}<//>
  <//>`;
}

export default function Budgets({ query }) {
  const of = query.get('of') ?? '';
  const name = query.get('name');
  const near = useNear();
  const budgets = useList('/budgets', { query: { limit: 200, of, name } });
  return html`
    <${Head} title="Budgets" lead="How much may be spent, and by whom. The line in a bar is where it ends if it goes on so." />
    ${!name && html`<${Card} title="Near a limit" note="Of all budgets, and of the limits of calls"><${Near} near=${near} /><//>`}
    <${Filters}><${SelectField} label="Of" value=${of} options=${WHOSE} onInput=${(value) => setQuery({ of: value, name: '' })} />${name !== null && html`<a class="button" href=${to('/budgets', { of })}>${name} ✕</a>`}<//>
    <${Card} class="flush">
      <${ListTable} label="Budgets" list=${budgets} rowHref=${(row) => to('/budgets', { of: row.of, name: row.name || undefined, history: 1 })}
        empty=${{ title: 'There are no such budgets.', text: 'An endpoint gets one by a line in its file:', command: 'budget: {daily_usd: 5}' }}
        columns=${[
          { key: 'whose', label: 'Whose', class: 'cut', render: (row) => `${row.of} ${row.name}` },
          { key: 'period', label: 'Period', wide: true },
          { key: 'bar', label: 'Spent', class: 'bar-cell', render: (row) => html`<${Spent} budget=${row} />` },
          { key: 'spent', label: 'USD', align: 'right', render: (row) => html`<span title=${usdExact(row.spent_usd)}>${usd(row.spent_usd)}</span>` },
          { key: 'limit', label: 'Limit', align: 'right', render: (row) => (row.limit_usd === null ? '–' : usd(row.limit_usd)) },
          { key: 'then', label: 'At its end', align: 'right', wide: true, render: (row) => html`<${Projected} budget=${row} />` },
          { key: 'anew', label: 'Begins anew', wide: true, render: (row) => html`<span title=${row.resets_at}>${relative(row.resets_at)}</span>` },
        ]} />
    <//>
    ${query.get('history') && html`<${History} of=${of} name=${name ?? ''} />`}`;
}
