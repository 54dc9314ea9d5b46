// Forms: a label above, the field, what it is for or what is wrong with it below, and tied together
// for those who cannot see it.
import { html, useId } from '../lib/html.js';

/** <${Field} label="Name" hint="..." error="...">${(props) => html`<input ...${props} />`}<//> */
export function Field({ label, hint, error, children, class: more = '' }) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  return html`
    <div class=${`field ${more}`}>
      <label for=${id}>${label}</label>
      ${children({ id, 'aria-describedby': described, 'aria-invalid': error ? 'true' : undefined })}
      ${hint && html`<p class="note" id=${`${id}-hint`}>${hint}</p>`}
      ${error && html`<p class="wrong" id=${`${id}-error`}>${error}</p>`}
    </div>`;
}

/** A line of text. Gives its value to onInput(text). */
export const TextField = ({ label, hint, error, value, onInput, class: more, ...rest }) => html`
  <${Field} label=${label} hint=${hint} error=${error} class=${more}>
    ${(props) => html`<input spellcheck=${false} autocomplete="off" ...${rest} ...${props} value=${value} oninput=${(event) => onInput(event.target.value)} />`}
  <//>`;

/** Several lines. */
export const AreaField = ({ label, hint, error, value, onInput, class: more, rows = 8, ...rest }) => html`
  <${Field} label=${label} hint=${hint} error=${error} class=${more}>
    ${(props) => html`<textarea spellcheck=${false} rows=${rows} ...${rest} ...${props} value=${value} oninput=${(event) => onInput(event.target.value)}></textarea>`}
  <//>`;

/** options: texts, or [value, text]. */
export const SelectField = ({ label, hint, error, value, onInput, options, class: more, ...rest }) => html`
  <${Field} label=${label} hint=${hint} error=${error} class=${more}>
    ${(props) => html`<select ...${rest} ...${props} value=${value} onchange=${(event) => onInput(event.target.value)}>
      ${options.map((option) => {
        const [key, text] = Array.isArray(option) ? option : [option, option];
        return html`<option key=${key} value=${key} selected=${key === value}>${text}</option>`;
      })}
    </select>`}
  <//>`;

export const CheckField = ({ label, checked, onInput, ...rest }) => html`
  <label class="check"><input type="checkbox" ...${rest} checked=${checked} onchange=${(event) => onInput(event.target.checked)} /> <span>${label}</span></label>`;

/** A row of fields above a table that narrow it down. */
export const Filters = ({ children, label = 'Filters' }) => html`<form class="filters" role="search" aria-label=${label} onsubmit=${(event) => event.preventDefault()}>${children}</form>`;
