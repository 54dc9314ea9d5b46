// What can be said about usage by day: sums, spans of days against one another, and why they differ.
import { change } from './format.js';

const SUMS = ['calls', 'errors', 'input_tokens', 'output_tokens', 'cached_tokens', 'reasoning_tokens', 'cost_usd', 'billed_usd', 'unpriced_calls'];

export const empty = () => Object.fromEntries(SUMS.map((name) => [name, 0]));
export function add(to, row) {
  for (const name of SUMS) to[name] += Number(row[name] ?? 0);
  return to;
}

/** "2026-11-27" and so many days on. */
export const dayPlus = (day, days) => new Date(Date.parse(`${day}T00:00:00Z`) + days * 86400000).toISOString().slice(0, 10);
/** So many days up to and including one. */
export const daysUpTo = (day, count) => Array.from({ length: count }, (_, i) => dayPlus(day, i + 1 - count));

/** Rows of some days, added up by a name: Map of name to sums. */
export function sumBy(rows, name, days) {
  const wanted = new Set(days);
  const sums = new Map();
  for (const row of rows) {
    if (!wanted.has(row.day)) continue;
    const key = row[name];
    if (!sums.has(key)) sums.set(key, empty());
    add(sums.get(key), row);
  }
  return sums;
}

const per = (sum, name) => (sum.calls > 0 ? sum[name] / sum.calls : 0);

/**
 * Why a cost is another than before, the weightiest reason first: a cost is calls times what a call
 * costs, and what a call costs moves with its tokens, or else with the model and its prices.
 */
export function reasons(now, before) {
  if (before.calls === 0 && now.calls === 0) return [];
  if (before.calls === 0) return ['was not called before'];
  if (now.calls === 0) return ['is not called any more'];
  const more = (now.calls - before.calls) * per(before, 'cost_usd');
  const dearer = (per(now, 'cost_usd') - per(before, 'cost_usd')) * now.calls;
  const all = Math.abs(more) + Math.abs(dearer);
  if (all === 0) return [];
  const said = [];
  if (Math.abs(more) >= all / 5) said.push([Math.abs(more), `calls ${change(now.calls, before.calls)}`]);
  if (Math.abs(dearer) >= all / 5) {
    const parts = [['input_tokens', 'input'], ['output_tokens', 'output']]
      .map(([name, word]) => [word, change(per(now, name), per(before, name)), Math.abs(per(now, name) - per(before, name)) / (per(before, name) || 1)])
      .filter(([, , share]) => share >= 0.1)
      .map(([word, share]) => `${word} tokens per call ${share}`);
    said.push([Math.abs(dearer), `a call costs ${change(per(now, 'cost_usd'), per(before, 'cost_usd'))}${parts.length > 0 ? `: ${parts.join(', ')}` : ': another model, price or cache'}`]);
  }
  return said.sort((a, b) => b[0] - a[0]).map(([, text]) => text);
}

// What an output token weighs beside one of input, as long as prices are not asked: about what it costs.
const OUTPUT_WEIGHT = 4;
const weight = (sum) => per(sum, 'input_tokens') + OUTPUT_WEIGHT * per(sum, 'output_tokens');

/**
 * What a change of cost is made of, in USD, which add up to it: [[what, usd]], the weightiest first.
 * models: of compare(), by model. requests: how many were made, {now, before}, where that is known:
 * one may have cost several calls, or none.
 */
export function split(now, before, models, requests) {
  if (before.calls === 0 || now.calls === 0) return [];
  const each = per(before, 'cost_usd');
  const rose = (now.calls - before.calls) * each;
  const told = requests?.now > 0 && requests.before > 0;
  const more = told ? ((requests.now - requests.before) * before.cost_usd) / requests.before : rose;
  let mix = -now.calls * each;
  let tokens = 0;
  let price = 0;
  for (const one of models) {
    if (one.now.calls === 0) continue;
    const was = one.before.calls > 0 ? per(one.before, 'cost_usd') : per(one.now, 'cost_usd');
    mix += one.now.calls * was;
    const longer = one.before.calls > 0 && weight(one.before) > 0 ? one.now.calls * was * (weight(one.now) / weight(one.before) - 1) : 0;
    tokens += longer;
    price += one.now.calls * (per(one.now, 'cost_usd') - was) - longer;
  }
  return [[told ? 'requests' : 'calls', more], ['repeats, failovers and cached answers', rose - more], ['tokens a call', tokens], ['other models', mix], ['prices, and what was cached of prompts', price]]
    .filter(([, usd]) => Math.abs(usd) >= Math.abs(now.cost_usd - before.cost_usd) / 100 && Math.abs(usd) > 1e-9)
    .sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
}

/** Two spans of the same length by a name, dearest first: [{key, now, before}]. */
export function compare(data, name, span) {
  const today = data.today;
  const now = sumBy(data.rows, name, daysUpTo(today, span));
  const before = sumBy(data.rows, name, daysUpTo(dayPlus(today, -span), span));
  return [...new Set([...now.keys(), ...before.keys()])]
    .map((key) => ({ key, now: now.get(key) ?? empty(), before: before.get(key) ?? empty() }))
    .sort((a, b) => b.now.cost_usd - a.now.cost_usd || b.now.calls - a.now.calls || (a.key < b.key ? -1 : 1));
}

/** Series for a stacked chart: the dearest few, and all others as one. */
export function stack(data, name, days, most = 5) {
  const all = sumBy(data.rows, name, days);
  const top = [...all].sort((a, b) => b[1].cost_usd - a[1].cost_usd).slice(0, most).map(([key]) => key);
  const at = new Map(days.map((day, i) => [day, i]));
  const values = new Map(top.map((key) => [key, days.map(() => 0)]));
  const others = days.map(() => 0);
  for (const row of data.rows) {
    const i = at.get(row.day);
    if (i !== undefined) (values.get(row[name]) ?? others)[i] += Number(row.cost_usd);
  }
  const series = [...values].map(([key, list]) => ({ label: key || '(none)', values: list }));
  if (all.size > top.length) series.push({ label: `${all.size - top.length} others`, values: others, rest: true });
  return series;
}

/** Spent at the period's end, if it goes on as it did so far; not told in its first tenth. */
export function projection(budget, now = Date.now()) {
  const ends = Date.parse(budget.resets_at);
  const end = new Date(ends);
  const begins = budget.period === 'daily' ? ends - 86400000 : Date.UTC(end.getUTCFullYear(), end.getUTCMonth() - 1, end.getUTCDate(), end.getUTCHours(), end.getUTCMinutes());
  const gone = (now - begins) / (ends - begins);
  return gone < 0.1 || gone > 1 ? undefined : Number(budget.spent_usd) / gone;
}
