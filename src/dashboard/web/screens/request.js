// One request, from what came in to what went out: what was decided and why, what each attempt did, what
// did not fit and where, and what became of the time and the money.
import { html, useMemo } from '../lib/html.js';
import { api, useApi } from '../lib/api.js';
import { bytes, count, ms, sentence, us, usd, usdExact } from '../lib/format.js';
import { pointerAt } from '../lib/place.js';
import { to } from '../lib/router.js';
import { ask, Await, Badge, Button, Card, Copyable, Copy, Empty, Figure, Head, Status, Tabs, Time, toast } from '../ui/basics.js';
import { Code, Json, JsonText } from '../ui/code.js';
import { Routing } from '../ui/routing.js';
import { Table } from '../ui/table.js';

const tone = (row) => (row.status === 499 ? '' : row.status >= 500 ? 'bad' : row.status >= 400 ? 'warn' : 'good');

/** What happened, in a sentence. */
function verdict(row) {
  if (row.status === 499) return 'The client went away before it was answered.';
  if (!row.code) return row.attempts > 1 ? `Answered after ${row.attempts} attempts.` : row.cache === 'hit' ? 'Answered from the cache.' : 'Answered.';
  return {
    input_schema_violation: 'The input did not fit the endpoint’s schema. Nothing was sent to a provider, and nothing was paid.',
    output_schema_violation: 'The model’s answer did not fit the endpoint’s schema.',
    output_not_json: 'The model’s answer was not JSON.',
    output_truncated: 'The model’s answer ended before it was complete.',
    monthly_budget_exceeded: 'A budget did not cover it.',
    rate_limit_exceeded: 'A limit was reached.',
    upstream_failed: 'No provider answered.',
    upstream_timeout: 'No provider answered in time.',
  }[row.code] ?? 'It was refused.';
}

const Verdict = ({ row }) => html`
  <div class=${`callout ${tone(row)}`}>
    <p><strong>${verdict(row)}</strong></p>
    ${row.error && html`<p>${sentence(row.error)}</p>`}
    ${row.code && html`<p class="note"><a href=${`/docs/errors#${row.code}`}>${row.code}</a></p>`}
  </div>`;

/* --- time --- */

/** Stages where they are known, else what the row itself says. */
function timings(row) {
  const whole = row.duration_ms * 1000;
  if (Array.isArray(row.stages) && row.stages.length > 0) {
    const counts = (stage) => stage.duration_us >= Math.max(20, whole / 200);
    const small = row.stages.filter((stage) => !counts(stage));
    return [
      ...row.stages.filter(counts).map((stage) => ({ name: stage.name.replaceAll('_', ' '), from: stage.started_us, took: stage.duration_us })),
      ...(small.length > 0 ? [{ name: `${small.length} others`, title: small.map((stage) => stage.name).join(', '), from: whole, took: small.reduce((sum, stage) => sum + stage.duration_us, 0), spread: true }] : []),
    ];
  }
  const upstream = Math.min((row.upstream_ms ?? 0) * 1000, whole);
  return [
    { name: 'the gateway', from: 0, took: row.overhead_us ?? whole - upstream },
    ...(upstream > 0 ? [{ name: 'waiting for providers', from: whole - upstream, took: upstream }] : []),
  ];
}

function TimeBars({ row }) {
  const list = timings(row);
  const whole = Math.max(row.duration_ms * 1000, ...list.map((one) => (one.spread ? 0 : one.from + one.took)), 1);
  return html`
    <table class="bars" aria-label="Where the time went">
      <tbody>${list.map((one, i) => html`<tr key=${i}>
        <th scope="row" title=${one.title}>${one.name}</th>
        <td class="bars-track">${!one.spread && html`<div class="bars-bar" style=${{ marginLeft: `${(100 * one.from) / whole}%`, width: `max(2px, ${(100 * one.took) / whole}%)` }}></div>`}</td>
        <td class="right">${us(one.took)}</td>
      </tr>`)}</tbody>
    </table>`;
}

/* --- money --- */

