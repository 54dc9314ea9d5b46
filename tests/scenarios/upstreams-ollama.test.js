// The scripted Ollama is like the real one: Ollama's own SDK says so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ollama } from 'ollama';
import { collect, departures, failure, hours, hoursSchema, png, stopSchema, tram, vendor } from './support/vendor.js';

const on = vendor('ollama', ({ url }) => new Ollama({ host: url }));
const basis = { model: 'qwen3:8b', messages: [{ role: 'user', content: 'When does the town library open?' }] };
const create = (more = {}) => on.sdk.chat({ ...basis, ...more, stream: false });
const lines = async (more = {}) => collect(await on.sdk.chat({ ...basis, ...more, stream: true }));
const tools = [{ type: 'function', function: { ...departures, parameters: stopSchema } }];
const asked = () => on.upstream.calls.at(-1).asked;

test('a plain answer, whole and streamed, with its counts', async () => {
  on.upstream.answer({ text: 'At nine.', usage: { input: 31, output: 9 } });
  const got = await create({ options: { num_predict: 50, temperature: 0.5, stop: ['x'], seed: 7, num_ctx: 8192 } });
  assert.equal(got.message.content, 'At nine.');
  assert.deepEqual([got.done, got.done_reason, got.prompt_eval_count, got.eval_count], [true, 'stop', 31, 9]);
  assert.deepEqual([asked().max_tokens, asked().temperature, asked().stop, asked().seed], [50, 0.5, ['x'], 7]);
  on.upstream.answer({ text: ['At', ' nine.'], finish: 'length' });
  const all = await lines();
  assert.equal(all.map((one) => one.message.content).join(''), 'At nine.');
  assert.deepEqual([all.at(-1).done, all.at(-1).done_reason], [true, 'length']);
});

test('thinking and tool calls, and the turn with their results', async () => {
  for (const ask of [async (more) => [await create(more)], lines]) {
    on.upstream.answer({ reasoning: 'Need the board.', tool_calls: [tram] });
    const messages = (await ask({ tools, think: true })).map((one) => one.message);
    assert.equal(messages.map((one) => one.thinking ?? '').join(''), 'Need the board.');
    const calls = messages.flatMap((one) => one.tool_calls ?? []);
    assert.deepEqual(calls[0].function.arguments, { stop: 'Harbour' });
    on.upstream.answer('In three minutes.');
    const result = { role: 'tool', tool_name: 'tram_departures', tool_call_id: 'call_Jq7', content: '{"minutes":3}' };
    await ask({ tools, messages: [...basis.messages, { role: 'assistant', content: '', tool_calls: calls }, result] });
    assert.deepEqual(asked().messages[1].tool_calls, [tram]);
    assert.equal(asked().messages[2].tool_call_id, 'call_Jq7');
  }
});

test('structured output, an image, embeddings and the list of models', async () => {
  on.upstream.answer({ json: hours });
  assert.deepEqual(JSON.parse((await create({ format: hoursSchema })).message.content), hours);
  assert.deepEqual(asked().schema, hoursSchema);
  on.upstream.answer('A fern.');
  await create({ messages: [{ role: 'user', content: 'Which plant?', images: [png] }] });
  assert.deepEqual(asked().messages[0].images, [png]);
  on.upstream.embed({ vectors: [[0.5], [1]] });
  assert.deepEqual((await on.sdk.embed({ model: 'nomic-embed-text', input: ['tram', 'ferry'] })).embeddings, [[0.5], [1]]);
  on.upstream.models(['qwen3:8b']);
  assert.deepEqual((await on.sdk.list()).models.map((one) => one.name), ['qwen3:8b']);
});

test("each kind of error is the SDK's own with the server's status", async () => {
  for (const [kind, status, text] of [
    ['bad_request', 400, /invalid options/],
    ['context_length', 400, /context length/],
    ['credentials', 401, /unauthorized/],
    ['unknown_model', 404, /not found/],
    ['rate_limit', 429, /too many/],
    ['server', 500, /terminated/],
    ['overload', 503, /server busy/],
  ]) {
    on.upstream.refuse({ kind });
    const error = await failure(create());
    assert.deepEqual([error.name, error.status_code], ['ResponseError', status], kind);
    assert.match(error.message, text);
  }
});

test('an error line inside a stream is thrown', async () => {
  for (const at of ['first', 1]) {
    on.upstream.answer({ text: ['At', ' nine.'] }, { error: { kind: 'server', at } });
    assert.match((await failure(lines())).message, /runner process has terminated/);
  }
});

test('a stream without its last line is not whole', async () => {
  on.upstream.answer({ text: ['At', ' nine.'] }, { without: 'end' });
  assert.match((await failure(lines())).message, /did not receive done/i);
});

test('what Ollama refuses is refused, what it ignores is not, and both would fail the test', async () => {
  const post = (body) => fetch(`${on.upstream.url}/api/chat`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...basis, ...body }) });
  for (const [body, status, what] of [
    [{ tool_choice: 'auto' }, 200, "'tool_choice' is not a field here"],
    [{ max_tokens: 5 }, 200, "'max_tokens' is not a field here"],
    [{ options: { max_tokens: 5 } }, 200, "'options.max_tokens' is not a field here"],
    [{ messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] }, 400, "'messages[0].content'"],
    [{ messages: [{ role: 'user', content: 'x', images: [`data:image/png;base64,${png}`] }] }, 400, 'bare base64'],
    [{ messages: [{ role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: '{}' } }] }] }, 400, 'arguments'],
    [{ messages: [{ role: 'tool', content: '1' }] }, 400, "'messages[0].tool_name' is required"],
    [{ options: { stop: 'x' } }, 400, "'options.stop'"],
  ]) {
    on.upstream.answer('asked or not');
    assert.equal((await post(body)).status, status, what);
    const [wrong] = on.upstream.forgive();
    assert.ok(wrong.includes(what), wrong);
  }
});
