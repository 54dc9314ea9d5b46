// Requests as they are answered. What is shown is chosen on the server, by what stands in the address;
// while it is live, new ones come in on top.
import { html, useEffect, useMemo, useRef, useState } from '../lib/html.js';
import { apiUrl, follow, useList } from '../lib/api.js';
import { count, ms, usd, usdExact } from '../lib/format.js';
import { setQuery, to } from '../lib/router.js';
import { Badge, Button, Card, Head, Problem, Status, Time } from '../ui/basics.js';
import { Field, Filters, SelectField } from '../ui/form.js';
import { ListTable } from '../ui/table.js';

const LIVE_ROWS = 300;
const WORDS = [
  ['endpoint', 'Endpoint'], ['token', 'Token'], ['model', 'Model'], ['provider', 'Provider'],
  ['code', 'Code'], ['session', 'Session'], ['project', 'Project'], ['tag', 'Tag'], ['min_duration', 'Slower than'], ['from', 'From'], ['to', 'To'],
];
const OFTEN = 3; // of them stand in the open
const STATUSES = [['', 'any'], ['2xx', '2xx answered'], ['4xx', '4xx refused'], ['422', '422 schema or budget'], ['429', '429 limited'], ['5xx', '5xx failed']];
const SURFACES = [['', 'any'], 'slug', 'chat', 'responses', 'messages', 'embeddings', 'mcp'];
const NAMES = [...WORDS.map(([name]) => name), 'status', 'surface'];

/** Takes effect when it is left or Enter is pressed, and not with every letter. */
function Word({ name, label, value }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const apply = () => text.trim() !== value && setQuery({ [name]: text.trim() }, { replace: false });
  return html`<${Field} label=${label}>${(props) => html`<input ...${props} value=${text} spellcheck=${false} autocomplete="off" oninput=${(event) => setText(event.target.value)}
    onblur=${apply} onkeydown=${(event) => event.key === 'Enter' && apply()} placeholder=${{ from: '2h', min_duration: '2s', tag: 'team=news' }[name] ?? ''} />`}<//>`;
}

/** Rows as they come, newest first, from behind the newest of the list on, when that is there. */
function useLive(query, on, list) {
  const [rows, setRows] = useState([]);
  const [state, setState] = useState('');
  const [lost, setLost] = useState(0);
  const key = JSON.stringify(query);
  const ready = !list.loading;
  const newest = useRef();
  newest.current = list.rows[0]?.id;
  useEffect(() => {
    setRows((before) => (before.length > 0 ? [] : before));
    setLost(0);
    if (!on || !ready) return setState('');
    return follow('/logs/stream', {
      query: { ...query, after: newest.current },
      onState: setState,
      onEvent: ({ event, data }) => {
        if (event === 'row') {
          const row = JSON.parse(data);
          setRows((before) => [row, ...before].slice(0, LIVE_ROWS));
        } else if (event === 'lost') setLost((before) => before + (JSON.parse(data).rows ?? 1));
      },
    });
  }, [key, on, ready]);
  return { rows, state, lost };
}

const columns = [
  { key: 'ts', label: 'Time', render: (row) => html`<${Time} at=${row.ts} />` },
  { key: 'status', label: 'Status', render: (row) => html`<${Status} code=${row.status} />` },
  { key: 'endpoint', label: 'Endpoint', class: 'cut mid', render: (row) => html`${row.endpoint ?? row.path}${row.code && html` <span class="note wide-only">${row.code}</span>`}` },
  { key: 'model', label: 'Model', wide: true, class: 'cut mid', render: (row) => (row.model ? `${row.provider} ${row.model}${row.attempts > 1 ? ` ×${row.attempts}` : ''}` : '–') },
  { key: 'rule', label: 'Rule', wide: true, class: 'cut short', render: (row) => row.rule ?? '–' },
  { key: 'took', label: 'Took', align: 'right', render: (row) => ms(row.duration_ms) },
  { key: 'tokens', label: 'Tokens', align: 'right', wide: true, render: (row) => (row.input_tokens === undefined ? '–' : html`${count(row.input_tokens)}<span class="note"> → </span>${count(row.output_tokens)}`) },
  { key: 'cost', label: 'Cost', align: 'right', render: (row) => html`<span title=${usdExact(row.cost_usd)}>${usd(row.cost_usd)}</span>` },
];

