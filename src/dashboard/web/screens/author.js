// What authors work with: endpoints as they are in force, as the folder has them, and as somebody means to
// write them; their versions, their tests, why a call goes where it goes, and calls themselves. Calls are
// made as the bearer of one of the tokens: all that holds for that token holds, and the call is counted
// and logged as its own.
import { html, useEffect, useMemo, useRef, useState } from '../lib/html.js';
import { api, ApiError, readEvents, useApi, useList } from '../lib/api.js';
import { change, count, ms, percent, sentence, usd, usdExact } from '../lib/format.js';
import { setQuery, to } from '../lib/router.js';
import { compare, empty } from '../lib/spans.js';
import { useUsage } from '../lib/usage.js';
import { Await, Badge, Button, Card, Copy, Dialog, Empty, Head, Problem, Status, Tabs, Time, toast } from '../ui/basics.js';
import { Code, Diff, Json } from '../ui/code.js';
import { AreaField, CheckField, SelectField, TextField } from '../ui/form.js';
import { Routing } from '../ui/routing.js';
import { Messages, textOf } from '../ui/said.js';
import { ListTable } from '../ui/table.js';

/**
 * The answer to an admin call that changes nothing, asked anew `wait` ms after its body has become
 * another: as useApi(). body undefined: nothing is asked.
 */
function useAsk(path, body, wait = 0) {
  const [state, setState] = useState({});
  const [turn, setTurn] = useState(0);
  const key = body && JSON.stringify([turn, body]);
  useEffect(() => {
    if (!key) return;
    const mine = new AbortController();
    const ask = () =>
      api('POST', path, { body, signal: mine.signal }).then(
        (data) => setState({ key, data }),
        (error) => error.name !== 'AbortError' && (error.status === 503 ? (timer = setTimeout(ask, 500)) : setState((before) => ({ key, data: before.data, error }))),
      );
    let timer = setTimeout(ask, wait);
    return () => (clearTimeout(timer), mine.abort());
  }, [path, key]);
  const known = state.key === key;
  return { data: state.data, error: known ? state.error : undefined, loading: !!key && !known, reload: () => setTurn(turn + 1) };
}

/** Tokens that calls can be made with; `may`: whether they can be listed. */
function useTokens(may = true) {
  const tokens = useApi(may ? '/tokens' : null, { query: { kind: 'call', limit: 200 } });
  const good = (tokens.data?.data ?? []).filter((one) => !one.revoked_at && !(one.expires_at && Date.parse(one.expires_at) <= Date.now()));
  return { ...tokens, good };
}
const TokenField = ({ tokens, value, onInput }) => html`<${SelectField} label="As" value=${value} options=${tokens.map((one) => [one.id, one.name || one.id])} onInput=${onInput} />`;

/* --- what is wrong with files --- */

const toneOf = (one) => (one.severity === 'error' ? 'bad' : 'warn');
const lineOf = (one) => one.range?.start?.line;
const placeOf = ({ range }) => `${range?.file ?? 'the folder'}${range?.start ? `:${range.start.line}:${range.start.column}` : ''}`;

/** Diagnostics as pinion check gives them. onGo: what leads to the place of one, where it can be shown. */
const Diagnostics = ({ list, onGo }) => html`<ul class="list">${list.map((one, i) => html`
  <li key=${i} class="stack tight">
    <p class="row"><${Badge} tone=${toneOf(one)}>${one.severity} ${one.code}<//>${onGo ? html`<${Button} kind="quiet" class="small" onclick=${() => onGo(one)}>${placeOf(one)}<//>` : html`<code>${placeOf(one)}</code>`}</p>
    <p>${sentence(one.message)}${one.hint && (onGo || !one.snippet) && html` <span class="note">${sentence(one.hint)}</span>`}</p>
    ${!onGo && one.snippet && html`<${Code} text=${one.snippet} first=${lineOf(one)} label=${placeOf(one)} marks=${[{ line: 1, column: one.range.start?.column, message: one.hint ?? one.message, tone: toneOf(one) }]} wrap=${false} />`}
  </li>`)}</ul>`;

async function putInForce(done) {
  try {
    await api('POST', '/reload');
    toast('The folder is in force');
  } catch (error) {
    toast(sentence(error.message), 'bad');
  }
  done();
}

