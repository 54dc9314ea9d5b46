// How things are, at a glance: what is spent, whether calls succeed, what rose, and who is near a limit.
import { html } from '../lib/html.js';
import { useApi } from '../lib/api.js';
import { count, percent, usd, usdExact } from '../lib/format.js';
import { to } from '../lib/router.js';
import { add, compare, dayPlus, daysUpTo, empty, sumBy } from '../lib/spans.js';
import { useUsage } from '../lib/usage.js';
import { Await, Card, Empty, Figure, Head } from '../ui/basics.js';
import { CostChart, CostTable } from '../ui/cost.js';
import { Near, useNear } from '../ui/near.js';

const all = (rows, days) => [...sumBy(rows, 'endpoint', days).values()].reduce(add, empty());

function Spend({ data, budgets }) {
  const { rows, today } = data;
  const now = all(rows, [today]);
  const lastWeek = all(rows, [dayPlus(today, -7)]);
  const month = all(rows, daysUpTo(today, Number(today.slice(8))));
  const budget = budgets.data?.data.find((one) => one.of === 'organisation' && one.period === 'monthly' && one.limit_usd !== null);
  const failing = now.calls > 0 && now.errors / now.calls > 0.05;
  return html`
    <${Figure} label="Spent today" value=${usd(now.cost_usd)} title=${usdExact(now.cost_usd.toFixed(9))} note=${`${usd(lastWeek.cost_usd)} on this day a week ago`} href=${to('/costs', { days: 1 })} />
    <${Figure} label="Spent this month" value=${usd(month.cost_usd)} title=${usdExact(month.cost_usd.toFixed(9))} note=${budget ? `of ${usd(budget.limit_usd)}` : 'no limit is set'} href=${to('/costs', { days: 30 })} />
    <${Figure} label="Calls to providers today" value=${count(now.calls)} note=${`${count(lastWeek.calls)} a week ago`} />
    <${Figure} label="Of them failed" value=${percent(now.errors, now.calls)} note=${`${percent(lastWeek.errors, lastWeek.calls)} a week ago`} tone=${failing ? 'bad' : ''} />`;
}

export default function Overview() {
  const usage = useUsage(31, 'endpoint');
  const budgets = useApi('/budgets', { query: { of: 'organisation' } });
  const near = useNear();
  return html`
    <${Head} title="Overview" />
    <${Card} title="Today and this month" actions=${html`<a class="button quiet" href=${to('/costs')}>All costs</a>`}>
      <${Await} of=${usage}>${(data) => html`
        <div class="figures"><${Spend} data=${data} budgets=${budgets} /></div>
        <${CostChart} data=${data} name="endpoint" days=${daysUpTo(data.today, 14)} label="What was spent each day, by endpoint" />`}<//>
    <//>
    <${Card} title="What rose" note="The last 7 days against the 7 before">
      <${Await} of=${usage}>${(data) => {
        const rows = compare(data, 'endpoint', 7).sort((a, b) => b.now.cost_usd - b.before.cost_usd - (a.now.cost_usd - a.before.cost_usd)).slice(0, 8);
        return rows.length === 0
          ? html`<${Empty} title="Nothing was called in two weeks." command="pinion call summarize -i article.json" />`
          : html`<div class="bleed"><${CostTable} label="Endpoints by what they cost more" rows=${rows} what="Endpoint" span=${7} href=${(key) => to('/costs', { endpoint: key, by: 'model' })} /></div>`;
      }}<//>
    <//>
    <${Card} title="Near limits" actions=${html`<a class="button quiet" href=${to('/budgets')}>All budgets</a>`}><${Near} near=${near} most=${6} /><//>`;
}
