// Admin calls that change nothing and are asked again as one types, and the tokens that calls can be made with.
import { api, useApi } from './api.js';
import { useEffect, useState } from './html.js';

/**
 * The answer to an admin call that changes nothing, asked anew `wait` ms after its body has become
 * another: as useApi(). body undefined: nothing is asked.
 */
export function useAsk(path, body, wait = 0) {
  const [state, setState] = useState({});
  const [turn, setTurn] = useState(0);
  const key = body && JSON.stringify([turn, body]);
  useEffect(() => {
    if (!key) return;
    const mine = new AbortController();
    const ask = () =>
      api('POST', path, { body, signal: mine.signal }).then(
        (data) => setState({ key, data }),
        (error) => error.name !== 'AbortError' && (error.status === 503 ? (timer = setTimeout(ask, 500)) : setState((before) => ({ key, data: before.data, error }))),
      );
    let timer = setTimeout(ask, wait);
    return () => (clearTimeout(timer), mine.abort());
  }, [path, key]);
  const known = state.key === key;
  return { data: state.data, error: known ? state.error : undefined, loading: !!key && !known, reload: () => setTurn(turn + 1) };
}

/** Tokens that calls can be made with; `may`: whether they can be listed. */
export function useTokens(may = true) {
  const tokens = useApi(may ? '/tokens' : null, { query: { kind: 'call', limit: 200 } });
  const good = (tokens.data?.data ?? []).filter((one) => !one.revoked_at && !(one.expires_at && Date.parse(one.expires_at) <= Date.now()));
  return { ...tokens, good };
}

/** What somebody typed: JSON, or else a text. */
export function valueOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