const KINDS = [['input', 'Input'], ['cached', 'Input from the cache'], ['cache_write', 'Input written to the cache'], ['output', 'Output'], ['reasoning', 'Reasoning']];

function Money({ row }) {
  if (row.input_tokens === undefined) return html`<p class="note">Nothing was sent to a provider: nothing was paid.</p>`;
  const split = row.cost_split;
  const rows = KINDS.map(([name, label]) => ({ name, label, tokens: split?.[name]?.tokens ?? row[`${name}_tokens`], cost: split?.[name]?.cost_usd })).filter((one) => one.tokens > 0);
  return html`
    <div class="bleed"><${Table} label="Where the money went" rows=${rows} rowKey=${(one) => one.name} columns=${[
      { key: 'label', label: 'Tokens' },
      { key: 'tokens', label: 'Count', align: 'right', render: (one) => count(one.tokens) },
      ...(split ? [{ key: 'cost', label: 'Cost', align: 'right', render: (one) => usdExact(one.cost) }] : []),
    ]} /></div>
    <p class="note">${row.cost_usd === undefined ? 'The model’s price is not known.' : html`Altogether ${usdExact(row.cost_usd)}.`} ${row.usage === 'estimated' && 'The provider did not report it: the gateway estimates.'}</p>`;
}

/* --- attempts --- */

const attemptsOf = (row) => (Array.isArray(row.attempt_list) ? row.attempt_list : Array.isArray(row.attempts) ? row.attempts : []);
const Exchange = ({ one }) => html`
  <details>
    <summary>Attempt ${one.n}: what was sent and what came back</summary>
    <div class="grid two">
      <div><h3>Sent</h3><${JsonText} text=${one.sent ?? ''} label=${`Attempt ${one.n}, sent`} /></div>
      <div><h3>Received</h3><${JsonText} text=${one.received ?? ''} label=${`Attempt ${one.n}, received`} /></div>
    </div>
  </details>`;

function Attempts({ row }) {
  const list = attemptsOf(row);
  if (list.length === 0)
    return row.provider
      ? html`<p>One, to <code>${row.provider} ${row.model}</code>, which answered${row.ttft_ms !== undefined && ` from ${ms(row.ttft_ms)} on`}.</p>`
      : html`<p class="note">No provider was asked.</p>`;
  return html`
    <div class="bleed"><${Table} label="Attempts" rows=${list} rowKey=${(one) => one.n} columns=${[
      { key: 'n', label: '#' },
      { key: 'model', label: 'Asked', render: (one) => `${one.provider} ${one.model}` },
      { key: 'status', label: 'Status', render: (one) => (one.status ? html`<${Status} code=${one.status} />` : '–') },
      { key: 'reason', label: 'Came of it', render: (one) => one.reason ?? '–' },
      { key: 'ms', label: 'Took', align: 'right', render: (one) => ms(one.ms) },
      { key: 'cost', label: 'Cost', align: 'right', render: (one) => html`<span title=${usdExact(one.cost_usd)}>${usd(one.cost_usd)}</span>` },
    ]} /></div>
    ${list.filter((one) => one.sent !== undefined || one.received !== undefined).map((one) => html`<${Exchange} key=${one.n} one=${one} />`)}`;
}

/* --- what was said --- */

/** A violation as a remark at its place. */
const inWords = (one) => `${one.keyword}: expected ${textOf(one.expected ?? 'something else')}, found ${textOf(one.got ?? 'this')}`;

const textOf = (content) => (typeof content === 'string' ? content : JSON.stringify(content, null, 2));

const Messages = ({ list }) => html`<ol class="messages">${list.map((message, i) => html`
  <li key=${i} class="message"><div class="row spread"><h3>${message.role}${message.name && ` ${message.name}`}</h3><${Copy} text=${textOf(message.content ?? '')} /></div>
    ${message.content !== undefined && message.content !== null && html`<${Code} text=${textOf(message.content)} label=${`Message ${i + 1}, ${message.role}`} />`}
    ${message.tool_calls && html`<${Json} value=${message.tool_calls} label=${`Message ${i + 1}, calls of tools`} />`}</li>`)}</ol>`;

