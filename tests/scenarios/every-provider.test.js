// One scenario, told once, for every provider that the gateway speaks natively.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { events } from './support/gateway.js';
import { scene } from './support/scene.js';

const usage = { input: 30, output: 8, cached: 4 };
// What the caller is told of each kind of refusal.
const told = {
  bad_request: 400,
  context_length: 400,
  credentials: 502,
  unknown_model: 502,
  rate_limit: 429,
  overload: 503,
  server: 502,
};

for (const protocol of ['openai-chat', 'openai-responses', 'anthropic', 'groq', 'ollama', 'mistral', 'gemini', 'cohere', 'azure', 'deepseek', 'together', 'openrouter', 'vllm']) {
  describe(protocol, () => {
    const on = scene(() => ({}), { protocol });
    const asked = () => on.upstream.calls.at(-1).asked;
    const chat = (more = {}) => on.gateway.call('chat', { message: 'When?', ...more }, on);

    test('a plain answer with its usage', async () => {
      on.upstream.answer({ text: 'At nine.', usage });
      const body = await (await chat()).json();
      assert.deepEqual([body.content, body.finish_reason], ['At nine.', 'stop']);
      assert.deepEqual([body.usage.prompt_tokens, body.usage.completion_tokens], [30, 8]);
      assert.deepEqual([asked().system, asked().messages[0].text], ['You are brief.', 'When?']);
    });

    test('a streamed answer, its bytes in small pieces', async () => {
      on.upstream.answer({ text: ['Grüße', ' 🙂'], usage }, { split: 5 });
      const all = [];
      for await (const one of events(await chat({ stream: true }))) all.push(one);
      assert.equal(all.map((one) => one.choices?.[0]?.delta?.content ?? '').join(''), 'Grüße 🙂');
      assert.equal(all.at(-1), '[DONE]');
      assert.equal(all.at(-2).usage.total_tokens, 38);
    });

    test('structured output, with the parameters of its endpoint', async () => {
      on.upstream.answer({ json: { sum: 4 }, usage });
      const response = await on.gateway.call('sum', { a: 2, b: 2 }, on);
      assert.deepEqual((await response.json()).output, { sum: 4 });
      assert.equal(asked().max_tokens, 50);
    });

    test('an answer cut at its limit', async () => {
      on.upstream.answer({ text: 'At', finish: 'length', usage });
      assert.equal((await (await chat()).json()).finish_reason, 'length');
    });

    test('a stream that breaks off, or says that it failed, does not end cleanly', async () => {
      for (const how of [{ without: 'finish' }, { error: { kind: 'server', at: 1 } }, { cut: { events: 6, then: 'reset' } }]) {
        on.upstream.answer({ text: ['At', ' nine', ' or', ' ten', ',', ' or', ' later', ' perhaps.'], usage }, how);
        const all = [];
        for await (const one of events(await chat({ stream: true }))) all.push(one);
        assert.equal(all.at(-1).error?.type, 'upstream_error', JSON.stringify(how));
      }
    });

    test('each kind of refusal', async () => {
      for (const [kind, status] of Object.entries(told)) {
        on.upstream.refuse({ kind });
        assert.equal((await chat()).status, status, kind);
      }
    });
  });
}