export default function Requests({ query }) {
  const filters = useMemo(() => Object.fromEntries(NAMES.map((name) => [name, query.get(name)]).filter(([, value]) => value)), [query.toString()]);
  const [live, setLive] = useState(true);
  const more = WORDS.slice(OFTEN).some(([name]) => filters[name]);
  const ended = filters.to !== undefined;
  const list = useList('/logs', { query: { limit: 50, ...filters } });
  const tail = useLive(filters, live && !ended, list);
  // Of both, each once: the stream begins before the page is there.
  const rows = useMemo(() => {
    const known = new Set(tail.rows.map((row) => row.id));
    return [...tail.rows, ...list.rows.filter((row) => !known.has(row.id))];
  }, [tail.rows, list.rows]);
  // As long as the rows are the same, so is the table: whether it is live says nothing of them.
  const table = useMemo(() => html`
      <${ListTable} label="Requests" list=${{ ...list, rows }} columns=${columns} rowHref=${(row) => to(`/requests/${encodeURIComponent(row.request_id)}`)}
        empty=${{ title: Object.keys(filters).length > 0 ? 'No request is like that.' : 'No requests yet.', text: Object.keys(filters).length > 0 ? html`<a href=${to('/requests')}>Show all</a>` : 'They are shown as soon as they are answered.', command: Object.keys(filters).length > 0 ? undefined : 'pinion call summarize -i article.json' }} />`, [rows, list.loading, list.error]);
  return html`
    <${Head} title="Requests">
      <span role="status">${live && !ended ? (tail.state === 'open' ? html`<${Badge} tone="good">live<//>` : tail.state === 'lost' ? html`<${Badge} tone="warn">connecting again<//>` : '') : html`<${Badge}>paused<//>`}</span>
      <${Button} onclick=${() => (setLive(!live), !live && list.reload())} disabled=${ended} aria-pressed=${live ? 'false' : 'true'}>${live ? 'Pause' : 'Resume'}<//>
      <a class="button" href=${apiUrl('/logs', { format: 'csv', ...filters })} download="requests.csv">CSV</a>
      <a class="button" href=${apiUrl('/logs', { format: 'jsonl', ...filters })} download="requests.jsonl">JSONL</a>
    <//>
    <${Filters}>
      <${SelectField} label="Status" value=${filters.status ?? ''} options=${STATUSES.some(([value]) => value === (filters.status ?? '')) ? STATUSES : [...STATUSES, filters.status]} onInput=${(value) => setQuery({ status: value }, { replace: false })} />
      ${WORDS.slice(0, OFTEN).map(([name, label]) => html`<${Word} key=${name} name=${name} label=${label} value=${filters[name] ?? ''} />`)}
      ${Object.keys(filters).length > 0 && html`<a class="button quiet" href=${to('/requests')}>Clear</a>`}
    <//>
    <details open=${more}>
      <summary>More filters</summary>
      <${Filters} label="More filters">
        <${SelectField} label="Surface" value=${filters.surface ?? ''} options=${SURFACES} onInput=${(value) => setQuery({ surface: value }, { replace: false })} />
        ${WORDS.slice(OFTEN).map(([name, label]) => html`<${Word} key=${name} name=${name} label=${label} value=${filters[name] ?? ''} />`)}
      <//>
    </details>
    ${tail.state instanceof Error && html`<${Problem} error=${tail.state} />`}
    ${tail.lost > 0 && html`<p class="callout warn">${count(tail.lost)} rows came faster than this page took them: <button type="button" class="button quiet small" onclick=${list.reload}>load them</button></p>`}
    <${Card} class="flush">${table}<//>`;
}
