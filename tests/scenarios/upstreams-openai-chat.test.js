// The scripted Chat Completions provider is like OpenAI: OpenAI's own SDK says so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { collect, departures, failure, hours, hoursSchema, png, stopSchema, tram, usage, vendor } from './support/vendor.js';

const on = vendor('openai-chat', ({ url }) => new OpenAI({ apiKey: 'sk-1', baseURL: url, maxRetries: 0 }));
const model = 'gpt-4.1-mini';
const messages = [{ role: 'user', content: 'When does the town library open?' }];
const create = (more = {}) => on.sdk.chat.completions.create({ model, messages, ...more });
const tools = [{ type: 'function', function: { ...departures, parameters: stopSchema, strict: true } }];
const said = (chunks) => chunks.map((one) => one.choices[0]?.delta.content ?? '').join('');

test('a plain answer, and the request in its neutral form', async () => {
  on.upstream.answer({ text: 'At nine.', usage });
  const got = await create({ max_completion_tokens: 50, temperature: 0.5, stop: ['x'], seed: 7 });
  assert.equal(got.choices[0].message.content, 'At nine.');
  assert.equal(got.choices[0].finish_reason, 'stop');
  assert.equal(got.usage.total_tokens, 102);
  assert.equal(got.usage.prompt_tokens_details.cached_tokens, 8);
  assert.equal(got.usage.completion_tokens_details.reasoning_tokens, 30);
  const { asked, key } = on.upstream.calls.at(-1);
  assert.equal(key, 'sk-1');
  assert.equal(asked.messages[0].text, messages[0].content);
  assert.deepEqual([asked.max_tokens, asked.temperature, asked.stop, asked.seed], [50, 0.5, ['x'], 7]);
});

test('a streamed answer, with usage only where it is asked for', async () => {
  on.upstream.answer({ text: ['At', ' nine.'] });
  const bare = await collect(await create({ stream: true }));
  assert.equal(said(bare), 'At nine.');
  assert.ok(bare.every((one) => one.usage === undefined));
  on.upstream.answer({ text: ['At', ' nine.'], finish: 'length' });
  const full = await collect(await create({ stream: true, stream_options: { include_usage: true } }));
  assert.equal(full.at(-2).choices[0].finish_reason, 'length');
  assert.equal(full.at(-1).usage.total_tokens, 32);
});

test('tool calls, whole and in fragments, and the turn with their results', async () => {
  on.upstream.answer({ tool_calls: [tram, { ...tram, id: 'call_2' }] });
  const whole = (await create({ tools })).choices[0];
  assert.equal(whole.finish_reason, 'tool_calls');
  assert.equal(whole.message.content, null);
  assert.equal(whole.message.tool_calls[0].function.arguments, '{"stop":"Harbour"}');

  on.upstream.answer({ tool_calls: [tram, { ...tram, id: 'call_2' }] });
  const streamed = await on.sdk.chat.completions.stream({ model, messages, tools }).finalChatCompletion();
  assert.deepEqual(
    streamed.choices[0].message.tool_calls.map(({ id, function: own }) => [id, own.arguments]),
    [['call_Jq7', '{"stop":"Harbour"}'], ['call_2', '{"stop":"Harbour"}']],
  );

  const results = ['call_Jq7', 'call_2'].map((id) => ({ role: 'tool', tool_call_id: id, content: '{"minutes":3}' }));
  on.upstream.answer({ text: 'In three minutes.' });
  await create({ messages: [...messages, whole.message, ...results].map(({ annotations, ...one }) => one), tools });
  assert.deepEqual(on.upstream.calls.at(-1).asked.messages[1].tool_calls[0], tram);
  assert.equal(on.upstream.calls.at(-1).asked.messages[3].tool_call_id, 'call_2');
});

test('structured output, and a refusal in its place', async () => {
  const response_format = { type: 'json_schema', json_schema: { name: 'hours', strict: true, schema: hoursSchema } };
  on.upstream.answer({ json: hours });
  const got = await on.sdk.chat.completions.parse({ model, messages, response_format });
  assert.deepEqual(got.choices[0].message.parsed, hours);
  assert.deepEqual(on.upstream.calls.at(-1).asked.schema, hoursSchema);
  on.upstream.answer({ refusal: 'I cannot.' });
  const refused = await on.sdk.chat.completions.parse({ model, messages, response_format });
  assert.equal(refused.choices[0].message.refusal, 'I cannot.');
});

test('an image', async () => {
  const url = `data:image/png;base64,${png}`;
  on.upstream.answer('A fern.');
  await create({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }, { type: 'text', text: 'Which plant?' }] }] });
  assert.deepEqual(on.upstream.calls.at(-1).asked.messages[0].images, [url]);
});

