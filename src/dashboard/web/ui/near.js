// Whose budgets and limits are nearly used up, or will be: the nearest first, each with what it leads to.
import { html } from '../lib/html.js';
import { useApi } from '../lib/api.js';
import { count, relative, usd } from '../lib/format.js';
import { to } from '../lib/router.js';
import { Await, Bar, Empty } from './basics.js';

export const useNear = () => useApi('/near', { query: { percent: 70, limit: 100 } });
const POLICIES = { per_minute: 'calls a minute', per_hour: 'calls an hour', tokens_per_minute: 'tokens a minute', concurrent: 'calls at once' };
const whose = (row) => [row.of, row.token_name || row.name, row.endpoint && `at ${row.endpoint}`].filter(Boolean).join(' ');

const where = (row) =>
  row.kind === 'budget' ? to('/budgets', { of: row.of, name: row.name, history: 1 }) : row.of === 'token' ? to(`/tokens/${row.name}`) : to('/costs', { project: row.name, by: 'token' });

function Row({ row }) {
  const budget = row.kind === 'budget';
  const then = budget && row.projected_usd !== null ? row.projected_usd / row.limit_usd : undefined;
  const what = budget ? `${usd(row.spent_usd)} of ${usd(row.limit_usd)} ${row.period}` : `${count(row.used)} of ${count(row.limit)} ${POLICIES[row.policy]}`;
  return html`<li>
    <div class="row spread"><a href=${where(row)}>${whose(row)}</a><span class="num note">${what}</span></div>
    <${Bar} share=${row.percent / 100} mark=${then} label=${`${whose(row)}, ${what}`} />
    ${row.percent >= 100
      ? html`<p class="note ink-bad">Used up${budget && `: begins anew ${relative(row.resets_at)}`}</p>`
      : then > 1 && html`<p class="note ink-bad">${usd(row.projected_usd)} at its end ${relative(row.resets_at)}, if it goes on so</p>`}
  </li>`;
}

/** near: of useNear(); most: so many of them. */
export const Near = ({ near, most = 100 }) => html`<${Await} of=${near}>${(list) =>
  list.data.length === 0
    ? html`<${Empty} title="Nobody is near a limit.">Shown are budgets and limits of calls that are used up to 70 %, and budgets that will not last to the end of their time.<//>`
    : html`<ul class="list">${list.data.slice(0, most).map((row, i) => html`<${Row} key=${row.id ?? i} row=${row} />`)}</ul>
        ${list.total > most && html`<p class="note"><a href=${to('/budgets')}>${count(list.total)} altogether</a>, of which these are the nearest</p>`}`}<//>`;
