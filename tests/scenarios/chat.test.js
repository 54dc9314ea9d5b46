// POST /v1/chat/completions as OpenAI's SDK uses it; the model is a slug.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { scene } from './support/scene.js';

const city = z.object({ name: z.string(), people: z.number().int() });
const question = [{ role: 'user', content: 'Where?' }];
const weather = {
  type: 'function',
  function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
};

describe('chat completions', () => {
  const on = scene(
    () => ({
      'endpoints/plain.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: You are brief.\nallow: [max_tokens]\nstream: raw\nretry: {times: 0}\n',
      'endpoints/open.yaml':
        'provider: upstream\nmodel: gpt-4.1-mini\nsystem: You are brief.\nallow: [system, tools, tool_choice, response_format, temperature]\nstream: raw\nretry: {times: 0}\n',
      'endpoints/city.yaml':
        'provider: upstream\nmodel: gpt-4.1-mini\nsystem: Name a city.\noutput_schema: {type: object, properties: {name: {type: string}}, required: [name]}\non_invalid_output: {repair: true}\n',
    }),
    { protocol: 'openai-chat' },
  );
  const client = (path = '/v1') => new OpenAI({ apiKey: on.token, baseURL: `${on.gateway.url}${path}`, maxRetries: 0 });
  const asked = () => on.upstream.calls.at(-1).asked;

  test('a completion, with the pinned prompt in front, and whose request it was', async () => {
    on.upstream.answer({ text: 'Ghent.' });
    const { data, response } = await client().chat.completions.create({ model: 'plain', messages: question, max_tokens: 9, user: 'u-1' }).withResponse();
    assert.equal(data.object, 'chat.completion');
    assert.deepEqual(data.choices, [
      { index: 0, message: { role: 'assistant', content: 'Ghent.', refusal: null }, logprobs: null, finish_reason: 'stop' },
    ]);
    assert.equal(data.usage.total_tokens, data.usage.prompt_tokens + data.usage.completion_tokens);
    assert.equal(data.pinion.endpoint, 'plain');
    assert.equal(data._request_id, response.headers.get('x-request-id'));
    assert.equal(asked().system, 'You are brief.');
    assert.deepEqual(asked().messages.map(({ role, text }) => [role, text]), [['user', 'Where?']]);
    const line = await on.gateway.journal(response);
    assert.deepEqual([line.surface, line.endpoint, line.path], ['chat', 'plain', '/v1/chat/completions']);
  });

  test('below a project, by its name', async () => {
    on.upstream.answer({ text: 'Ghent.' });
    const data = await client('/api/default/v1').chat.completions.create({ model: 'plain', messages: question });
    assert.equal(data.choices[0].message.content, 'Ghent.');
    await assert.rejects(client('/api/another/v1').chat.completions.create({ model: 'plain', messages: question }), OpenAI.NotFoundError);
  });

  test('a stream: usage only where it is asked for', async () => {
    for (const wanted of [false, true]) {
      on.upstream.answer({ text: 'Ghent, then.' });
      const stream = await client().chat.completions.create({
        model: 'plain', messages: question, stream: true, ...(wanted && { stream_options: { include_usage: true } }),
      });
      const chunks = [];
      for await (const chunk of stream) chunks.push(chunk);
      assert.equal(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join(''), 'Ghent, then.');
      assert.deepEqual(chunks.map((chunk) => chunk.choices[0]?.finish_reason).filter(Boolean), ['stop']);
      assert.equal(chunks.filter((chunk) => chunk.usage).length, wanted ? 1 : 0);
    }
  });

  test('the helper of the SDK gathers a streamed call of a tool, and its result goes back', async () => {
    on.upstream.answer({ tool_calls: [{ name: 'get_weather', arguments: { city: 'Ghent' } }] });
    const stream = client().chat.completions.stream({ model: 'open', messages: question, tools: [weather] });
    const { message } = (await stream.finalChatCompletion()).choices[0];
    assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), { city: 'Ghent' });
    on.upstream.answer({ text: 'Rain.' });
    const told = await client().chat.completions.create({
      model: 'open', tools: [weather],
      messages: [...question, message, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: 'wet' }],
    });
    assert.equal(told.choices[0].message.content, 'Rain.');
    assert.deepEqual(asked().messages.map(({ role }) => role), ['user', 'assistant', 'tool']);
  });

  test('a schema that the caller brings along is asked for and checked', async () => {
    on.upstream.answer({ text: '{"name": "Ghent", "people": 265000}' });
    const ask = () => client().chat.completions.parse({ model: 'open', messages: question, response_format: zodResponseFormat(city, 'city') });
    assert.deepEqual((await ask()).choices[0].message.parsed, { name: 'Ghent', people: 265000 });
    assert.deepEqual(Object.keys(asked().schema.properties), ['name', 'people']);
    on.upstream.answer({ text: '{"name": "Ghent"}' });
    await assert.rejects(ask(), (error) => {
      assert(error instanceof OpenAI.UnprocessableEntityError);
      assert.equal(error.code, 'output_schema_violation');
      assert.equal(error.error.details.violations[0].keyword, 'required');
      return true;
    });
    on.upstream.answer({ text: '{"a": 1}' });
    const loose = await client().chat.completions.create({ model: 'open', messages: question, response_format: { type: 'json_object' } });
    assert.deepEqual(JSON.parse(loose.choices[0].message.content), { a: 1 });
    await assert.rejects(
      client().chat.completions.create({ model: 'plain', messages: question, response_format: { type: 'json_object' } }),
      { status: 422, code: 'parameter_not_allowed', param: '/response_format' },
    );
  });

  test("an endpoint's own schema holds; the content is the value that was found fit", async () => {
    on.upstream.answer({ text: 'Here: ```json\n{"name": "Ghent"}\n```' });
    const data = await client().chat.completions.create({ model: 'city', messages: question, response_format: { type: 'json_object' } });
    assert.equal(data.choices[0].message.content, '{"name": "Ghent"}');
  });

  test('an endpoint that does not stream answers a stream with what was checked', async () => {
    const ask = () => client().chat.completions.create({ model: 'city', messages: question, stream: true });
    on.upstream.answer({ text: 'Here: ```json\n{"name": "Ghent"}\n```' });
    const pieces = [];
    for await (const chunk of await ask()) if (chunk.choices[0]?.delta.content) pieces.push(chunk.choices[0].delta.content);
    assert.deepEqual(pieces, ['{"name": "Ghent"}']);
    on.upstream.answer({ text: '{"town": "Ghent"}' });
    await assert.rejects(ask(), OpenAI.UnprocessableEntityError);
  });

  test('errors are the typed ones of the SDK', async () => {
    await assert.rejects(client().chat.completions.create({ model: 'plain', messages: question, temperature: 1 }), OpenAI.UnprocessableEntityError);
    await assert.rejects(client().chat.completions.create({ messages: question }), { status: 400, param: '/model' });
    const { token } = await on.gateway.token('city');
    await assert.rejects(
      new OpenAI({ apiKey: token, baseURL: `${on.gateway.url}/v1`, maxRetries: 0 }).chat.completions.create({ model: 'plain', messages: question }),
      OpenAI.PermissionDeniedError,
    );
    await assert.rejects(
      new OpenAI({ apiKey: 'pin_live_no', baseURL: `${on.gateway.url}/v1` }).chat.completions.create({ model: 'plain', messages: question }),
      OpenAI.AuthenticationError,
    );
    on.upstream.refuse({ kind: 'server' });
    await assert.rejects(client().chat.completions.create({ model: 'plain', messages: question }), { status: 502, code: 'upstream_failed' });
    const get = await fetch(`${on.gateway.url}/v1/chat/completions`);
    assert.deepEqual([get.status, get.headers.get('allow')], [405, 'POST, OPTIONS']);
  });
});
