// The scripted Messages provider is like Anthropic: Anthropic's own SDK says so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { collect, departures, failure, hours, hoursSchema, png, stopSchema, tram, vendor } from './support/vendor.js';

const on = vendor('anthropic', ({ url }) => new Anthropic({ apiKey: 'sk-ant-1', baseURL: url, maxRetries: 0 }));
const basis = {
  model: 'claude-sonnet-4-6',
  max_tokens: 120,
  messages: [{ role: 'user', content: 'When does the town library open?' }],
};
const create = (more = {}) => on.sdk.messages.create({ ...basis, ...more });
const finish = (more = {}) => on.sdk.messages.stream({ ...basis, ...more }).finalMessage();
const tools = [{ ...departures, input_schema: stopSchema }];
const asked = () => on.upstream.calls.at(-1).asked;

test('a plain answer, whole and streamed, with its usage', async () => {
  for (const ask of [create, finish]) {
    on.upstream.answer({ text: 'At nine.', usage: { input: 30, cached: 5, cache_write: 2, output: 9 } });
    const got = await ask({ system: 'You are brief.', stop_sequences: ['x'] });
    assert.deepEqual(got.content.map(({ type, text }) => [type, text]), [['text', 'At nine.']]);
    assert.equal(got.stop_reason, 'end_turn');
    const { input_tokens, cache_read_input_tokens, cache_creation_input_tokens, output_tokens } = got.usage;
    assert.deepEqual([input_tokens, cache_read_input_tokens, cache_creation_input_tokens, output_tokens], [23, 5, 2, 9]);
    assert.equal(asked().system, 'You are brief.');
    assert.equal(asked().messages[0].text, basis.messages[0].content);
    assert.deepEqual([asked().max_tokens, asked().stop], [120, ['x']]);
  }
});

test('the key in x-api-key, or a token as Bearer, but not both', async () => {
  const headers = { 'anthropic-version': '2023-06-01', 'content-type': 'application/json', 'x-api-key': 'k2' };
  const post = (more) => fetch(`${on.upstream.url}/v1/messages`, { method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify(basis) });
  on.upstream.answer('x');
  assert.equal((await post()).status, 200);
  assert.equal(on.upstream.calls.at(-1).key, 'k2');
  on.upstream.answer('x');
  assert.equal((await post({ authorization: 'Bearer k3' })).status, 401);
  on.upstream.answer('x');
  assert.equal((await post({ 'anthropic-version': '2024-01-01' })).status, 400);
  assert.equal(on.upstream.forgive().length, 2);
});

test('tool calls, whole and in fragments, and the turn with their results', async () => {
  for (const ask of [create, finish]) {
    on.upstream.answer({ text: 'Checking.', tool_calls: [{ ...tram, id: 'toolu_1' }, { name: 'noop' }] });
    const got = await ask({ tools, tool_choice: { type: 'auto', disable_parallel_tool_use: true } });
    assert.equal(got.stop_reason, 'tool_use');
    assert.deepEqual(got.content[1].input, { stop: 'Harbour' });
    assert.deepEqual(got.content[2].input, {});
    const results = got.content.slice(1).map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: '{"minutes":3}' }));
    on.upstream.answer('In three minutes.');
    await ask({ tools, messages: [...basis.messages, { role: 'assistant', content: got.content }, { role: 'user', content: results }] });
    assert.deepEqual(asked().messages.map(({ role }) => role), ['user', 'assistant', 'tool', 'tool']);
    assert.deepEqual(asked().messages[1].tool_calls[0], { ...tram, id: 'toolu_1' });
  }
});

test('thinking with its signature, which can be sent back', async () => {
  for (const ask of [create, finish]) {
    on.upstream.answer({ reasoning: 'Weekday or not?', state: 'Sig==', text: 'At nine.', usage: { reasoning: 4 } });
    const got = await ask({ thinking: { type: 'adaptive' }, output_config: { effort: 'low' } });
    assert.deepEqual(got.content[0], { type: 'thinking', thinking: 'Weekday or not?', signature: 'Sig==' });
    assert.equal(got.usage.output_tokens_details.thinking_tokens, 4);
    assert.equal(asked().effort, 'low');
    on.upstream.answer('x');
    await ask({ messages: [...basis.messages, { role: 'assistant', content: got.content }, { role: 'user', content: 'And?' }] });
    assert.deepEqual([asked().messages[1].reasoning, asked().messages[1].state], ['Weekday or not?', 'Sig==']);
  }
});

test('structured output, and the forced tool in its place', async () => {
  on.upstream.answer({ json: hours });
  const got = await on.sdk.messages.parse({ ...basis, output_config: { format: { type: 'json_schema', schema: hoursSchema } } });
  assert.deepEqual(JSON.parse(got.content[0].text), hours);
  assert.deepEqual(asked().schema, hoursSchema);
  on.upstream.answer({ tool_calls: [{ name: 'emit_result', arguments: hours }] });
  const forced = await create({ tools: [{ name: 'emit_result', input_schema: hoursSchema }], tool_choice: { type: 'tool', name: 'emit_result' } });
  assert.deepEqual(forced.content[0].input, hours);
  assert.deepEqual(asked().tool_choice, { name: 'emit_result' });
});

