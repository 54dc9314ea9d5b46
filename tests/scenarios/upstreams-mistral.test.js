// The scripted Mistral provider is like Mistral: Mistral's own SDK says so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mistral } from '@mistralai/mistralai';
import { HTTPValidationError, SDKError } from '@mistralai/mistralai/models/errors';
import { collect, departures, failure, hours, hoursSchema, png, stopSchema, vendor } from './support/vendor.js';

const on = vendor('mistral', ({ origin }) => new Mistral({ apiKey: 'k1', serverURL: origin, retryConfig: { strategy: 'none' } }));
const basis = { model: 'mistral-small-latest', messages: [{ role: 'user', content: 'When does the town library open?' }] };
const create = (more = {}) => on.sdk.chat.complete({ ...basis, ...more });
const chunks = async (more = {}) => (await collect(await on.sdk.chat.stream({ ...basis, ...more }))).map((one) => one.data);
const tools = [{ type: 'function', function: { ...departures, parameters: stopSchema } }];
const tram = { id: 'Tr4mD3p01', name: 'tram_departures', arguments: { stop: 'Harbour' } };
const asked = () => on.upstream.calls.at(-1).asked;
const post = (body) =>
  fetch(`${on.upstream.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer k' },
    body: JSON.stringify({ ...basis, ...body }),
  });

test('a plain answer, whole and streamed, with usage in its last chunk', async () => {
  on.upstream.answer({ text: 'At nine.', usage: { input: 21, output: 8, cached: 5 } });
  const got = await create({ maxTokens: 50, temperature: 0.5, stop: ['x'], randomSeed: 7 });
  assert.equal(got.choices[0].message.content, 'At nine.');
  assert.equal(got.choices[0].finishReason, 'stop');
  assert.equal(got.usage.totalTokens, 29);
  assert.deepEqual([asked().max_tokens, asked().temperature, asked().stop], [50, 0.5, ['x']]);
  assert.equal(on.upstream.calls.at(-1).body.random_seed, 7);
  on.upstream.answer({ text: ['At', ' nine.'], finish: 'length' });
  const streamed = await chunks();
  assert.equal(streamed.map((one) => one.choices[0].delta.content).join(''), 'At nine.');
  assert.equal(streamed.at(-1).choices[0].finishReason, 'length');
  assert.equal(streamed.at(-1).usage.totalTokens, 32);
});

test('tool calls, whole and streamed, and the turn with their results', async () => {
  on.upstream.answer({ tool_calls: [tram] });
  const { message, finishReason } = (await create({ tools, toolChoice: 'any' })).choices[0];
  assert.equal(finishReason, 'tool_calls');
  assert.deepEqual([message.content, message.toolCalls[0].function.arguments], ['', '{"stop":"Harbour"}']);
  on.upstream.answer({ tool_calls: [tram] });
  const delta = (await chunks({ tools })).map((one) => one.choices[0].delta).find((one) => one.toolCalls);
  assert.deepEqual([delta.toolCalls[0].id, delta.toolCalls[0].function.name], [tram.id, tram.name]);
  on.upstream.answer('In three minutes.');
  const { content, toolCalls } = message;
  const result = { role: 'tool', toolCallId: tram.id, name: tram.name, content: '{"minutes":3}' };
  await post({
    messages: [
      ...basis.messages,
      { role: 'assistant', content, tool_calls: toolCalls.map(({ id, function: own }) => ({ id, type: 'function', function: { name: own.name, arguments: own.arguments } })) },
      { role: 'tool', tool_call_id: tram.id, name: tram.name, content: result.content },
    ],
  });
  assert.deepEqual(asked().messages[1].tool_calls[0], tram);
  assert.equal(asked().messages[2].tool_call_id, tram.id);
});

test('reasoning is a part of the content', async () => {
  on.upstream.answer({ reasoning: 'Sunday is a rest day.', text: 'Closed.' });
  const { content } = (await create()).choices[0].message;
  assert.deepEqual(content.map(({ type }) => type), ['thinking', 'text']);
  assert.equal(content[0].thinking[0].text, 'Sunday is a rest day.');
  on.upstream.answer({ reasoning: ['Rest', ' day.'], text: 'Closed.' });
  const parts = (await chunks()).map((one) => one.choices[0].delta.content).filter(Array.isArray);
  assert.deepEqual(parts.map(([one]) => one.thinking[0].text), ['Rest', ' day.']);
});

test('structured output, an image, embeddings and the list of models', async () => {
  on.upstream.answer({ json: hours });
  const got = await create({ responseFormat: { type: 'json_schema', jsonSchema: { name: 'hours', strict: true, schemaDefinition: hoursSchema } } });
  assert.deepEqual(JSON.parse(got.choices[0].message.content), hours);
  assert.deepEqual(asked().schema, hoursSchema);
  const imageUrl = `data:image/png;base64,${png}`;
  on.upstream.answer('A fern.');
  await create({ messages: [{ role: 'user', content: [{ type: 'image_url', imageUrl }, { type: 'text', text: 'Which?' }] }] });
  assert.deepEqual(asked().messages[0].images, [imageUrl]);
  on.upstream.embed({ vectors: [[0.5], [1]] });
  const vectors = await on.sdk.embeddings.create({ model: 'mistral-embed', inputs: ['tram', 'ferry'] });
  assert.deepEqual(vectors.data.map((one) => one.embedding), [[0.5], [1]]);
});

test("each kind of error is the SDK's own with the vendor's status and body", async () => {
  for (const [kind, status, text] of [
    ['bad_request', 400, 'invalid_request_message_order'],
    ['context_length', 400, 'maximum context length'],
    ['unknown_model', 400, 'invalid_model'],
    ['credentials', 401, 'Unauthorized'],
    ['forbidden', 403, 'Forbidden'],
    ['rate_limit', 429, 'rate limit exceeded'],
    ['overload', 503, 'capacity'],
    ['server', 500, 'internal_server_error'],
  ]) {
    on.upstream.refuse({ kind, retryAfter: 2 });
    const error = await failure(create());
    assert.ok(error instanceof SDKError && error.statusCode === status && error.body.includes(text), `${kind}: ${error.stack}`);
    assert.equal(error.headers.get('retry-after'), '2');
  }
});

test('an error inside a stream breaks it', async () => {
  for (const at of ['first', 1]) {
    on.upstream.answer({ text: ['At', ' nine.'] }, { error: { kind: 'server', at } });
    assert.ok((await failure(chunks())) instanceof Error);
  }
});

test('what Mistral refuses is refused and would fail the test', async () => {
  on.upstream.answer('not asked');
  assert.ok((await failure(create({ temperature: 9 }))) instanceof HTTPValidationError);
  assert.match(on.upstream.forgive()[0], /'temperature'/);
  const use = { role: 'assistant', content: '', tool_calls: [{ id: 'call_1', function: { name: 'f', arguments: '{}' }, type: 'function' }] };
  const strict = { type: 'json_schema', json_schema: { name: 'x', strict: true, schema: { type: 'object' } } };
  for (const [body, status, what] of [
    [{ seed: 1 }, 422, "'seed' is not a field here"],
    [{ stream_options: { include_usage: true } }, 422, "'stream_options'"],
    [{ max_completion_tokens: 1 }, 422, "'max_completion_tokens'"],
    [{ messages: [{ role: 'developer', content: 'x' }] }, 422, "'messages[0].role'"],
    [{ messages: [{ role: 'user', content: 'x', name: 'y' }] }, 422, "'messages[0].name'"],
    [{ messages: [...basis.messages, { role: 'assistant', content: 'x' }] }, 400, 'expected last role'],
    [{ messages: [...basis.messages, use, { role: 'tool', tool_call_id: 'call_1', name: 'f', content: '1' }] }, 400, 'length of 9'],
    [{ tools: [{ type: 'function', function: { name: 'f' } }] }, 422, "'tools[0].function.parameters' is required"],
    [{ response_format: strict }, 400, 'additionalProperties'],
  ]) {
    on.upstream.answer('not asked');
    assert.equal((await post(body)).status, status, what);
    const [wrong] = on.upstream.forgive();
    assert.ok(wrong.includes(what), wrong);
  }
});
