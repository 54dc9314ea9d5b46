// Calls made from the page, as the bearer of one of the tokens: all that holds for that token holds, and
// the call is counted and logged as its own.
import { html, useEffect, useRef, useState } from '../lib/html.js';
import { api, ApiError, readEvents } from '../lib/api.js';
import { change, ms, usd, usdExact } from '../lib/format.js';
import { to } from '../lib/router.js';
import { Badge, Card, Problem, Status } from './basics.js';
import { Code, Diff, Json } from './code.js';
import { SelectField } from './form.js';
import { textOf } from './said.js';

export const TokenField = ({ tokens, value, onInput }) => html`<${SelectField} label="As" value=${value} options=${tokens.map((one) => [one.id, one.name || one.id])} onInput=${onInput} />`;

/** What is shown of an answer: its output, else what was said. */
export const said = (state) => (state?.answer ? (state.answer.meta !== undefined ? (state.answer.output ?? state.answer.content) : state.answer) : state?.text || undefined);

/** Calls, and tells how it gets on: onChange({...}) until {done: true}. */
export async function run({ order, signal, onChange }) {
  const began = performance.now();
  const state = { began, text: '' };
  const tell = (more) => onChange(Object.assign(state, more, { took: performance.now() - began }) && { ...state });
  try {
    const response = await api('POST', '/try', { body: order, signal, text: true, headers: { accept: 'application/json, text/event-stream' } });
    const of = (name) => response.headers.get(name) ?? undefined;
    tell({ status: response.status, request: of('x-request-id'), cost: of('pinion-cost-usd'), model: of('pinion-model'), route: of('pinion-route'), version: of('pinion-version') });
    if (!of('content-type')?.startsWith('text/event-stream')) return tell({ answer: await response.json(), done: true });
    for await (const { data } of readEvents(response)) {
      if (data === '[DONE]') continue;
      const chunk = JSON.parse(data);
      if (chunk.error) throw new ApiError(response.status, chunk.error, state.request);
      state.text += chunk.choices?.[0]?.delta?.content ?? '';
      tell({ cost: chunk.pinion?.cost_usd ?? chunk.usage?.pinion?.cost_usd ?? state.cost });
    }
    tell({ done: true });
  } catch (error) {
    tell(error.name === 'AbortError' ? { stopped: true, done: true } : { error, status: error.status || undefined, request: error.requestId, done: true });
  }
}

/** Calls beside one another: {results, busy, start([{title, order}]), stop}. */
export function useCalls() {
  const [results, setResults] = useState([]);
  const running = useRef();
  const stop = () => running.current?.abort();
  useEffect(() => stop, []);
  const start = (wanted) => {
    stop();
    const { signal } = (running.current = new AbortController());
    setResults(wanted.map(({ title }) => ({ title, text: '' })));
    wanted.forEach(({ title, order }, i) => run({ order, signal, onChange: (state) => setResults((before) => (running.current.signal === signal ? before.map((one, j) => (j === i ? { ...state, title } : one)) : before)) }));
  };
  return { results, busy: results.some((one) => !one.done), start, stop };
}

function Result({ state }) {
  const violations = state.error?.details?.violations ?? [];
  const shown = state.answer && said(state);
  return html`
    <${Card} title=${state.title} actions=${state.request && html`<a class="button quiet" href=${to(`/requests/${encodeURIComponent(state.request)}`)}>Inspect</a>`}>
      <p class="row">${state.status ? html`<${Status} code=${state.status} />` : html`<${Badge} tone="info">${state.stopped ? 'stopped' : 'calling'}<//>`}
        <span class="note">${ms(state.took)}${state.model && ` · ${state.model}`}${state.route && ` · rule ${state.route}`}${state.version && ` · version ${state.version}`}</span>
        ${state.cost !== undefined && html`<span class="note" title=${usdExact(state.cost)}>${usd(state.cost)}</span>`}</p>
      <div aria-live="polite">
        <${Problem} error=${state.error} />
        ${violations.length > 0 && html`<ul class="list">${violations.map((one, i) => html`<li key=${i}><code>${one.instance_path || '(all of it)'}</code> ${one.message}</li>`)}</ul>`}
        ${state.text && html`<${Code} text=${state.text} label="Answer" />`}
        ${shown !== undefined && (typeof shown === 'string' ? html`<${Code} text=${shown} label="Answer" />` : html`<${Json} value=${shown} label="Answer" />`)}
      </div>
    <//>`;
}

/** Answers beside one another, and what differs between two when both are there. */
export function Results({ calls: { results }, narrow }) {
  const [a, b] = results;
  const texts = b && results.every((one) => one.done && said(one) !== undefined) && results.map((one) => textOf(said(one)));
  return results.length > 0 && html`
    <div class=${b && !narrow ? 'grid two' : 'stack'}>${results.map((state, i) => html`<${Result} key=${i} state=${state} />`)}</div>
    ${texts && html`<${Card} title="What differs" note=${`${a.title} against ${b.title}: cost ${change(a.cost, b.cost)}, time ${change(a.took, b.took)}`}><${Diff} before=${[{ path: 'answer', content: texts[1] }]} after=${[{ path: 'answer', content: texts[0] }]} same="The answers are the same." /><//>`}`;
}
