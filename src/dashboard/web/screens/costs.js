// What the money went to, by endpoint, model, provider, token or project; what rose or fell against
// the time before, and why. A row narrows the screen down to itself and shows what it is made of.
import { html, useMemo } from '../lib/html.js';
import { apiUrl, useApi, useList } from '../lib/api.js';
import { change, count, relative, sentence, usd, usdExact } from '../lib/format.js';
import { add, compare, daysUpTo, dayPlus, empty, projection, reasons, split, stack } from '../lib/spans.js';
import { setQuery, to } from '../lib/router.js';
import { useUsage } from '../lib/usage.js';
import { Await, Bar, Card, Empty, Figure, Head } from '../ui/basics.js';
import { Chart } from '../ui/chart.js';
import { Filters, SelectField } from '../ui/form.js';
import { ListTable, Table } from '../ui/table.js';

const NAMES = ['endpoint', 'model', 'provider', 'token', 'project'];
const SPANS = [['7', '7 days'], ['1', 'today'], ['14', '14 days'], ['30', '30 days'], ['90', '90 days']];

/** Of days up to and with today, how many requests were made, as far as that is counted for what is asked. */
function useRequests(filters, today, span) {
  const [[name, key] = [], other] = Object.entries(filters);
  const what = { endpoint: { endpoint: key }, token: { by: name, key }, project: { by: name, key } }[name] ?? {};
  const ask = (back) => useApi(today && !other && (!name || what.by || what.endpoint) ? '/series' : null, { query: { ...what, from: today && dayPlus(today, 1 - span - back), to: today && dayPlus(today, 1 - back) } }).data?.points[0]?.calls;
  return { now: ask(0), before: ask(span) };
}

const signed = (amount) => `${amount < 0 ? '−' : '+'}${usd(Math.abs(amount))}`;

/** What made the cost another than before, in money. */
function Why({ all, filters, today, span }) {
  const models = useUsage(2 * span, 'model', filters);
  const requests = useRequests(filters, today, span);
  if (!models.data || all.before.calls === 0) return null;
  const parts = split(all.now, all.before, compare(models.data, 'model', span), requests);
  return html`<div class="list"><h2>Why it is ${signed(all.now.cost_usd - all.before.cost_usd)}</h2>
    ${parts.length === 0
      ? html`<p class="note">As before.</p>`
      : html`<dl class="facts">${parts.map(([what, amount]) => html`<dt key=${what}>${sentence(what)}</dt><dd class=${amount > 0 ? 'ink-bad' : 'ink-good'}>${signed(amount)}</dd>`)}</dl>`}</div>`;
}

