// Behind an endpoint: Cohere, as Cohere's own client library understands the scripted provider.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { all, dialect, textOf } from './support/dialect.js';
import { chat } from './support/files.js';

const on = dialect({
  kind: 'cohere',
  model: 'command-a-03-2025',
  refusals: [
    'bad_request', 'context_length', 'credentials', 'forbidden', 'unknown_model', 'quota', 'rate_limit', 'server',
    'overload', 'timeout',
  ],
  cost: '0.000115000', // 14 of the 24 tokens of the prompt are charged for
  files: {
    'endpoints/thoughtful.yaml': `${chat.replace('slug: chat', 'slug: thoughtful').replace('gpt-4.1-mini', 'command-a-reasoning-08-2025')}params: {reasoning_effort: low}\n`,
    'endpoints/tools.yaml': `${chat.replace('slug: chat', 'slug: tools')}allow: [tools, tool_choice]\n`,
    'endpoints/hot.yaml': `${chat.replace('slug: chat', 'slug: hot')}params: {temperature: 1.5, top_p: 1, stop: [END], frequency_penalty: -1}\n`,
  },
});

test('it is asked at its own path, and told whether to stream', async () => {
  for (const stream of [false, true]) {
    on.upstream.answer('x');
    await (await on.call('chat', { message: 'x', stream })).text();
    const call = on.upstream.calls.at(-1);
    assert.equal(call.path, '/v2/chat');
    assert.equal(call.headers.authorization, 'Bearer sk-test-canary');
    assert.equal(call.body.stream, stream);
  }
});

test('the schema goes along bare', async () => {
  on.upstream.answer({ json: { sum: 4 } });
  await on.call('sum', { a: 2, b: 2 });
  const { type, json_schema } = on.upstream.calls.at(-1).body.response_format;
  assert.equal(type, 'json_object');
  assert.equal(json_schema.properties.sum.type, 'integer');
  assert.equal(json_schema.properties.sum.minimum, undefined);
});

test('parameters have its names and stay in its ranges', async () => {
  on.upstream.answer('x');
  await on.call('hot', { message: 'x' });
  const { temperature, p, stop_sequences, frequency_penalty } = on.upstream.calls.at(-1).body;
  assert.deepEqual({ temperature, p, stop_sequences, frequency_penalty }, { temperature: 1, p: 0.99, stop_sequences: ['END'], frequency_penalty: 0 });
});

test('effort becomes a budget, and thoughts are not part of the answer', async () => {
  for (const stream of [false, true]) {
    on.upstream.answer({ reasoning: 'Weekday or not?', text: 'At nine.' });
    const response = await on.call('thoughtful', { message: 'When?', stream });
    assert.equal(stream ? textOf(await all(response)) : (await response.json()).content, 'At nine.');
    assert.deepEqual(on.upstream.calls.at(-1).body.thinking, { type: 'enabled', token_budget: 1024 });
  }
});

test('an error without a type ends a stream as well', async () => {
  on.upstream.answer({ text: ['At', ' nine.'] }, { error: { kind: 'server', at: 1, bare: true } });
  const got = await all(await on.call('chat', { message: 'x', stream: true }));
  assert.equal(textOf(got), 'At');
  assert.equal(got.at(-1).error.code, 'upstream_failed');
});

test('a tool that must be called is offered alone', async () => {
  const tools = ['now', 'then'].map((name) => ({ type: 'function', function: { name } }));
  for (const [choice, word, offered] of [
    ['auto', undefined, ['now', 'then']],
    ['required', 'REQUIRED', ['now', 'then']],
    ['none', 'NONE', ['now', 'then']],
    [{ type: 'function', function: { name: 'then' } }, 'REQUIRED', ['then']],
  ]) {
    on.upstream.answer(choice === 'none' ? 'No.' : { tool_calls: [{ name: offered.at(-1), arguments: {} }] });
    const response = await on.call('tools', { message: 'x', tools, tool_choice: choice });
    assert.equal(response.status, 200, await response.text());
    const { body } = on.upstream.calls.at(-1);
    assert.equal(body.tool_choice, word);
    assert.deepEqual(body.tools.map((one) => one.function.name), offered);
  }
});

test('text beside a call is a plan, and goes back as one', async () => {
  const tools = [{ type: 'function', function: { name: 'now' } }];
  on.upstream.answer({ text: 'I look at the clock.', tool_calls: [{ name: 'now', arguments: {} }] });
  const first = await (await on.call('tools', { message: 'x', tools })).json();
  assert.equal(first.content, 'I look at the clock.');
  on.upstream.answer('Nine.');
  const messages = [
    { role: 'user', content: 'x' },
    { role: 'assistant', content: first.content, tool_calls: first.tool_calls },
    { role: 'tool', tool_call_id: first.tool_calls[0].id, content: '9' },
  ];
  await on.call('tools', { messages, tools });
  const back = on.upstream.calls.at(-1).body.messages.find(({ role }) => role === 'assistant');
  assert.equal(back.tool_plan, 'I look at the clock.');
  assert.equal(back.content, undefined);
});
