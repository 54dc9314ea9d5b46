// Behind an endpoint: Gemini, as Google's own client library understands the scripted provider.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { all, dialect, textOf } from './support/dialect.js';
import { chat } from './support/files.js';

const on = dialect({
  kind: 'gemini',
  model: 'gemini-2.5-flash',
  refusals: [
    'bad_request', 'context_length', 'credentials', 'forbidden', 'unknown_model', 'too_large', 'quota', 'rate_limit',
    'server', 'overload', 'timeout',
  ],
  cost: '0.000027200',
  files: {
    'endpoints/thoughtful.yaml': `${chat.replace('slug: chat', 'slug: thoughtful')}params: {reasoning_effort: low}\n`,
  },
});

test('the model and whether it streams are in the path, the key is in its header', async () => {
  for (const [stream, path] of [
    [false, '/v1beta/models/gemini-2.5-flash:generateContent'],
    [true, '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse'],
  ]) {
    on.upstream.answer('x');
    await (await on.call('chat', { message: 'x', stream })).text();
    const call = on.upstream.calls.at(-1);
    assert.equal(call.path, path);
    assert.equal(call.headers['x-goog-api-key'], 'sk-test-canary');
    assert.equal(call.headers.authorization, undefined);
  }
});

test('the schema goes along in its own field, without what it does not know', async () => {
  on.upstream.answer({ json: { sum: 4 } });
  await on.call('sum', { a: 2, b: 2 });
  const { responseMimeType, responseJsonSchema } = on.upstream.calls.at(-1).body.generationConfig;
  assert.equal(responseMimeType, 'application/json');
  assert.deepEqual(responseJsonSchema.properties.sum, { type: 'integer', minimum: 0 });
});

test('effort becomes a budget, and thoughts are not part of the answer', async () => {
  for (const stream of [false, true]) {
    on.upstream.answer({ reasoning: 'Weekday or not?', text: 'At nine.', usage: { input: 24, output: 48, reasoning: 40 } });
    const response = await on.call('thoughtful', { message: 'When?', stream });
    if (stream) {
      assert.equal(textOf(await all(response)), 'At nine.');
    } else {
      const body = await response.json();
      assert.equal(body.content, 'At nine.');
      assert.equal(body.usage.completion_tokens, 48);
    }
    assert.deepEqual(on.upstream.calls.at(-1).body.generationConfig.thinkingConfig, { thinkingBudget: 1024, includeThoughts: true });
  }
});

test('a prompt that its filter blocks is an empty answer that says so', async () => {
  for (const stream of [false, true]) {
    on.upstream.refuse({ kind: 'content_filter' });
    const response = await on.call('chat', { message: 'x', stream });
    if (stream) assert.equal((await all(response)).at(-3).choices[0].finish_reason, 'content_filter');
    else assert.equal((await response.json()).finish_reason, 'content_filter');
  }
});

test('an answer that failed its own check is the provider’s failure', async () => {
  on.upstream.answer({ text: '', finish: 'error' });
  const response = await on.call('chat', { message: 'x' });
  assert.equal(response.status, 502);
  assert.equal((await response.json()).error.code, 'upstream_invalid_response');
});

test('how long to wait is read in the body', async () => {
  on.upstream.refuse({ kind: 'rate_limit', retryAfter: 17 });
  const response = await on.call('chat', { message: 'x' });
  assert.equal(response.status, 429);
  assert.equal(response.headers.get('retry-after'), '17');
});
