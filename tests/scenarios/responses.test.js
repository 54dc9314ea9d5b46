// Behind an endpoint: OpenAI Responses, as OpenAI's own SDK understands the scripted provider.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { all, dialect, textOf } from './support/dialect.js';
import { chat } from './support/files.js';

const slug = (name, more) => `${chat.replace('slug: chat', `slug: ${name}`)}${more}`;
const on = dialect({
  kind: 'openai',
  protocol: 'openai-responses',
  model: 'gpt-5.2-codex', // to be had in no other API
  refusals: ['bad_request', 'context_length', 'quota', 'credentials', 'forbidden', 'unknown_model', 'rate_limit', 'overload', 'server', 'timeout', 'too_large'],
  cost: '0.000154000', // 24 x 1.75 + 8 x 14 dollars a million
  files: {
    'endpoints/thoughtful.yaml': slug('thoughtful', 'params: {reasoning_effort: max, temperature: 0.5, max_tokens: 9}\n'),
    'endpoints/words.yaml': slug('words', 'output_schema: schemas/words.json\n'),
    'schemas/words.json': { type: 'object', additionalProperties: { type: 'integer' } },
  },
});

test('the key goes along, and nothing is kept at the provider', async () => {
  on.upstream.answer('x');
  await on.call('chat', { message: 'x' });
  const { headers, body, path } = on.upstream.calls.at(-1);
  assert.equal(path, '/v1/responses');
  assert.equal(headers.authorization, 'Bearer sk-test-canary');
  assert.equal(body.store, false);
  assert.deepEqual(body.include, ['reasoning.encrypted_content']);
});

test('a model gets the effort it has, the least limit there is, and no sampling', async () => {
  on.upstream.answer('x');
  await on.call('thoughtful', { message: 'x' });
  const { body } = on.upstream.calls.at(-1);
  assert.deepEqual(body.reasoning, { effort: 'xhigh' });
  assert.equal(body.max_output_tokens, 16);
  assert.ok(!('temperature' in body));
});

test('what the model thought is not part of the answer, but of what it cost', async () => {
  for (const stream of [false, true]) {
    on.upstream.answer({ reasoning: 'Weekday or not?', state: 'gAAAA', text: 'At nine.', usage: { input: 24, output: 8, reasoning: 5 } });
    const response = await on.call('chat', { message: 'When?', stream });
    if (stream) {
      assert.equal(textOf(await all(response)), 'At nine.');
    } else {
      const body = await response.json();
      assert.equal(body.content, 'At nine.');
      assert.equal(body.usage.completion_tokens_details.reasoning_tokens, 5);
    }
  }
});

test('what was read from the cache is priced', async () => {
  for (const stream of [false, true]) {
    on.upstream.answer({ text: 'x', usage: { input: 1000, cached: 800, output: 10 } });
    const response = await on.call('chat', { message: 'x', stream });
    const body = stream ? (await all(response)).at(-2) : await response.json();
    assert.equal(body.usage.prompt_tokens_details.cached_tokens, 800);
    // 200 x 1.75 + 800 x 0.175 + 10 x 14 dollars a million.
    assert.equal((body.meta ?? body.pinion).cost_usd, '0.000630000');
  }
});

test('a schema outside of the strict subset goes along as a hint', async () => {
  on.upstream.answer({ json: { one: 2 } });
  assert.deepEqual((await (await on.call('words', { message: 'one one' })).json()).output, { one: 2 });
  assert.equal(on.upstream.calls.at(-1).body.text.format.strict, false);
});

test('a refusal of the model under a schema is told as such', async () => {
  on.upstream.answer({ refusal: 'I will not add.' });
  const response = await on.call('sum', { a: 2, b: 2 });
  assert.equal(response.status, 422);
  assert.match((await response.json()).error.message, /the model declined to answer/);
});

test('an answer that the provider filtered is told as such', async () => {
  for (const stream of [false, true]) {
    on.upstream.answer({ text: 'At', finish: 'content_filter' });
    const response = await on.call('chat', { message: 'x', stream });
    const reason = stream ? (await all(response)).at(-3).choices[0].finish_reason : (await response.json()).finish_reason;
    assert.equal(reason, 'content_filter');
  }
});

test('a response that failed is a failure, though it comes with status 200', async () => {
  on.upstream.answer({ text: 'At', finish: 'error' });
  const response = await on.call('chat', { message: 'x' });
  assert.equal(response.status, 502);
  assert.equal((await response.json()).error.code, 'upstream_failed');
  on.upstream.answer({ text: ['At', ' nine.'] }, { error: { kind: 'server', at: 1, failed: true } });
  const got = await all(await on.call('chat', { message: 'x', stream: true }));
  assert.equal(textOf(got), 'At');
  assert.equal(got.at(-1).error.code, 'upstream_failed');
});

test('what the provider says in between to keep the connection is no answer', async () => {
  on.upstream.answer({ text: ['At', ' nine.'] }, { pings: true });
  assert.equal(textOf(await all(await on.call('chat', { message: 'x', stream: true }))), 'At nine.');
});
