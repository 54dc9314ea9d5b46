// Calling an endpoint by a form made of its input's schema; two versions side by side; a test made of a call.
import { html, useMemo, useState } from '../lib/html.js';
import { api, useApi, useList } from '../lib/api.js';
import { useTokens } from '../lib/asking.js';
import { sentence } from '../lib/format.js';
import { setQuery, to } from '../lib/router.js';
import { Await, Button, Card, Copy, Empty, Head, Problem, toast } from '../ui/basics.js';
import { Results, TokenField, useCalls } from '../ui/calls.js';
import { Code } from '../ui/code.js';
import { AreaField, CheckField, SelectField, TextField } from '../ui/form.js';
import { exampleOf, inputOf, SchemaField } from '../ui/schemaform.js';

/** A test made of a call: saved into the folder where that can be, else to be pasted. */
function AsTest({ slug, input, answer }) {
  const [name, setName] = useState('from the playground');
  const [state, setState] = useState({});
  const assert = answer && typeof answer === 'object' && !Array.isArray(answer)
    ? Object.entries(answer).slice(0, 8).map(([key, value]) => ({ type: 'json-pointer', pointer: `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, value }))
    : [{ type: 'status', value: 200 }];
  const yaml = (value) => JSON.stringify(value); // YAML 1.2 has JSON within it
  const text = `  - name: ${yaml(name)}\n    input: ${yaml(input)}\n    assert:\n${assert.map((one) => `      - ${yaml(one)}`).join('\n')}`;
  const save = async () => {
    setState({ busy: true });
    try {
      const done = await api('POST', `/endpoints/${slug}/tests`, { body: { test: { name, input, assert } } });
      toast(`Saved in ${done.file}`);
      setState({});
    } catch (error) {
      setState({ error });
    }
  };
  return html`
    <${Card} title="As a test" note=${`For tests/${slug}.yaml, below tests:`} actions=${html`<${Copy} text=${`${text}\n`} />`}>
      <div class="filters"><${TextField} label="Name" value=${name} onInput=${setName} /><${Button} busy=${state.busy} disabled=${!name.trim()} onclick=${save}>Save as test<//></div>
      <${Problem} error=${state.error} />
      <${Code} text=${text} wrap=${false} label="Test" />
    <//>`;
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
  const calls = useCalls();
  const { busy, results } = calls;
  const versions = useList(`/endpoints/${encodeURIComponent(endpoint)}/versions`, { query: { limit: 50 } });
  const submit = (event) => {
    event?.preventDefault();
    if (busy || wrong) return;
    const order = (name) => ({ endpoint: name, token, body: { ...(schema ? { input } : { message }), stream: stream || undefined } });
    calls.start([{ title: other ? 'In force' : 'The answer', order: order(endpoint) }, ...(other ? [{ title: `Version ${other}`, order: order(`${endpoint}@${other}`) }] : [])]);
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
          <${TokenField} tokens=${tokens} value=${token} onInput=${setToken} />
          <${SelectField} label="Beside it, version" value=${other} options=${[['', 'none'], ...versions.rows.map((row) => [String(row.version), String(row.version)])]} onInput=${setOther} />
          <${CheckField} label="Stream" checked=${stream} onInput=${setStream} />
        </div>
        <p class="note">It is a real call of that token: it counts and may cost. Ctrl and Enter call, too.</p>
        <div class="row"><button class="button main" disabled=${busy || wrong !== undefined} aria-busy=${busy ? 'true' : undefined}>Call</button>${busy && html`<${Button} onclick=${calls.stop}>Stop<//>`}</div>
      </form>
    <//>
    <${Results} calls=${calls} />
    ${schema && results[0]?.done && results[0].status === 200 && html`<${AsTest} slug=${endpoint} input=${input} answer=${output} />`}`;
}

export default function Playground({ query }) {
  const document = useApi('/openapi.json', { root: '' });
  const tokens = useTokens();
  const request = query.get('request');
  const row = useApi(request ? `/logs/${encodeURIComponent(request)}` : null);
  const { good } = tokens;
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
