// The scripted Cohere provider is like Cohere: Cohere's own SDK says so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CohereClientV2 } from 'cohere-ai';
import { collect, departures, failure, hours, hoursSchema, png, stopSchema, tram, vendor } from './support/vendor.js';

const on = vendor('cohere', ({ url }) => new CohereClientV2({ token: 'k1', environment: url }));
const basis = { model: 'command-a-03-2025', messages: [{ role: 'user', content: 'When does the town library open?' }] };
const once = { maxRetries: 0 };
const create = (more = {}) => on.sdk.chat({ ...basis, ...more }, once);
const events = async (more = {}) => collect(await on.sdk.chatStream({ ...basis, ...more }, once));
const tools = [{ type: 'function', function: { ...departures, parameters: stopSchema } }];
const asked = () => on.upstream.calls.at(-1).asked;

test('a plain answer, whole and streamed, with its usage', async () => {
  on.upstream.answer({ text: 'At nine.', usage: { input: 82, output: 10, cached: 4 } });
  const got = await create({ maxTokens: 50, temperature: 0.5, p: 0.9, stopSequences: ['x'], seed: 7 });
  assert.equal(got.message.content[0].text, 'At nine.');
  assert.equal(got.finishReason, 'COMPLETE');
  assert.deepEqual(got.usage.tokens, { inputTokens: 82, outputTokens: 10 });
  assert.equal(on.upstream.calls.at(-1).key, 'k1');
  assert.deepEqual([asked().max_tokens, asked().top_p, asked().stop, asked().seed, asked().stream], [50, 0.9, ['x'], 7, false]);
  on.upstream.answer({ text: ['At', ' nine.'], finish: 'length' });
  const all = await events();
  const deltas = all.filter(({ type }) => type === 'content-delta');
  assert.equal(deltas.map((one) => one.delta.message.content.text).join(''), 'At nine.');
  assert.equal(all.at(-1).delta.finishReason, 'MAX_TOKENS');
  assert.equal(all.at(-1).delta.usage.tokens.inputTokens, 24);
});

test('a plan and tool calls, whole and in fragments, and the turn with their results', async () => {
  on.upstream.answer({ text: 'I look at the board.', tool_calls: [tram] });
  const got = await create({ tools, toolChoice: 'REQUIRED' });
  assert.equal(got.finishReason, 'TOOL_CALL');
  assert.equal(got.message.toolPlan, 'I look at the board.');
  assert.equal(got.message.toolCalls[0].function.arguments, '{"stop":"Harbour"}');
  assert.equal(asked().tool_choice, 'required');
  on.upstream.answer({ text: 'I look.', tool_calls: [tram] });
  const all = await events({ tools });
  assert.equal(all.find(({ type }) => type === 'tool-call-start').delta.message.toolCalls.function.name, 'tram_departures');
  const pieces = all.filter(({ type }) => type === 'tool-call-delta').map((one) => one.delta.message.toolCalls.function.arguments);
  assert.equal(pieces.join(''), '{"stop":"Harbour"}');
  on.upstream.answer('In three minutes.');
  const { role, toolPlan, toolCalls } = got.message;
  await create({ tools, messages: [...basis.messages, { role, toolPlan, toolCalls }, { role: 'tool', toolCallId: 'call_Jq7', content: '{"minutes":3}' }] });
  assert.deepEqual(asked().messages[1].tool_calls, [tram]);
  assert.equal(asked().messages[2].tool_call_id, 'call_Jq7');
});

test('thinking is a part of the content', async () => {
  on.upstream.answer({ reasoning: 'Weekday?', text: 'At nine.' });
  const got = await create({ thinking: { type: 'enabled', tokenBudget: 100 } });
  assert.deepEqual(got.message.content, [{ type: 'thinking', thinking: 'Weekday?' }, { type: 'text', text: 'At nine.' }]);
  on.upstream.answer({ reasoning: 'Weekday?', text: 'At nine.' });
  const thoughts = (await events()).filter(({ type }) => type === 'content-delta').map((one) => one.delta.message.content.thinking ?? '');
  assert.equal(thoughts.join(''), 'Weekday?');
});

