// Every endpoint: what it is, what calls of it cost, and whether its files in the folder are in force.
import { html, useMemo } from '../lib/html.js';
import { useList } from '../lib/api.js';
import { change, count, percent, usd } from '../lib/format.js';
import { to } from '../lib/router.js';
import { compare, empty } from '../lib/spans.js';
import { useUsage } from '../lib/usage.js';
import { Badge, Card, Head } from '../ui/basics.js';
import { InFolder } from '../ui/diagnostics.js';
import { ListTable } from '../ui/table.js';

export default function Endpoints({ login }) {
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