test('embeddings as floats and in base64, and the list of models', async () => {
  for (const encoding_format of ['float', undefined]) {
    on.upstream.embed({ vectors: [[0.5, -0.25], [1, 2]] });
    const got = await on.sdk.embeddings.create({ model: 'text-embedding-3-small', input: ['tram', 'ferry'], encoding_format });
    assert.deepEqual(got.data.map((one) => one.embedding), [[0.5, -0.25], [1, 2]]);
  }
  on.upstream.models(['gpt-4.1', 'gpt-5']);
  assert.deepEqual((await collect(await on.sdk.models.list())).map((one) => one.id), ['gpt-4.1', 'gpt-5']);
});

test("each kind of error is the SDK's own class of it", async () => {
  for (const [kind, name, status, code] of [
    ['bad_request', 'BadRequestError', 400, 'invalid_value'],
    ['context_length', 'BadRequestError', 400, 'context_length_exceeded'],
    ['content_filter', 'BadRequestError', 400, 'content_policy_violation'],
    ['credentials', 'AuthenticationError', 401, 'invalid_api_key'],
    ['forbidden', 'PermissionDeniedError', 403, 'unsupported_country_region_territory'],
    ['unknown_model', 'NotFoundError', 404, 'model_not_found'],
    ['quota', 'RateLimitError', 429, 'insufficient_quota'],
    ['rate_limit', 'RateLimitError', 429, 'rate_limit_exceeded'],
    ['overload', 'InternalServerError', 503, 'server_is_overloaded'],
    ['server', 'InternalServerError', 500, null],
  ]) {
    on.upstream.refuse({ kind, retryAfter: 1.5 });
    const error = await failure(create());
    assert.deepEqual([error.constructor.name, error.status, error.code], [name, status, code], kind);
    assert.equal(error.headers.get('retry-after-ms'), '1500');
    assert.equal(error.headers.get('x-ratelimit-reset-requests'), '1.5s');
  }
});

test('an error inside a stream is thrown after what came before it', async () => {
  for (const at of ['first', 0, 1]) {
    on.upstream.answer({ text: ['At', ' nine.'] }, { error: { kind: 'server', at } });
    const got = [];
    const error = await failure((async () => {
      for await (const one of await create({ stream: true })) got.push(one);
    })());
    assert.ok(error instanceof OpenAI.APIError, error.stack);
    assert.equal(said(got), at === 1 ? 'At' : '');
  }
});

test('what OpenAI refuses is refused and would fail the test', async () => {
  const cases = [
    [{ top_k: 3 }, "'top_k' is not a field here"],
    [{ max_tokens: 1, max_completion_tokens: 1 }, "'max_tokens' cannot be set together"],
    [{ model: 'gpt-5', max_tokens: 5 }, "'max_tokens' is not supported with this model"],
    [{ model: 'gpt-5', temperature: 0 }, "'temperature' only the default"],
    [{ model: 'gpt-5.2-codex' }, "'model' this model is only supported in v1/responses"],
    [{ stream_options: { include_usage: true } }, "'stream_options' is only allowed when stream"],
    [{ tool_choice: 'auto' }, "'tool_choice' is only allowed when tools"],
    [{ stop: ['1', '2', '3', '4', '5'] }, "'stop'"],
    [{ temperature: 3 }, "'temperature'"],
    [{ response_format: { type: 'json_object' } }, "must contain the word 'json'"],
    [{ messages: [{ role: 'tool', tool_call_id: 'x', content: '1' }] }, "'x' answers no tool call"],
    [{ messages: [{ role: 'assistant', content: null }] }, "'messages[0].content' must be there"],
    [{ tools: [{ type: 'function', function: { name: 'f', strict: true, parameters: { type: 'object', properties: {} } } }] }, 'additionalProperties'],
    ...[
      [{ ...hoursSchema, required: [] }, "'place' is missing"],
      [{ ...hoursSchema, allOf: [] }, "'allOf' is not supported"],
      [{ anyOf: [hoursSchema] }, 'at its root'],
    ].map(([schema, what]) => [{ response_format: { type: 'json_schema', json_schema: { name: 'x', strict: true, schema } } }, what]),
  ];
  for (const [more, what] of cases) {
    on.upstream.answer('not asked');
    const error = await failure(create(more));
    assert.ok([400, 404].includes(error.status), error.stack);
    const [wrong] = on.upstream.forgive();
    assert.ok(wrong.startsWith('openai-chat: POST /v1/chat/completions: ') && wrong.includes(what), wrong);
  }
});
