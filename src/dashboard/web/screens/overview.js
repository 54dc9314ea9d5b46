// How things are, at a glance: what is spent, whether calls succeed, what rose, and who is near a limit.
import { html, useMemo, useState } from '../lib/html.js';
import { useApi } from '../lib/api.js';
import { change, compact, ms, percent, usd, usdExact } from '../lib/format.js';
import { add, compare, daysUpTo, dayPlus, empty, projection, sumBy } from '../lib/spans.js';
import { to } from '../lib/router.js';
import { useUsage } from '../lib/usage.js';
import { Await, Badge, Card, Empty, Figure, Head, Time } from '../ui/basics.js';
import { Chart } from '../ui/chart.js';
import { SelectField } from '../ui/form.js';
import { CostChart, CostTable } from '../ui/costs.js';
import { Near, useNear } from '../ui/near.js';

const all = (rows, days) => [...sumBy(rows, 'endpoint', days).values()].reduce(add, empty());

function Spend({ data, budgets }) {
  const { rows, today } = data;
  const now = all(rows, [today]);
  const lastWeek = all(rows, [dayPlus(today, -7)]);
  const month = all(rows, daysUpTo(today, Number(today.slice(8))));
  const organisation = budgets.data?.data.find((one) => one.period === 'monthly');
  const budget = organisation?.limit_usd ? organisation : undefined;
  const then = organisation && projection({ ...organisation, spent_usd: month.cost_usd });
  return html`
    <${Figure} label="Spent today" value=${usd(now.cost_usd)} title=${usdExact(now.cost_usd.toFixed(9))} note=${`${usd(lastWeek.cost_usd)} on this day a week ago`} href=${to('/costs', { days: 1 })} />
    <${Figure} label="Spent this month" value=${usd(month.cost_usd)} title=${usdExact(month.cost_usd.toFixed(9))} note=${budget ? `of ${usd(budget.limit_usd)}` : 'no limit is set'} href=${to('/costs', { days: 30 })} />
    <${Figure} label="Spent this month, to its end" value=${then === undefined ? '–' : usd(then)} note="if it goes on so" tone=${budget && then > budget.limit_usd ? 'bad' : ''} />`;
}

const STATUS = { error_rate: '5xx', invalid_output_rate: '422', invalid_input_rate: '422' };

/** Endpoints that are not as they usually are. */
function Notes() {
  const notes = useApi('/notes', { query: { limit: 8 } });
  return html`<${Await} of=${notes}>${(list) =>
    list.data.length === 0
      ? html`<${Empty} title="Nothing out of the ordinary.">Each endpoint is held against its own week: failures, answers that do not fit, times and spend.<//>`
      : html`<ul class="list">${list.data.map((note) => html`<li key=${note.id}>
          <div class="row"><${Badge} tone=${note.state === 'open' ? 'bad' : ''}>${note.kind.replaceAll('_', ' ')}<//> <a href=${note.kind === 'spend' ? to('/costs', { endpoint: note.endpoint, by: 'model' }) : to('/requests', { endpoint: note.endpoint, status: STATUS[note.kind], from: note.since })}>${note.endpoint}</a></div>
          <p>${note.message}</p><p class="note"><${Time} at=${note.since} ago />${note.over && html`, over <${Time} at=${note.over} ago />`}</p></li>`)}</ul>`}<//>`;
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
    <${Hours} />
    <${Card} title="What rose" note="The last 7 days, today as far as it has come, against the 7 before">
      <${Await} of=${usage}>${(data) => {
        const rows = compare(data, 'endpoint', 7).sort((a, b) => b.now.cost_usd - b.before.cost_usd - (a.now.cost_usd - a.before.cost_usd)).slice(0, 8);
        return rows.length === 0
          ? html`<${Empty} title="Nothing was called in two weeks." command="pinion call summarize -i article.json" />`
          : html`<div class="bleed"><${CostTable} label="Endpoints by what they cost more" rows=${rows} what="Endpoint" span=${7} href=${(key) => to('/costs', { endpoint: key, by: 'model' })} /></div>`;
      }}<//>
    <//>
    <${Card} title="Noticed" note="What is not as it usually is"><${Notes} /><//>
    <${Card} title="Near limits" actions=${html`<a class="button quiet" href=${to('/budgets')}>All budgets</a>`}><${Near} near=${near} most=${6} /><//>`;
}

