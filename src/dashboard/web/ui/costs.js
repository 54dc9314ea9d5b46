// Parts of the screens about money: a chart of days, and a table of what it went to and why it moved.
import { html, useMemo } from '../lib/html.js';
import { change, count, usd, usdExact } from '../lib/format.js';
import { reasons, stack } from '../lib/spans.js';
import { Chart } from './chart.js';
import { Table } from './table.js';

/** Cost a day by a name ("endpoint"), the dearest on the ground. */
export function CostChart({ data, name, days, label }) {
  const series = useMemo(() => stack(data, name, days), [data, name, days.join()]);
  const times = useMemo(() => days.map((day) => Date.parse(`${day}T00:00:00Z`) / 1000), [days.join()]);
  return html`<${Chart} label=${label} times=${times} series=${series} format=${usd} stacked bars day />`;
}

const tone = (row) => (row.before.calls > 0 && row.now.cost_usd > row.before.cost_usd * 1.1 ? 'ink-bad' : row.now.cost_usd < row.before.cost_usd * 0.9 ? 'ink-good' : '');

/** rows: of compare(). href(key) is where a row leads. */
export const CostTable = ({ label, rows, what, span, href }) => html`
  <${Table} label=${label} rows=${rows} rowKey=${(row) => row.key} rowHref=${(row) => href(row.key)} columns=${[
    { key: 'key', label: what, render: (row) => row.key || '(none)' },
    { key: 'cost', label: `Last ${span} days`, align: 'right', render: (row) => html`<span title=${usdExact(row.now.cost_usd.toFixed(9))}>${usd(row.now.cost_usd)}</span>` },
    { key: 'before', label: `The ${span} before`, align: 'right', wide: true, render: (row) => usd(row.before.cost_usd) },
    { key: 'change', label: 'Change', align: 'right', render: (row) => html`<span class=${tone(row)}>${change(row.now.cost_usd, row.before.cost_usd)}</span>` },
    { key: 'why', label: 'Why', wide: true, render: (row) => reasons(row.now, row.before).join('; ') || '–' },
    { key: 'calls', label: 'Calls', align: 'right', render: (row) => count(row.now.calls) },
    { key: 'each', label: 'A call', align: 'right', wide: true, render: (row) => (row.now.calls > 0 ? usd(row.now.cost_usd / row.now.calls) : '–') },
  ]} />`;
