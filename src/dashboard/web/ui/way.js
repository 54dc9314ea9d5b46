// Where a request went: the stages and attempts that took its time, what each attempt sent and got, and
// what was paid for what.
import { html } from '../lib/html.js';
import { bytes, count, ms, us, usd, usdExact } from '../lib/format.js';
import { Status } from './basics.js';
import { JsonText } from './code.js';
import { Table } from './table.js';

const Track = ({ from, took, whole, tone }) => html`<div class=${`bars-bar ${tone ?? ''}`} style=${{ marginLeft: `${(100 * from) / whole}%`, width: `max(2px, ${(100 * took) / whole}%)` }}></div>`;

export const attemptsOf = (row) => (Array.isArray(row.attempt_list) ? row.attempt_list : []);

/* --- time --- */

/** Stages where they are known, with the attempts in them, else what the row itself says. */
function timings(row) {
  const whole = row.duration_ms * 1000;
  if (Array.isArray(row.stages) && row.stages.length > 0) {
    const counts = (stage) => stage.duration_us >= Math.max(20, whole / 200);
    const small = row.stages.filter((stage) => !counts(stage));
    const tries = attemptsOf(row).filter((one) => one.started_us !== undefined);
    return [
      ...row.stages.filter(counts).flatMap((stage) => [
        { name: stage.name.replaceAll('_', ' '), from: stage.started_us, took: stage.duration_us },
        ...(stage.name === 'call' && tries.length > 1 ? tries.map((one) => ({ name: `attempt ${one.n}`, inner: true, title: `${one.provider} ${one.model}`, from: one.started_us, took: one.ms * 1000, tone: one.reason ? 'bad' : 'good' })) : []),
      ]),
      ...(small.length > 0 ? [{ name: `${small.length} others`, title: small.map((stage) => stage.name).join(', '), took: small.reduce((sum, stage) => sum + stage.duration_us, 0) }] : []),
    ];
  }
  const upstream = Math.min((row.upstream_ms ?? 0) * 1000, whole);
  return [
    { name: 'the gateway', from: 0, took: row.overhead_us ?? whole - upstream },
    ...(upstream > 0 ? [{ name: 'waiting for providers', from: whole - upstream, took: upstream }] : []),
  ];
}

export function TimeBars({ row }) {
  const list = timings(row);
  const whole = Math.max(row.duration_ms * 1000, ...list.map((one) => (one.from ?? 0) + one.took), 1);
  return html`
    <table class="bars" aria-label="Where the time went">
      <tbody>${list.map((one, i) => html`<tr key=${i} class=${one.inner ? 'inner' : ''}>
        <th scope="row" title=${one.title}>${one.name}</th>
        <td class="bars-track">${one.from !== undefined && html`<${Track} ...${one} whole=${whole} />`}</td>
        <td class="right">${us(one.took)}</td>
      </tr>`)}</tbody>
    </table>`;
}

/* --- money --- */

const KINDS = [['input', 'Input'], ['cached', 'Input from the cache'], ['cache_write', 'Input written to the cache'], ['output', 'Output'], ['reasoning', 'Reasoning']];

export function Money({ row }) {
  if (row.input_tokens === undefined) return html`<p class="note">${row.cache === 'hit' || row.cache === 'joined' ? 'The answer was there already: nothing was paid.' : row.attempts > 0 ? 'No provider answered: nothing was paid.' : 'Nothing was sent to a provider: nothing was paid.'}</p>`;
  const split = row.cost_split;
  const rows = KINDS.map(([name, label]) => ({ name, label, tokens: split?.[name]?.tokens ?? row[`${name}_tokens`], cost: split?.[name]?.cost_usd })).filter((one) => one.tokens > 0);
  return html`
    <div class="bleed"><${Table} label="Where the money went" rows=${rows} rowKey=${(one) => one.name} columns=${[
      { key: 'label', label: 'Tokens' },
      { key: 'tokens', label: 'Count', align: 'right', render: (one) => count(one.tokens) },
      ...(split ? [{ key: 'cost', label: 'Cost', align: 'right', render: (one) => usdExact(one.cost) }] : []),
    ]} /></div>
    <p class="note">${row.cost_usd === undefined || row.cost_usd === null ? 'The model’s price is not known.' : html`Altogether ${usdExact(row.cost_usd)}.`} ${row.billed_usd && html`Billed to the project: ${usdExact(row.billed_usd)}.`} ${row.usage === 'estimated' && 'The provider did not report it: the gateway estimates.'}</p>`;
}

