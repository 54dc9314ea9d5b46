// The parts that every screen is made of. Each is small, and looks and behaves the same everywhere;
// what they look like is in style.css. More of them: table.js, form.js, code.js, chart.js.
import { html, useCallback, useEffect, useId, useLayoutEffect, useRef, useState } from '../lib/html.js';
import { ApiError } from '../lib/api.js';
import { localTime, relative, sentence, utcTime } from '../lib/format.js';

/** The head of a screen: its name, a sentence below, and what can be done on the right. */
export const Head = ({ title, lead, back, children }) => html`
  <header class="head">
    <div>
      ${back && html`<p class="back"><a href=${back.href}>← ${back.label}</a></p>`}
      <h1 tabindex="-1">${title}</h1>
      ${lead && html`<p class="lead">${lead}</p>`}
    </div>
    ${children && html`<div class="row">${children}</div>`}
  </header>`;

/** A sheet of paper on the page, with a name: <${Card} title="Spend" actions=${...}>. */
export function Card({ title, note, actions, children, class: more = '' }) {
  const id = useId();
  return html`
    <section class=${`card ${more}`} aria-labelledby=${title ? id : undefined}>
      ${(title || actions) && html`<div class="card-head">
        <div>${title && html`<h2 id=${id}>${title}</h2>`}${note && html`<p class="note">${note}</p>`}</div>
        ${actions && html`<div class="row">${actions}</div>`}
      </div>`}
      ${children}
    </section>`;
}

/** kind: undefined (plain), 'main', 'danger', 'quiet'. A busy one cannot be pressed, and says so. */
export const Button = ({ kind, busy, disabled, children, ...rest }) =>
  html`<button type="button" ...${rest} class=${`button ${kind ?? ''} ${rest.class ?? ''}`} disabled=${disabled || busy} aria-busy=${busy ? 'true' : undefined}>${children}</button>`;

/** tone: 'good', 'bad', 'warn', 'info', or none. Says it in words too, so never by colour alone. */
export const Badge = ({ tone = '', title, children }) => html`<span class=${`badge ${tone}`} title=${title}>${children}</span>`;

/** The status of an answer: 200 is good, 4xx a warning, 5xx bad, 499 (the client left) plain. */
export const Status = ({ code }) =>
  html`<${Badge} tone=${code === 499 ? '' : code >= 500 ? 'bad' : code >= 400 ? 'warn' : 'good'}>${code ?? '–'}<//>`;

/** A time, local, with UTC on hover. ago: as "3 minutes ago". */
export const Time = ({ at, ago = false, seconds = true }) =>
  at ? html`<time datetime=${at} title=${ago ? `${localTime(at)} · ${utcTime(at)}` : utcTime(at)}>${ago ? relative(at) : localTime(at, { seconds })}</time>` : html`<span>–</span>`;

/** A number that answers a question, with what it is compared with below. tone colours the latter. */
export const Figure = ({ label, value, note, tone = '', href, title }) => html`
  <div class="figure">
    <p class="figure-label">${href ? html`<a href=${href}>${label}</a>` : label}</p>
    <p class="figure-value" title=${title}>${value}</p>
    <p class=${`figure-note ${tone}`}>${note ?? '\u00a0'}</p>
  </div>`;

/** How much of a limit is used, 0 to 1 and beyond. mark: where it will end up, as a fine line. */
export function Bar({ share, mark, label, tone }) {
  const shown = Math.max(0, Math.min(1, share || 0));
  const colour = tone ?? (share >= 1 ? 'bad' : share >= 0.8 ? 'warn' : 'good');
  return html`<div class="bar" role="meter" aria-label=${label} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(shown * 100)}>
    <div class=${`bar-fill ${colour}`} style=${{ width: `${shown * 100}%` }}></div>
    ${mark !== undefined && html`<div class="bar-mark" style=${{ left: `${Math.max(0, Math.min(1, mark)) * 100}%` }}></div>`}
  </div>`;
}

/** Nothing is there yet: why, and the command or the step that changes it. */
export const Empty = ({ title, children, command }) => html`
  <div class="state">
    <p class="state-title">${title}</p>
    ${children && html`<p>${children}</p>`}
    ${command && html`<${Copyable} text=${command} />`}
  </div>`;

/** Something is on its way. It is drawn only when it takes a moment, so that nothing flickers. */
export const Loading = ({ what = 'Loading' }) => html`<p class="state loading" role="status">${what}…</p>`;

