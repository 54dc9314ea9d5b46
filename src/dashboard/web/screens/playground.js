// Calling an endpoint from here, as the bearer of one of the tokens: all that holds for that token holds,
// and the call is counted and logged as its own. Two versions can be called side by side.
import { html, useEffect, useMemo, useRef, useState } from '../lib/html.js';
import { api, ApiError, readEvents, useApi, useList } from '../lib/api.js';
import { ms, sentence, usd, usdExact } from '../lib/format.js';
import { setQuery, to } from '../lib/router.js';
import { Await, Badge, Button, Card, Copy, Empty, Head, Problem, Status } from '../ui/basics.js';
import { Code, Json } from '../ui/code.js';
import { AreaField, CheckField, SelectField } from '../ui/form.js';
import { resolve, SchemaField } from '../ui/schemaform.js';

/** The schema of an endpoint's input, or undefined where it takes messages. */
function inputOf(document, slug) {
  const operation = document.paths[`/${slug}`]?.post;
  const request = resolve(document, operation?.requestBody?.content?.['application/json']?.schema);
  for (const form of request.anyOf ?? []) {
    const input = resolve(document, form).properties?.input;
    if (input?.$ref) return input; // an input without a schema is a text, as message is
  }
  return undefined;
}

/** The first example of a test, else nothing. */
function exampleOf(document, slug) {
  const [first] = Object.values(document.paths[`/${slug}`]?.post?.requestBody?.content?.['application/json']?.examples ?? {});
  return first?.value?.input;
}

