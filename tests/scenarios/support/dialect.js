// What every provider must come to behind the gateway, whatever it speaks: the same scenarios over the
// real binary and the provider's own protocol. A dialect's test file calls this, and adds what is its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chat, sum } from './files.js';
import { events, settings } from './gateway.js';
import { scene } from './scene.js';

const stop = { type: 'object', properties: { stop: { type: 'string' } }, required: ['stop'] };
const failures = {
  bad_request: [400, 'upstream_rejected'],
  context_length: [400, 'context_length_exceeded'],
  quota: [502, 'upstream_failed'],
  credentials: [502, 'upstream_auth_failed'],
  forbidden: [502, 'upstream_auth_failed'],
  unknown_model: [502, 'upstream_failed'],
  rate_limit: [429, 'upstream_rate_limited'],
  overload: [503, 'upstream_overloaded'],
  server: [502, 'upstream_failed'],
  timeout: [504, 'upstream_timeout'],
  too_large: [400, 'context_length_exceeded'],
};

export const all = async (response) => {
  const got = [];
  for await (const event of events(response)) got.push(event);
  return got;
};
export const textOf = (got) => got.map((event) => event.choices?.[0]?.delta?.content ?? '').join('');

// kind: of the provider in pinion.yaml; protocol: of upstreams/; model; refusals: the kinds of error the
// vendor has; cost: of 24 tokens in and 8 out, as the gateway tells it; files: more of them;
// remembers: what the model thought before it called a tool goes back to it.
export function dialect({ kind, protocol = kind, model, refusals, cost, streamError = 'upstream_failed', files = {}, remembers = false }) {
  const one = (text) => text.replace('gpt-4.1-mini', model);
  const on = scene(
    (upstream) => ({
      'pinion.yaml': settings(upstream.url, '', kind),
      'endpoints/sum.yaml': one(sum),
      'endpoints/chat.yaml': one(chat),
      'endpoints/tooled.yaml': `${one(chat.replace('slug: chat', 'slug: tooled'))}allow: [tools, tool_choice]\n`,
      'endpoints/streamed.yaml': `${one(sum.replace('slug: sum', 'slug: streamed'))}stream: raw\n`,
      ...Object.fromEntries(Object.entries(files).map(([name, text]) => [name, typeof text === 'string' ? one(text) : text])),
    }),
    { protocol },
  );
  const call = (slug, body) => on.gateway.call(slug, body, on);
  const asked = () => on.upstream.calls.at(-1).asked;
  on.call = call;
  on.asked = asked;

  test('a plain answer with its usage and cost; the provider sees the pinned prompt', async () => {
    on.upstream.answer({ text: 'At nine.', usage: { input: 24, output: 8 } });
    const response = await call('chat', { message: 'When?' });
    const body = await response.json();
    assert.equal(response.status, 200, JSON.stringify(body));
    assert.equal(body.content, 'At nine.');
    assert.equal(body.finish_reason, 'stop');
    assert.deepEqual([body.usage.prompt_tokens, body.usage.completion_tokens, body.usage.total_tokens], [24, 8, 32]);
    assert.equal(body.meta.cost_usd, cost);
    assert.equal((await on.gateway.journal(response)).usage, 'reported');
    assert.equal(asked().model, model);
    assert.equal(asked().system, 'You are brief.');
    assert.deepEqual(asked().messages.map(({ role, text }) => [role, text]), [['user', 'When?']]);
  });

  test('a stream, piece by piece, with its usage at the end', async () => {
    on.upstream.answer({ text: ['At', ' nine', '.'], usage: { input: 24, output: 8 } });
    const got = await all(await call('chat', { message: 'When?', stream: true }));
    assert.deepEqual(got.map((event) => event.choices?.[0]?.delta?.content).filter(Boolean), ['At', ' nine', '.']);
    assert.equal(got.at(-1), '[DONE]');
    assert.equal(got.at(-2).usage.total_tokens, 32);
    assert.equal(got.at(-2).pinion.cost_usd ?? null, cost);
    assert.equal(got.at(-3).choices[0].finish_reason, 'stop');
    assert.equal(asked().stream, true);
  });

  test('a stream with its bytes cut anywhere, and its lines ended otherwise', async () => {
    for (const how of [{ split: 1 }, { split: 7 }, { eol: '\r\n', split: 3 }]) {
      on.upstream.answer({ text: ['Ünd', ' so 🚲', '.'] }, how);
      assert.equal(textOf(await all(await call('chat', { message: 'x', stream: true }))), 'Ünd so 🚲.');
    }
  });

  test('a structured answer, whole and streamed', async () => {
    on.upstream.answer({ json: { sum: 4 } });
    const response = await call('sum', { a: 2, b: 2 });
    const body = await response.json();
    assert.equal(response.status, 200, JSON.stringify(body));
    assert.deepEqual(body.output, { sum: 4 });
    on.upstream.answer({ json: { sum: 4 } });
    assert.equal(textOf(await all(await call('streamed', { a: 2, b: 2, stream: true }))), '{"sum":4}');
  });

  test('a structured answer that does not fit is a 422 with what is wrong and what it cost', async () => {
    on.upstream.answer({ json: { sum: -4 } });
    const response = await call('sum', { a: 2, b: 2 });
    const { error } = await response.json();
    assert.equal(response.status, 422);
    assert.equal(error.code, 'output_schema_violation');
    assert.deepEqual(error.details.violations.map(({ instance_path }) => instance_path), ['/sum']);
    assert.equal(error.details.usage.total_tokens, 32);
  });

  test('an answer cut off at its token limit', async () => {
    on.upstream.answer({ text: '{"sum": ', finish: 'length' });
    const response = await call('sum', { a: 2, b: 2 });
    assert.equal(response.status, 422);
    assert.equal((await response.json()).error.code, 'output_truncated');
    on.upstream.answer({ text: 'At n', finish: 'length' });
    assert.equal((await (await call('chat', { message: 'x' })).json()).finish_reason, 'length');
    on.upstream.answer({ text: 'At n', finish: 'length' });
    const got = await all(await call('chat', { message: 'x', stream: true }));
    assert.equal(got.at(-3).choices[0].finish_reason, 'length');
  });

  test('each error of the provider is one of ours, without its words', async () => {
    for (const kind of refusals) {
      on.upstream.refuse({ kind, retryAfter: kind === 'rate_limit' ? 2 : undefined });
      const response = await call('chat', { message: 'x' });
      const text = await response.text();
      assert.deepEqual([response.status, JSON.parse(text).error.code], failures[kind], `${kind}: ${text}`);
      on.upstream.refuse({ kind, message: 'sk-test-canary, said the provider' });
      assert.ok(!(await (await call('chat', { message: 'x' })).text()).includes('sk-test-canary'), kind);
    }
  });

  test('an error inside a stream: an ordinary one before the first text, an event behind it', async () => {
    on.upstream.answer({ text: ['At', ' nine.'] }, { error: { kind: 'server', at: 'first' } });
    const response = await call('chat', { message: 'x', stream: true });
    assert.equal(response.status, 502);
    assert.equal((await response.json()).error.code, streamError);
    on.upstream.answer({ text: ['At', ' nine.'] }, { error: { kind: 'server', at: 1 } });
    const got = await all(await call('chat', { message: 'x', stream: true }));
    assert.equal(textOf(got), 'At');
    assert.equal(got.at(-1).error.code, streamError);
  });

  test('a stream without its end mark is no answer', async () => {
    on.upstream.answer({ text: ['At', ' nine.'] }, { without: 'finish' });
    const got = await all(await call('chat', { message: 'x', stream: true }));
    assert.ok(['At', 'At nine.'].includes(textOf(got))); // the reason may be in the event with the last text
    assert.equal(got.at(-1).error.code, 'upstream_truncated');
  });

  test('a tool is called, and its result comes back behind the call and what was thought before it', async () => {
    const tools = [{ type: 'function', function: { name: 'tram_departures', description: 'The next departures.', parameters: stop } }];
    const user = { role: 'user', content: 'Next tram from Harbour?' };
    on.upstream.answer({ reasoning: 'Need the board.', state: 'Sig==', text: 'Checking.', tool_calls: [{ name: 'tram_departures', arguments: { stop: 'Harbour' } }] });
    const called = await (await call('tooled', { messages: [user], tools })).json();
    assert.equal(called.finish_reason, 'tool_calls', JSON.stringify(called));
    assert.equal(called.content, 'Checking.');
    const [{ id, name, arguments: given }] = called.tool_calls;
    assert.deepEqual([name, given], ['tram_departures', { stop: 'Harbour' }]);
    assert.deepEqual(asked().tools.map((one) => one.name), ['tram_departures']);

    on.upstream.answer('In three minutes.');
    const assistant = { role: 'assistant', content: called.content, tool_calls: called.tool_calls };
    const result = { role: 'tool', tool_call_id: id, content: '{"minutes":3}' };
    const told = await (await call('tooled', { messages: [user, assistant, result], tools })).json();
    assert.equal(told.content, 'In three minutes.', JSON.stringify(told));
    const [, again, got] = asked().messages;
    assert.deepEqual(asked().messages.map(({ role }) => role), ['user', 'assistant', 'tool']);
    if (remembers) assert.equal(again.reasoning, 'Need the board.');
    assert.equal(again.text, 'Checking.');
    assert.deepEqual(again.tool_calls.map((one) => [one.name, one.arguments]), [['tram_departures', { stop: 'Harbour' }]]);
    assert.equal(got.text, '{"minutes":3}');
  });
  return on;
}