test('an image', async () => {
  const source = { type: 'base64', media_type: 'image/png', data: png };
  on.upstream.answer('A fern.');
  await create({ messages: [{ role: 'user', content: [{ type: 'image', source }, { type: 'text', text: 'Which plant?' }] }] });
  assert.deepEqual(asked().messages[0].images, [`data:image/png;base64,${png}`]);
});

test('ends other than a plain one, and the list of models', async () => {
  for (const [reason, stop_reason] of [['length', 'max_tokens'], ['content_filter', 'refusal']]) {
    on.upstream.answer({ text: 'At', finish: reason });
    assert.equal((await finish()).stop_reason, stop_reason);
  }
  on.upstream.models(['claude-sonnet-4-6']);
  assert.deepEqual((await collect(await on.sdk.models.list())).map((one) => one.id), ['claude-sonnet-4-6']);
});

test("each kind of error is the SDK's own class of it", async () => {
  for (const [kind, name, status, type] of [
    ['bad_request', 'BadRequestError', 400, 'invalid_request_error'],
    ['context_length', 'BadRequestError', 400, 'invalid_request_error'],
    ['quota', 'BadRequestError', 400, 'invalid_request_error'],
    ['credentials', 'AuthenticationError', 401, 'authentication_error'],
    ['forbidden', 'PermissionDeniedError', 403, 'permission_error'],
    ['unknown_model', 'NotFoundError', 404, 'not_found_error'],
    ['rate_limit', 'RateLimitError', 429, 'rate_limit_error'],
    ['overload', 'OverloadedError', 529, 'overloaded_error'],
    ['server', 'InternalServerError', 500, 'api_error'],
  ]) {
    on.upstream.refuse({ kind, retryAfter: 2 });
    const error = await failure(create());
    assert.deepEqual([error.constructor.name, error.status, error.type], [name, status, type], kind);
    assert.equal(error.headers.get('retry-after'), '2');
    assert.match(error.headers.get('anthropic-ratelimit-requests-reset'), /^\d{4}-\d\d-\d\dT[\d:]+Z$/);
  }
});

test('an error inside a stream is thrown after what came before it', async () => {
  for (const at of ['first', 0, 1]) {
    on.upstream.answer({ text: ['At', ' nine.'] }, { error: { kind: 'overload', at } });
    const got = [];
    const error = await failure((async () => {
      for await (const one of await create({ stream: true })) got.push(one);
    })());
    assert.equal(error.type, 'overloaded_error');
    assert.equal(got.filter(({ type }) => type === 'content_block_delta').length, at === 1 ? 1 : 0);
    assert.equal(got.some(({ type }) => type === 'message_start'), at !== 'first');
  }
});

test('what Anthropic refuses is refused and would fail the test', async () => {
  const user = (content) => ({ role: 'user', content });
  const use = { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'tram_departures', input: {} }] };
  const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: '1' };
  const format = (schema) => ({ output_config: { format: { type: 'json_schema', schema } } });
  const cases = [
    [{ max_tokens: undefined }, "'max_tokens' is required"],
    [{ seed: 1 }, "'seed' is not a field here"],
    [{ temperature: 1 }, "'temperature' Extra inputs"], // the newest version of the API has none
    [{ model: 'claude-sonnet-4.6' }, "'model'"],
    [{ messages: [{ role: 'system', content: 'x' }] }, "'messages[0].role'"],
    [{ messages: [user(' ')] }, 'must be non-empty'],
    [{ messages: [...basis.messages, { role: 'assistant', content: 'At' }] }, 'prefill'],
    [{ messages: [user('x'), use, user('y')], tools }, "tool_use 'toolu_1' has no tool_result"],
    [{ messages: [user('x'), use, user([{ type: 'text', text: 'y' }, result])], tools }, 'must come before any other content'],
    [{ messages: [user([result])], tools }, "unexpected tool_use_id 'toolu_1'"],
    [{ messages: [user('x'), use, user([result])] }, "'tools' are needed"],
    [{ tools: [{ name: 'f', input_schema: { type: 'array' } }] }, "'tools[0].input_schema.type'"],
    [{ stop_sequences: ['\n\n'] }, 'must contain non-whitespace'],
    [{ model: 'claude-opus-4-8', thinking: { type: 'enabled', budget_tokens: 2000 } }, "'thinking'"],
    [{ model: 'claude-opus-5-5', tools, tool_choice: { type: 'any' } }, "'tool_choice'"],
    [format({ ...hoursSchema, additionalProperties: true }), 'additionalProperties'],
    [format({ ...hoursSchema, properties: { place: { type: 'string', minLength: 1 } } }), "'minLength' is not supported"],
    [format({ ...hoursSchema, properties: { place: { $ref: '#' } } }), 'recursive'],
  ];
  for (const [more, what] of cases) {
    on.upstream.answer('not asked');
    const error = await failure(create(more));
    assert.ok([400, 404].includes(error.status), error.stack);
    const [wrong] = on.upstream.forgive();
    assert.ok(wrong.includes(what), wrong);
  }
});