export default function Costs({ query }) {
  const span = Number(SPANS.some(([days]) => days === query.get('days')) ? query.get('days') : 7);
  const filters = Object.fromEntries(NAMES.map((name) => [name, query.get(name)]).filter(([, value]) => value));
  const narrowed = Object.keys(filters).length > 0;
  const tags = useApi(narrowed ? null : '/series', { query: { by: 'tag', from: dayPlus(new Date().toISOString().slice(0, 10), -30) } }).data?.points.map((point) => `tag:${point.key}`) ?? [];
  const asked = query.get('by');
  const by = NAMES.includes(asked) || (!narrowed && asked?.startsWith('tag:')) ? asked : 'endpoint';
  const tag = by.startsWith('tag:');
  const usage = useUsage(2 * span, by, filters);
  const now = Object.fromEntries([...query]);
  const since = usage.data && dayPlus(usage.data.today, 1 - span);
  // Narrowed down to one, it is shown by the next name that is not fixed yet.
  const next = (key) => tag ? to('/requests', { tag: `${by.slice(4)}=${/^"|,/.test(key) ? JSON.stringify(key) : key}` }) : to('/costs', { ...now, [by]: key, by: NAMES.find((name) => name !== by && !filters[name]) });
  return html`
    <${Head} title="Costs" lead="What calls to providers cost, added up when they end. Failed calls and repeats are in it.">
      <a class="button" href=${to('/requests', { ...filters })}>Its requests</a>
      ${['csv', 'jsonl'].map((format) => html`<a key=${format} class="button" href=${tag ? apiUrl('/series', { by, step: 'day', format, from: since }) : apiUrl('/usage', { by: `day,${by}`, format, from: since, ...filters })} download=${`usage-by-${by.replace(':', '-')}.${format}`}>Export ${format.toUpperCase()}</a>`)}
    <//>
    <${Filters}>
      <${SelectField} label="By" value=${by} options=${[...NAMES.filter((name) => !filters[name] || name === by), ...new Set(tag ? [by, ...tags] : tags)]} onInput=${(value) => setQuery({ by: value })} />
      <${SelectField} label="Time" value=${String(span)} options=${SPANS} onInput=${(value) => setQuery({ days: value })} />
      ${Object.entries(filters).map(([name, value]) => html`<a key=${name} class="button" href=${to('/costs', { ...now, [name]: '', by: name })} aria-label=${`Show all, not only ${name} ${value}`}>${name}: ${value} ✕</a>`)}
    <//>
    <${Await} of=${usage}>${(data) => {
      const rows = compare(data, by, span);
      const all = rows.reduce((sum, row) => ({ now: add(sum.now, row.now), before: add(sum.before, row.before) }), { now: empty(), before: empty() });
      if (rows.length === 0) return html`<${Card}><${Empty} title="Nothing was called in this time." command="pinion call summarize -i article.json">Costs are shown as soon as calls end.<//><//>`;
      return html`
        <div class="stack">
          <${Card}>
            <div class="figures">
              <${Figure} label=${`Cost, ${span === 1 ? 'today' : `last ${span} days`}`} value=${usd(all.now.cost_usd)} note=${`${change(all.now.cost_usd, all.before.cost_usd)} against the time before`} tone=${all.now.cost_usd > all.before.cost_usd * 1.1 && all.before.calls > 0 ? 'bad' : ''} />
              <${Figure} label="Calls" value=${count(all.now.calls)} note=${change(all.now.calls, all.before.calls)} />
              <${Figure} label="A call" value=${all.now.calls > 0 ? usd(all.now.cost_usd / all.now.calls) : '–'} note=${all.now.calls > 0 && all.before.calls > 0 ? change(all.now.cost_usd / all.now.calls, all.before.cost_usd / all.before.calls) : undefined} />
              <${Figure} label="Billed" value=${usd(all.now.billed_usd)} note="with markups" />
            </div>
            ${!tag && html`<${Why} all=${all} filters=${filters} today=${data.today} span=${span} />`}
            ${all.now.unpriced_calls > 0 && html`<p class="callout warn">${count(all.now.unpriced_calls)} calls went to models without a known price and count as nothing.</p>`}
          <//>
          <${Card} title=${`Cost a day by ${by}`}><${CostChart} data=${data} name=${by} days=${daysUpTo(data.today, 2 * span)} label=${`What was spent each day, by ${by}`} /><//>
          <${Card} title=${`By ${by}`}><${CostTable} label=${`Costs by ${by}`} rows=${rows} what=${by[0].toUpperCase() + by.slice(1)} span=${span} href=${next} /><//>
        </div>`;
    }}<//>`;
}

// Parts of the screens about money: a chart of days, and a table of what it went to and why it moved.
/** Cost a day by a name ("endpoint"), the dearest on the ground. */
export function CostChart({ data, name, days, label }) {
  const series = useMemo(() => stack(data, name, days), [data, name, days.join()]);
  const times = useMemo(() => days.map((day) => Date.parse(`${day}T00:00:00Z`) / 1000), [days.join()]);
  return html`<${Chart} label=${label} times=${times} series=${series} format=${usd} stacked bars day />`;
}

