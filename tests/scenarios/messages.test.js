// POST /v1/messages as Anthropic's SDK uses it, over each protocol that the gateway speaks to providers.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { z } from 'zod';
import { scene } from './support/scene.js';

const weather = {
  name: 'get_weather',
  description: 'The weather of a city.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false },
};
const clock = { name: 'get_time', input_schema: { type: 'object', properties: {} } };
const called = { name: 'get_weather', arguments: { city: 'Zürich' } };
const question = [{ role: 'user', content: 'Rain?' }];
const png = 'iVBORw0KGgo=';
const max_tokens = 64;
const open = (model, more = '') => `
provider: upstream
model: ${model}
system: You are brief.
allow: [system, tools, tool_choice, response_format, max_tokens, temperature, top_p, stop, reasoning_effort]
stream: raw
retry: {times: 0}
${more}`;

const client = (on, more = {}) => new Anthropic({ apiKey: on.token, baseURL: on.gateway.url, maxRetries: 0, ...more });
const uses = (message) => message.content.filter(({ type }) => type === 'tool_use');
const textOf = (message) => message.content.filter(({ type }) => type === 'text').map(({ text }) => text).join('');
const collect = async (stream) => {
  const all = [];
  for await (const event of stream) all.push(event);
  return all;
};

// model; sees: whether it takes images, `url` also by their URL; thinks: the params with which it thinks, and wants
// `back` what it then said; `calls`: how many calls it may make at once.
const protocols = {
  'openai-chat': { model: 'gpt-4.1-mini' },
  'openai-responses': { model: 'gpt-5.2-codex', thinks: '' },
  anthropic: { model: 'claude-sonnet-4-6', thinks: 'params: {reasoning_effort: low}' },
  gemini: { model: 'gemini-3-flash-preview', thinks: '' },
  mistral: { model: 'mistral-medium-latest' },
  cohere: { model: 'command-a-reasoning-08-2025', thinks: '', back: 'A city.' },
  ollama: { model: 'qwen3', url: false, thinks: 'params: {reasoning_effort: low}', back: 'A city.' },
  groq: { model: 'llama-3.3-70b-versatile' },
  azure: { model: 'gpt-4.1-mini' },
  deepseek: { model: 'deepseek-reasoner', sees: false, thinks: '', back: 'A city.' },
  together: { model: 'gpt-4.1-mini' },
  openrouter: { model: 'openai/gpt-4.1-mini' },
  vllm: { model: 'qwen3', thinks: '', back: 'A city.' },
  llamacpp: { model: 'qwen3' },
};

