// Tokens of callers and credentials of operators: what each may do, and making one, whose secret is
// shown once.
import { html, useState } from '../lib/html.js';
import { api, useList } from '../lib/api.js';
import { sentence } from '../lib/format.js';
import { setQuery, to } from '../lib/router.js';
import { Badge, Button, Card, Copy, Dialog, Head, Problem, Time } from '../ui/basics.js';
import { CheckField, Filters, SelectField, TextField } from '../ui/form.js';
import { ListTable } from '../ui/table.js';

const CALL_VERBS = ['call', 'models', 'embeddings', 'mcp', 'sessions', 'usage', 'explain'];
const ADMIN_VERBS = ['tokens:read', 'tokens:write', 'sessions', 'usage', 'logs', 'audit', 'secrets', 'config', 'backup'];

/** Whether it can still be used. */
export function TokenState({ token }) {
  if (token.revoked_at) return html`<${Badge} tone="bad">revoked<//>`;
  if (token.expires_at && Date.parse(token.expires_at) <= Date.now()) return html`<${Badge} tone="warn">expired<//>`;
  return html`<${Badge} tone="good">good<//>`;
}

/** A secret that will not be shown again: it is in the page only as long as this is open. */
export const Secret = ({ title, secret, onClose }) => html`
  <${Dialog} title=${title} onClose=${onClose}>
    <p>Copy it now: it is shown this once, and kept nowhere in a form that could be read.</p>
    <p class="secret"><code tabindex="0">${secret}</code></p>
    <div class="row end"><${Copy} text=${secret} label="Copy the secret" /><${Button} kind="main" onclick=${onClose}>Done<//></div>
  <//>`;

const list = (text) => text.split(/[\s,]+/).filter(Boolean);
const number = (text) => (text.trim() === '' ? undefined : Number(text));

