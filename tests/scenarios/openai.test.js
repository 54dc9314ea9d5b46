// Behind an endpoint: Chat Completions, as OpenAI's own SDK understands the scripted provider.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { all, dialect, textOf } from './support/dialect.js';
import { chat } from './support/files.js';

const on = dialect({
  kind: 'openai',
  protocol: 'openai-chat',
  model: 'gpt-4.1-mini',
  refusals: ['bad_request', 'context_length', 'quota', 'credentials', 'forbidden', 'unknown_model', 'rate_limit', 'overload', 'server', 'timeout', 'too_large'],
  cost: '0.000022400', // 24 x 0.40 + 8 x 1.60 dollars a million
  files: { 'endpoints/thoughtful.yaml': `${chat.replace('slug: chat', 'slug: thoughtful').replace('gpt-4.1-mini', 'gpt-5.1')}params: {reasoning_effort: max, temperature: 0.5, max_tokens: 90}\n` },
});

test('the key, the path and what must be said go along', async () => {
  on.upstream.answer('x');
  await all(await on.call('chat', { message: 'x', stream: true }));
  const { headers, body, path } = on.upstream.calls.at(-1);
  assert.equal(path, '/v1/chat/completions');
  assert.equal(headers.authorization, 'Bearer sk-test-canary');
  assert.deepEqual(body.stream_options, { include_usage: true });
});

test('a model that reasons gets the effort it has, its own limit, and no sampling', async () => {
  on.upstream.answer({ text: 'At nine.', usage: { input: 24, output: 8, reasoning: 5 } });
  const { content, usage } = await (await on.call('thoughtful', { message: 'When?' })).json();
  assert.equal(content, 'At nine.');
  assert.equal(usage.completion_tokens_details.reasoning_tokens, 5);
  const { body } = on.upstream.calls.at(-1);
  assert.equal(body.reasoning_effort, 'high');
  assert.equal(body.max_completion_tokens, 90);
  assert.ok(!('temperature' in body) && !('max_tokens' in body));
});

test('what was read from the cache and written to it is priced', async () => {
  for (const stream of [false, true]) {
    on.upstream.answer({ text: 'x', usage: { input: 1000, cached: 800, output: 10 } });
    const response = await on.call('chat', { message: 'x', stream });
    const body = stream ? (await all(response)).at(-2) : await response.json();
    assert.equal(body.usage.prompt_tokens_details.cached_tokens, 800);
    // 200 x 0.40 + 800 x 0.10 + 10 x 1.60 dollars a million.
    assert.equal((body.meta ?? body.pinion).cost_usd, '0.000176000');
  }
});

test('the schema goes along as strict structured output', async () => {
  on.upstream.answer({ json: { sum: 4 } });
  await on.call('sum', { a: 2, b: 2 });
  const { response_format } = on.upstream.calls.at(-1).body;
  assert.equal(response_format.json_schema.strict, true);
  assert.equal(response_format.json_schema.schema.additionalProperties, false);
});

test('a refusal of the model under a schema is told as such', async () => {
  on.upstream.answer({ refusal: 'I will not add.' });
  const response = await on.call('sum', { a: 2, b: 2 });
  assert.equal(response.status, 422);
  assert.match((await response.json()).error.message, /the model declined to answer/);
});

test('filtered content is told as such', async () => {
  on.upstream.answer({ text: 'At n', finish: 'content_filter' });
  assert.equal((await (await on.call('chat', { message: 'x' })).json()).finish_reason, 'content_filter');
});

test('a stream that ends without [DONE] behind its finish reason is whole', async () => {
  on.upstream.answer({ text: ['At', ' nine.'] }, { without: 'end' });
  const got = await all(await on.call('chat', { message: 'x', stream: true }));
  assert.equal(textOf(got), 'At nine.');
  assert.equal(got.at(-1), '[DONE]');
});
