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
