// Tables: dense, calm, numbers to the right. Every row leads somewhere, by its first cell's link, which
// covers the row.
import { html } from '../lib/html.js';
import { Button, Empty, Loading, Problem } from './basics.js';

/**
 * columns: [{key, label, render(row), align: 'right', wide: true (left out on narrow screens), sort}].
 * rowHref(row) is where a row leads. sorted: {key, down}, onSort(key): columns that have `sort` get
 * buttons in their heads.
 */
export function Table({ label, columns, rows, rowKey = (row) => row.id, rowHref, rowClass, sorted, onSort }) {
  const cell = (column) => `${column.align === 'right' ? 'right' : ''} ${column.wide ? 'wide-only' : ''} ${column.class ?? ''}`;
  const head = (column) => {
    if (!column.sort || !onSort) return column.label;
    const now = sorted?.key === column.key;
    return html`<button type="button" class="sort" onclick=${() => onSort(column.key)}>${column.label}<span aria-hidden="true">${now ? (sorted.down ? ' ↓' : ' ↑') : ''}</span></button>`;
  };
  return html`
    <div class="table-wrap" role="group" aria-label=${label} tabindex="0">
      <table aria-label=${label}>
        <thead><tr>${columns.map((column) => html`<th key=${column.key} scope="col" class=${cell(column)}
          aria-sort=${sorted?.key === column.key ? (sorted.down ? 'descending' : 'ascending') : undefined}>${head(column)}</th>`)}</tr></thead>
        <tbody>
          ${rows.map((row) => html`<tr key=${rowKey(row)} class=${`${rowHref ? 'linked' : ''} ${rowClass?.(row) ?? ''}`}>
            ${columns.map((column, i) => {
              const content = column.render ? column.render(row) : (row[column.key] ?? '–');
              return html`<td key=${column.key} class=${cell(column)}>${i === 0 && rowHref ? html`<a class="row-link" href=${rowHref(row)}>${content}</a>` : content}</td>`;
            })}
          </tr>`)}
        </tbody>
      </table>
    </div>`;
}

/** A table over useList(): its states, and a button for the next page. empty: {title, text, command}. */
export function ListTable({ list, empty, ...table }) {
  if (list.rows.length === 0) {
    if (list.error) return html`<${Problem} error=${list.error} retry=${list.reload} />`;
    if (list.loading) return html`<${Loading} />`;
    return html`<${Empty} title=${empty.title} command=${empty.command}>${empty.text}<//>`;
  }
  return html`
    <div class=${list.loading ? 'stale' : ''}><${Table} rows=${list.rows} ...${table} /></div>
    ${list.error && html`<${Problem} error=${list.error} retry=${list.next} />`}
    ${list.more && html`<p class="more"><${Button} busy=${list.loading} onclick=${list.next}>Show more<//></p>`}`;
}
