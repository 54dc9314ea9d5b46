// Tests of endpoints: running them, and what came of each.
import { html, useEffect, useRef, useState } from '../lib/html.js';
import { api, useList } from '../lib/api.js';
import { useAsk, useTokens } from '../lib/asking.js';
import { ms, sentence, usd } from '../lib/format.js';
import { setQuery } from '../lib/router.js';
import { Await, Badge, Button, Card, Empty, Head, Problem, toast } from '../ui/basics.js';
import { run, TokenField } from '../ui/calls.js';
import { SelectField } from '../ui/form.js';

const TONES = { passed: 'good', failed: 'bad', no_run: 'warn' };
const WORDS = { passed: 'passed', failed: 'failed', no_run: 'no run' };

/** What came of one test, on one side. */
const Outcome = ({ name, it }) => it && html`
  <p class="row"><${Badge} tone=${TONES[it.result]}>${name} ${WORDS[it.result]}<//><span class="note">${it.exchanges > 0 || it.cost_usd > 0 ? `${usd(it.cost_usd)}, ${ms(it.duration_ms)}` : ''}</span></p>
  ${it.problem && html`<p class="note">${sentence(it.problem)}</p>`}
  ${it.assertions.filter((one) => !one.passed || one.skipped).map((one, i) => html`<p key=${i} class="note"><code>${one.type}${one.pointer && ` ${one.pointer}`}</code> ${one.skipped ? 'could not be told' : html`expected <code>${one.expected}</code>, got <code>${one.got}</code>`}${one.note && `, ${one.note}`}</p>`)}`;

const sumUp = (list) => Object.keys(WORDS).map((key) => [list.filter((one) => one?.result === key).length, WORDS[key]]).filter(([n]) => n > 0).map(([n, word]) => `${n} ${word}`).join(', ');

/** The tests of an endpoint, run against what was recorded or the demo, or live; with a draft, on both sides. */
export function Tests({ slug, draft, tokens }) {
  const [source, setSource] = useState('recording');
  const [token, setToken] = useState(tokens[0]?.id);
  const [live, setLive] = useState();
  const [busy, setBusy] = useState(false);
  const running = useRef();
  const offline = source === 'live' ? 'recording' : source;
  const now = useAsk('/tests', { endpoint: slug, source: offline });
  const then = useAsk('/tests', draft && { endpoint: slug, source: offline, draft }, 600);
  const sides = draft ? then : now; // which tests there are
  useEffect(() => () => running.current?.abort(), []);
  const judge = async (test, draft_, signal) => {
    const { stream, ...body } = test.call.body;
    let state;
    await run({ order: { endpoint: slug, draft: draft_, token: token ?? tokens[0].id, headers: test.call.headers, body }, signal, onChange: (next) => (state = next) });
    const answer = { status: state.status ?? 499, body: state.answer ?? { ok: false, error: { code: state.error?.code, message: state.error?.message } }, latency_ms: Math.round(state.took), route: state.route, cost_usd: state.cost };
    return api('POST', '/tests/judge', { body: { endpoint: slug, draft: draft_, test: test.name, answer }, signal });
  };
  const call = async () => {
    const { signal } = (running.current = new AbortController());
    setBusy(true);
    setLive({});
    try {
      for (const test of sides.data.tests)
        for (const [side, its] of draft ? [['then', draft], ['now']] : [['now']]) {
          const it = await judge(test, its, signal);
          setLive((before) => ({ ...before, [`${side} ${test.name}`]: it }));
        }
    } catch (error) {
      if (!signal.aborted) toast(sentence(error.message), 'bad');
    }
    setBusy(false);
  };
  const shown = (side, data, name) => (source === 'live' ? live?.[`${side} ${name}`] : data?.tests.find((one) => one.name === name));
  return html`
    <div class="filters">
      <${SelectField} label="Answers" value=${source} options=${[['recording', 'as recorded'], ['demo', 'by the demo'], ...(tokens.length > 0 ? [['live', 'by the provider']] : [])]} onInput=${setSource} />
      ${source === 'live' && html`<${TokenField} tokens=${tokens} value=${token} onInput=${setToken} />${busy ? html`<${Button} onclick=${() => running.current.abort()}>Stop<//>` : html`<${Button} kind="main" disabled=${!sides.data} onclick=${call}>Call and judge<//>`}`}
      ${source !== 'live' && html`<${Button} busy=${now.loading || then.loading} onclick=${() => (now.reload(), then.reload())}>Run again<//>`}
    </div>
    ${source === 'live' && html`<p class="note">Real calls of that token, one after the other: they count and may cost.</p>`}
    <${Problem} error=${then.error} />
    <${Await} of=${now}>${(data) => {
      const list = (draft && then.data ? then.data : data).tests;
      if (list.length === 0) return html`<${Empty} title="It has no tests." command=${`pinion test ${slug} --record`}>They stand in <code>tests/${slug}.yaml</code>; the playground makes one of a call.<//>`;
      return html`
        <p role="status"><strong>${sumUp(list.map((one) => shown('now', data, one.name)))}</strong>${draft && html` in force; <strong>${sumUp(list.map((one) => shown('then', then.data, one.name)))}</strong> with the draft`}</p>
        <ul class="list">${list.map((one) => html`<li key=${one.name} class="stack tight">
          <p class="row"><strong>${one.name}</strong><code>${one.file}:${one.line}</code>${source === 'recording' && html`<${Badge} tone=${['there', 'none'].includes(one.recording) ? '' : 'warn'}>recording ${one.recording}<//>`}</p>
          ${draft && html`<${Outcome} name="draft" it=${shown('then', then.data, one.name)} />`}
          <${Outcome} name=${draft ? 'in force' : ''} it=${shown('now', data, one.name)} />
        </li>`)}</ul>`;
    }}<//>`;
}

export default function TestsOf({ query, login }) {
  const endpoints = useList('/endpoints', { query: { limit: 200 } });
  const tokens = useTokens(login.verbs.includes('tokens:write') && login.verbs.includes('tokens:read'));
  const slug = query.get('endpoint') ?? endpoints.rows[0]?.id;
  return html`
    <${Head} title="Tests" lead="What authors expect of an endpoint, held against what it answers: the tests of the folder, as pinion test runs them." />
    <${Card}>
      <div class="filters"><${SelectField} label="Endpoint" value=${slug} options=${endpoints.rows.map((row) => row.id)} onInput=${(value) => setQuery({ endpoint: value })} /></div>
      ${slug ? html`<${Tests} key=${`${slug} ${tokens.loading}`} slug=${slug} tokens=${tokens.good} />` : !endpoints.loading && html`<${Empty} title="There are no endpoints." command="pinion new summarize" />`}
    <//>`;
}