/** What the folder has that is not in force, of one endpoint or of all: why, or what would be. */
function InFolder({ slug, onReload = () => {} }) {
  const { data, reload } = useAsk('/check', { endpoint: slug });
  if (!data) return null;
  const { report, endpoint } = data;
  const edit = slug && html`<a class="button" href=${to(`/endpoints/${slug}/draft`)}>Edit a draft</a>`;
  const own = new Set(endpoint?.files.map((one) => one.path));
  const list = [...report.diagnostics].sort((a, b) => own.has(b.range?.file) - own.has(a.range?.file));
  if (!data.valid)
    return html`<${Card} title="The folder cannot come into force" note="What is in force stays as it was, until this is mended." actions=${html`${edit}<${Button} onclick=${reload}>Look again<//>`}><${Diagnostics} list=${list} /><//>`;
  if (slug && endpoint?.changed)
    return html`<${Card} title="The folder has another version" note=${`It would be ${endpoint.hash.slice(0, 12)}, and is not in force yet.`} actions=${html`${edit}<${Button} kind="main" onclick=${() => putInForce(() => (reload(), onReload()))}>Put it in force<//>`}><${Diagnostics} list=${list.filter((one) => own.has(one.range?.file))} /><//>`;
  return null;
}

/* --- endpoints --- */

export function Endpoints({ login }) {
  const endpoints = useList('/endpoints', { query: { limit: 200 } });
  const usage = useUsage(login.verbs.includes('usage') ? 14 : 0, 'endpoint');
  const sums = useMemo(() => new Map(usage.data ? compare(usage.data, 'endpoint', 7).map((one) => [one.key, one]) : []), [usage.data]);
  const of = (row) => sums.get(row.id) ?? { now: empty(), before: empty() };
  return html`
    <${Head} title="Endpoints" lead="As they are in force now. Money and calls are of the last 7 days." />
    <${InFolder} />
    <${Card} class="flush">
      <${ListTable} label="Endpoints" list=${endpoints} rowHref=${(row) => to(`/endpoints/${row.id}`)} empty=${{ title: 'There are no endpoints.', command: 'pinion new summarize' }}
        columns=${[
          { key: 'id', label: 'Endpoint' },
          { key: 'version', label: 'Version', render: (row) => html`${row.version ?? '–'} ${row.rolled_back && html`<${Badge} tone="warn">rolled back<//>`}` },
          { key: 'hash', label: 'Hash', wide: true, render: (row) => html`<code>${row.hash.slice(0, 12)}</code>` },
          { key: 'calls', label: 'Calls', align: 'right', render: (row) => count(of(row).now.calls) },
          { key: 'failed', label: 'Failed', align: 'right', wide: true, render: (row) => percent(of(row).now.errors, of(row).now.calls) },
          { key: 'cost', label: 'Cost', align: 'right', render: (row) => usd(of(row).now.cost_usd) },
          { key: 'change', label: 'Change', align: 'right', wide: true, render: (row) => change(of(row).now.cost_usd, of(row).before.cost_usd) },
        ]} />
    <//>`;
}

/* --- one of them --- */

const versionPath = (slug, number) => `/versions/${encodeURIComponent(number ? `${slug}@${number}` : slug)}`;

const Files = ({ list }) => html`<div class="stack">${list.map((file) => html`<div key=${file.path}><p class="file-name">${file.path}</p>${file.content === undefined ? html`<p class="note">It is not text.</p>` : html`<${Code} text=${file.content.replace(/\n$/, '')} wrap=${false} label=${file.path} />`}</div>`)}</div>`;

/** What would be gone and what would come, before it is done. */
function Rollback({ slug, current, number, onDone, onClose }) {
  const wanted = useApi(versionPath(slug, number));
  const [error, setError] = useState();
  const [report, setReport] = useState();
  const [busy, setBusy] = useState(false);
  const act = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const done = await api('POST', `/endpoints/${slug}/rollback`, { body: { version: number } });
      toast(`${slug} is at version ${done.version}, which is ${done.of} again`);
      onDone();
    } catch (problem) {
      setError(problem);
      setReport(problem.report);
      setBusy(false);
    }
  };
  return html`
    <${Dialog} title=${`Back to version ${number}?`} onClose=${onClose} wide>
      <div class="stack">
        <p>It is in force at once, as a new version, in place of what the folder has, until those files change. This is what changes:</p>
        <${Await} of=${wanted}>${(version) => html`<${Diff} before=${current.files} after=${version.files} />`}<//>
        <${Problem} error=${error} />
        ${report && html`<${Code} text=${report} label="Why it does not load" />`}
        <div class="row end"><${Button} onclick=${onClose}>Cancel<//><${Button} kind="main" busy=${busy} disabled=${!wanted.data} onclick=${act}>Go back<//></div>
      </div>
    <//>`;
}