// The last 24 hours: how many calls, how they ended, how long they took, and what they cost; hour by
// hour, with the same hours a week before as a quiet line.
const HOUR = 3600000;
const WEEK = 168 * HOUR;
const rate = (name) => (point) => (point?.calls > 0 ? (100 * point[name]) / point.calls : null);
const share = (value) => (value === null || value === undefined ? '–' : `${value.toFixed(1)}%`);
const MEASURES = {
  calls: ['Calls an hour', (point) => point?.calls ?? 0, compact, true],
  cost: ['Spent an hour', (point) => Number(point?.cost_usd ?? 0), usd, true],
  errors: ['Failed, of calls', rate('errors'), share],
  invalid: ['Answers that did not fit (422)', rate('invalid_output'), share],
  p50: ['Half answered within (p50)', (point) => point?.p50_ms ?? null, ms],
  p95: ['95% answered within (p95)', (point) => point?.p95_ms ?? null, ms],
};

/** A span of hours, in all and hour by hour: {all, hours}. */
function useSpan(from, until) {
  const query = { from: new Date(from).toISOString(), to: new Date(until).toISOString() };
  return [useApi('/series', { query }), useApi('/series', { query: { ...query, step: 'hour' } })];
}

export function Hours() {
  const until = useMemo(() => Math.floor(Date.now() / HOUR) * HOUR + HOUR, []);
  const [measure, setMeasure] = useState('calls');
  const [all, hourly] = useSpan(until - 24 * HOUR, until);
  const [allBefore, hourlyBefore] = useSpan(until - WEEK - 24 * HOUR, until - WEEK);
  const [label, value, format, total] = MEASURES[measure];
  const times = useMemo(() => Array.from({ length: 24 }, (_, i) => (until - (24 - i) * HOUR) / 1000), [until]);
  const series = useMemo(() => {
    const line = (data, shift) => {
      const at = new Map((data?.points ?? []).map((point) => [Date.parse(point.t) / 1000 + shift, point]));
      return times.map((time) => value(at.get(time)));
    };
    return [{ label: 'These hours', values: line(hourly.data, 0), fill: true, ...(measure === 'errors' && { colour: 'bad' }) }, { label: 'A week before', values: line(hourlyBefore.data, WEEK / 1000), rest: true }];
  }, [hourly.data, hourlyBefore.data, measure]);
  const before = allBefore.data?.points[0];
  const was = (text) => (before?.calls > 0 ? `${text} a week before` : undefined);
  return html`<${Card} title="The last 24 hours"><${Await} of=${all}>${({ points: [now] }) =>
    !now?.calls
      ? html`<${Empty} title="No calls in the last 24 hours." command="pinion call summarize -i article.json" />`
      : html`
          <div class="figures">
            <${Figure} label="Calls" value=${compact(now.calls)} note=${before?.calls > 0 ? `${change(now.calls, before.calls)} against a week before` : undefined} href=${to('/requests')} />
            <${Figure} label="Failed" value=${percent(now.errors, now.calls)} note=${was(percent(before?.errors, before?.calls))} tone=${now.errors > now.calls / 20 ? 'bad' : ''} href=${to('/requests', { status: '5xx' })} />
            <${Figure} label="Answers that did not fit" value=${percent(now.invalid_output, now.calls)} note=${was(percent(before?.invalid_output, before?.calls))} href=${to('/requests', { status: '422' })} />
            <${Figure} label="95% answered within" value=${ms(now.p95_ms)} note=${was(ms(before?.p95_ms))} title=${`half within ${ms(now.p50_ms)}`} />
          </div>
          <div class="filters"><${SelectField} label="Hour by hour" value=${measure} options=${Object.entries(MEASURES).map(([key, [text]]) => [key, text])} onInput=${setMeasure} /></div>
          ${hourly.loading || hourlyBefore.loading ? html`<div style=${{ height: '254px' }}></div>` : html`<${Chart} label=${`${label}, and a week before`} times=${times} series=${series} format=${format} total=${total} height=${180} />`}`}<//><//>`;
}
