// One request, from what came in to what went out: what was decided and why, what each attempt did, what
// did not fit and where, and what became of the time and the money.
import { html, useMemo } from '../lib/html.js';
import { useApi } from '../lib/api.js';
import { bytes, count, ms, sentence, us, usd, usdExact } from '../lib/format.js';
import { to } from '../lib/router.js';
import { Await, Badge, Card, Copyable, Copy, Figure, Head, Status, Time } from '../ui/basics.js';
import { Routing } from '../ui/routing.js';
import { Said, textOf } from '../ui/said.js';
import { Attempts, Money, TimeBars } from '../ui/way.js';

/* --- what happened --- */

const tone = (row) => (row.status === 499 ? '' : row.status >= 500 ? 'bad' : row.status >= 400 ? 'warn' : 'good');

const WORDS = {
  input_schema_violation: 'The input did not fit the endpoint’s schema. Nothing was sent to a provider, and nothing was paid.',
  output_schema_violation: 'The model’s answer did not fit the endpoint’s schema.',
  output_not_json: 'The model’s answer was not JSON.',
  output_truncated: 'The model’s answer ended before it was complete.',
  guardrail_blocked: 'A guardrail did not let it through.',
  upstream_timeout: 'No provider answered in time.',
};

/** What happened, in a sentence. */
function verdict(row) {
  if (row.status === 499) return 'The client went away before it was answered.';
  if (!row.code) return row.attempts > 1 ? `Answered after ${row.attempts} attempts.` : row.cache === 'hit' ? 'Answered from the cache.' : row.cache === 'joined' ? 'Answered together with a call that was the same.' : 'Answered.';
  if (WORDS[row.code]) return WORDS[row.code];
  if (/budget|token_cap/.test(row.code)) return 'A budget did not cover it.';
  if (row.status === 429) return 'A limit was reached.';
  if (row.status === 401 || row.status === 403) return 'Whoever asked may not.';
  return /^upstream/.test(row.code) ? 'No provider answered.' : row.status >= 500 ? 'It failed.' : 'It was refused.';
}

const Verdict = ({ row }) => html`
  <div class=${`callout ${tone(row)}`}>
    <p><strong>${verdict(row)}</strong></p>
    ${row.error && html`<p>${sentence(row.error)}</p>`}
    ${row.code && html`<p class="note"><a href=${`/docs/errors#${row.code}`}>${row.code}</a></p>`}
  </div>`;

/** Where it went: who asked, for what, by which rule, and who answered. */
const Way = ({ row }) => html`<dl class="way">${[
  ['Caller', row.token_id, row.token_id && to(`/tokens/${encodeURIComponent(row.token_id)}`)],
  ['Endpoint', row.endpoint && `${row.endpoint}${row.version ? ` @${row.version}` : ''}`, row.endpoint && to(`/endpoints/${encodeURIComponent(row.endpoint)}`)],
  ['Rule', row.rule, '#rules'],
  ['Model', row.model && `${row.provider} ${row.model}`, to('/requests', { model: row.model })],
  ['Session', row.session_id, row.session_id && to(`/sessions/${encodeURIComponent(row.session_id)}`)],
].filter(([, value]) => value).map(([label, value, href]) => html`<div key=${label}><dt>${label}</dt><dd><a href=${href}>${value}</a></dd></div>`)}</dl>`;

function Rules({ row }) {
  const routing = row.content?.routing ?? row.routing;
  if (routing) return html`<${Routing} explain=${routing} />`;
  if (row.why) return html`<p><code>${row.rule}</code>: ${row.why}</p>`;
  if (row.rule === 'default') return html`<p class="note">The endpoint has no rules: its own model is asked.</p>`;
  return row.rule ? html`<p><code>${row.rule}</code></p>` : html`<p class="note">It did not come that far.</p>`;
}

/* --- again --- */

/** Inside single quotes of a shell. */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The body that says the same on each surface; where it is not known, by the endpoint's own address. */
function bodyOf(row, input) {
  const stream = row.stream || undefined;
  const model = row.endpoint;
  const said = [{ role: 'user', content: textOf(input) }];
  if (row.surface === 'chat') return [row.path, { model, messages: said, stream }];
  if (row.surface === 'messages') return [row.path, { model, max_tokens: 1024, messages: said, stream }];
  if (row.surface === 'responses') return [row.path, { model, input: textOf(input), stream }];
  if (row.surface === 'embeddings') return [row.path, { model, input }];
  return [row.surface === 'slug' ? row.path : `/${row.endpoint}`, { [typeof input === 'string' ? 'message' : 'input']: input, stream }];
}