function Compare({ slug, versions, from, until }) {
  const numbers = versions.map((one) => String(one.version));
  const a = numbers.includes(from) ? from : numbers[1];
  const b = numbers.includes(until) ? until : numbers[0];
  const before = useApi(a ? versionPath(slug, a) : null);
  const after = useApi(b ? versionPath(slug, b) : null);
  if (numbers.length < 2) return html`<p class="note">There is one version only.</p>`;
  return html`
    <div class="filters">
      <${SelectField} label="From" value=${a} options=${numbers} onInput=${(value) => setQuery({ from: value })} />
      <${SelectField} label="To" value=${b} options=${numbers} onInput=${(value) => setQuery({ to: value })} />
    </div>
    <${Await} of=${before}>${(old) => html`<${Await} of=${after}>${(now) => html`<${Diff} before=${old.files} after=${now.files} />`}<//>`}<//>`;
}

const changesOf = (row) => (row.changes ?? []).map((one) => `${one.change} ${one.path}`).join(', ') || 'settings';

export function Endpoint({ params, query }) {
  const { slug } = params;
  const current = useApi(versionPath(slug));
  const versions = useList(`/endpoints/${encodeURIComponent(slug)}/versions`, { query: { limit: 50 } });
  const [going, setGoing] = useState();
  const reload = () => (current.reload(), versions.reload());
  return html`
    <${Head} title=${slug} back=${{ href: to('/endpoints'), label: 'Endpoints' }} lead=${current.data && html`<span class="row">version ${current.data.version} <code>${current.data.hash.slice(0, 12)}</code>${current.data.rolled_back && html`<${Badge} tone="warn">rolled back<//>`}</span>`}>
      <a class="button" href=${to('/requests', { endpoint: slug })}>Requests</a>
      <a class="button" href=${to('/costs', { endpoint: slug, by: 'model' })}>Costs</a>
      <a class="button" href=${to('/tests', { endpoint: slug })}>Tests</a>
      <a class="button" href=${to('/explain', { endpoint: slug })}>Explain routing</a>
      <a class="button" href=${to('/playground', { endpoint: slug })}>Try it</a>
      <a class="button main" href=${to(`/endpoints/${slug}/draft`)}>Edit a draft</a>
    <//>
    <${InFolder} slug=${slug} onReload=${reload} />
    <${Await} of=${current}>${(endpoint) => html`
      <${Card}>
        <${Tabs} label="Endpoint" value=${query.get('tab') ?? 'files'} onChange=${(tab) => setQuery({ tab })} tabs=${[
          { key: 'files', label: 'Files', count: endpoint.files.length, render: () => html`<${Files} list=${endpoint.files} />` },
          { key: 'versions', label: 'Versions', render: () => html`<${ListTable} label="Versions" list=${versions} rowKey=${(row) => row.version} rowHref=${(row) => to(`/endpoints/${slug}`, { tab: 'compare', from: row.version > 1 ? row.version - 1 : undefined, to: row.version })}
            empty=${{ title: 'No version is recorded yet.' }} columns=${[
              { key: 'version', label: 'Version', render: (row) => `${row.version}${row.of ? `, as ${row.of} was` : ''}` },
              { key: 'at', label: 'Since', render: (row) => html`<${Time} at=${row.at} />` },
              { key: 'actor', label: 'By', wide: true, render: (row) => `${row.actor}, ${row.cause}` },
              { key: 'changes', label: 'What changed', wide: true, render: changesOf },
              { key: 'act', label: html`<span class="sr">Act</span>`, align: 'right', render: (row) => (row.version === endpoint.version ? html`<${Badge} tone="good">in force<//>` : html`<${Button} class="small" onclick=${() => setGoing(row.version)}>Go back<//>`) },
            ]} />` },
          { key: 'compare', label: 'Compare', render: () => html`<${Compare} slug=${slug} versions=${versions.rows} from=${query.get('from')} until=${query.get('to')} />` },
        ]} />
      <//>
      ${going && html`<${Rollback} slug=${slug} current=${endpoint} number=${going} onClose=${() => setGoing(undefined)} onDone=${() => (setGoing(undefined), reload())} />`}`}<//>`;
}

