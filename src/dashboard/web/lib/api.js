// What the screens know they ask of the admin API, as the command line does. A failure is an ApiError
// with what the API says of it; what cannot be reached is one with the code "unreachable".
import { useCallback, useLayoutEffect, useRef, useState } from './html.js';

let proof = '';
let ended = () => {};

/** What login.js does when a request finds that nobody is logged in any more. */
export const onEnd = (callback) => (ended = callback);
export const setProof = (value) => (proof = value);

export class ApiError extends Error {
  constructor(status, error, requestId) {
    super(error.message ?? 'the server gave no reason');
    this.status = status;
    this.code = error.code ?? 'unknown';
    this.hint = error.hint ?? undefined;
    this.param = error.param ?? undefined;
    this.details = error.details ?? undefined;
    this.requestId = error.request_id ?? requestId;
  }
}

// For the admin API a '+' is itself, and a space is %20.
const withQuery = (path, query) => {
  const search = new URLSearchParams(Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== '')).toString().replaceAll('+', '%20');
  return path + (search ? `${path.includes('?') ? '&' : '?'}${search}` : '');
};

async function send(method, path, { query, body, signal, headers, text } = {}) {
  const init = { method, signal, credentials: 'same-origin', cache: 'no-store', headers: { accept: 'application/json', ...headers } };
  if (method !== 'GET') init.headers['pinion-csrf'] = proof;
  if (body !== undefined) {
    init.headers['content-type'] = 'application/json';
    init.body = typeof body === 'string' ? body : JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(withQuery(path, query), init);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, { code: 'unreachable', message: 'the server cannot be reached', hint: 'Look whether pinion serve is running, then try again.' });
  }
  if (response.ok && text) return response;
  let content;
  try {
    content = response.status === 204 ? undefined : await response.json();
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(response.status, { code: 'no_json', message: `the server answered ${response.status} with something that is not JSON` });
  }
  if (response.ok) return content;
  const failure = new ApiError(response.status, content?.error ?? {}, response.headers.get('x-request-id'));
  if (response.status === 401) ended(failure);
  throw failure;
}

/** api('POST', '/tokens', {body: {...}}): a call of the admin API; gives its JSON. */
export const api = (method, path, options) => send(method, `/admin/v1${path}`, options);
/** A call of any other path of this listener, such as /v1/usage. */
export const call = send;

/** The address of an admin call, for links that download. */
export const apiUrl = (path, query) => withQuery(`/admin/v1${path}`, query);

/**
 * useApi('/tokens', {query: {limit: 50}}) is {data, error, loading, reload}. It asks when it is first
 * shown and when path or query change; data of before stays until there is other. path null: nothing
 * is asked. An answer that came too late is dropped. `root: ''` asks outside of /admin/v1.
 */
export function useApi(path, { query, root = '/admin/v1' } = {}) {
  const key = path === null || path === undefined ? null : withQuery(root + path, query);
  const [state, setState] = useState({ loading: key !== null });
  const running = useRef();
  const ask = useCallback(async () => {
    running.current?.abort();
    if (key === null) return setState({ loading: false });
    const mine = (running.current = new AbortController());
    setState((before) => ({ ...before, loading: true }));
    try {
      const data = await send('GET', key, { signal: mine.signal });
      if (!mine.signal.aborted) setState({ data, loading: false });
    } catch (error) {
      if (!mine.signal.aborted) setState((before) => ({ data: before.data, error, loading: false }));
    }
  }, [key]);
  useLayoutEffect(() => {
    ask();
    return () => running.current?.abort();
  }, [ask]);
  return { ...state, reload: ask };
}

/**
 * Pages of a list, one behind the other: {rows, more, loading, error, next, reload}. next() asks for
 * the page behind the last row, reload() begins anew.
 */
export function useList(path, { query = {} } = {}) {
  const [state, setState] = useState({ rows: [], more: false, loading: true });
  const key = withQuery(path, query);
  const running = useRef();
  const ask = useCallback(
    async (after) => {
      running.current?.abort();
      const mine = (running.current = new AbortController());
      setState((before) => ({ ...before, loading: true, error: undefined }));
      try {
        let page;
        // A page may come empty where there is much to look through: then it goes on behind it.
        for (let from = after; !page || (page.has_more && page.data.length === 0); from = page.last_id) page = await api('GET', key, { query: { after: from }, signal: mine.signal });
        if (mine.signal.aborted) return;
        setState((before) => ({ rows: after ? [...before.rows, ...page.data] : page.data, more: page.has_more, last: page.last_id, loading: false }));
      } catch (error) {
        if (!mine.signal.aborted) setState((before) => ({ ...before, rows: after ? before.rows : [], error, loading: false }));
      }
    },
    [key],
  );
  useLayoutEffect(() => {
    ask();
    return () => running.current?.abort();
  }, [ask]);
  return { ...state, next: () => ask(state.last), reload: () => ask() };
}

/** Events of a text/event-stream, as {event, data, id}; comments are passed over. */
export async function* readEvents(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let one = { event: 'message', data: [], id: undefined };
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + value).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop();
      for (const line of lines) {
        if (line === '') {
          if (one.data.length > 0) yield { ...one, data: one.data.join('\n') };
          one = { event: 'message', data: [], id: one.id };
        } else if (!line.startsWith(':')) {
          const [, name, text] = /^([^:]*):? ?(.*)$/s.exec(line);
          if (name === 'data') one.data.push(text);
          else if (name === 'event') one.event = text;
          else if (name === 'id') one.id = text;
        }
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/**
 * Follows an admin call that streams, for as long as it takes: after an interruption it goes on behind
 * the last event it has seen. `onEvent({event, data, id})`, `onState('open' | 'lost' | ApiError)`.
 * Gives a function that ends it.
 */
export function follow(path, { query, onEvent, onState = () => {} }) {
  const mine = new AbortController();
  let last;
  let wait = 500;
  (async () => {
    while (!mine.signal.aborted) {
      try {
        const headers = { accept: 'text/event-stream', ...(last !== undefined && { 'last-event-id': last }) };
        const response = await api('GET', path, { query, headers, signal: mine.signal, text: true });
        onState('open');
        wait = 500;
        for await (const event of readEvents(response)) {
          if (mine.signal.aborted) return;
          if (event.id !== undefined) last = event.id;
          onEvent(event);
        }
      } catch (error) {
        if (mine.signal.aborted) return;
        if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429) return onState(error);
      }
      if (mine.signal.aborted) return;
      onState('lost');
      await new Promise((resolve) => setTimeout(resolve, wait));
      wait = Math.min(wait * 2, 15000);
    }
  })();
  return () => mine.abort();
}
