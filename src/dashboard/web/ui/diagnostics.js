// What is wrong with files, as pinion check says it, and what the folder has that is not in force.
import { html } from '../lib/html.js';
import { api } from '../lib/api.js';
import { useAsk } from '../lib/asking.js';
import { sentence } from '../lib/format.js';
import { to } from '../lib/router.js';
import { Badge, Button, Card, toast } from './basics.js';
import { Code } from './code.js';

export const toneOf = (one) => (one.severity === 'error' ? 'bad' : 'warn');
export const lineOf = (one) => one.range?.start?.line;
const placeOf = ({ range }) => `${range?.file ?? 'the folder'}${range?.start ? `:${range.start.line}:${range.start.column}` : ''}`;

/** Diagnostics as pinion check gives them. onGo: what leads to the place of one, where it can be shown. */
export const Diagnostics = ({ list, onGo }) => html`<ul class="list">${list.map((one, i) => html`
  <li key=${i} class="stack tight">
    <p class="row"><${Badge} tone=${toneOf(one)}>${one.severity} ${one.code}<//>${onGo ? html`<${Button} kind="quiet" class="small" onclick=${() => onGo(one)}>${placeOf(one)}<//>` : html`<code>${placeOf(one)}</code>`}</p>
    <p>${sentence(one.message)}${one.hint && (onGo || !one.snippet) && html` <span class="note">${sentence(one.hint)}</span>`}</p>
    ${!onGo && one.snippet && html`<${Code} text=${one.snippet} first=${lineOf(one)} label=${placeOf(one)} marks=${[{ line: 1, column: one.range.start?.column, message: one.hint ?? one.message, tone: toneOf(one) }]} wrap=${false} />`}
  </li>`)}</ul>`;

async function putInForce(done) {
  try {
    await api('POST', '/reload');
    toast('The folder is in force');
  } catch (error) {
    toast(sentence(error.message), 'bad');
  }
  done();
}

/** What the folder has that is not in force, of one endpoint or of all: why, or what would be. */
export function InFolder({ slug, onReload = () => {} }) {
  const { data, reload } = useAsk('/check', { endpoint: slug });
  if (!data) return null;
  const { report, endpoint } = data;
  const edit = slug && html`<a class="button" href=${to(`/endpoints/${slug}/draft`)}>Edit a draft</a>`;
  const own = new Set(endpoint?.files.map((one) => one.path));
  const list = [...report.diagnostics].sort((a, b) => own.has(b.range?.file) - own.has(a.range?.file));
  if (!data.valid)
    return html`<${Card} title="The folder cannot come into force" note="What is in force stays as it was, until this is mended." actions=${html`${edit}<${Button} onclick=${reload}>Look again<//>`}><${Diagnostics} list=${list} /><//>`;
  if (slug && endpoint?.changed)
    return html`<${Card} title="The folder has another version" note=${`It would be ${endpoint.hash.slice(0, 12)}, and is not in force yet.`} actions=${html`${edit}<${Button} kind="main" onclick=${() => putInForce(() => (reload(), onReload()))}>Put it in force<//>`}><${Diagnostics} list=${list.filter((one) => own.has(one.range?.file))} /><//>`;
  return null;
}