const tone = (row) => (row.before.calls > 0 && row.now.cost_usd > row.before.cost_usd * 1.1 ? 'ink-bad' : row.now.cost_usd < row.before.cost_usd * 0.9 ? 'ink-good' : '');

/** rows: of compare(). href(key) is where a row leads. */
export const CostTable = ({ label, rows, what, span, href }) => html`
  <${Table} label=${label} rows=${rows} rowKey=${(row) => row.key} rowHref=${(row) => href(row.key)} columns=${[
    { key: 'key', label: what, render: (row) => row.key || '(none)' },
    { key: 'cost', label: `Last ${span} days`, align: 'right', render: (row) => html`<span title=${usdExact(row.now.cost_usd.toFixed(9))}>${usd(row.now.cost_usd)}</span>` },
    { key: 'before', label: `The ${span} before`, align: 'right', wide: true, render: (row) => usd(row.before.cost_usd) },
    { key: 'change', label: 'Change', align: 'right', render: (row) => html`<span class=${tone(row)}>${change(row.now.cost_usd, row.before.cost_usd)}</span>` },
    { key: 'why', label: 'Why', wide: true, render: (row) => reasons(row.now, row.before).join('; ') || '–' },
    { key: 'calls', label: 'Calls', align: 'right', render: (row) => count(row.now.calls) },
    { key: 'each', label: 'A call', align: 'right', wide: true, render: (row) => (row.now.calls > 0 ? usd(row.now.cost_usd / row.now.calls) : '–') },
  ]} />`;

// Budgets: what is spent of each, where that ends if it goes on so, and what was spent before.
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

export function Budgets({ query }) {
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

// Whose budgets and limits are nearly used up, or will be: the nearest first, each with what it leads to.
export const useNear = () => useApi('/near', { query: { percent: 70, limit: 100 } });

const POLICIES = { per_minute: 'calls a minute', per_hour: 'calls an hour', tokens_per_minute: 'tokens a minute', concurrent: 'calls at once' };
const whose = (row) => [row.of, row.token_name || row.name, row.endpoint && `at ${row.endpoint}`].filter(Boolean).join(' ');
const where = (row) =>
  row.kind === 'budget' ? to('/budgets', { of: row.of, name: row.name, history: 1 }) : row.of === 'token' ? to(`/tokens/${row.name}`) : to('/costs', { project: row.name, by: 'token' });

function Row({ row }) {
  const budget = row.kind === 'budget';
  const then = budget && row.projected_usd !== null ? row.projected_usd / row.limit_usd : undefined;
  const what = budget ? `${usd(row.spent_usd)} of ${usd(row.limit_usd)} ${row.period}` : `${count(row.used)} of ${count(row.limit)} ${POLICIES[row.policy]}`;
  return html`<li>
    <div class="row spread"><a href=${where(row)}>${whose(row)}</a><span class="num note">${what}</span></div>
    <${Bar} share=${row.percent / 100} mark=${then} label=${`${whose(row)}, ${what}`} />
    ${row.percent >= 100
      ? html`<p class="note ink-bad">Used up${budget && `: begins anew ${relative(row.resets_at)}`}</p>`
      : then > 1 && html`<p class="note ink-bad">${usd(row.projected_usd)} at its end ${relative(row.resets_at)}, if it goes on so</p>`}
  </li>`;
}

/** near: of useNear(); most: so many of them. */
export const Near = ({ near, most = 100 }) => html`<${Await} of=${near}>${(list) =>
  list.data.length === 0
    ? html`<${Empty} title="Nobody is near a limit.">Shown are budgets and limits of calls that are used up to 70 %, and budgets that will not last to the end of their time.<//>`
    : html`<ul class="list">${list.data.slice(0, most).map((row, i) => html`<${Row} key=${row.id ?? i} row=${row} />`)}</ul>
        ${list.total > most && html`<p class="note"><a href=${to('/budgets')}>${count(list.total)} altogether</a>, of which these are the nearest</p>`}`}<//>`;
