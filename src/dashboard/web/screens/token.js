// One token: what it may do and what bounds it, another secret for it, and its end.
import { html, useState } from '../lib/html.js';
import { api, useApi } from '../lib/api.js';
import { count, sentence, usd } from '../lib/format.js';
import { to } from '../lib/router.js';
import { ask, Await, Button, Card, Copy, Dialog, Head, Problem, Time, toast } from '../ui/basics.js';
import { SelectField } from '../ui/form.js';
import { Secret, TokenState } from './tokens.js';

const OVERLAPS = [['86400', 'a day'], ['3600', 'an hour'], ['604800', 'a week'], ['0', 'no longer']];

function Rotate({ token, onDone, onClose }) {
  const [overlap, setOverlap] = useState('86400');
  const [error, setError] = useState();
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    try {
      onDone(await api('POST', `/tokens/${token.id}/rotate`, { body: { overlap_s: Number(overlap) } }));
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return html`
    <${Dialog} title="Another secret" onClose=${onClose}>
      <form class="form" onsubmit=${submit}>
        <p>The token stays what it is and gets another secret, which is shown once.</p>
        <${SelectField} label="The one that it has is good for" value=${overlap} options=${OVERLAPS} onInput=${setOverlap} />
        <${Problem} error=${error} />
        <div class="row end"><${Button} onclick=${onClose}>Cancel<//><button class="button main" disabled=${busy}>Rotate</button></div>
      </form>
    <//>`;
}

const Fact = ({ name, children }) => html`<dt>${name}</dt><dd>${children}</dd>`;

function About({ token }) {
  const admin = token.kind === 'admin';
  const limits = Object.entries(token.limits ?? {}).filter(([, value]) => value !== null);
  return html`<dl class="facts">
    <${Fact} name="Id"><code>${token.id}</code><//>
    <${Fact} name="For">${admin ? 'an operator' : html`callers, project <a href=${to('/tokens', { project: token.project ?? 'default' })}>${token.project ?? 'default'}</a>`}<//>
    <${Fact} name="May">${token.verbs.join(', ')}<//>
    ${!admin && html`<${Fact} name="Scopes">${token.scopes.map((scope) => html`<code key=${scope}>${scope}</code> `)}<//>`}
    ${token.models?.length > 0 && html`<${Fact} name="Models">${token.models.join(', ')}<//>`}
    ${token.addresses?.length > 0 && html`<${Fact} name="From">${token.addresses.join(', ')}<//>`}
    ${Object.keys(token.tags ?? {}).length > 0 && html`<${Fact} name="Tags">${Object.entries(token.tags).map(([name, value]) => `${name}=${value}`).join(', ')}<//>`}
    ${!admin && html`<${Fact} name="Limits">${limits.length > 0 ? limits.map(([name, value]) => `${count(value)} ${name.replaceAll('_', ' ')}`).join(', ') : 'none of its own'}<//>
    <${Fact} name="Budget">${[['a day', token.budget?.daily_usd], ['a month', token.budget?.monthly_usd]].filter(([, value]) => value !== null && value !== undefined).map(([word, value]) => `${usd(value)} ${word}`).join(', ') || 'none of its own'}<//>`}
    <${Fact} name="Secret"><code>${`…${token.hint ?? ''}`}</code>${token.previous_until && html`; the one before is good until <${Time} at=${token.previous_until} />`}<//>
    <${Fact} name="Made"><${Time} at=${token.created_at} /><//>
    <${Fact} name="Used">${token.last_used_at ? html`<${Time} at=${token.last_used_at} ago />` : 'never'}<//>
    <${Fact} name="Expires">${token.expires_at ? html`<${Time} at=${token.expires_at} />` : 'never'}<//>
    ${token.revoked_at && html`<${Fact} name="Revoked"><${Time} at=${token.revoked_at} /><//>`}
  </dl>`;
}

export default function Token({ params, login }) {
  const found = useApi(`/tokens/${encodeURIComponent(params.id)}`);
  const [rotating, setRotating] = useState(false);
  const [secret, setSecret] = useState();
  const token = found.data;
  const writes = login.verbs.includes('tokens:write') && token && !token.revoked_at;
  const revoke = async () => {
    if (!(await ask({ title: 'Revoke the token?', text: `${token.name || token.id} is refused from the next request on. This cannot be undone.`, action: 'Revoke', danger: true }))) return;
    try {
      await api('POST', `/tokens/${token.id}/revoke`);
      toast('Revoked');
      found.reload();
    } catch (error) {
      toast(sentence(error.message), 'bad');
    }
  };
  return html`
    <${Head} title=${token?.name || params.id} back=${{ href: to('/tokens'), label: 'Tokens' }} lead=${token && html`<${TokenState} token=${token} />`}>
      <${Copy} text=${params.id} label="Copy the id" />
      ${writes && html`<${Button} onclick=${() => setRotating(true)}>Rotate<//><${Button} kind="danger" onclick=${revoke}>Revoke<//>`}
    <//>
    <${Await} of=${found}>${(data) => html`
      <${Card} title="What it is"><${About} token=${data} /><//>
      ${data.kind !== 'admin' && html`<p class="row"><a class="button" href=${to('/requests', { token: data.id })}>Its requests</a><a class="button" href=${to('/costs', { token: data.id, by: 'endpoint' })}>Its costs</a><a class="button" href=${to('/sessions', { token: data.id })}>Its sessions</a></p>`}`}<//>
    ${rotating && html`<${Rotate} token=${token} onClose=${() => setRotating(false)} onDone=${(made) => (setRotating(false), setSecret(made.token), found.reload())} />`}
    ${secret && html`<${Secret} title="The other secret" secret=${secret} onClose=${() => setSecret(undefined)} />`}`;
}