/** Why something failed, as the API says it, and what can be done. */
export function Problem({ error, retry }) {
  if (!error) return null;
  return html`
    <div class="problem" role="alert">
      <p><strong>${sentence(error.message)}</strong></p>
      ${error.hint && html`<p>${sentence(error.hint)}</p>`}
      ${error instanceof ApiError && html`<p class="note">
        ${error.status > 0 && html`${error.status} `}<code>${error.code}</code>${error.param && html` at <code>${error.param}</code>`}
        ${error.requestId && html` · <code>${error.requestId}</code>`}
      </p>`}
      ${retry && html`<p><${Button} onclick=${retry}>Try again<//></p>`}
    </div>`;
}

/**
 * The three states of something that is asked for: <${Await} of=${useApi(...)}>${(data) => html`...`}<//>
 * Data of before stays on screen, dimmed, while other is on its way.
 */
export function Await({ of, what, children }) {
  if (of.data === undefined) return of.error ? html`<${Problem} error=${of.error} retry=${of.reload} />` : html`<${Loading} what=${what} />`;
  return html`
    ${of.error && html`<${Problem} error=${of.error} retry=${of.reload} />`}
    <div class=${`stack ${of.loading ? 'stale' : ''}`} aria-busy=${of.loading ? 'true' : undefined}>${children(of.data)}</div>`;
}

/** A button that copies a text, and says that it did. */
export function Copy({ text, label = 'Copy' }) {
  const [done, setDone] = useState(false);
  const copy = useCallback(async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
      setTimeout(() => setDone(false), 2000);
    } catch {
      toast('This browser does not let pages copy here: select the text instead.', 'bad');
    }
  }, [text]);
  return html`<${Button} kind="quiet" onclick=${copy}><span aria-live="polite">${done ? 'Copied' : label}</span><//>`;
}

/** A line of code with a button that copies it. */
export const Copyable = ({ text }) => html`<span class="copyable"><code tabindex="0">${text}</code><${Copy} text=${text} /></span>`;

/**
 * Tabs with the keys that tabs have: tabs=${[{key, label, render: () => html`...`}]}. Which is open may
 * be told (value, onChange), as when it is kept in the address.
 */
export function Tabs({ tabs, value, onChange, label }) {
  const [own, setOwn] = useState(tabs[0].key);
  const id = useId();
  const buttons = useRef([]);
  const open = tabs.find((tab) => tab.key === (value ?? own)) ?? tabs[0];
  const choose = (tab) => (onChange ?? setOwn)(tab.key);
  const move = (event, i) => {
    const next = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const at = (next + tabs.length) % tabs.length;
    choose(tabs[at]);
    buttons.current[at]?.focus();
  };
  return html`
    <div class="tabs" role="tablist" aria-label=${label}>
      ${tabs.map((tab, i) => html`
        <button type="button" role="tab" key=${tab.key} id=${`${id}-${tab.key}`} aria-selected=${tab === open ? 'true' : 'false'} aria-controls=${`${id}-panel`}
          tabindex=${tab === open ? 0 : -1} ref=${(element) => (buttons.current[i] = element)} onclick=${() => choose(tab)} onkeydown=${(event) => move(event, i)}>
          ${tab.label}${tab.count !== undefined && html` <span class="tab-count">${tab.count}</span>`}
        </button>`)}
    </div>
    <div class="tab-panel" role="tabpanel" id=${`${id}-panel`} aria-labelledby=${`${id}-${open.key}`} tabindex="0">${open.render()}</div>`;
}

/** A dialog of the browser's own: focus stays in it, Escape closes it. Shown while it is rendered. */
export function Dialog({ title, onClose, children, wide }) {
  const element = useRef();
  const id = useId();
  useLayoutEffect(() => {
    element.current.showModal();
    return () => element.current?.close();
  }, []);
  return html`
    <dialog ref=${element} class=${wide ? 'wide' : ''} aria-labelledby=${id} oncancel=${(event) => (event.preventDefault(), onClose?.())}>
      <h2 id=${id}>${title}</h2>
      ${children}
    </dialog>`;
}

let showQuestion = () => {};
/**
 * Asks before something that cannot be undone: await ask({title, text, action: 'Revoke', danger: true})
 * is true or false. typed: a word that has to be typed first.
 */
export const ask = (question) => new Promise((resolve) => showQuestion({ ...question, resolve }));

export function Questions() {
  const [question, setQuestion] = useState();
  const [typed, setTyped] = useState('');
  useEffect(() => ((showQuestion = (one) => (setTyped(''), setQuestion(one))), () => (showQuestion = () => {})), []);
  if (!question) return null;
  const answer = (yes) => (setQuestion(undefined), question.resolve(yes));
  const blocked = question.typed !== undefined && typed !== question.typed;
  return html`
    <${Dialog} title=${question.title} onClose=${() => answer(false)}>
      <form method="dialog" onsubmit=${(event) => (event.preventDefault(), !blocked && answer(true))}>
        <p>${question.text}</p>
        ${question.typed !== undefined && html`<label class="field"><span>Type <code>${question.typed}</code> to go on</span>
          <input value=${typed} oninput=${(event) => setTyped(event.target.value)} autocomplete="off" spellcheck=${false} /></label>`}
        <div class="row end">
          <${Button} onclick=${() => answer(false)}>Cancel<//>
          <button class=${`button ${question.danger ? 'danger' : 'main'}`} disabled=${blocked}>${question.action}</button>
        </div>
      </form>
    <//>`;
}

let showToast = () => {};
/** Says what was done, for a moment: toast('Token revoked', 'good'). */
export const toast = (text, tone = 'good') => showToast({ text, tone, key: Math.random() });

export function Toasts() {
  const [list, setList] = useState([]);
  useEffect(() => {
    showToast = (one) => {
      setList((before) => [...before.slice(-3), one]);
      setTimeout(() => setList((before) => before.filter((other) => other !== one)), one.tone === 'bad' ? 10000 : 5000);
    };
    return () => (showToast = () => {});
  }, []);
  return html`<div class="toasts" role="status" aria-live="polite">${list.map((one) => html`<p key=${one.key} class=${`toast ${one.tone}`}>${one.text}</p>`)}</div>`;
}
