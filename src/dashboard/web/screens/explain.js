// Which rule an input would go by, and what every condition sees.
import { html, useState } from '../lib/html.js';
import { api, useList } from '../lib/api.js';
import { setQuery } from '../lib/router.js';
import { Card, Empty, Head, Problem } from '../ui/basics.js';
import { AreaField, SelectField, TextField } from '../ui/form.js';
import { Routing } from '../ui/routing.js';

export default function Explain({ query }) {
  const endpoints = useList('/endpoints', { query: { limit: 200 } });
  const endpoint = query.get('endpoint') ?? endpoints.rows[0]?.id ?? '';
  const [input, setInput] = useState('{}');
  const [at, setAt] = useState('');
  const [token, setToken] = useState('');
  const [wrong, setWrong] = useState();
  const [state, setState] = useState({});
  const submit = async (event) => {
    event.preventDefault();
    let value;
    try {
      value = JSON.parse(input);
      setWrong(undefined);
    } catch (error) {
      return setWrong(`This is not JSON: ${error.message}`);
    }
    setState({ busy: true });
    try {
      const body = { endpoint, input: value, at: at ? new Date(at).toISOString() : undefined, token: token.trim() || undefined };
      setState({ answer: await api('POST', '/explain', { body }) });
    } catch (error) {
      setState({ error });
    }
  };
  return html`
    <${Head} title="Explain routing" lead="Which rule an input would be routed by, and what each condition would see. Nothing is called." />
    <div class="grid two">
      <${Card} title="A call">
        <form class="form" onsubmit=${submit}>
          <${SelectField} label="Endpoint" value=${endpoint} options=${endpoints.rows.map((row) => row.id)} onInput=${(value) => setQuery({ endpoint: value })} />
          <${AreaField} label="Input" rows=${10} value=${input} onInput=${setInput} error=${wrong} hint="JSON, as a caller would send it" />
          <${TextField} label="At" type="datetime-local" value=${at} onInput=${setAt} hint="Empty: now" />
          <${TextField} label="As" value=${token} onInput=${setToken} hint="The id of a token; empty: nobody in particular" />
          <div class="row end"><button class="button main" disabled=${state.busy || !endpoint} aria-busy=${state.busy ? 'true' : undefined}>Explain</button></div>
        </form>
      <//>
      <${Card} title="Where it would go">
        <div aria-live="polite">
          <${Problem} error=${state.error} />
          ${state.answer ? html`<p class="row"><strong>${state.answer.explain.route}</strong></p><${Routing} explain=${state.answer.explain} />` : !state.error && html`<${Empty} title="Fill in an input.">Every rule is shown with what it would have seen.<//>`}
        </div>
      <//>
    </div>`;
}