function Content({ row, reload }) {
  const content = row.content ?? undefined;
  const ofInput = row.code === 'input_schema_violation';
  const said = ofInput ? content?.input : content?.answer?.content;
  const list = (row.violations ?? []).map((one) => ({ ...one, pointer: typeof said === 'string' && one.byte !== undefined ? pointerAt(said, one.byte) : undefined }));
  const marks = list.map((one, i) => (typeof said === 'string' && one.pointer === undefined ? { line: one.line, column: one.column, message: inWords(one), id: `violation-${i + 1}` } : { pointer: one.pointer ?? '', message: inWords(one), id: `violation-${i + 1}` }));
  if (!content)
    return html`
      ${marks.length > 0 && html`<${Violations} list=${list} />`}
      <${Empty} title=${row.content_until ? 'What was said is not kept any more.' : 'What was said is not kept.'} command="log: {content: full, retention: 24h}">Whether it is, and for how long, its endpoint’s file says:<//>`;
  const input = content.input;
  const answer = content.answer;
  const erase = async () => {
    if (!(await ask({ title: 'Erase what was said?', text: 'The prompt and the answer of this request are forgotten. The row stays. This cannot be undone, and is recorded.', action: 'Erase', danger: true }))) return;
    try {
      await api('DELETE', `/logs/${encodeURIComponent(row.request_id)}`);
      toast('Erased');
      reload();
    } catch (error) {
      toast(sentence(error.message), 'bad');
    }
  };
  const tabs = [
    answer && { key: 'answer', label: 'Answer', count: ofInput ? undefined : marks.length || undefined, render: () => html`
      ${marks.length > 0 && !ofInput && html`<${Violations} list=${list} />`}
      <${JsonText} text=${textOf(answer.content ?? answer)} marks=${ofInput ? [] : marks} label="Answer" />
      ${answer.tool_calls && html`<${Json} value=${answer.tool_calls} label="Calls of tools" />`}` },
    input !== undefined && { key: 'input', label: 'Input', count: ofInput ? marks.length : undefined, render: () => html`
      ${marks.length > 0 && ofInput && html`<${Violations} list=${list} />`}
      ${typeof input === 'string' ? html`<${JsonText} text=${input} marks=${ofInput ? marks : []} label="Input" />` : html`<${Json} value=${input} label="Input" />`}` },
    content.messages && { key: 'prompt', label: 'Rendered prompt', count: content.messages.length, render: () => html`<${Messages} list=${content.messages} />` },
  ].filter(Boolean);
  return html`
    <${Tabs} label="What was said" tabs=${ofInput ? tabs.toSorted((a) => (a.key === 'input' ? -1 : 1)) : tabs} />
    <div class="row spread"><p class="note">Kept until <${Time} at=${row.content_until} />.</p><${Button} kind="danger" class="small" onclick=${erase}>Erase<//></div>`;
}

const Violations = ({ list }) => html`
  <div class="bleed"><${Table} label="Violations" rows=${list} rowKey=${(one) => `${one.byte} ${one.schema_path}`} columns=${[
    { key: 'where', label: 'Where', render: (one) => (one.pointer ? html`<code>${one.pointer}</code>` : one.line ? `line ${one.line}, column ${one.column}` : '(all of it)') },
    { key: 'keyword', label: 'Rule', render: (one) => html`<code>${one.keyword}</code>` },
    { key: 'expected', label: 'Expected', render: (one) => textOf(one.expected ?? '–') },
    { key: 'got', label: 'Found', render: (one) => textOf(one.got ?? '–') },
    { key: 'rule', label: 'By', wide: true, render: (one) => html`<code>${one.schema_path}</code>` },
  ]} /></div>`;

/* --- the rest --- */

/** Inside single quotes of a shell. */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function repeatOf(row) {
  const input = row.content?.input;
  if (input === undefined || !row.path) return undefined;
  return `curl "$PINION_URL${row.path}" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d ${quoted(JSON.stringify(row.surface === 'slug' ? { input } : input))}`;
}