for (const [protocol, { model, sees = true, url = true, thinks, back = 'U3RhdGU=' }] of Object.entries(protocols)) {
  describe(protocol, () => {
    const on = scene(
      () => ({ 'endpoints/open.yaml': open(model), 'endpoints/thinks.yaml': open(model, thinks ?? '') }),
      { protocol },
    );
    const asked = () => on.upstream.calls.at(-1).asked;
    const create = (body, as = 'open') => client(on).messages.create({ model: as, max_tokens, messages: question, ...body });

    test('a text, whole and streamed', async () => {
      on.upstream.answer({ text: ['At', ' nine.'], usage: { input: 58, output: 44, cached: 8 } });
      const whole = await create();
      assert.deepEqual([whole.type, whole.role, whole.stop_reason, textOf(whole)], ['message', 'assistant', 'end_turn', 'At nine.']);
      assert.equal(whole.usage.input_tokens + whole.usage.cache_read_input_tokens, 58);
      assert.equal(whole.usage.output_tokens, 44);
      assert.equal(whole.pinion.endpoint, 'open');
      assert.equal(asked().system, 'You are brief.');

      on.upstream.answer({ text: ['At', ' nine.'], usage: { input: 58, output: 44 } });
      const events = await collect(await create({ stream: true }));
      const kinds = events.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1]);
      assert.deepEqual(kinds, ['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop', 'message_delta', 'message_stop']);
      assert.equal(events.filter(({ type }) => type === 'content_block_delta').map(({ delta }) => delta.text).join(''), 'At nine.');
      const { delta, usage, pinion } = events.at(-2);
      assert.equal(delta.stop_reason, 'end_turn');
      assert.deepEqual([usage.input_tokens, usage.output_tokens], [58, 44]);
      assert.equal(pinion.endpoint, 'open');
    });

    test('calls of tools, one and two at once, and their results go back', async () => {
      for (const stream of [false, true]) {
        on.upstream.answer({ text: 'Wait.', tool_calls: [called, { name: 'get_time', arguments: {} }] });
        const body = { model: 'open', max_tokens, messages: question, tools: [weather, clock] };
        const first = stream ? await client(on).messages.stream(body).finalMessage() : await create(body);
        assert.equal(first.stop_reason, 'tool_use');
        assert.deepEqual(first.content.map(({ type }) => type), ['text', 'tool_use', 'tool_use']);
        assert.deepEqual(uses(first).map(({ name, input }) => ({ name, arguments: input })), [called, { name: 'get_time', arguments: {} }]);
        assert.notEqual(uses(first)[0].id, uses(first)[1].id);
        assert.deepEqual(asked().tools.map(({ name }) => name), ['get_weather', 'get_time']);

        on.upstream.answer('Take an umbrella.');
        const results = uses(first).map(({ id, name }) => ({ type: 'tool_result', tool_use_id: id, content: [{ type: 'text', text: `of ${name}` }] }));
        const messages = [...question, { role: 'assistant', content: first.content }, { role: 'user', content: results }];
        assert.equal(textOf(await create({ messages, tools: [weather, clock] })), 'Take an umbrella.');
        const told = asked().messages;
        assert.deepEqual(told.find((one) => one.tool_calls?.length).tool_calls.map(({ name }) => name), ['get_weather', 'get_time']);
        assert.ok(told.some((one) => one.text.includes('of get_weather')) && told.some((one) => one.text.includes('of get_time')));
      }
    });

    test('a schema of the answer', async () => {
      on.upstream.answer({ json: { sum: 4 } });
      const parsed = await client(on).messages.parse({
        model: 'open', max_tokens, messages: question,
        output_config: { format: zodOutputFormat(z.object({ sum: z.number().int() })) },
      });
      assert.deepEqual(parsed.parsed_output, { sum: 4 });
      on.upstream.answer({ json: { sum: 'four' } });
      await assert.rejects(
        create({ output_config: { format: { type: 'json_schema', schema: { type: 'object', properties: { sum: { type: 'integer' } }, required: ['sum'], additionalProperties: false } } } }),
        (error) => error instanceof Anthropic.UnprocessableEntityError && error.error.error.code === 'output_schema_violation',
      );
    });

    if (sees)
      test('images, in their place', async () => {
        const content = [
          { type: 'text', text: 'What is ' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
          ...(url ? [{ type: 'image', source: { type: 'url', url: 'https://example.org/cat.jpg' } }] : []),
          { type: 'text', text: 'this?' },
        ];
        on.upstream.answer('A cat.');
        assert.equal(textOf(await create({ messages: [{ role: 'user', content }] })), 'A cat.');
        const [{ images, text }] = asked().messages;
        assert.equal(text.replaceAll('\n', ''), 'What is this?');
        assert.ok(images[0].endsWith(png), images[0]);
        assert.deepEqual(images.slice(1), url ? ['https://example.org/cat.jpg'] : []);
      });

    if (thinks !== undefined)
      test('the state of its thoughts goes back with the calls, though the client never has it', async () => {
        for (const stream of [false, true]) {
          on.upstream.answer({ reasoning: 'A city.', state: 'U3RhdGU=', tool_calls: [called] });
          const body = { model: 'thinks', max_tokens, messages: question, tools: [weather] };
          const first = stream ? await client(on).messages.stream(body).finalMessage() : await create(body, 'thinks');
          assert.ok(!JSON.stringify(first).includes(back));
          on.upstream.answer('Take an umbrella.');
          const messages = [
            ...question,
            { role: 'assistant', content: first.content },
            { role: 'user', content: [{ type: 'tool_result', tool_use_id: uses(first)[0].id, content: 'rain' }] },
          ];
          await create({ messages, tools: [weather] }, 'thinks');
          assert.ok(on.upstream.calls.at(-1).text.includes(back), on.upstream.calls.at(-1).text);
        }
      });
  });
}
