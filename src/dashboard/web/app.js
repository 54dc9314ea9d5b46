// The dashboard. This module finds out who is logged in, asks for a token where nobody is, and shows
// the frame with the screen that the address names (screens.js). A login that ends meanwhile leaves
// the address as it is, so that one is back where one was.
import { html, render, useCallback, useEffect, useLayoutEffect, useRef, useState } from './lib/html.js';
import { ApiError, call, onEnd, setProof } from './lib/api.js';
import { sentence } from './lib/format.js';
import { go, here, match, onMove, to, useLocation } from './lib/router.js';
import { Button, Empty, Head, Loading, Problem, Questions, Toasts, toast } from './ui/basics.js';
import { callerScreens, screens } from './screens.js';

/* --- the theme --- */

const THEMES = [['', 'System'], ['light', 'Light'], ['dark', 'Dark']];

function ThemeSwitch() {
  const [theme, setTheme] = useState(document.documentElement.dataset.theme ?? '');
  const choose = (value) => {
    setTheme(value);
    if (value) document.documentElement.dataset.theme = value;
    else delete document.documentElement.dataset.theme;
    try {
      if (value) localStorage.setItem('pinion-theme', value);
      else localStorage.removeItem('pinion-theme');
    } catch {
      // It holds for this page, then.
    }
  };
  return html`<label class="theme"><span>Theme</span>
    <select aria-label="Theme" value=${theme} onchange=${(event) => choose(event.target.value)}>
      ${THEMES.map(([value, text]) => html`<option key=${value} value=${value} selected=${value === theme}>${text}</option>`)}
    </select></label>`;
}

const Mark = () => html`
  <svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><g fill="none" stroke="currentColor" stroke-width="2.8" stroke-linecap="round"><circle cx="16" cy="16" r="7" /><path d="M16 3.5v3.6M16 24.9v3.6M3.5 16h3.6M24.9 16h3.6M7.2 7.2l2.5 2.5M22.3 22.3l2.5 2.5M7.2 24.8l2.5-2.5M22.3 9.7l2.5-2.5" /></g></svg>`;

/* --- logging in --- */

function Login({ reason, onLogin }) {
  const [token, setToken] = useState('');
  const [error, setError] = useState();
  const [busy, setBusy] = useState(false);
  const field = useRef();
  const enter = useCallback(
    async (event) => {
      event.preventDefault();
      if (!token.trim()) return field.current.focus();
      setBusy(true);
      setError(undefined);
      try {
        await call('POST', '/dashboard/login', { body: { token: token.trim() } });
        const login = await call('GET', '/dashboard/login');
        if (!login.kind)
          throw new ApiError(0, {
            code: 'no_cookie',
            message: 'this browser did not keep the login',
            hint: 'Its cookie is for secure connections only: open the dashboard by https, or by http on this machine itself (http://127.0.0.1).',
          });
        onLogin(login);
      } catch (problem) {
        setError(problem);
        setBusy(false);
        field.current?.focus();
      }
    },
    [token],
  );
  useEffect(() => {
    document.title = 'Log in – Pinion';
    field.current.focus();
  }, []);
  return html`
    <main class="gate" id="main">
      <div class="gate-mark"><${Mark} /> Pinion</div>
      <h1>Log in</h1>
      ${reason && html`<p class="note" role="status">${reason}</p>`}
      <form onsubmit=${enter} class="card">
        <div class="field">
          <label for="token">Token</label>
          <input id="token" ref=${field} type="password" autocomplete="off" spellcheck=${false} value=${token} oninput=${(event) => setToken(event.target.value)}
            aria-describedby="token-hint" aria-invalid=${error ? 'true' : undefined} />
          <p class="note" id="token-hint">An operator's credential (<code>pin_admin_…</code>), or a caller's token (<code>pin_live_…</code>) for its own usage. It is exchanged for a cookie that no script can read, and not kept.</p>
        </div>
        <${Problem} error=${error} />
        <button class="button main block" disabled=${busy} aria-busy=${busy ? 'true' : undefined}>Log in</button>
      </form>
      <p class="note">A credential is made on the machine: <code>pinion token create --name you --admin-verb '*'</code></p>
      <${ThemeSwitch} />
    </main>`;
}

/* --- the frame --- */

const LICENCES = new URL('vendor/licences.txt', import.meta.url).pathname;

const may = (login, screen) => login.kind !== 'admin' || !screen.verb || login.verbs.includes(screen.verb);

/** Where an id or a name that somebody has at hand leads. */
function placeOf(text) {
  if (/^(tok|adm)_/.test(text)) return `/tokens/${encodeURIComponent(text)}`;
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(text)) return `/endpoints/${text}`;
  return `/requests/${encodeURIComponent(text)}`;
}