/* --- a draft of one --- */

const drafts = new Map(); // by slug, for as long as the page is open: {path: text}

/** What somebody typed: JSON, or else a text. */
function valueOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A text with numbered lines, those with something wrong marked. */
function Editor({ text, label, list, area, onInput }) {
  const [top, setTop] = useState(0);
  const marks = new Map(list.map((one) => [lineOf(one), toneOf(one)]).reverse());
  return html`
    <div class="editor">
      <div class="editor-lines" aria-hidden="true"><div style=${{ transform: `translateY(${-top}px)` }}>${text.split('\n').map((_, i) => html`<p key=${i} class=${marks.get(i + 1) ?? ''}>${i + 1}</p>`)}</div></div>
      <textarea ref=${area} aria-label=${label} aria-invalid=${list.some((one) => one.severity === 'error') ? 'true' : undefined} wrap="off" spellcheck="false" rows="24" value=${text} oninput=${(event) => onInput(event.target.value)} onscroll=${(event) => setTop(event.target.scrollTop)}></textarea>
    </div>`;
}

/** The prompt of a call as the draft renders it, and where it differs from the one in force. */
function Rendered({ order, draft }) {
  const now = useAsk('/render', order);
  const then = useAsk('/render', { ...order, draft }, 400);
  const files = ({ messages }) => messages.map((one, i) => ({ path: `message ${i + 1}, ${one.role}`, content: textOf(one.content ?? one.parts ?? '') }));
  return html`<${Await} of=${then}>${(it) => html`
    <p class="note">To <code>${it.provider} ${it.model}</code> by rule ${it.route}, about ${count(it.estimate.prompt_tokens)} tokens${it.estimate.worst_cost_usd !== null && `, at most ${usd(it.estimate.worst_cost_usd)}`}. Nothing is sent.</p>
    <${Messages} list=${it.messages} />
    ${now.data && html`<h3>Against what is in force</h3><${Diff} before=${files(now.data)} after=${files(it)} same="The prompt stays the same." />`}`}<//>`;
}

