// The scripted Gemini provider is like Google: Google's own SDK says so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, GoogleGenAI } from '@google/genai';
import { collect, departures, failure, hours, hoursSchema, png, stopSchema, usage, vendor } from './support/vendor.js';

const on = vendor('gemini', ({ url }) => new GoogleGenAI({ apiKey: 'AIza1', apiVersion: 'v1beta', httpOptions: { baseUrl: url } }));
const basis = { model: 'gemini-3-flash-preview', contents: [{ role: 'user', parts: [{ text: 'When does the town library open?' }] }] };
const create = ({ config, ...more } = {}) => on.sdk.models.generateContent({ ...basis, config, ...more });
const chunks = async ({ config, ...more } = {}) => collect(await on.sdk.models.generateContentStream({ ...basis, config, ...more }));
const tools = [{ functionDeclarations: [{ ...departures, parametersJsonSchema: stopSchema }] }];
const asked = () => on.upstream.calls.at(-1).asked;

test('a plain answer, whole and streamed, with its usage', async () => {
  on.upstream.answer({ text: 'At nine.', usage });
  const config = { systemInstruction: 'You are brief.', maxOutputTokens: 50, temperature: 0.5, stopSequences: ['x'], seed: 7 };
  const got = await create({ config });
  assert.equal(got.text, 'At nine.');
  assert.equal(got.candidates[0].finishReason, 'STOP');
  const { promptTokenCount, candidatesTokenCount, thoughtsTokenCount, cachedContentTokenCount, totalTokenCount } = got.usageMetadata;
  assert.deepEqual([promptTokenCount, candidatesTokenCount, thoughtsTokenCount, cachedContentTokenCount, totalTokenCount], [58, 14, 30, 8, 102]);
  assert.equal(on.upstream.calls.at(-1).key, 'AIza1');
  assert.deepEqual([asked().system, asked().model, asked().max_tokens, asked().stop, asked().seed], ['You are brief.', basis.model, 50, ['x'], 7]);

  on.upstream.answer({ text: ['At', ' nine.'], usage, finish: 'length' });
  const streamed = await chunks();
  assert.equal(streamed.map((one) => one.text).join(''), 'At nine.');
  assert.equal(streamed.at(-1).candidates[0].finishReason, 'MAX_TOKENS');
  assert.deepEqual(streamed.at(-1).usageMetadata, got.usageMetadata);
  assert.equal(asked().stream, true);
});

test('thoughts and tool calls, and the turn with their results and signature', async () => {
  const answer = { reasoning: 'Look at the board', state: 'CpIB', tool_calls: [{ name: 'tram_departures', arguments: { stop: 'Harbour' } }] };
  on.upstream.answer(answer);
  const got = await create({ config: { tools, thinkingConfig: { includeThoughts: true, thinkingLevel: 'LOW' } } });
  assert.deepEqual(got.functionCalls, [{ name: 'tram_departures', args: { stop: 'Harbour' } }]);
  assert.ok(got.candidates[0].content.parts[0].thought);
  on.upstream.answer(answer);
  const streamed = await chunks({ config: { tools } });
  assert.equal(streamed.at(-1).candidates[0].content.parts[0].thoughtSignature, 'CpIB');
  on.upstream.answer('In three minutes.');
  const result = { functionResponse: { name: 'tram_departures', response: { minutes: 3 } } };
  await create({ contents: [...basis.contents, got.candidates[0].content, { role: 'user', parts: [result] }], config: { tools } });
  assert.deepEqual(asked().messages[1].tool_calls[0].arguments, { stop: 'Harbour' });
  assert.equal(asked().messages[1].state, 'CpIB');
  assert.deepEqual([asked().messages[2].role, asked().messages[2].text], ['tool', '{"minutes":3}']);
});

test('structured output', async () => {
  on.upstream.answer({ json: hours });
  const got = await create({ config: { responseMimeType: 'application/json', responseJsonSchema: hoursSchema } });
  assert.deepEqual(JSON.parse(got.text), hours);
  assert.deepEqual(asked().schema, hoursSchema);
});

test('an image, embeddings and the list of models', async () => {
  on.upstream.answer('A fern.');
  await create({ contents: [{ role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: png } }, { text: 'Which?' }] }] });
  assert.deepEqual(asked().messages[0].images, [`data:image/png;base64,${png}`]);
  on.upstream.embed({ vectors: [[0.5], [1]] });
  const got = await on.sdk.models.embedContent({ model: 'gemini-embedding-001', contents: ['tram', 'ferry'], config: { outputDimensionality: 256 } });
  assert.deepEqual(got.embeddings.map((one) => one.values), [[0.5], [1]]);
  assert.deepEqual([asked().input, asked().dimensions], [['tram', 'ferry'], 256]);
  on.upstream.models(['gemini-2.5-flash']);
  assert.deepEqual((await collect(await on.sdk.models.list())).map((one) => one.name), ['models/gemini-2.5-flash']);
});

