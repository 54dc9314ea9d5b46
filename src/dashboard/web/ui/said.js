// What was said in a request: the input, the prompt as it was rendered, the answer; and what did not fit,
// marked where it stands. All of it may come from callers and models, and is text.
import { html } from '../lib/html.js';
import { api } from '../lib/api.js';
import { sentence } from '../lib/format.js';
import { pointerAt } from '../lib/place.js';
import { ask, Button, Copy, Empty, Tabs, Time, toast } from './basics.js';
import { Code, Json, JsonText } from './code.js';
import { Table } from './table.js';

export const textOf = (content) => (typeof content === 'string' ? content : JSON.stringify(content, null, 2));

/* --- messages --- */

const Part = ({ part, label }) =>
  part.type === 'tool_call'
    ? html`<h3>Calls <code>${part.name}</code></h3><${JsonText} text=${part.arguments ?? ''} label=${`${label}, arguments of ${part.name}`} />`
    : part.type === 'image'
      ? html`<p class="note">An image${part.media_type && `, ${part.media_type}`}${part.url && html`: <code>${part.url}</code>`}</p>`
      : html`${part.type !== 'text' && html`<h3>${sentence(part.type)}${part.name && html` of <code>${part.name}</code>`}</h3>`}<${JsonText} text=${part.text ?? ''} label=${label} />`;

const Parts = ({ parts, label }) => parts.map((part, i) => html`<${Part} key=${i} part=${part} label=${`${label}, part ${i + 1}`} />`);

export const Messages = ({ list }) => html`<ol class="messages">${list.map((message, i) => html`
  <li key=${i} class="message"><div class="row spread"><h3>${message.role}</h3><${Copy} text=${textOf(message.content ?? message.parts ?? '')} /></div>
    ${message.parts ? html`<${Parts} parts=${message.parts} label=${`Message ${i + 1}, ${message.role}`} />` : html`<${Code} text=${textOf(message.content ?? '')} label=${`Message ${i + 1}, ${message.role}`} />`}</li>`)}</ol>`;

const says = (answer) => answer.content || answer.refusal || answer.vectors || answer.parts?.length > 0;

function Answer({ answer, marks }) {
  const parts = (answer.parts ?? []).filter((part) => part.type !== 'text');
  return html`
    ${(answer.content || !says(answer)) && html`<${JsonText} text=${textOf(answer.content ?? '')} marks=${marks} label="Answer" />`}
    ${answer.refusal && html`<h3>Refusal</h3><${Code} text=${answer.refusal} label="Refusal" />`}
    ${answer.vectors && html`<p>${answer.vectors} vectors of ${answer.dimensions} numbers.</p>`}
    <${Parts} parts=${parts} label="Answer" />`;
}

/* --- violations --- */

const inWords = (one) => `${one.keyword}: expected ${textOf(one.expected ?? 'something else')}, found ${textOf(one.got ?? 'this')}`;

/** Of the row, each with its place: what is kept says it, else the bytes of the answer do. */
const placed = (row, said) =>
  (row.violations ?? []).map((one, i) => ({
    ...one,
    pointer: row.content?.violations?.[i]?.instance_path ?? (typeof said === 'string' && one.byte !== undefined ? pointerAt(said, one.byte) : undefined),
  }));

const marksOf = (list, said) =>
  list.map((one, i) => ({ ...(typeof said === 'string' && (one.pointer === undefined || pointerAt(said, 0) === undefined) ? { line: one.line, column: one.column } : { pointer: one.pointer ?? '' }), message: inWords(one), id: `violation-${i + 1}` }));

const Violations = ({ list }) => html`
  <div class="bleed"><${Table} label="Violations" rows=${list.map((one, i) => ({ ...one, i }))} rowKey=${(one) => one.i} columns=${[
    { key: 'where', label: 'Where', render: (one) => (one.pointer ? html`<code>${one.pointer}</code>` : one.line ? `line ${one.line}, column ${one.column}` : '(all of it)') },
    { key: 'keyword', label: 'Rule', render: (one) => html`<code>${one.keyword}</code>` },
    { key: 'expected', label: 'Expected', render: (one) => textOf(one.expected ?? '–') },
    { key: 'got', label: 'Found', render: (one) => textOf(one.got ?? '–') },
    { key: 'rule', label: 'By', wide: true, render: (one) => html`<code>${one.schema_path}</code>` },
  ]} /></div>`;

/* --- all of it --- */

async function erase(row, reload) {
  if (!(await ask({ title: 'Erase what was said?', text: 'The prompt and the answer of this request are forgotten. The row stays. This cannot be undone, and is recorded.', action: 'Erase', danger: true }))) return;
  try {
    await api('DELETE', `/logs/${encodeURIComponent(row.request_id)}`);
    toast('Erased');
    reload();
  } catch (error) {
    toast(sentence(error.message), 'bad');
  }
}

export function Said({ row, reload }) {
  const { content } = row;
  const ofInput = row.code === 'input_schema_violation';
  const said = ofInput ? content?.input : content?.answer?.content;
  const list = placed(row, said);
  const violations = list.length > 0 && html`<${Violations} list=${list} />`;
  if (!content)
    return html`
      ${violations}
      ${row.content_until || !row.endpoint
        ? html`<${Empty} title=${row.content_until ? 'What was said is not kept any more.' : 'Nothing that was said was read.'} />`
        : html`<${Empty} title="What was said is not kept." command="log: {content: full, retention: 24h}">Where it is wanted, the file of the endpoint ${row.endpoint} says so (<code>redacted</code> leaves out personal data):<//>`}`;
  const { input, answer, messages } = content;
  const marks = marksOf(list, said);
  const tabs = [
    answer && (says(answer) || !row.code) && { key: 'answer', label: 'Answer', count: (!ofInput && marks.length) || undefined, render: () => html`${!ofInput && violations}<${Answer} answer=${answer} marks=${ofInput ? [] : marks} />` },
    input !== undefined && { key: 'input', label: 'Input', count: (ofInput && marks.length) || undefined, render: () => html`
      ${ofInput && violations}
      ${typeof input === 'string' ? html`<${JsonText} text=${input} marks=${ofInput ? marks : []} label="Input" />` : html`<${Json} value=${input} marks=${ofInput ? marks : []} label="Input" />`}` },
    messages && { key: 'prompt', label: 'Rendered prompt', count: messages.length, render: () => html`<${Messages} list=${messages} />` },
  ].filter(Boolean);
  return html`
    ${tabs.length > 0 ? html`<${Tabs} label="What was said" tabs=${tabs} />` : violations}
    ${content.cut && html`<p class="note">It is long, and cut where it is not kept.</p>`}
    <div class="row spread"><p class="note">Kept until <${Time} at=${row.content_until} />.</p><${Button} kind="danger" class="small" onclick=${() => erase(row, reload)}>Erase<//></div>`;
}
