// Who did what to which thing, from where, and how it ended: newest first.
import { html } from '../lib/html.js';
import { apiUrl, useApi, useList } from '../lib/api.js';
import { setQuery, to } from '../lib/router.js';
import { Badge, Card, Copy, Head, Time } from '../ui/basics.js';
import { Filters, SelectField, TextField } from '../ui/form.js';
import { ListTable } from '../ui/table.js';

const KINDS = [['', 'anything'], 'admin', 'audit', 'auth', 'backup', 'cache', 'canary', 'config', 'dashboard', 'deployment', 'key', 'log', 'process', 'secret', 'session', 'token', 'usage'];

const objectLink = (row) => (/^(tok|adm)_/.test(row.object) ? to(`/tokens/${row.object}`) : /^req_/.test(row.object) ? to(`/requests/${row.object}`) : undefined);
const details = (row) => (row.details && Object.keys(row.details).length > 0 ? JSON.stringify(row.details) : '');

export default function Audit({ query }) {
  const filters = { action: query.get('action') ?? '', from: query.get('from') ?? '', to: query.get('to') ?? '' };
  const records = useList('/audit', { query: { limit: 100, order: 'desc', ...filters } });
  const head = useApi('/audit/head');
  return html`
    <${Head} title="Audit" lead="Each record is chained to the one before, so that a change or a cut is found.">
      ${head.data && html`<${Copy} text=${head.data.head} label="Copy the last hash" />`}
      <a class="button" href=${apiUrl('/audit/export', { from: filters.from, to: filters.to, action: filters.action })} download="audit.jsonl">Export</a>
    <//>
    <${Filters}>
      <${SelectField} label="Of" value=${filters.action} options=${KINDS} onInput=${(value) => setQuery({ action: value })} />
      <${TextField} label="From" type="date" value=${filters.from} onInput=${(value) => setQuery({ from: value })} />
      <${TextField} label="To" type="date" value=${filters.to} onInput=${(value) => setQuery({ to: value })} />
    <//>
    <${Card} class="flush">
      <${ListTable} label="Audit log" list=${records} rowKey=${(row) => row.sequence} empty=${{ title: 'Nothing of that kind was recorded.', text: 'The log itself is checked by:', command: 'pinion audit verify' }}
        columns=${[
          { key: 'at', label: 'When', render: (row) => html`<${Time} at=${row.at} />` },
          { key: 'action', label: 'What', render: (row) => html`<code>${row.action}</code>` },
          { key: 'object', label: 'To what', class: 'cut', render: (row) => (objectLink(row) ? html`<a href=${objectLink(row)}>${row.object}</a>` : row.object || '–') },
          { key: 'actor', label: 'Who', class: 'cut', render: (row) => html`${row.actor} ${/^(tok|adm)_/.test(row.actor_id) ? html`<a href=${to(`/tokens/${row.actor_id}`)}>${row.actor_id}</a>` : row.actor_id}` },
          { key: 'peer', label: 'From', wide: true, render: (row) => row.peer || '–' },
          { key: 'outcome', label: 'Outcome', render: (row) => html`<${Badge} tone=${row.outcome === 'ok' ? 'good' : 'bad'}>${row.outcome}<//>` },
          { key: 'details', label: 'More', wide: true, class: 'cut', render: (row) => html`<span title=${details(row)}>${details(row)}</span>` },
        ]} />
    <//>`;
}