test('a blocked prompt is an answer without candidates, a blocked answer has its reason', async () => {
  on.upstream.refuse({ kind: 'content_filter' });
  assert.equal((await create()).promptFeedback.blockReason, 'PROHIBITED_CONTENT');
  on.upstream.refuse({ kind: 'content_filter' });
  assert.equal((await chunks())[0].promptFeedback.blockReason, 'PROHIBITED_CONTENT');
  on.upstream.answer({ finish: 'content_filter' });
  assert.equal((await create()).candidates[0].finishReason, 'SAFETY');
});

test("each kind of error is the SDK's own with the vendor's status", async () => {
  for (const [kind, status, name] of [
    ['bad_request', 400, 'INVALID_ARGUMENT'],
    ['context_length', 400, 'INVALID_ARGUMENT'],
    ['credentials', 400, 'API_KEY_INVALID'],
    ['forbidden', 403, 'PERMISSION_DENIED'],
    ['unknown_model', 404, 'NOT_FOUND'],
    ['quota', 429, 'PerDay'],
    ['rate_limit', 429, 'RESOURCE_EXHAUSTED'],
    ['overload', 503, 'UNAVAILABLE'],
    ['server', 500, 'INTERNAL'],
  ]) {
    on.upstream.refuse({ kind, retryAfter: 17 });
    const error = await failure(create());
    assert.ok(error instanceof ApiError && error.status === status, `${kind}: ${error.stack}`);
    assert.ok(error.message.includes(name) && error.message.includes('"retryDelay":"17s"'), error.message);
  }
});

test('an error inside a stream is thrown', async () => {
  for (const at of ['first', 0, 1]) {
    on.upstream.answer({ text: ['At', ' nine.'] }, { error: { kind: 'overload', at } });
    const error = await failure(chunks());
    assert.equal(error.status, 503, error.stack);
  }
});

test('what Google refuses is refused and would fail the test', async () => {
  const { contents } = basis;
  const call = { functionCall: { name: 'tram_departures', args: {} } };
  const body = (more) => ({ contents, ...more });
  const cases = [
    [body({ model: 'x' }), "'model' is not a field here"],
    [{ contents: [{ role: 'assistant', parts: [{ text: 'x' }] }] }, "'contents[0].role'"],
    [{ contents: [{ role: 'user', parts: [] }] }, "'contents[0].parts'"],
    [{ contents: [{ role: 'user', parts: [{ text: 'x', functionCall: { name: 'f' } }] }] }, 'must be set'],
    [{ contents: [...contents, { role: 'model', parts: [call] }] }, 'missing a `thought_signature`'],
    [{ contents: [...contents, { role: 'model', parts: [{ ...call, thoughtSignature: 'x' }] }, ...contents] }, 'number of function response parts'],
    [{ contents: [...contents, { role: 'user', parts: [{ functionResponse: { name: 'f', response: '1' } }] }] }, "'contents[1].parts[0].functionResponse.response'"],
    [body({ generationConfig: { thinkingConfig: { thinkingBudget: 1, thinkingLevel: 'low' } } }), 'only one of thinkingBudget'],
    [body({ generationConfig: { stopSequences: ['1', '2', '3', '4', '5', '6'] } }), "'generationConfig.stopSequences'"],
    [body({ generationConfig: { responseJsonSchema: hoursSchema } }), 'only allowed with application/json'],
    [body({ generationConfig: { responseMimeType: 'application/json', responseJsonSchema: { const: 1 } } }), "'const' is not supported"],
    [body({ generationConfig: { responseMimeType: 'application/json', responseSchema: { $ref: '#' } } }), "'$ref' is not supported"],
    [body({ generationConfig: { responseMimeType: 'application/json' }, tools, toolConfig: { functionCallingConfig: { mode: 'ANY' } } }), 'unsupported'],
  ];
  const headers = { 'content-type': 'application/json', 'x-goog-api-key': 'k' };
  const post = (path, own) => fetch(on.upstream.url + path, { method: 'POST', headers, body: JSON.stringify(own) });
  for (const [own, what] of cases) {
    on.upstream.answer('not asked');
    assert.equal((await post(`/v1beta/models/${basis.model}:generateContent`, own)).status, 400);
    const [wrong] = on.upstream.forgive();
    assert.ok(wrong.includes(what), wrong);
  }
  for (const [path, what] of [
    [`/v1beta/models/${basis.model}:streamGenerateContent`, 'without alt=sse'],
    [`/v1beta/models/${basis.model}:generateContent?key=k`, 'no key in the query'],
  ]) {
    on.upstream.answer('not asked');
    await post(path, { contents });
    assert.match(on.upstream.forgive()[0], new RegExp(what));
  }
});
