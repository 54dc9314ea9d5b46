// Secrets that are sealed in the store: what they are called, whether they open, how old they are and who
// uses them. A value goes in and never comes out.
import { html, useState } from '../lib/html.js';
import { api, useApi } from '../lib/api.js';
import { sentence } from '../lib/format.js';
import { to } from '../lib/router.js';
import { ask, Await, Badge, Button, Card, Dialog, Empty, Head, Problem, Time, toast } from '../ui/basics.js';
import { TextField } from '../ui/form.js';
import { Table } from '../ui/table.js';

// Secrets that are sealed in the store: what they are called, whether they open, how old they are and who
// uses them. A value goes in and never comes out.
/** A change holds at once, unless the configuration as a whole cannot be read with it. */
export const say = (text, reload) => (reload && !reload.ok ? toast(`${text}, but the configuration is not good: the one before stays in force. See pinion check.`, 'bad') : toast(`${text}.`));

function Seal({ name: fixed, onDone, onClose }) {
  const [name, setName] = useState(fixed ?? '');
  const [value, setValue] = useState('');
  const [error, setError] = useState();
  const [busy, setBusy] = useState(false);
  const wrong = (part) => (error?.param?.includes(part) ? sentence(error.message) : undefined);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      onDone(await api('PUT', `/secrets/${encodeURIComponent(name.trim() || '-')}`, { body: { value } }));
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return html`
    <${Dialog} title=${fixed ? `Another value for ${fixed}` : 'A new secret'} onClose=${onClose}>
      <form onsubmit=${submit} class="form">
        ${!fixed && html`<${TextField} label="Name" value=${name} onInput=${setName} error=${wrong('name')} hint="1 to 63 of a-z, 0-9, - and _" />`}
        <${TextField} label="Value" type="password" value=${value} onInput=${setValue} error=${wrong('value')} hint="It is sealed with the master key, and cannot be read again." />
        <${Problem} error=${error} />
        <div class="row end"><${Button} onclick=${onClose}>Cancel<//><button class="button main" disabled=${busy} aria-busy=${busy ? 'true' : undefined}>Seal it</button></div>
      </form>
    <//>`;
}

const Users = ({ secret }) =>
  secret.providers.length > 0
    ? secret.providers.map((name, i) => html`${i > 0 && ', '}<a key=${name} href=${to('/providers')}>${name}</a>`)
    : secret.in_use ? 'the configuration' : html`<span class="note">nobody</span>`;

export default function Secrets() {
  const secrets = useApi('/secrets');
  const [sealing, setSealing] = useState(); // {name} of one that is there, or {}
  const act = async (work) => {
    try {
      await work();
    } catch (error) {
      toast(`${sentence(error.message)}.`, 'bad');
    }
    secrets.reload();
  };
  const remove = async ({ name, in_use: used }) => {
    if (!(await ask({ title: `Delete ${name}?`, text: used ? 'The configuration in force uses it: without it, it cannot be read again.' : 'Nothing in force uses it.', action: 'Delete', danger: true, typed: used ? name : undefined }))) return;
    act(async () => say(`${name} is deleted`, (await api('DELETE', `/secrets/${encodeURIComponent(name)}`)).reload));
  };
  const rotate = async () => {
    if (!(await ask({ title: 'A new master key?', text: 'Every secret is sealed anew under it, and the old key opens nothing any more. Backups from before need the old one.', action: 'Rotate' }))) return;
    act(async () => {
      const done = await api('POST', '/secrets/rotate');
      toast(`${done.resealed} sealed anew under ${done.key_id}.${done.retire_by_hand ? ' Take the old key away from where the master key comes from.' : ''}`);
    });
  };
  const rows = secrets.data?.data ?? [];
  return html`
    <${Head} title="Secrets" lead="Sealed in the store. No value is ever shown, here or elsewhere.">
      ${rows.length > 0 && html`<${Button} onclick=${rotate}>Rotate the master key<//>`}
      <${Button} kind="main" onclick=${() => setSealing({})}>New secret<//>
    <//>
    <${Card} class="flush"><${Await} of=${secrets}>${(list) =>
      list.data.length === 0
        ? html`<${Empty} title="Nothing is sealed yet." command="pinion secret set openai">A provider names one as key: \${secret:openai}. Also from the command line:<//>`
        : html`<${Table} label="Secrets" rows=${list.data} rowKey=${(row) => row.name} columns=${[
            { key: 'name', label: 'Name', class: 'cut', render: (row) => html`<code>${row.name}</code>` },
            { key: 'opens', label: 'State', render: (row) => html`<${Badge} tone=${row.opens ? 'good' : 'bad'}>${row.opens ? 'opens' : 'does not open'}<//>` },
            { key: 'hint', label: 'Ends in', wide: true, render: (row) => (row.hint ? html`<code>${`…${row.hint}`}</code>` : '–') },
            { key: 'created', label: 'Sealed', wide: true, render: (row) => html`<${Time} at=${row.created_at} ago />` },
            { key: 'key', label: 'Under', wide: true, render: (row) => html`<code>${row.key_id}</code>` },
            { key: 'users', label: 'Used by', render: (row) => html`<${Users} secret=${row} />` },
            { key: 'acts', label: html`<span class="sr">What can be done</span>`, align: 'right', render: (row) => html`<${Button} kind="quiet small" aria-label=${`Replace ${row.name}`} onclick=${() => setSealing(row)}>Replace<//> <${Button} kind="quiet small" aria-label=${`Delete ${row.name}`} onclick=${() => remove(row)}>Delete<//>` },
          ]} />`}<//><//>
    ${sealing && html`<${Seal} name=${sealing.name} onClose=${() => setSealing(undefined)} onDone=${({ secret, new_key: made, reload }) => {
      setSealing(undefined);
      say(`${secret.name} is sealed under ${secret.key_id}${made ? `, a master key that was made just now in ${made}: keep a copy of it` : ''}`, reload);
      secrets.reload();
    }} />`}`;
}
