// Conversations that are kept, by endpoint and token.
import { html } from '../lib/html.js';
import { useList } from '../lib/api.js';
import { bytes, count } from '../lib/format.js';
import { setQuery, to } from '../lib/router.js';
import { Card, Head, Time } from '../ui/basics.js';
import { Filters, TextField } from '../ui/form.js';
import { ListTable } from '../ui/table.js';

export default function Sessions({ query }) {
  const filters = { endpoint: query.get('endpoint') ?? '', token: query.get('token') ?? '' };
  const sessions = useList('/sessions', { query: { limit: 100, ...filters } });
  return html`
    <${Head} title="Sessions" lead="What is kept of conversations. Reading one is recorded in the audit log." />
    <${Filters}>
      <${TextField} label="Endpoint" value=${filters.endpoint} onInput=${(value) => setQuery({ endpoint: value })} />
      <${TextField} label="Token" value=${filters.token} onInput=${(value) => setQuery({ token: value })} />
    <//>
    <${Card} class="flush">
      <${ListTable} label="Sessions" list=${sessions} rowHref=${(row) => to(`/sessions/${encodeURIComponent(row.id)}`)}
        empty=${{ title: 'No conversations are kept.', text: 'An endpoint keeps them by a line in its file:', command: 'session: {ttl: 24h}' }}
        columns=${[
          { key: 'id', label: 'Session', class: 'cut' },
          { key: 'endpoint', label: 'Endpoint', render: (row) => row.endpoint ?? '–' },
          { key: 'messages', label: 'Messages', align: 'right', render: (row) => count(row.message_count) },
          { key: 'bytes', label: 'Size', align: 'right', wide: true, render: (row) => bytes(row.bytes) },
          { key: 'token', label: 'Token', wide: true, class: 'cut', render: (row) => row.token_id ?? '–' },
          { key: 'used', label: 'Used', render: (row) => html`<${Time} at=${row.updated_at ?? row.used_at ?? row.created_at} ago />` },
        ]} />
    <//>`;
}
