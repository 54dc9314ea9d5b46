// One conversation: read, exported, cut back, copied or deleted; each is recorded.
import { html } from '../lib/html.js';
import { api, apiUrl, useApi } from '../lib/api.js';
import { bytes, count, sentence } from '../lib/format.js';
import { go, to } from '../lib/router.js';
import { ask, Await, Button, Card, Head, Time, toast } from '../ui/basics.js';
import { Code } from '../ui/code.js';

export default function Session({ params }) {
  const path = `/sessions/${encodeURIComponent(params.id)}`;
  const found = useApi(path);
  const act = async (question, what, then) => {
    if (question && !(await ask(question))) return;
    try {
      then(await what());
    } catch (error) {
      toast(sentence(error.message), 'bad');
    }
  };
  const remove = () => act({ title: 'Delete the session?', text: 'What was said in it is forgotten. This cannot be undone.', action: 'Delete', danger: true }, () => api('DELETE', path), () => (toast('Deleted'), go(to('/sessions'))));
  const fork = () => act(undefined, () => api('POST', `${path}/fork`, { body: {} }), (made) => (toast('Copied'), go(to(`/sessions/${encodeURIComponent(made.id)}`))));
  const rewind = (number) => act({ title: `Cut back to message ${number}?`, text: 'Every message behind it is forgotten. This cannot be undone.', action: 'Cut back', danger: true }, () => api('POST', `${path}/rewind`, { body: { messages: number } }), () => (toast('Cut back'), found.reload()));
  return html`
    <${Head} title=${params.id} back=${{ href: to('/sessions'), label: 'Sessions' }} lead=${found.data?.endpoint}>
      <a class="button" href=${apiUrl(`${path}/export`)} download=${`${params.id}.jsonl`}>Export</a>
      <${Button} onclick=${fork}>Copy it<//><${Button} kind="danger" onclick=${remove}>Delete<//>
    <//>
    <${Await} of=${found}>${(session) => html`
      <${Card} title="What it is"><dl class="facts">
        <dt>Endpoint</dt><dd><a href=${to(`/endpoints/${session.endpoint}`)}>${session.endpoint}</a></dd>
        <dt>Token</dt><dd><a href=${to(`/tokens/${session.token_id}`)}>${session.token_id}</a></dd>
        <dt>Messages</dt><dd>${count(session.message_count)}, ${bytes(session.bytes)}</dd>
        ${session.created_at && html`<dt>Begun</dt><dd><${Time} at=${session.created_at} /></dd>`}
        ${session.expires_at && html`<dt>Forgotten</dt><dd><${Time} at=${session.expires_at} /></dd>`}
      </dl><//>
      <${Card} title="What was said"><ol class="messages">${(session.messages ?? []).map((message) => html`
        <li key=${message.number}>
          <div class="row spread"><h3>${message.number}. ${message.role}</h3><span class="row">${message.request_id && html`<a href=${to(`/requests/${message.request_id}`)}>its request</a>`}${message.number < session.message_count && html`<${Button} kind="quiet" class="small" onclick=${() => rewind(message.number)}>Cut back to here<//>`}</span></div>
          <${Code} text=${message.content ?? ''} label=${`Message ${message.number}`} />
        </li>`)}</ol><//>`}<//>`;
}
