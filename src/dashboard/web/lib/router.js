// Where we are. Paths are below /dashboard; the history is the browser's own, and so are links: any
// <a href="/dashboard/..."> is followed without loading the page anew.
import { useEffect, useState } from './html.js';

const ROOT = '/dashboard';
const listeners = new Set();

/** to('/requests', {status: '422'}) is "/dashboard/requests?status=422"; empty values are left out. */
export function to(path, query) {
  const search = query ? new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '')).toString() : '';
  return ROOT + path + (search ? `?${search}` : '');
}

/** {path: '/requests/req_1', query: URLSearchParams, hash: ''} */
export function here() {
  const path = location.pathname.slice(ROOT.length) || '/';
  return { path: path.length > 1 ? path.replace(/\/$/, '') : path, query: new URLSearchParams(location.search), hash: location.hash };
}

const tell = (moved) => listeners.forEach((listener) => listener(moved));

/** Goes to what to() gives. */
export function go(href, { replace = false } = {}) {
  const before = location.pathname;
  if (replace) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  tell(location.pathname !== before);
}

/** Changes some parameters of the address and leaves the rest: setQuery({status: '422', after: ''}). */
export function setQuery(changes, { replace = true } = {}) {
  const query = here().query;
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === null || value === '') query.delete(name);
    else query.set(name, value);
  }
  const search = query.toString();
  go(location.pathname + (search ? `?${search}` : ''), { replace });
}

/** Renders anew whenever the address changes. */
export function useLocation() {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const look = () => setPlace(here());
    listeners.add(look);
    look();
    return () => listeners.delete(look);
  }, []);
  return place;
}

/** Calls back when another page was gone to, by link or by button of the browser. */
export function onMove(listener) {
  const look = (moved) => moved && listener();
  listeners.add(look);
  return () => listeners.delete(look);
}

/** {id: 'req_1'} for match('/requests/:id', '/requests/req_1'), else undefined. */
export function match(pattern, path) {
  const names = pattern.split('/');
  const parts = path.split('/');
  if (names.length !== parts.length) return undefined;
  const params = {};
  for (const [i, name] of names.entries()) {
    if (name.startsWith(':') && parts[i]) {
      try {
        params[name.slice(1)] = decodeURIComponent(parts[i]);
      } catch {
        return undefined;
      }
    } else if (name !== parts[i]) return undefined;
  }
  return params;
}

addEventListener('popstate', () => tell(true));
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href]');
  if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  if (link.pathname !== ROOT && !link.pathname.startsWith(`${ROOT}/`)) return;
  if (link.pathname.startsWith(`${ROOT}/assets/`)) return;
  if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
  event.preventDefault();
  go(link.pathname + link.search + link.hash);
});
