// Behind an endpoint: the hosts that speak Chat Completions, each with its quirks.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { all, dialect, textOf } from './support/dialect.js';
import { chat } from './support/files.js';
import { scene } from './support/scene.js';

const refusals = ['bad_request', 'context_length', 'quota', 'credentials', 'forbidden', 'unknown_model', 'rate_limit', 'overload', 'server', 'timeout', 'too_large'];
const but = (...missing) => refusals.filter((kind) => !missing.includes(kind));
const asked = (on) => on.upstream.calls.at(-1).body;
const thinks = (effort) => ({ 'endpoints/thinks.yaml': `${chat.replace('slug: chat', 'slug: thinks')}params: {reasoning_effort: ${effort}, max_tokens: 50}\n` });

// Reasoning is no part of the answer, wherever the host puts it.
const keepsThoughtsApart = (on) =>
  test('thoughts are no part of the answer', async () => {
    for (const stream of [false, true]) {
      on.upstream.answer({ reasoning: 'Weekday or not?', text: 'At nine.' });
      const response = await on.call('thinks', { message: 'When?', stream });
      assert.equal(stream ? textOf(await all(response)) : (await response.json()).content, 'At nine.');
    }
  });

describe('Azure', () => {
  const on = dialect({ kind: 'azure', model: 'gpt-4.1-mini', refusals: but('quota'), cost: '0.000022400' });

  test('the key has a header of its own', async () => {
    on.upstream.answer('x');
    await on.call('chat', { message: 'x' });
    const { headers, path } = on.upstream.calls.at(-1);
    assert.equal(path, '/openai/v1/chat/completions');
    assert.equal(headers['api-key'], 'sk-test-canary');
    assert.equal(headers.authorization, undefined);
  });

  test('what its filter refuses is told as refused', async () => {
    on.upstream.refuse({ kind: 'content_filter' });
    const response = await on.call('chat', { message: 'x' });
    assert.equal(response.status, 400);
    assert.equal((await response.json()).error.code, 'upstream_rejected');
  });
});

describe('Azure, by its dated API', () => {
  const on = scene(
    (upstream) => ({
      'pinion.yaml': `
listen: 127.0.0.1:0
providers:
  upstream:
    kind: azure
    base_url: "${upstream.url.replace(/\/openai\/v1$/, '/openai')}"
    key: "sk-test-canary"
    api_version: 2024-10-21
    deployments: {think-1: gpt-5.1}
    allow_http: true
    allow_private: true
`,
      'endpoints/chat.yaml': `${chat.replace('gpt-4.1-mini', 'think-1')}params: {reasoning_effort: max, temperature: 0.5, max_tokens: 50}\n`,
    }),
    { protocol: 'azure' },
  );

  test('the deployment is in the path, and is spoken to as the model it is', async () => {
    on.upstream.answer({ text: 'At nine.', usage: { input: 24, output: 8 } });
    const response = await on.gateway.call('chat', { message: 'When?' }, on);
    const { content, meta } = await response.json();
    assert.equal(content, 'At nine.');
    assert.equal(meta.cost_usd, '0.000110000'); // 24 x 1.25 + 8 x 10 dollars a million
    const { path } = on.upstream.calls.at(-1);
    assert.equal(path, '/openai/deployments/think-1/chat/completions?api-version=2024-10-21');
    assert.deepEqual([asked(on).reasoning_effort, asked(on).max_completion_tokens, asked(on).temperature], ['high', 50, undefined]);
  });
});

describe('Groq', () => {
  const on = dialect({ kind: 'groq', model: 'openai/gpt-oss-120b', refusals: but(), cost: '0.000008400', files: thinks('minimal') });
  keepsThoughtsApart(on);

  test('a schema goes along, but is said in words in a stream', async () => {
    on.upstream.answer({ json: { sum: 4 } });
    await on.call('sum', { a: 2, b: 2 });
    assert.equal(asked(on).response_format.type, 'json_schema');
    on.upstream.answer({ json: { sum: 4 } });
    await all(await on.call('streamed', { a: 2, b: 2, stream: true }));
    assert.equal(asked(on).response_format, undefined);
    assert.match(asked(on).messages[0].content, /JSON Schema/);
  });

  test('an answer that fails its own check is not ours to serve', async () => {
    on.upstream.json({ error: { message: 'x', type: 'invalid_request_error', code: 'json_validate_failed', failed_generation: '{' } }, { status: 400 });
    assert.equal((await (await on.call('sum', { a: 2, b: 2 })).json()).error.code, 'upstream_invalid_response');
  });
});

describe('DeepSeek', () => {
  const on = dialect({ kind: 'deepseek', model: 'deepseek-v4-flash', refusals: but(), cost: '0.000005600', files: thinks('none') });
  keepsThoughtsApart(on);

  test('thinking is switched off by name, and a schema is said in words', async () => {
    on.upstream.answer('x');
    await on.call('thinks', { message: 'x' });
    assert.deepEqual([asked(on).thinking, asked(on).reasoning_effort, asked(on).max_tokens], [{ type: 'disabled' }, undefined, 50]);
    on.upstream.answer({ json: { sum: 4 } });
    await on.call('sum', { a: 2, b: 2 });
    assert.deepEqual(asked(on).response_format, { type: 'json_object' });
  });

  test('blank lines before an answer are a held connection', async () => {
    on.upstream.json('\n\n\n{"choices":[{"message":{"content":"At nine."},"finish_reason":"stop"}]}');
    assert.equal((await (await on.call('chat', { message: 'x' })).json()).content, 'At nine.');
  });
});

describe('Together', () => {
  const on = dialect({ kind: 'together', model: 'openai/gpt-oss-120b', refusals: but(), cost: '0.000008400', files: thinks('high') });
  keepsThoughtsApart(on);
});

describe('OpenRouter', () => {
  const on = dialect({ kind: 'openrouter', model: 'anthropic/claude-sonnet-4.5', refusals: but(), cost: null, files: thinks('max') });
  keepsThoughtsApart(on);

  test('effort is an object', async () => {
    on.upstream.answer('x');
    await on.call('thinks', { message: 'x' });
    assert.deepEqual(asked(on).reasoning, { effort: 'xhigh' });
  });

  test('an error that comes with status 200 is an error', async () => {
    on.upstream.json({ error: { code: 429, message: 'x' } });
    assert.equal((await on.call('chat', { message: 'x' })).status, 429);
  });
});

describe('vLLM', () => {
  const on = dialect({ kind: 'vllm', model: 'qwen3', refusals: but('quota'), cost: null, files: thinks('none') });
  keepsThoughtsApart(on);

  test('its chat template is told not to think', async () => {
    on.upstream.answer('x');
    await on.call('thinks', { message: 'x' });
    assert.deepEqual(asked(on).chat_template_kwargs, { enable_thinking: false });
  });
});

describe('llama.cpp', () => {
  const on = dialect({ kind: 'llamacpp', model: 'qwen3', refusals: but('quota', 'rate_limit', 'forbidden'), cost: null, files: thinks('low') });
  keepsThoughtsApart(on);
});