/** Calls, and tells how it gets on: onChange({...}) until {done: true}. */
async function run({ endpoint, token, body, stream, signal, onChange }) {
  const began = performance.now();
  const state = { began, text: '' };
  const tell = (more) => onChange(Object.assign(state, more, { took: performance.now() - began }) && { ...state });
  try {
    const response = await api('POST', '/try', { body: { endpoint, token, body: { ...body, stream: stream || undefined } }, signal, text: true, headers: { accept: 'application/json, text/event-stream' } });
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

function Result({ title, state }) {
  const violations = state.error?.details?.violations ?? [];
  const answer = state.answer;
  const shown = answer && answer.meta !== undefined ? (answer.output ?? answer.content) : answer;
  return html`
    <${Card} title=${title} actions=${state.request && html`<a class="button quiet" href=${to(`/requests/${encodeURIComponent(state.request)}`)}>Inspect</a>`}>
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

const yaml = (value) => JSON.stringify(value); // YAML 1.2 has JSON within it

function AsTest({ slug, input, answer }) {
  const text = `  - name: from the playground\n    input: ${yaml(input)}\n    assert:\n${answer && typeof answer === 'object' ? Object.entries(answer).slice(0, 8).map(([name, value]) => `      - {type: json-pointer, pointer: ${yaml(`/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)}, value: ${yaml(value)}}\n`).join('') : '      - {type: status, value: 200}\n'}`;
  return html`<${Card} title="As a test" note=${`For tests/${slug}.yaml, below tests:`} actions=${html`<${Copy} text=${text} />`}><${Code} text=${text.trimEnd()} wrap=${false} label="Test" /><//>`;
}

function Form({ document, tokens, endpoint, from }) {
  const schema = useMemo(() => inputOf(document, endpoint), [document, endpoint]);
  const [input, setInput] = useState(() => from ?? exampleOf(document, endpoint) ?? {});
  const [message, setMessage] = useState('Hello.');
  const [raw, setRaw] = useState();
  const [wrong, setWrong] = useState();
  const [token, setToken] = useState(tokens[0]?.id);
  const [stream, setStream] = useState(false);
  const [other, setOther] = useState('');
  const [results, setResults] = useState([]);
  const running = useRef();
  useEffect(() => () => running.current?.abort(), []);
  const versions = useList(`/endpoints/${encodeURIComponent(endpoint)}/versions`, { query: { limit: 50 } });
  const busy = results.some((one) => !one.done);
  const submit = (event) => {
    event?.preventDefault();
    if (busy || wrong) return;
    const body = schema ? { input } : { message };
    const mine = (running.current = new AbortController());
    const wanted = [endpoint, ...(other ? [`${endpoint}@${other}`] : [])];
    setResults(wanted.map(() => ({ text: '' })));
    wanted.forEach((name, i) => run({ endpoint: name, token, body, stream, signal: mine.signal, onChange: (state) => !mine.signal.aborted || state.done ? setResults((before) => before.map((one, j) => (j === i ? state : one))) : undefined }));
  };
  const readRaw = (text) => {
    setRaw(text);
    try {
      setInput(JSON.parse(text));
      setWrong(undefined);
    } catch (error) {
      setWrong(`This is not JSON: ${error.message}`);
    }
  };
  const output = results[0]?.answer?.meta !== undefined ? results[0].answer.output : results[0]?.answer;
  return html`
    <${Card} title="The call" actions=${schema && html`<${Button} kind="quiet" aria-pressed=${raw !== undefined ? 'true' : 'false'} onclick=${() => (setWrong(undefined), setRaw(raw === undefined ? JSON.stringify(input, null, 2) : undefined))}>As JSON<//>`}>
      <form class="form" onsubmit=${submit} onkeydown=${(event) => event.key === 'Enter' && (event.ctrlKey || event.metaKey) && submit(event)}>
        ${!schema
          ? html`<${AreaField} label="message" rows=${5} value=${message} onInput=${setMessage} />`
          : raw !== undefined
            ? html`<${AreaField} label="Input" rows=${12} value=${raw} error=${wrong} onInput=${readRaw} />`
            : html`<${SchemaField} document=${document} schema=${schema} name="input" needed value=${input} onInput=${(next) => setInput(next ?? {})} />`}
        <div class="filters">
          <${SelectField} label="As" value=${token} options=${tokens.map((one) => [one.id, one.name || one.id])} onInput=${setToken} />
          <${SelectField} label="Beside it, version" value=${other} options=${[['', 'none'], ...versions.rows.map((row) => [String(row.version), String(row.version)])]} onInput=${setOther} />
          <${CheckField} label="Stream" checked=${stream} onInput=${setStream} />
        </div>
        <p class="note">It is a real call of that token: it counts and may cost. Ctrl and Enter call, too.</p>
        <div class="row"><button class="button main" disabled=${busy || wrong !== undefined} aria-busy=${busy ? 'true' : undefined}>Call</button>${busy && html`<${Button} onclick=${() => running.current?.abort()}>Stop<//>`}</div>
      </form>
    <//>
    ${results.length > 0 && html`<div class=${results.length > 1 ? 'grid two' : 'stack'}>${results.map((state, i) => html`<${Result} key=${i} title=${i === 0 ? 'The answer' : `Version ${other}`} state=${state} />`)}</div>`}
    ${schema && results[0]?.done && results[0].status === 200 && html`<${AsTest} slug=${endpoint} input=${input} answer=${output} />`}`;
}

export default function Playground({ query }) {
  const document = useApi('/openapi.json', { root: '' });
  const tokens = useList('/tokens', { query: { kind: 'call', limit: 200 } });
  const request = query.get('request');
  const row = useApi(request ? `/logs/${encodeURIComponent(request)}` : null);
  const good = tokens.rows.filter((one) => !one.revoked_at && !(one.expires_at && Date.parse(one.expires_at) <= Date.now()));
  return html`
    <${Head} title="Playground" lead="A call of an endpoint, as one of its callers makes it." />
    <${Await} of=${document}>${(openapi) => {
      const slugs = Object.keys(openapi.paths).map((path) => path.slice(1));
      const endpoint = slugs.includes(query.get('endpoint')) ? query.get('endpoint') : slugs[0];
      if (!endpoint) return html`<${Card}><${Empty} title="There are no endpoints." command="pinion new summarize" /><//>`;
      if (tokens.loading || (request && row.loading)) return '';
      if (tokens.error) return html`<${Problem} error=${tokens.error} retry=${tokens.reload} />`;
      return html`
        <div class="filters"><${SelectField} label="Endpoint" value=${endpoint} options=${slugs} onInput=${(value) => setQuery({ endpoint: value, request: '' })} /></div>
        ${row.error && html`<p class="note">${sentence(row.error.message)}</p>`}
        ${good.length === 0
          ? html`<${Card}><${Empty} title="There is no token to call with." command=${`pinion token create --scope ${endpoint}`}><a href=${to('/tokens')}>Make one</a><//><//>`
          : html`<${Form} key=${`${endpoint} ${request}`} document=${openapi} tokens=${good} endpoint=${endpoint} from=${row.data?.content?.input} />`}`;
    }}<//>`;
}