/* --- attempts --- */

const LEFT_OUT = {
  stream: 'A stream is not kept as it comes where something is to be taken out of it. What is left of the answer is above.',
  size: 'It is too long to be looked through for what is not to be kept.',
  broken: 'It broke off in the midst of JSON, so it cannot be looked through for what is not to be kept.',
  vectors: 'Vectors are not kept.',
  room: 'There was no room for it.',
};

function Side({ one, name, title }) {
  const [text, left, size] = [one[name], one[`${name}_left_out`], one[`${name}_bytes`]];
  return html`
    <div class="message">
      <h3 class="row spread"><span>${title}</span><span class="note">${one[`${name}_cut`] ? `the beginning of ${bytes(size)}` : bytes(size)}</span></h3>
      ${left ? html`<p class="note">${LEFT_OUT[left] ?? left}</p>` : text ? html`<${JsonText} text=${text} label=${`Attempt ${one.n}, ${name}`} />` : html`<p class="note">Nothing.</p>`}
    </div>`;
}

const Exchange = ({ one, open }) => html`
  <details open=${open}>
    <summary>Attempt ${one.n}: ${one.method} ${one.path}</summary>
    <div class="grid two"><${Side} one=${one} name="sent" title="Sent" /><${Side} one=${one} name="received" title="Received" /></div>
  </details>`;

export function Attempts({ row }) {
  const list = attemptsOf(row);
  const whole = Math.max(row.duration_ms * 1000, 1);
  const exchanges = row.content?.exchanges ?? [];
  if (list.length === 0)
    return html`<p class="note">${row.attempts > 0 ? `${row.provider} ${row.model} was asked.` : row.cache === 'hit' ? 'No provider was asked: the cache had the answer.' : row.cache === 'joined' ? 'No provider was asked: the same call was under way, and its answer was shared.' : 'No provider was asked.'}</p>`;
  return html`
    <div class="bleed"><${Table} label="Attempts" rows=${list} rowKey=${(one) => one.n} columns=${[
      { key: 'n', label: '#' },
      { key: 'model', label: 'Asked', render: (one) => `${one.provider} ${one.model}` },
      { key: 'status', label: 'Status', render: (one) => (one.status ? html`<${Status} code=${one.status} />` : '–') },
      { key: 'reason', label: 'Came of it', render: (one) => (one.reason ? one.reason.replaceAll('_', ' ') : 'answered') },
      { key: 'when', label: 'When', wide: true, class: 'bars-track bar-cell', render: (one) => one.started_us !== undefined && one.ms > 0 && html`<${Track} from=${one.started_us} took=${one.ms * 1000} whole=${Math.max(whole, one.started_us + one.ms * 1000)} tone=${one.reason ? 'bad' : 'good'} />` },
      { key: 'first', label: 'First token', align: 'right', wide: true, render: (one) => ms(one.ttft_ms) },
      { key: 'ms', label: 'Took', align: 'right', render: (one) => ms(one.ms) },
      { key: 'cost', label: 'Cost', align: 'right', wide: true, render: (one) => html`<span title=${usdExact(one.cost_usd)}>${usd(one.cost_usd)}</span>` },
    ]} /></div>
    ${exchanges.map((one) => html`<${Exchange} key=${one.n} one=${one} open=${exchanges.length === 1 && !!list[0].reason} />`)}
    ${exchanges.length === 0 && html`<p class="note">What was sent and what came back is kept where what was said is.</p>`}`;
}