function repeatOf(row) {
  const input = row.content?.input;
  if (input === undefined || !row.path || !row.endpoint) return undefined;
  const [path, body] = bodyOf(row, input);
  return `curl ${row.stream ? '-N ' : ''}"$PINION_URL${path}" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d ${quoted(JSON.stringify(body))}`;
}

function Again({ row }) {
  const repeat = useMemo(() => repeatOf(row), [row]);
  return html`
    ${repeat ? html`<${Copyable} text=${repeat} />` : html`<p class="note">The input is not kept, so it cannot be sent again from here.</p>`}
    ${row.endpoint && html`<p class="row"><a class="button" href=${to('/playground', { endpoint: row.endpoint, request: repeat && row.request_id })}>Open in the playground</a><a class="button" href=${to('/requests', { endpoint: row.endpoint, code: row.code })}>Others like it</a></p>`}`;
}

/* --- the rest --- */

const HIDDEN = new Set(['object', 'content', 'violations', 'stages', 'routing', 'why', 'attempt_list', 'cost_split', 'stage_us', 'level', 'event', 'msg']);
const LINKS = {
  endpoint: (value) => to(`/endpoints/${encodeURIComponent(value)}`),
  token_id: (value) => to(`/tokens/${encodeURIComponent(value)}`),
  session_id: (value) => to(`/sessions/${encodeURIComponent(value)}`),
  project: (value) => to('/requests', { project: value }),
  model: (value) => to('/requests', { model: value }),
  provider: (value) => to('/requests', { provider: value }),
  code: (value) => to('/requests', { code: value }),
};

function Fact({ name, value }) {
  if (LINKS[name]) return html`<a href=${LINKS[name](value)}>${value}</a>`;
  if (name === 'ts' || name === 'content_until') return html`<${Time} at=${value} />`;
  return name.startsWith('bytes_') ? bytes(value) : typeof value === 'object' ? html`<code>${JSON.stringify(value)}</code>` : String(value);
}

const Facts = ({ row }) => html`<dl class="facts two">${Object.entries(row)
  .filter(([name, value]) => !HIDDEN.has(name) && value !== null)
  .map(([name, value]) => html`<dt key=${name}>${name}</dt><dd><${Fact} name=${name} value=${value} /></dd>`)}</dl>`;

const Inspector = ({ row, reload }) => html`
  <${Verdict} row=${row} />
  <${Card}>
    <div class="figures">
      <${Figure} label="Took" value=${ms(row.duration_ms)} note=${row.ttft_ms !== undefined ? `first token after ${ms(row.ttft_ms)}` : undefined} />
      <${Figure} label="Of it the gateway" value=${us(row.overhead_us)} />
      <${Figure} label="Tokens" value=${row.input_tokens === undefined ? '–' : `${count(row.input_tokens)} → ${count(row.output_tokens)}`} note=${row.cached_tokens > 0 ? `${count(row.cached_tokens)} from the cache` : undefined} />
      <${Figure} label="Cost" value=${usd(row.cost_usd)} title=${usdExact(row.cost_usd)} note=${row.cost_usd && usdExact(row.cost_usd)} />
    </div>
    <${Way} row=${row} />
  <//>
  <${Card} title="What was said"><${Said} row=${row} reload=${reload} /><//>
  <div class="grid two">
    <${Card} title="What the rules decided"><div id="rules"><${Rules} row=${row} /></div><//>
    <${Card} title="Where the time went"><${TimeBars} row=${row} /><//>
  </div>
  <${Card} title="Attempts"><${Attempts} row=${row} /><//>
  <div class="grid two">
    <${Card} title="Where the money went"><${Money} row=${row} /><//>
    <${Card} title="Again" note="With $PINION_URL, the gateway’s address, and $TOKEN set"><${Again} row=${row} /><//>
  </div>
  <${Card} title="All that is known"><${Facts} row=${row} /><//>`;

export default function Request({ params }) {
  const found = useApi(`/logs/${encodeURIComponent(params.id)}`);
  const row = found.data;
  return html`
    <${Head} title=${row?.endpoint ?? params.id} back=${{ href: to('/requests'), label: 'Requests' }} lead=${row && html`<span class="row"><${Status} code=${row.status} /><${Badge}>${row.surface}<//>${row.stream && html`<${Badge}>stream<//>`}${row.cache && html`<${Badge} tone=${row.cache === 'hit' || row.cache === 'joined' ? 'info' : ''}>cache ${row.cache}<//>`}<code>${row.request_id}</code><${Time} at=${row.ts} /></span>`}>
      <${Copy} text=${params.id} label="Copy the id" />
    <//>
    <${Await} of=${found}>${(data) => html`<${Inspector} row=${data} reload=${found.reload} />`}<//>`;
}