test('structured output, an image, embeddings and the list of models', async () => {
  on.upstream.answer({ json: hours });
  const got = await create({ responseFormat: { type: 'json_object', jsonSchema: hoursSchema } });
  assert.deepEqual(JSON.parse(got.message.content[0].text), hours);
  assert.deepEqual(asked().schema, hoursSchema);
  const url = `data:image/png;base64,${png}`;
  on.upstream.answer('A fern.');
  await create({ messages: [{ role: 'user', content: [{ type: 'image_url', imageUrl: { url } }, { type: 'text', text: 'Which?' }] }] });
  assert.deepEqual(asked().messages[0].images, [url]);
  on.upstream.embed({ vectors: [[0.5], [1]] });
  const vectors = await on.sdk.embed({ model: 'embed-v4.0', inputType: 'search_document', texts: ['tram', 'ferry'], embeddingTypes: ['float'] }, once);
  assert.deepEqual(vectors.embeddings.float, [[0.5], [1]]);
});

test("each kind of error is the SDK's own class of it", async () => {
  for (const [kind, name, status] of [
    ['bad_request', 'BadRequestError', 400],
    ['context_length', 'BadRequestError', 400],
    ['credentials', 'UnauthorizedError', 401],
    ['quota', 'CohereError', 402],
    ['forbidden', 'ForbiddenError', 403],
    ['unknown_model', 'NotFoundError', 404],
    ['rate_limit', 'TooManyRequestsError', 429],
    ['server', 'InternalServerError', 500],
    ['overload', 'ServiceUnavailableError', 503],
    ['timeout', 'GatewayTimeoutError', 504],
  ]) {
    on.upstream.refuse({ kind, retryAfter: 2 });
    const error = await failure(create());
    assert.deepEqual([error.constructor.name, error.statusCode], [name, status], kind);
    assert.equal(error.rawResponse.headers.get('retry-after'), '2');
  }
});

test('a stream that fails ends with the reason ERROR', async () => {
  on.upstream.answer({ text: ['At', ' nine.'] }, { error: { kind: 'server', at: 1 } });
  const all = await events();
  assert.equal(all.at(-1).delta.finishReason, 'ERROR');
  assert.equal(all.at(-1).delta.error, 'internal server error');
  assert.equal(all.filter(({ type }) => type === 'content-delta').length, 1);
});

test('what Cohere refuses is refused and would fail the test', async () => {
  const format = (schema, more) => ({ response_format: { type: 'json_object', json_schema: schema }, ...more });
  for (const [body, what] of [
    [{ stream: undefined }, "'stream' is required"],
    [{ top_p: 0.5 }, "'top_p' is not a field here"],
    [{ p: 1 }, "'p'"],
    [{ temperature: 1.5 }, "'temperature'"],
    [{ tool_choice: 'auto' }, "'tool_choice'"],
    [{ frequency_penalty: -1 }, "'frequency_penalty'"],
    [{ messages: [{ role: 'developer', content: 'x' }] }, "'messages[0].role'"],
    [{ messages: [{ role: 'tool', tool_call_id: 'x', content: '1' }] }, "'x' answers no tool call"],
    [format({ type: 'object', properties: { a: { type: 'string' } } }), 'at least one required property'],
    [format({ name: 'x', schema: hoursSchema }), 'at its root'],
    [format({ ...hoursSchema, properties: { ...hoursSchema.properties, a: { minimum: 1 } } }), "'minimum' is not supported"],
    [format(hoursSchema, { tools }), 'cannot be combined with tools'],
  ]) {
    on.upstream.answer('not asked');
    const reply = await fetch(`${on.upstream.url}/v2/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer k' },
      body: JSON.stringify({ ...basis, stream: false, ...body }),
    });
    assert.ok([400, 422].includes(reply.status), what);
    const [wrong] = on.upstream.forgive();
    assert.ok(wrong.includes(what), wrong);
  }
});