function Create({ onMade, onClose }) {
  const [form, setForm] = useState({ kind: 'call', name: '', scopes: '', verbs: ['call', 'models'], expires: '', per_minute: '', tokens_per_minute: '', daily_usd: '', monthly_usd: '', project: '' });
  const [error, setError] = useState();
  const [busy, setBusy] = useState(false);
  const set = (name) => (value) => setForm((before) => ({ ...before, [name]: value }));
  const admin = form.kind === 'admin';
  const verbs = admin ? ADMIN_VERBS : CALL_VERBS;
  // What the API found fault with stands at the field that it names.
  const wrong = (name) => (error?.param?.includes(name) ? sentence(error.message) : undefined);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    const order = { name: form.name || undefined, verbs: form.verbs, expires_at: form.expires ? new Date(`${form.expires}T00:00:00`).toISOString() : undefined };
    if (admin) order.kind = 'admin';
    else
      Object.assign(order, {
        scopes: list(form.scopes),
        project: form.project || undefined,
        limits: { per_minute: number(form.per_minute), tokens_per_minute: number(form.tokens_per_minute) },
        budget: { daily_usd: form.daily_usd.trim() || undefined, monthly_usd: form.monthly_usd.trim() || undefined },
      });
    try {
      onMade(await api('POST', '/tokens', { body: order }));
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return html`
    <${Dialog} title="A new token" onClose=${onClose}>
      <form onsubmit=${submit} class="form">
        <${SelectField} label="For" value=${form.kind} options=${[['call', 'a caller'], ['admin', 'an operator']]} onInput=${(kind) => setForm((before) => ({ ...before, kind, verbs: kind === 'admin' ? ['usage', 'logs'] : ['call', 'models'] }))} />
        <${TextField} label="Name" value=${form.name} onInput=${set('name')} error=${wrong('name')} hint="What people know it by" />
        ${!admin && html`<${TextField} label="Scopes" value=${form.scopes} onInput=${set('scopes')} error=${wrong('scopes')} hint="Slugs or patterns, such as summarize or support-*" />`}
        <fieldset><legend>May</legend><div class="row">${verbs.map((verb) => html`<${CheckField} key=${verb} label=${verb} checked=${form.verbs.includes(verb)} onInput=${(on) => set('verbs')(on ? [...form.verbs, verb] : form.verbs.filter((one) => one !== verb))} />`)}</div>${wrong('verbs') && html`<p class="wrong">${wrong('verbs')}</p>`}</fieldset>
        <${TextField} label="Ends on" type="date" value=${form.expires} onInput=${set('expires')} error=${wrong('expires')} hint="Empty: never" />
        ${!admin && html`
          <div class="grid two">
            <${TextField} label="Requests a minute" inputmode="numeric" value=${form.per_minute} onInput=${set('per_minute')} error=${wrong('per_minute')} />
            <${TextField} label="Tokens a minute" inputmode="numeric" value=${form.tokens_per_minute} onInput=${set('tokens_per_minute')} error=${wrong('tokens_per_minute')} />
            <${TextField} label="USD a day" inputmode="decimal" value=${form.daily_usd} onInput=${set('daily_usd')} error=${wrong('daily_usd')} />
            <${TextField} label="USD a month" inputmode="decimal" value=${form.monthly_usd} onInput=${set('monthly_usd')} error=${wrong('monthly_usd')} />
          </div>
          <${TextField} label="Project" value=${form.project} onInput=${set('project')} error=${wrong('project')} hint="Empty: default" />`}
        <${Problem} error=${error} />
        <div class="row end"><${Button} onclick=${onClose}>Cancel<//><button class="button main" disabled=${busy} aria-busy=${busy ? 'true' : undefined}>Create</button></div>
      </form>
    <//>`;
}

export default function Tokens({ query, login }) {
  const kind = query.get('kind') ?? '';
  const tokens = useList('/tokens', { query: { limit: 100, kind, project: query.get('project') } });
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState();
  return html`
    <${Head} title="Tokens" lead="Who may call, and who may operate.">
      ${login.verbs.includes('tokens:write') && html`<${Button} kind="main" onclick=${() => setMaking(true)}>New token<//>`}
    <//>
    <${Filters}><${SelectField} label="Of" value=${kind} options=${[['', 'everybody'], ['call', 'callers'], ['admin', 'operators']]} onInput=${(value) => setQuery({ kind: value })} /><//>
    <${Card} class="flush">
      <${ListTable} label="Tokens" list=${tokens} rowHref=${(row) => to(`/tokens/${row.id}`)} rowClass=${(row) => (row.revoked_at ? 'muted' : '')}
        empty=${{ title: 'There are no tokens.', command: 'pinion token create --scope summarize --expires 90d' }}
        columns=${[
          { key: 'name', label: 'Name', class: 'cut', render: (row) => row.name || row.id },
          { key: 'state', label: 'State', render: (row) => html`<${TokenState} token=${row} />` },
          { key: 'kind', label: 'For', wide: true, render: (row) => (row.kind === 'admin' ? 'operator' : (row.project ?? 'default')) },
          { key: 'may', label: 'May call', class: 'cut', render: (row) => (row.kind === 'admin' ? row.verbs.join(' ') : row.scopes.join(' ') || '–') },
          { key: 'hint', label: 'Ends in', wide: true, render: (row) => html`<code>${`…${row.hint ?? ''}`}</code>` },
          { key: 'used', label: 'Used', render: (row) => (row.last_used_at ? html`<${Time} at=${row.last_used_at} ago />` : 'never') },
          { key: 'expires', label: 'Expires', wide: true, render: (row) => (row.expires_at ? html`<${Time} at=${row.expires_at} ago />` : 'never') },
        ]} />
    <//>
    ${making && html`<${Create} onClose=${() => setMaking(false)} onMade=${(token) => (setMaking(false), setMade(token), tokens.reload())} />`}
    ${made && html`<${Secret} title=${`The token ${made.name || made.id}`} secret=${made.token} onClose=${() => setMade(undefined)} />`}`;
}