/** A field for it, to which the key / leads. */
function Jump({ rows, onGo }) {
  const field = useRef();
  useEffect(() => {
    const press = (event) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, textarea, select, dialog, [contenteditable]')) return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  const submit = (event) => {
    event.preventDefault();
    const text = field.current.value.trim();
    const place = text && placeOf(text);
    if (!place) return;
    if (!rows.some((row) => match(row.path, place))) return toast(`There is no screen for ${text}.`, 'bad');
    field.current.value = '';
    onGo();
    go(to(place));
  };
  return html`
    <form class="jump" role="search" aria-label="Go to" onsubmit=${submit}>
      <input ref=${field} type="search" aria-label="Go to a request, token or endpoint" aria-keyshortcuts="/" placeholder="Go to req_…, slug  /" autocomplete="off" spellcheck=${false} />
    </form>`;
}

function Nav({ login, rows, path, open, onClose }) {
  const groups = [...new Set(rows.filter((row) => row.nav).map((row) => row.group))];
  const current = (row) => row.path === path || (row.path !== '/' && path.startsWith(`${row.path}/`));
  return html`
    <nav id="nav" class=${`nav ${open ? 'open' : ''}`} aria-label="Screens" onclick=${(event) => event.target.closest('a') && onClose()}>
      ${login.kind === 'admin' && html`<${Jump} rows=${rows} onGo=${onClose} />`}
      ${groups.map((group) => html`
        <div key=${group}>
          <h2 id=${`nav-${group}`}>${group}</h2>
          <ul aria-labelledby=${`nav-${group}`}>${rows.filter((row) => row.nav && row.group === group && may(login, row)).map((row) => html`<li key=${row.path}><a href=${to(row.path)} aria-current=${current(row) ? 'page' : undefined}>${row.nav}</a></li>`)}</ul>
        </div>`)}
      <p class="nav-end"><a href="/docs/">Docs for callers</a><a href=${LICENCES}>Licences</a></p>
    </nav>`;
}

const loaded = new Map();
const load = async (screen) => {
  loaded.set(screen, (await screen.load()).default);
};

/** The screen of the address: its module, when it is there. */
function Screen({ screen, params, query, login }) {
  const [state, setState] = useState(() => ({ screen, component: loaded.get(screen) }));
  useEffect(() => {
    let here = true;
    document.title = `${screen.title} – Pinion`;
    if (loaded.has(screen)) setState({ screen, component: loaded.get(screen) });
    else
      load(screen).then(
        () => here && setState({ screen, component: loaded.get(screen) }),
        () => here && setState({ screen, error: new ApiError(0, { code: 'unreachable', message: 'this screen could not be loaded', hint: 'The server may have been replaced by another version: load the page anew.' }) }),
      );
    return () => (here = false);
  }, [screen]);
  if (state.screen !== screen) return html`<${Loading} />`;
  if (state.error) return html`<${Problem} error=${state.error} retry=${() => location.reload()} />`;
  if (!state.component) return html`<${Loading} />`;
  return html`<${state.component} params=${params} query=${query} login=${login} />`;
}

function Frame({ login, onLogout }) {
  const { path, query } = useLocation();
  const [open, setOpen] = useState(false);
  const main = useRef();
  const rows = login.kind === 'admin' ? screens : callerScreens;
  const [screen, params] = rows.map((row) => [row, match(row.path, path)]).find(([, found]) => found) ?? [];
  const shown = screen ?? (login.kind === 'caller' && path === '/' ? callerScreens[0] : undefined);

  useEffect(
    () =>
      onMove(() => {
        scrollTo(0, 0);
        setOpen(false);
        main.current?.focus({ preventScroll: true });
      }),
    [],
  );
  const leave = async () => {
    try {
      await call('POST', '/dashboard/logout');
    } catch (error) {
      if (error.status !== 401) return toast(error.message, 'bad');
    }
    onLogout();
  };
  return html`
    <a class="skip" href="#main" onclick=${(event) => (event.preventDefault(), main.current.focus())}>Skip to the content</a>
    <header class="top">
      <button type="button" class="button quiet menu" aria-expanded=${open ? 'true' : 'false'} aria-controls="nav" onclick=${() => setOpen(!open)}>Menu</button>
      <a class="brand" href=${to('/')}><${Mark} /> Pinion</a>
      <div class="row">
        <${ThemeSwitch} />
        <span class="who" title=${login.id}>${login.name || login.id}</span>
        <${Button} kind="quiet" onclick=${leave}>Log out<//>
      </div>
    </header>
    <div class="frame">
      <${Nav} login=${login} rows=${rows} path=${path} open=${open} onClose=${() => setOpen(false)} />
      <main id="main" tabindex="-1" ref=${main}>
        ${!shown
          ? html`<${Head} title="There is nothing here" /><${Empty} title="No screen has this address."><a href=${to('/')}>To the start</a><//>`
          : !may(login, shown)
            ? html`<${Head} title=${shown.title} /><${Empty} title=${`Your credential lacks the verb '${shown.verb}'.`}>Whoever issued it can give it that.<//>`
            : html`<${Screen} key=${shown.path} screen=${shown} params=${params ?? {}} query=${query} login=${login} />`}
      </main>
    </div>`;
}

/* --- all of it --- */

function App() {
  const [state, setState] = useState({ asking: true });
  const enter = useCallback((login) => {
    setProof(login.proof ?? '');
    setState({ login: login.kind ? login : undefined });
  }, []);
  const look = useCallback(async () => {
    setState({ asking: true });
    try {
      enter(await call('GET', '/dashboard/login'));
    } catch (error) {
      setState({ error });
    }
  }, []);
  useLayoutEffect(() => {
    onEnd((error) => (setProof(''), setState({ reason: `${sentence(error.message)}.` })));
    look();
  }, []);
  if (state.asking) return html`<${Loading} />`;
  if (state.error) return html`<main class="gate"><h1>Pinion</h1><${Problem} error=${state.error} retry=${look} /></main>`;
  return html`
    ${state.login
      ? html`<${Frame} login=${state.login} onLogout=${() => (setProof(''), setState({ reason: 'Logged out.' }))} />`
      : html`<${Login} reason=${state.reason} onLogin=${enter} />`}
    <${Questions} />
    <${Toasts} />`;
}

// The screen that is wanted first is loaded while it is asked who is logged in.
const first = screens.find((row) => match(row.path, here().path));
if (first) load(first).catch(() => {});

const root = document.getElementById('app');
root.replaceChildren();
render(html`<${App} />`, root);
