// What would happen if the files of an endpoint were saved: nothing of it is. A draft is checked, rendered,
// called, tested, and asked what was asked before, each beside what is in force.
import { html, useEffect, useRef, useState } from '../lib/html.js';
import { api, useApi, useList } from '../lib/api.js';
import { useAsk, useTokens, valueOf } from '../lib/asking.js';
import { change, count, ms, usd } from '../lib/format.js';
import { setQuery, to } from '../lib/router.js';
import { Await, Badge, Button, Card, Copy, Empty, Head, Problem, Status, Tabs } from '../ui/basics.js';
import { Results, run, said, TokenField, useCalls } from '../ui/calls.js';
import { Diff } from '../ui/code.js';
import { Diagnostics, lineOf, toneOf } from '../ui/diagnostics.js';
import { AreaField, SelectField } from '../ui/form.js';
import { Messages, textOf } from '../ui/said.js';
import { exampleOf, inputOf } from '../ui/schemaform.js';
import { versionPath } from './endpoint.js';
import { Tests } from './tests.js';

const drafts = new Map(); // by slug, for as long as the page is open: {path: text}

/** A text with numbered lines, those with something wrong marked. */
function Editor({ text, label, list, area, onInput }) {
  const [top, setTop] = useState(0);
  const marks = new Map(list.map((one) => [lineOf(one), toneOf(one)]).reverse());
  return html`
    <div class="editor">
      <div class="editor-lines" aria-hidden="true"><div style=${{ transform: `translateY(${-top}px)` }}>${text.split('\n').map((_, i) => html`<p key=${i} class=${marks.get(i + 1) ?? ''}>${i + 1}</p>`)}</div></div>
      <textarea ref=${area} aria-label=${label} aria-invalid=${list.some((one) => one.severity === 'error') ? 'true' : undefined} wrap="off" spellcheck=${false} rows="24" value=${text} oninput=${(event) => onInput(event.target.value)} onscroll=${(event) => setTop(event.target.scrollTop)}></textarea>
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
export default function Draft({ params: { slug }, query, login }) {
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
