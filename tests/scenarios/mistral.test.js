// Behind an endpoint: Mistral, as Mistral's own SDK understands the scripted provider.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { all, dialect, textOf } from './support/dialect.js';
import { chat } from './support/files.js';

const on = dialect({
  kind: 'mistral',
  model: 'mistral-small-latest',
  refusals: ['bad_request', 'context_length', 'quota', 'credentials', 'forbidden', 'unknown_model', 'rate_limit', 'overload', 'server', 'timeout', 'too_large'],
  cost: '0.000002880', // 24 x 0.06 + 8 x 0.18 dollars a million
  files: { 'endpoints/seeded.yaml': `${chat.replace('slug: chat', 'slug: seeded')}params: {seed: 7, temperature: 2, max_tokens: 9, reasoning_effort: minimal}\n` },
});

test('parameters have its names and stay in its ranges', async () => {
  for (const stream of [false, true]) {
    on.upstream.answer('x');
    await (await on.call('seeded', { message: 'x', stream })).text();
    const { body, headers, path } = on.upstream.calls.at(-1);
    assert.equal(path, '/v1/chat/completions');
    assert.equal(headers.authorization, 'Bearer sk-test-canary');
    assert.deepEqual([body.random_seed, body.temperature, body.max_tokens, body.reasoning_effort], [7, 1.5, 9, 'low']);
    assert.ok(!('stream_options' in body) && !('seed' in body));
  }
});

test('thoughts are no part of the answer', async () => {
  for (const stream of [false, true]) {
    on.upstream.answer({ reasoning: 'Weekday or not?', text: 'At nine.' });
    const response = await on.call('chat', { message: 'When?', stream });
    assert.equal(stream ? textOf(await all(response)) : (await response.json()).content, 'At nine.');
  }
});

test('the schema goes along as strict structured output', async () => {
  on.upstream.answer({ json: { sum: 4 } });
  await on.call('sum', { a: 2, b: 2 });
  const { response_format } = on.upstream.calls.at(-1).body;
  assert.equal(response_format.json_schema.strict, true);
  assert.equal(response_format.json_schema.schema.additionalProperties, false);
});
