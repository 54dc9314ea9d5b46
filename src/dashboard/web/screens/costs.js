// What the money went to, by endpoint, model, provider, token or project; what rose or fell against
// the time before, and why. A row narrows the screen down to itself and shows what it is made of.
import { html } from '../lib/html.js';
import { apiUrl, useApi } from '../lib/api.js';
import { change, count, sentence, usd } from '../lib/format.js';
import { setQuery, to } from '../lib/router.js';
import { add, compare, dayPlus, daysUpTo, empty, split } from '../lib/spans.js';
import { useUsage } from '../lib/usage.js';
import { Await, Card, Empty, Figure, Head } from '../ui/basics.js';
import { CostChart, CostTable } from '../ui/costs.js';
import { Filters, SelectField } from '../ui/form.js';

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
              <${Figure} label=${`Cost, ${span === 1 ? 'today' : `last ${span} days`}`} value=${usd(all.now.cost_usd)} note=${`${change(all.now.cost_usd, all.before.cost_usd)} against ${span === 1 ? 'all of yesterday' : 'the time before'}, today as far as it has come`} tone=${all.now.cost_usd > all.before.cost_usd * 1.1 && all.before.calls > 0 ? 'bad' : ''} />
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