const HIDDEN = new Set(['object', 'content', 'violations', 'stages', 'routing', 'why', 'attempt_list', 'cost_split', 'stage_us', 'level', 'event']);
const LINKS = {
  endpoint: (value) => to(`/endpoints/${encodeURIComponent(value)}`),
  token_id: (value) => to(`/tokens/${encodeURIComponent(value)}`),
  session_id: (value) => to(`/sessions/${encodeURIComponent(value)}`),
  project: (value) => to('/requests', { project: value }),
  model: (value) => to('/requests', { model: value }),
  provider: (value) => to('/requests', { provider: value }),
  code: (value) => to('/requests', { code: value }),
};

const Facts = ({ row }) => html`<dl class="facts">${Object.entries(row)
  .filter(([name, value]) => !HIDDEN.has(name) && value !== null && !Array.isArray(value))
  .map(([name, value]) => html`<dt key=${name}>${name}</dt><dd>${LINKS[name] ? html`<a href=${LINKS[name](value)}>${value}</a>` : name === 'ts' || name === 'content_until' ? html`<${Time} at=${value} />` : name.startsWith('bytes_') ? bytes(value) : typeof value === 'object' ? html`<code>${JSON.stringify(value)}</code>` : String(value)}</dd>`)}</dl>`;

function Inspector({ row, reload }) {
  const repeat = useMemo(() => repeatOf(row), [row]);
  const routing = typeof row.routing === 'object' ? row.routing : undefined;
  return html`
    <${Verdict} row=${row} />
    <${Card}>
      <div class="figures">
        <${Figure} label="Took" value=${ms(row.duration_ms)} note=${row.ttft_ms !== undefined ? `first token after ${ms(row.ttft_ms)}` : undefined} />
        <${Figure} label="Of it the gateway" value=${us(row.overhead_us)} />
        <${Figure} label="Tokens" value=${row.input_tokens === undefined ? '–' : `${count(row.input_tokens)} → ${count(row.output_tokens)}`} note=${row.cached_tokens > 0 ? `${count(row.cached_tokens)} from the cache` : undefined} />
        <${Figure} label="Cost" value=${usd(row.cost_usd)} title=${usdExact(row.cost_usd)} note=${usdExact(row.cost_usd)} />
      </div>
    <//>
    <${Card} title="What was said"><${Content} row=${row} reload=${reload} /><//>
    <div class="grid two">
      <${Card} title="What the rules decided" note=${row.rule && `Rule: ${row.rule}`}>
        ${routing ? html`<${Routing} explain=${routing} />` : row.rule ? html`<p><code>${row.rule}</code>${row.why && html`: ${textOf(row.why)}`}</p>` : html`<p class="note">It did not come that far.</p>`}
      <//>
      <${Card} title="Where the time went"><${TimeBars} row=${row} /><//>
      <${Card} title="Attempts"><${Attempts} row=${row} /><//>
      <${Card} title="Where the money went"><${Money} row=${row} /><//>
    </div>
    <${Card} title="Again" note="With $PINION_URL, the gateway’s address, and $TOKEN set">
      ${repeat ? html`<${Copyable} text=${repeat} />` : html`<p class="note">The input is not kept, so it cannot be sent again from here.</p>`}
      ${row.endpoint && html`<p class="row"><a class="button" href=${to('/playground', { endpoint: row.endpoint, request: row.request_id })}>Open in the playground</a><a class="button" href=${to('/requests', { endpoint: row.endpoint, code: row.code })}>Others like it</a></p>`}
    <//>
    <${Card} title="All that is known"><${Facts} row=${row} /><//>`;
}

export default function Request({ params }) {
  const found = useApi(`/logs/${encodeURIComponent(params.id)}`);
  const row = found.data;
  return html`
    <${Head} title=${row?.endpoint ?? params.id} back=${{ href: to('/requests'), label: 'Requests' }} lead=${row && html`<span class="row"><${Status} code=${row.status} /><${Badge}>${row.surface}<//><code>${row.request_id}</code><${Time} at=${row.ts} /></span>`}>
      <${Copy} text=${params.id} label="Copy the id" />
    <//>
    <${Await} of=${found}>${(data) => html`<${Inspector} row=${data} reload=${found.reload} />`}<//>`;
}