/** Calls of logged requests once more, as the draft answers them. */
function Replay({ slug, draft, token }) {
  const [most, setMost] = useState('5');
  const rows = useList('/logs', { query: { endpoint: slug, status: 200, limit: 200 } });
  const kept = rows.rows.filter((row) => row.content_until && row.surface !== 'try').slice(0, Number(most));
  const [done, setDone] = useState([]);
  const running = useRef();
  const [busy, setBusy] = useState(false);
  useEffect(() => () => running.current?.abort(), []);
  const cost = (list, of) => list.reduce((sum, one) => sum + Number(of(one) ?? 0), 0);
  const start = async () => {
    const { signal } = (running.current = new AbortController());
    setDone([]);
    setBusy(true);
    for (const row of kept) {
      const one = { row };
      try {
        const { content } = await api('GET', `/logs/${encodeURIComponent(row.request_id)}`, { signal });
        one.before = textOf(valueOf(content?.answer?.content ?? ''));
        await run({ order: { endpoint: slug, draft, token, body: { input: content.input } }, signal, onChange: (state) => Object.assign(one, { state }) });
        one.after = textOf(valueOf(said(one.state) ?? ''));
      } catch (error) {
        one.state = { error };
      }
      if (signal.aborted) break;
      setDone((before) => [...before, one]);
    }
    setBusy(false);
  };
  const good = done.filter((one) => !one.state.error);
  return html`
    <div class="filters">
      <${SelectField} label="Of the last requests" value=${most} options=${['5', '10', '20', '50']} onInput=${setMost} />
      ${busy ? html`<${Button} onclick=${() => running.current.abort()}>Stop<//>` : html`<${Button} kind="main" disabled=${!token || kept.length === 0} onclick=${start}>Ask ${kept.length} again<//>`}
    </div>
    <p class="note">${rows.loading ? 'Looking…' : kept.length === 0 ? html`No answered request has its content kept. An endpoint keeps it with <code>log: {content: full}</code>.` : `They have cost ${usd(cost(kept, (one) => one.cost_usd))}; about as much is spent again, one after the other, as calls of that token.`}</p>
    <${Problem} error=${rows.error} />
    <div aria-live="polite">${good.length > 0 && html`<p><strong>${good.length} answered${done.length > good.length ? `, ${done.length - good.length} not` : ''}.</strong> ${usd(cost(good, (one) => one.state.cost))} (${change(cost(good, (one) => one.state.cost), cost(good, (one) => one.row.cost_usd))}), ${ms(cost(good, (one) => one.state.took) / good.length)} each (${change(cost(good, (one) => one.state.took), cost(good, (one) => one.row.duration_ms))}), ${good.filter((one) => one.before === one.after).length} the same.</p>`}</div>
    <ul class="list">${done.map((one) => html`<li key=${one.row.request_id}>
      <p class="row"><a href=${to(`/requests/${one.row.request_id}`)}><code>${one.row.request_id}</code></a><${Status} code=${one.state.status} /><span class="note">${usd(one.row.cost_usd)} → ${usd(one.state.cost)}, ${ms(one.row.duration_ms)} → ${ms(one.state.took)}</span></p>
      ${one.state.error ? html`<${Problem} error=${one.state.error} />` : one.before === one.after ? html`<p class="note">The same answer.</p>` : html`<details><summary>What differs</summary><${Diff} before=${[{ path: 'answer', content: one.before }]} after=${[{ path: 'answer', content: one.after }]} /></details>`}
    </li>`)}</ul>`;
}

/** What would happen if its files were saved: nothing of it is. */
export function Draft({ params: { slug }, query, login }) {
  const may = login.verbs.includes('tokens:write') && login.verbs.includes('tokens:read');
  const tokens = useTokens(may);
  const current = useApi(versionPath(slug));
  const openapi = useApi('/openapi.json', { root: '' });
  const folder = useAsk('/check', { endpoint: slug });
  const [draft, setDraft] = useState(drafts.get(slug) ?? {});
  const [path, setPath] = useState();
  const [input, setInput] = useState();
  const [chosen, setToken] = useState();
  const area = useRef();
  const calls = useCalls();
  const changed = Object.keys(draft).length > 0;
  const sent = changed ? draft : undefined;
  const check = useAsk('/check', { endpoint: slug, draft: sent }, 300);
  const files = folder.data?.endpoint?.files ?? [];
  const file = files.find((one) => one.path === path) ?? files[0];
  const text = file && (draft[file.path] ?? file.content);
  const edit = (path_, value) => {
    const { [path_]: before, ...rest } = draft;
    const next = value === files.find((one) => one.path === path_).content ? rest : { ...rest, [path_]: value };
    drafts.set(slug, next);
    setDraft(next);
  };
  const list = check.data?.report.diagnostics ?? [];
  const go = (one) => {
    if (!files.some((other) => other.path === one.range?.file)) return;
    setPath(one.range.file);
    setTimeout(() => {
      const lines = area.current.value.split('\n');
      const at = lines.slice(0, (lineOf(one) ?? 1) - 1).join('\n').length + (lineOf(one) > 1 ? 1 : 0) + (one.range.start?.column ?? 1) - 1;
      area.current.focus();
      area.current.setSelectionRange(at, one.range.end?.line === lineOf(one) ? at + one.range.end.column - one.range.start.column : at);
      area.current.scrollTop = Math.max(0, ((lineOf(one) ?? 1) - 6) * 20);
    });
  };
  const token = chosen ?? tokens.good[0]?.id;
  const example = openapi.data && exampleOf(openapi.data, slug);
  const typed = input ?? (example !== undefined ? textOf(example) : openapi.data && inputOf(openapi.data, slug) ? '{}' : 'Hello.');
  const order = { endpoint: slug, input: valueOf(typed) };
  const it = check.data?.endpoint;
  const now = current.data;
  const without = (all) => all.filter((one) => !one.path.startsWith('tests/'));
  const verdict = !check.data ? ['', 'looking'] : !check.data.valid ? ['bad', `${check.data.report.error_count} ${check.data.report.error_count === 1 ? 'error' : 'errors'}`] : it?.changed ? ['info', `would be ${it.hash.slice(0, 12)}`] : ['good', 'as in force'];
  const asWhom = may && tokens.good.length > 0 && html`<${TokenField} tokens=${tokens.good} value=${token} onInput=${setToken} />`;
  const noToken = html`<${Empty} title="There is no token to call with." command=${`pinion token create --scope ${slug}`} />`;
  return html`
    <${Head} title=${`A draft of ${slug}`} back=${{ href: to(`/endpoints/${slug}`), label: slug }} lead="What would happen if it were saved. Nothing is, here: copy it into the folder when it is good.">
      ${changed && html`<${Button} kind="danger" onclick=${() => (drafts.delete(slug), setDraft({}))}>Start over<//>`}
    <//>
    <${Await} of=${{ ...folder, loading: false }}>${() => !file ? html`<${Card}><${Empty} title=${`The folder has no endpoint ${slug}.`} command=${`pinion new ${slug}`} /><//>` : html`
      <div class="grid two">
        <${Card} title="The files" actions=${html`<p class=${check.loading ? 'stale' : ''} role="status"><${Badge} tone=${verdict[0]}>${verdict[1]}<//></p><${Copy} text=${text} />`}>
          <${SelectField} label="File" value=${file.path} options=${files.map((one) => [one.path, one.path + (draft[one.path] === undefined ? '' : ' (changed)')])} onInput=${setPath} />
          <${Editor} text=${text} label=${file.path} area=${area} list=${list.filter((one) => one.range?.file === file.path)} onInput=${(value) => edit(file.path, value)} />
          <${Problem} error=${check.error} />
          <${Diagnostics} list=${list} onGo=${go} />
        <//>
        <${Card}>
          <${AreaField} label="Input" rows=${4} value=${typed} onInput=${setInput} hint="JSON, or a text" />
          <${Tabs} label="What would happen" value=${query.get('tab') ?? 'diff'} onChange=${(tab) => setQuery({ tab })} tabs=${[
            { key: 'diff', label: 'Changes', render: () => html`${now && it ? html`<${Diff} before=${without(now.files)} after=${without(it.files)} same=${`As version ${now.version}, which is in force.`} />` : ''}` },
            { key: 'prompt', label: 'Prompt', render: () => html`<${Rendered} order=${order} draft=${sent} />` },
            { key: 'try', label: 'Answer', render: () => html`<div class="stack">
              ${asWhom ? html`<div class="filters">${asWhom}<${Button} kind="main" busy=${calls.busy} onclick=${() => calls.start([{ title: 'The draft', order: { ...order, draft: sent, token } }, { title: 'In force', order: { ...order, token } }])}>Ask both<//></div>
              <p class="note">Two real calls of that token: they count and may cost.</p><${Results} calls=${calls} narrow />` : noToken}</div>` },
            { key: 'tests', label: 'Tests', render: () => html`<${Tests} slug=${slug} draft=${sent} tokens=${may ? tokens.good : []} />` },
            { key: 'replay', label: 'Replay', render: () => (asWhom ? html`<div class="filters">${asWhom}</div><${Replay} slug=${slug} draft=${sent} token=${token} />` : noToken) },
          ]} />
        <//>
      </div>`}<//>`;
}

/* --- tests --- */

const TONES = { passed: 'good', failed: 'bad', no_run: 'warn' };
const WORDS = { passed: 'passed', failed: 'failed', no_run: 'no run' };

/** What came of one test, on one side. */
const Outcome = ({ name, it }) => it && html`
  <p class="row"><${Badge} tone=${TONES[it.result]}>${name} ${WORDS[it.result]}<//><span class="note">${it.exchanges > 0 || it.cost_usd > 0 ? `${usd(it.cost_usd)}, ${ms(it.duration_ms)}` : ''}</span></p>
  ${it.problem && html`<p class="note">${sentence(it.problem)}</p>`}
  ${it.assertions.filter((one) => !one.passed || one.skipped).map((one, i) => html`<p key=${i} class="note"><code>${one.type}${one.pointer && ` ${one.pointer}`}</code> ${one.skipped ? 'could not be told' : html`expected <code>${one.expected}</code>, got <code>${one.got}</code>`}${one.note && `, ${one.note}`}</p>`)}`;

const sumUp = (list) => Object.keys(WORDS).map((key) => [list.filter((one) => one?.result === key).length, WORDS[key]]).filter(([n]) => n > 0).map(([n, word]) => `${n} ${word}`).join(', ');

/** The tests of an endpoint, run against what was recorded or the demo, or live; with a draft, on both sides. */
function Tests({ slug, draft, tokens }) {
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

export function TestsOf({ query, login }) {
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

/* --- routing --- */

export function Explain({ query }) {
  const endpoints = useList('/endpoints', { query: { limit: 200 } });
  const endpoint = query.get('endpoint') ?? endpoints.rows[0]?.id ?? '';
  const [input, setInput] = useState('{}');
  const [at, setAt] = useState('');
  const [token, setToken] = useState('');
  const [wrong, setWrong] = useState();
  const [state, setState] = useState({});
  const submit = async (event) => {
    event.preventDefault();
    let value;
    try {
      value = JSON.parse(input);
      setWrong(undefined);
    } catch (error) {
      return setWrong(`This is not JSON: ${error.message}`);
    }
    setState({ busy: true });
    try {
      const body = { endpoint, input: value, at: at ? new Date(at).toISOString() : undefined, token: token.trim() || undefined };
      setState({ answer: await api('POST', '/explain', { body }) });
    } catch (error) {
      setState({ error });
    }
  };
  return html`
    <${Head} title="Explain routing" lead="Which rule an input would be routed by, and what each condition would see. Nothing is called." />
    <div class="grid two">
      <${Card} title="A call">
        <form class="form" onsubmit=${submit}>
          <${SelectField} label="Endpoint" value=${endpoint} options=${endpoints.rows.map((row) => row.id)} onInput=${(value) => setQuery({ endpoint: value })} />
          <${AreaField} label="Input" rows=${10} value=${input} onInput=${setInput} error=${wrong} hint="JSON, as a caller would send it" />
          <${TextField} label="At" type="datetime-local" value=${at} onInput=${setAt} hint="Empty: now" />
          <${TextField} label="As" value=${token} onInput=${setToken} hint="The id of a token; empty: nobody in particular" />
          <div class="row end"><button class="button main" disabled=${state.busy || !endpoint} aria-busy=${state.busy ? 'true' : undefined}>Explain</button></div>
        </form>
      <//>
      <${Card} title="Where it would go">
        <div aria-live="polite">
          <${Problem} error=${state.error} />
          ${state.answer ? html`<p class="row"><strong>${state.answer.explain.route}</strong></p><${Routing} explain=${state.answer.explain} />` : !state.error && html`<${Empty} title="Fill in an input.">Every rule is shown with what it would have seen.<//>`}
        </div>
      <//>
    </div>`;
}

/* --- a form made of a schema --- */

// A form made from a JSON Schema, for what has a plain field: texts, numbers, choices, switches, and
// objects of them. Anything else is a field of JSON. What is not filled in is left out.

const DEEPEST = 3;

/** The schema that references lead to. */
function resolve(document, schema) {
  for (let i = 0; i < 32 && schema?.$ref; i++) {
    let target = document;
    for (const step of schema.$ref.slice(2).split('/')) target = target?.[step.replaceAll('~1', '/').replaceAll('~0', '~')];
    const { $ref, ...own } = schema;
    schema = { ...target, ...own };
  }
  return schema ?? {};
}

const typeOf = (schema) => [schema.type ?? []].flat().find((type) => type !== 'null');
const short = (value) => (typeof value === 'string' ? value : JSON.stringify(value));

function JsonField({ label, hint, value, onInput }) {
  const [text, setText] = useState(value === undefined ? '' : JSON.stringify(value, null, 2));
  const [wrong, setWrong] = useState();
  const read = (next) => {
    setText(next);
    try {
      onInput(next.trim() === '' ? undefined : JSON.parse(next));
      setWrong(undefined);
    } catch (error) {
      setWrong(`This is not JSON: ${error.message}`);
    }
  };
  return html`<${AreaField} label=${label} hint=${hint ?? 'JSON'} rows=${4} value=${text} error=${wrong} onInput=${read} />`;
}

function NumberField({ whole, value, onInput, ...rest }) {
  const [text, setText] = useState(value === undefined ? '' : String(value));
  const wrong = text.trim() !== '' && (Number.isNaN(Number(text)) || (whole && !Number.isInteger(Number(text)))) ? (whole ? 'A whole number' : 'A number') : undefined;
  return html`<${TextField} ...${rest} inputmode="decimal" value=${text} error=${wrong} onInput=${(next) => (setText(next), onInput(next.trim() === '' ? undefined : Number.isNaN(Number(next)) ? next : Number(next)))} />`;
}

/** One value of a schema. name: its label; needed: it has to be there. */
function SchemaField({ document, schema: given, name, needed, value, onInput, depth = 0 }) {
  const schema = resolve(document, given);
  const props = { label: needed ? `${name} *` : name, hint: schema.description, value, onInput };
  if (schema.enum) {
    const words = schema.enum.map(short);
    return html`<${SelectField} ...${props} value=${value === undefined ? '' : short(value)} options=${[['', '–'], ...words.map((word) => [word, word])]} onInput=${(word) => onInput(word === '' ? undefined : schema.enum[words.indexOf(word)])} />`;
  }
  switch (typeOf(schema)) {
    case 'string':
      return (schema.maxLength ?? Infinity) <= 120 || schema.format
        ? html`<${TextField} ...${props} value=${value ?? ''} onInput=${(text) => onInput(text === '' ? undefined : text)} />`
        : html`<${AreaField} ...${props} rows=${4} value=${value ?? ''} onInput=${(text) => onInput(text === '' ? undefined : text)} />`;
    case 'integer':
    case 'number':
      return html`<${NumberField} ...${props} whole=${typeOf(schema) === 'integer'} />`;
    case 'boolean':
      return needed
        ? html`<${CheckField} label=${name} checked=${value === true} onInput=${onInput} />`
        : html`<${SelectField} ...${props} value=${value === undefined ? '' : String(value)} options=${[['', '–'], 'true', 'false']} onInput=${(word) => onInput(word === '' ? undefined : word === 'true')} />`;
    case 'object':
      if (schema.properties && depth < DEEPEST) return html`<${ObjectFields} document=${document} schema=${schema} name=${depth > 0 ? props.label : undefined} value=${value} onInput=${onInput} depth=${depth} />`;
  }
  return html`<${JsonField} ...${props} />`;
}

function ObjectFields({ document, schema, name, value, onInput, depth }) {
  const set = (key, next) => {
    const { [key]: gone, ...rest } = value ?? {};
    const whole = next === undefined ? rest : { ...rest, [key]: next };
    onInput(depth > 0 && Object.keys(whole).length === 0 ? undefined : whole);
  };
  const fields = Object.entries(schema.properties).map(([key, one]) => html`<${SchemaField} key=${key} document=${document} schema=${one} name=${key} needed=${(schema.required ?? []).includes(key)} value=${value?.[key]} onInput=${(next) => set(key, next)} depth=${depth + 1} />`);
  return name === undefined ? html`<div class="form">${fields}</div>` : html`<fieldset><legend>${name}</legend><div class="form">${fields}</div></fieldset>`;
}

/* --- calls --- */

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

/** The input of the first example of a test, else nothing. */
function exampleOf(document, slug) {
  const [first] = Object.values(document.paths[`/${slug}`]?.post?.requestBody?.content?.['application/json']?.examples ?? {});
  return first?.value?.input ?? first?.value?.message ?? first?.value;
}

/** What is shown of an answer: its output, else what was said. */
const said = (state) => (state?.answer ? (state.answer.meta !== undefined ? (state.answer.output ?? state.answer.content) : state.answer) : state?.text || undefined);

/** Calls, and tells how it gets on: onChange({...}) until {done: true}. */
async function run({ order, signal, onChange }) {
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
function useCalls() {
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
function Results({ calls: { results }, narrow }) {
  const [a, b] = results;
  const texts = b && results.every((one) => one.done && said(one) !== undefined) && results.map((one) => textOf(said(one)));
  return results.length > 0 && html`
    <div class=${b && !narrow ? 'grid two' : 'stack'}>${results.map((state, i) => html`<${Result} key=${i} state=${state} />`)}</div>
    ${texts && html`<${Card} title="What differs" note=${`${a.title} against ${b.title}: cost ${change(a.cost, b.cost)}, time ${change(a.took, b.took)}`}><${Diff} before=${[{ path: 'answer', content: texts[1] }]} after=${[{ path: 'answer', content: texts[0] }]} same="The answers are the same." /><//>`}`;
}

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

export function Playground({ query }) {
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
