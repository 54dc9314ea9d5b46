// The scripted Responses provider is like OpenAI: OpenAI's own SDK says so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { collect, departures, failure, hours, hoursSchema, png, stopSchema, tram, usage, vendor } from './support/vendor.js';

const on = vendor('openai-responses', ({ url }) => new OpenAI({ apiKey: 'sk-1', baseURL: url, maxRetries: 0 }));
const basis = { model: 'gpt-5.2-codex', input: 'When does the town library open?' };
const create = (more = {}) => on.sdk.responses.create({ ...basis, ...more });
const finish = (more = {}) => on.sdk.responses.stream({ ...basis, ...more }).finalResponse();
const tools = [{ type: 'function', ...departures, parameters: stopSchema, strict: true }];
const asked = () => on.upstream.calls.at(-1).asked;

test('a plain answer, whole and streamed, with its usage', async () => {
  for (const ask of [create, finish]) {
    on.upstream.answer({ text: 'At nine.', usage });
    const got = await ask({ instructions: 'You are brief.', max_output_tokens: 50 });
    assert.equal(got.output_text, 'At nine.');
    assert.equal(got.status, 'completed');
    assert.equal(got.usage.input_tokens_details.cached_tokens, 8);
    assert.equal(got.usage.output_tokens_details.reasoning_tokens, 30);
    assert.deepEqual([asked().system, asked().max_tokens, asked().messages[0].text], ['You are brief.', 50, basis.input]);
  }
});

test('the events of a stream are numbered from nought and end with the whole response', async () => {
  on.upstream.answer({ reasoning: 'Weekday?', text: 'At nine.', tool_calls: [tram] });
  const events = await collect(await create({ tools, stream: true }));
  assert.deepEqual(events.map((one) => one.sequence_number), [...events.keys()]);
  assert.equal(events[0].type, 'response.created');
  const done = events.filter(({ type }) => type === 'response.output_item.done').map((one) => one.item);
  assert.deepEqual(events.at(-1).response.output, done);
  assert.deepEqual(done.map(({ type }) => type), ['reasoning', 'message', 'function_call']);
});

test('reasoning and tool calls, and the turn with their results', async () => {
  for (const ask of [create, finish]) {
    on.upstream.answer({ reasoning: 'Need the board.', state: 'sealed', tool_calls: [tram] });
    const got = await ask({ tools, store: false, include: ['reasoning.encrypted_content'], reasoning: { effort: 'low', summary: 'auto' } });
    assert.equal(got.output[0].encrypted_content, 'sealed');
    assert.equal(got.output[1].arguments, '{"stop":"Harbour"}');
    const output = got.output.map(({ parsed_arguments, ...item }) => item);
    on.upstream.answer('In three minutes.');
    await ask({
      tools,
      store: false,
      input: [{ role: 'user', content: basis.input }, ...output, { type: 'function_call_output', call_id: 'call_Jq7', output: '{"minutes":3}' }],
    });
    assert.deepEqual(asked().messages[1].tool_calls, [tram]);
    assert.deepEqual([asked().messages[1].reasoning, asked().messages[1].state], ['Need the board.', 'sealed']);
    assert.equal(asked().messages[2].tool_call_id, 'call_Jq7');
  }
});

test('structured output, and a refusal in its place', async () => {
  const text = { format: { type: 'json_schema', name: 'hours', strict: true, schema: hoursSchema } };
  on.upstream.answer({ json: hours });
  assert.deepEqual((await on.sdk.responses.parse({ ...basis, text })).output_parsed, hours);
  assert.deepEqual(asked().schema, hoursSchema);
  for (const ask of [create, finish]) {
    on.upstream.answer({ refusal: 'I cannot.' });
    assert.equal((await ask({ text })).output[0].content[0].refusal, 'I cannot.');
  }
});

