// What the rules decided and why: each with its conditions, what they saw, and whether they held.
import { html } from '../lib/html.js';
import { Badge } from './basics.js';

const TONES = { held: 'good', 'did not hold': '', 'not reached': '' };

/** A group's name stands before what is in it, which is set in by as much: "all: not: day sat". */
function Condition({ one }) {
  const [groups] = /^((all|any|not): )*/.exec(one.condition);
  const text = one.condition.slice(groups.length);
  const group = /^(all|any|not)$/.test(text);
  return html`
    <li class=${`condition ${one.held ? 'held' : ''}`} style=${{ marginLeft: `${(groups.split(' ').length - 1) * 1.4}em` }}>
      <span class="condition-mark" aria-hidden="true">${one.held ? '✓' : '✗'}</span>
      <span>${group ? text : html`<code>${text}</code>`}${one.actual !== undefined && text !== 'not' && html` <span class="note">${group ? `${one.actual} held` : 'was'}</span>${!group && html` <code>${one.actual}</code>`}`}<span class="sr">${one.held ? ', held' : ', did not hold'}</span></span>
    </li>`;
}

/** explain: {route, rules: [{name, outcome, provider, model, conditions}], chain: [{provider, model, on}]}. */
export const Routing = ({ explain }) => html`
  <div class="stack">
    ${(explain.rules ?? []).length === 0
      ? html`<p>The endpoint has no rules: <code>default</code>.</p>`
      : html`<ol class="rules">${explain.rules.map((rule) => html`
          <li key=${rule.name} class=${`rule ${rule.outcome === 'held' ? 'held' : ''}`}>
            <div class="row"><strong>${rule.name}</strong><${Badge} tone=${TONES[rule.outcome]}>${rule.outcome}<//>${rule.provider && html`<span class="note">to ${rule.provider} ${rule.model}</span>`}</div>
            ${(rule.conditions ?? []).length > 0 && html`<ul class="conditions">${rule.conditions.map((one, i) => html`<${Condition} key=${i} one=${one} />`)}</ul>`}
          </li>`)}
          <li class=${`rule ${explain.route === 'default' ? 'held' : ''}`}><div class="row"><strong>default</strong><${Badge} tone=${explain.route === 'default' ? 'good' : ''}>${explain.route === 'default' ? 'held' : 'not reached'}<//></div></li>
        </ol>`}
    ${explain.rules_left_out > 0 && html`<p class="note">${explain.rules_left_out} more rules are not kept with the request.</p>`}
    ${(explain.chain ?? []).length > 0 && html`<p class="note">Tried in this order: ${explain.chain.map((target, i) => html`${i > 0 && ', then '}<code>${target.provider} ${target.model}</code>${target.allowed === false && ' (not for this token)'}${(target.on ?? []).length > 0 && html` on ${target.on.join(', ')}`}`)}</p>`}
  </div>`;
