// What the bearer of a token may know of itself: what it used, what is left, how often it may ask, and
// which endpoints it may call.
import { html } from '../lib/html.js';
import { useApi } from '../lib/api.js';
import { compact, count, usd, usdExact } from '../lib/format.js';
import { Await, Bar, Card, Empty, Figure, Head } from '../ui/basics.js';
import { Table } from '../ui/table.js';

const Period = ({ title, of }) => html`
  <${Card} title=${title} note=${of.period}>
    <div class="figures">
      <${Figure} label="Billed" value=${usd(of.billed_usd)} title=${usdExact(of.billed_usd)} note=${of.cap_usd === null ? 'no cap' : `of ${usd(of.cap_usd)}, ${usd(of.left_usd)} left`} />
      <${Figure} label="Calls" value=${count(of.calls)} note=${of.errors > 0 ? `${count(of.errors)} failed` : 'none failed'} />
      <${Figure} label="Tokens" value=${compact(of.input_tokens + of.output_tokens)} note=${`${compact(of.input_tokens)} in, ${compact(of.output_tokens)} out`} />
    </div>
    ${of.cap_usd !== null && html`<${Bar} share=${of.cap_usd > 0 ? of.billed_usd / of.cap_usd : 1} label=${`${title}: billed of the cap`} />`}
  <//>`;

const LIMITS = [['per_minute', 'Requests a minute'], ['per_hour', 'Requests an hour'], ['tokens_per_minute', 'Tokens a minute'], ['concurrent', 'Calls at once']];

const Limits = ({ limits }) => html`
  <${Card} title="Limits" note="Of this token; an endpoint may have others of its own">
    <dl class="facts">${LIMITS.map(([name, label]) => html`<dt key=${name}>${label}</dt><dd>${limits[name] === null ? 'no limit' : count(limits[name])}</dd>`)}</dl>
  <//>`;

function Endpoints() {
  const openapi = useApi('/openapi.json', { root: '' });
  return html`
    <${Card} title="Endpoints" note="What this token may call">
      <${Await} of=${openapi}>${(document) => {
        const rows = Object.entries(document.paths).map(([path, { post }]) => ({ slug: path.slice(1), about: post.description ?? post.summary ?? '', deprecated: post.deprecated }));
        return rows.length === 0
          ? html`<${Empty} title="This token may call none." command="pinion token update ID --scope SLUG">Whoever issued it can change its scope.<//>`
          : html`<div class="bleed"><${Table} label="Endpoints of this token" rows=${rows} rowKey=${(row) => row.slug} rowHref=${(row) => `/docs/#${row.slug}`} columns=${[
              { key: 'slug', label: 'Endpoint' },
              { key: 'about', label: 'What it does', render: (row) => `${row.deprecated ? 'Deprecated. ' : ''}${row.about}` },
            ]} /></div>`;
      }}<//>
    <//>`;
}

export default function Me({ login }) {
  const usage = useApi(login.verbs.includes('usage') ? '/v1/usage' : null, { root: '' });
  return html`
    <${Head} title="Your usage" lead=${`${login.name || login.id}${login.project ? `, project ${login.project}` : ''}`} />
    ${login.verbs.includes('usage')
      ? html`<${Await} of=${usage}>${(data) => html`
          <div class="stack">
            <div class="grid two"><${Period} title="Today" of=${data.today} /><${Period} title="This month" of=${data.month} /></div>
            <${Limits} limits=${data.limits} />
          </div>`}<//>`
      : html`<${Card}><${Empty} title="This token may not see its usage." command=${`pinion token update ${login.id} --verb usage`}>It lacks the verb 'usage', which whoever issued it can give it.<//><//>`}
    ${login.verbs.some((verb) => verb === 'call' || verb === 'models') && html`<${Endpoints} />`}`;
}