test('an image, and embeddings', async () => {
  const image_url = `data:image/png;base64,${png}`;
  on.upstream.answer('A fern.');
  await create({ input: [{ role: 'user', content: [{ type: 'input_image', image_url, detail: 'auto' }, { type: 'input_text', text: 'Which?' }] }] });
  assert.deepEqual(asked().messages[0].images, [image_url]);
  on.upstream.embed({ vectors: [[0.5]] });
  assert.deepEqual((await on.sdk.embeddings.create({ model: 'm', input: 'tram' })).data[0].embedding, [0.5]);
});

test('an answer that was cut is incomplete, one that went wrong has failed', async () => {
  for (const ask of [create, finish])
    for (const [cause, status, reason] of [
      ['length', 'incomplete', 'max_output_tokens'],
      ['content_filter', 'incomplete', 'content_filter'],
      ['error', 'failed', undefined],
    ]) {
      on.upstream.answer({ text: 'At', finish: cause });
      const got = await ask();
      assert.deepEqual([got.status, got.incomplete_details?.reason], [status, reason]);
      assert.equal(got.error?.code, cause === 'error' ? 'server_error' : undefined);
    }
});

test("each kind of error is the SDK's own class of it", async () => {
  for (const [kind, name, status] of [
    ['bad_request', 'BadRequestError', 400],
    ['context_length', 'BadRequestError', 400],
    ['credentials', 'AuthenticationError', 401],
    ['unknown_model', 'NotFoundError', 404],
    ['quota', 'RateLimitError', 429],
    ['rate_limit', 'RateLimitError', 429],
    ['overload', 'InternalServerError', 503],
    ['server', 'InternalServerError', 500],
  ]) {
    on.upstream.refuse({ kind });
    const error = await failure(create());
    assert.deepEqual([error.constructor.name, error.status], [name, status], kind);
  }
});

test('an error inside a stream is an event of its own or a failed response', async () => {
  on.upstream.answer({ text: ['At', ' nine.'] }, { error: { kind: 'server', at: 1 } });
  const got = [];
  await failure((async () => {
    for await (const one of await create({ stream: true })) got.push(one);
    throw got.at(-1).type === 'error' ? got.pop() : new Error('no error');
  })()).then((error) => assert.match(error.message, /server had an error/));
  assert.equal(got.at(-1).delta, 'At');
  on.upstream.answer({ text: ['At', ' nine.'] }, { error: { kind: 'server', at: 1, failed: true } });
  const failed = (await collect(await create({ stream: true }))).at(-1);
  assert.deepEqual([failed.type, failed.response.status], ['response.failed', 'failed']);
});

test('what OpenAI refuses is refused and would fail the test', async () => {
  const cases = [
    [{ stop: ['x'] }, "'stop' is not a field here"],
    [{ messages: [] }, "'messages' is not a field here"],
    [{ max_output_tokens: 5 }, "'max_output_tokens'"],
    [{ temperature: 0 }, "'temperature' is not supported with this model"],
    [{ tools: [{ type: 'function', function: { name: 'f' } }] }, "'tools[0]"],
    [{ tools: [{ type: 'function', name: 'f', parameters: { type: 'object', properties: {} } }] }, 'additionalProperties'],
    [{ input: [{ type: 'function_call_output', call_id: 'x', output: '1' }] }, 'no tool call found'],
    [{ input: [{ type: 'reasoning', id: 'rs_1', summary: [] }] }, 'without its required following item'],
    [{ input: [{ role: 'assistant', content: [{ type: 'input_text', text: 'x' }] }] }, "'input[0]"],
    [{ text: { format: { type: 'json_schema', name: 'x', schema: { ...hoursSchema, oneOf: [] } } } }, "'oneOf' is not supported"],
  ];
  for (const [more, what] of cases) {
    on.upstream.answer('not asked');
    assert.equal((await failure(create(more))).status, 400);
    const [wrong] = on.upstream.forgive();
    assert.ok(wrong.includes(what), wrong);
  }
});
