// Usage by day from the store's sums, all pages of it.
import { useEffect, useState } from './html.js';
import { api } from './api.js';
import { dayPlus, daysUpTo } from './spans.js';

const PAGES_MOST = 25;

/** By the values of a tag: of the sums of requests, which know tags. A day is told by its noon. */
async function readTag(by, from, signal) {
  const { points, to } = await api('GET', '/series', { query: { by, step: 'day', from }, signal });
  const day = (time, hours) => new Date(Date.parse(time) + hours * 3600000).toISOString().slice(0, 10);
  return { rows: points.map((point) => ({ ...point, [by]: point.key, day: day(point.t, 12) })), to: day(to, -12) };
}

async function readAll(query, signal) {
  const rows = [];
  let after;
  for (let i = 0; i < PAGES_MOST; i++) {
    const page = await api('GET', '/usage', { query: { limit: 200, ...query, after }, signal });
    rows.push(...page.data);
    if (!page.has_more) return { rows, from: page.from, to: page.to };
    after = page.last_id;
  }
  throw new Error('there are more groups than a page can show: choose a shorter time or fewer names');
}

/**
 * Usage of the last `days` days by day and `by` ("endpoint"), of what the filters leave:
 * {data: {rows, today, days: [...]}, error, loading, reload}. What day it is, is the server's to say.
 * Nothing is asked where that is not allowed.
 */
export function useUsage(days, by, filters = {}, allowed = true) {
  const [state, setState] = useState({ loading: allowed });
  const [turn, setTurn] = useState(0);
  const key = JSON.stringify([days, by, filters]);
  useEffect(() => {
    if (!allowed) return undefined;
    const mine = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    // From a day before it can be needed: the server may be a day behind this browser.
    const from = dayPlus(new Date().toISOString().slice(0, 10), -days);
    (by?.startsWith('tag:') ? readTag(by, from, mine.signal) : readAll({ by: ['day', by].filter(Boolean).join(','), from, ...filters }, mine.signal)).then(
      ({ rows, to }) => !mine.signal.aborted && setState({ data: { rows, today: to, days: daysUpTo(to, days) }, by, loading: false }),
      (error) => !mine.signal.aborted && setState((before) => ({ ...before, error, loading: false })),
    );
    return () => mine.abort();
  }, [key, turn]);
  // Rows by another name say nothing by this one, not even until there are others.
  return { ...state, data: state.by === by ? state.data : undefined, reload: () => setTurn((n) => n + 1) };
}
