// What every client is to do with every provider. A feature is a function of a cell: {client, provider, upstream,
// connect, sdk, models}; it fails with an assertion. `sdk` repeats nothing by itself.
import assert from 'node:assert/strict';
import { z } from 'zod';
import { failure } from '../vendor.js';

const usage = { input: 30, output: 8 };
const system = 'You are brief.';
export const user = 'When does the library open?';
const turns = [{ system }, { user }];
export const hours = z.object({ place: z.string(), opens_at: z.string() });
const opening = { place: 'Town library', opens_at: '09:00' };
const weather = { name: 'get_weather', description: 'The weather of a city.', schema: z.object({ city: z.string() }) };
const clock = { name: 'get_time', description: 'The time of a city.', schema: z.object({ city: z.string() }) };
export const tools = [weather, clock];

const asked = ({ upstream }) => upstream.calls.at(-1).asked;
const conversation = (cell) => asked(cell).messages.map(({ role, text }) => [role, text]);
// The ways in which a client takes streams: by hand, and by its helper where it has one.
export const streams = (client) => ['stream', 'streamHelper'].filter((way) => client[way]);
export const ways = (client) => ['ask', ...streams(client)];
const call = (cell, way, more) => cell.client[way](cell.sdk, { model: cell.models.chat, turns, ...more });

function isAnswer(got, { text, finish = 'stop', usage: counted = usage }, what) {
  assert.deepEqual({ text: got.text, finish: got.finish, usage: got.usage }, { text, finish, usage: counted }, what);
  if (got.pieces) assert.equal(got.pieces.join(''), text, what);
}

async function text(cell) {
  const { client, upstream } = cell;
  upstream.answer({ text: 'At nine.', usage });
  isAnswer(await call(cell, 'ask', { max_tokens: 200 }), { text: 'At nine.' });
  assert.equal(asked(cell).system, system);
  assert.deepEqual(conversation(cell), [['user', user]]);
  assert.equal(asked(cell).max_tokens, 200);
  assert.ok(!asked(cell).stream, client.name);

  const long = 'Grüße 🙂 '.repeat(75_000); // 1,125,000 bytes
  upstream.answer({ text: 'Long.', usage });
  isAnswer(await call(cell, 'ask', { model: cell.models.direct, turns: [{ user: long }] }), { text: 'Long.' });
  assert.ok(asked(cell).messages[0].text === long, 'a long text arrives as it was sent');
}

async function stream(cell) {
  const { client, upstream } = cell;
  for (const way of streams(client)) {
    upstream.answer({ text: ['Grüße', ' 🙂', '.'], usage }, { split: 'characters' });
    isAnswer(await call(cell, way), { text: 'Grüße 🙂.' }, way);
    assert.equal(asked(cell).stream, true);
    assert.deepEqual(conversation(cell), [['user', user]]);
  }
}

async function history(cell) {
  const { client, upstream } = cell;
  for (const way of ways(client)) {
    upstream.answer({ text: ['At', ' nine.'], usage });
    const first = await call(cell, way);
    upstream.answer({ text: 'At ten.', usage });
    const second = await call(cell, way, { turns: [...turns, { assistant: first }, { user: 'And on Sunday?' }] });
    isAnswer(second, { text: 'At ten.' }, way);
    assert.deepEqual(conversation(cell), [['user', user], ['assistant', 'At nine.'], ['user', 'And on Sunday?']], way);
    assert.equal(asked(cell).system, system);
  }
}

// One call, its result, and what the provider wants to see again of its thoughts.
async function oneTool(cell, way) {
  const { provider, upstream, models } = cell;
  const wanted = { name: 'get_weather', arguments: { city: 'Zürich' } };
  upstream.answer({ ...(provider.back && { reasoning: 'A city.', state: 'U3RhdGU=' }), tool_calls: [wanted], usage });
  const first = await call(cell, way, { model: models.thinks, tools });
  assert.deepEqual(first.calls.map(({ name, arguments: own }) => ({ name, arguments: own })), [wanted], way);
  assert.equal(first.finish, 'tool_calls', way);
  assert.equal(first.text, '', way);
  assert.deepEqual(asked(cell).tools.map(({ name }) => name), ['get_weather', 'get_time']);

  upstream.answer({ text: 'Take an umbrella.', usage });
  const results = [{ call: first.calls[0], output: '{"weather":"rain"}' }];
  const second = await call(cell, way, { model: models.thinks, tools, turns: [...turns, { assistant: first }, { results }] });
  isAnswer(second, { text: 'Take an umbrella.' }, way);
  const [, said, result] = asked(cell).messages;
  assert.deepEqual(asked(cell).messages.map(({ role }) => role), ['user', 'assistant', 'tool'], way);
  assert.deepEqual(said.tool_calls.map(({ name, arguments: own }) => ({ name, arguments: own })), [wanted], way);
  assert.equal(result.text, '{"weather":"rain"}', way);
  if (said.tool_calls[0].id !== undefined) assert.equal(result.tool_call_id, said.tool_calls[0].id, way);
  if (provider.back) assert.ok([said.state, said.reasoning].includes(provider.back), `${way}: ${JSON.stringify(said)}`);
}

// Two at once, and their results in the order of the calls.
async function twoTools(cell, way) {
  const { upstream } = cell;
  const wanted = [
    { name: 'get_weather', arguments: { city: 'Zürich' } },
    { name: 'get_time', arguments: { city: 'Oslo' } },
  ];
  upstream.answer({ tool_calls: wanted, usage });
  const first = await call(cell, way, { tools });
  assert.deepEqual(first.calls.map(({ name, arguments: own }) => ({ name, arguments: own })), wanted, way);
  assert.notEqual(first.calls[0].id, first.calls[1].id, way);

  upstream.answer({ text: 'Rain at noon.', usage });
  const results = first.calls.map((one) => ({ call: one, output: `{"done":"${one.name}"}` }));
  isAnswer(await call(cell, way, { tools, turns: [...turns, { assistant: first }, { results }] }), { text: 'Rain at noon.' }, way);
  const [, said, ...told] = asked(cell).messages;
  assert.deepEqual(said.tool_calls.map(({ name }) => name), ['get_weather', 'get_time'], way);
  assert.deepEqual(told.map((one) => one.text), ['{"done":"get_weather"}', '{"done":"get_time"}'], way);
  assert.deepEqual(told.map((one) => one.tool_call_id), said.tool_calls.map(({ id }) => id), way);
}

async function choices(cell) {
  const { client, provider, upstream } = cell;
  const { chooses = true, any = 'required', one = { name: 'get_time' } } = provider;
  for (const [choice, word] of [['required', any], [{ tool: 'get_time' }, one]]) {
    if (client.drops?.includes(choice)) continue;
    upstream.answer({ tool_calls: [{ name: 'get_time', arguments: { city: 'Oslo' } }], usage });
    const got = await call(cell, 'ask', { tools, choice });
    assert.equal(got.calls[0].name, 'get_time');
    if (chooses) assert.deepEqual(asked(cell).tool_choice, word);
    else assert.equal(asked(cell).tools.length, choice.tool ? 1 : 2, 'the one is offered alone');
  }
}

async function toolCalls(cell) {
  await oneTool(cell, 'ask');
  await twoTools(cell, 'ask');
  await choices(cell);
}

async function toolCallsStreamed(cell) {
  for (const way of streams(cell.client)) {
    await oneTool(cell, way);
    await twoTools(cell, way);
  }
}

async function structured(cell) {
  const { client, provider, upstream } = cell;
  for (const way of ways(client)) {
    upstream.answer({ json: opening, usage });
    const got = await call(cell, way, { turns: [{ system: 'Answer in JSON.' }, { user }], schema: hours });
    assert.deepEqual(JSON.parse(got.text), opening, way);
    if (got.object !== undefined) assert.deepEqual(got.object, opening, way);
    assert.equal(got.finish, 'stop', way);
    const wants = provider.schema ?? 'schema';
    if (wants === 'schema') assert.deepEqual(asked(cell).schema.required, ['place', 'opens_at'], way);
    else assert.equal(asked(cell).json, wants === 'json' || way === 'ask', way);
  }
}

// The endpoint's own schemas, which the client knows nothing of.
async function schemas(cell) {
  const { client, upstream, models } = cell;
  for (const way of ways(client)) {
    upstream.answer({ json: { sum: 4 }, usage });
    const got = await call(cell, way, { model: models.sum, turns: [{ user: '{"a": 2, "b": 2}' }] });
    assert.deepEqual(JSON.parse(got.text), { sum: 4 }, way);
    assert.deepEqual(conversation(cell), [['user', 'What is 2 + 2?']], way);
  }
  const before = upstream.calls.length;
  await fails(cell, 'ask', 422, 'input_schema_violation', { model: models.sum, turns: [{ user: '{"a": "two"}' }] });
  assert.equal(upstream.calls.length, before, 'nothing was sent');
  upstream.answer({ json: { sum: -4 }, usage });
  await fails(cell, 'ask', 422, 'output_schema_violation', { model: models.sum, turns: [{ user: '{"a": 2, "b": 2}' }] });
}

// Cut at its limit, filtered, and empty.
async function endings(cell) {
  const { client, provider, upstream } = cell;
  for (const way of ways(client)) {
    upstream.answer({ text: ['At', ' n'], finish: 'length', usage });
    isAnswer(await call(cell, way), { text: 'At n', finish: 'length' }, way);
    upstream.answer({ text: [''], usage });
    isAnswer(await call(cell, way), { text: '' }, way);
    if (provider.filters === false) continue;
    upstream.answer({ text: ['At', ' n'], finish: 'content_filter', usage });
    const got = await call(cell, way);
    assert.deepEqual([got.text, got.finish], ['At n', 'content_filter'], way);
  }
}

// A call that fails with a status and a code, in the client's own class for it.
export async function fails(cell, way, status, code, more = {}) {
  const { client, sdk = more.sdk } = cell;
  const error = client.failure(await failure(client[way](more.sdk ?? sdk, { model: cell.models.chat, turns, ...more })));
  const what = `${way} ${status} ${code}: ${JSON.stringify(error)}`;
  assert.equal(error.type, client.classes[status], what);
  assert.equal(error.status, status, what);
  assert.equal(error.code, code, what);
  assert.match(error.requestId ?? '', /^req_/, what);
  return error;
}

async function errors(cell) {
  const { client, upstream, connect } = cell;
  const before = upstream.calls.length;
  await fails(cell, 'ask', 401, 'invalid_token', { sdk: connect({ key: 'pin_live_nonsense' }) });
  await fails(cell, 'ask', 403, 'scope_denied', { sdk: connect({ token: 'elsewhere' }) });
  await fails(cell, 'ask', 404, 'model_not_found', { model: 'no-such-model' });
  assert.equal(upstream.calls.length, before, 'nothing was sent');
  for (const way of ['ask', 'stream']) {
    for (const [kind, status, code] of [
      ['bad_request', 400, 'upstream_rejected'],
      ['credentials', 502, 'upstream_auth_failed'],
      ['server', 502, 'upstream_failed'],
      ['overload', 503, 'upstream_overloaded'],
    ]) {
      if (way === 'stream' && kind !== 'server') continue;
      upstream.refuse({ kind, message: 'sk-test-canary' });
      const { message } = await fails(cell, way, status, code);
      assert.ok(!message.includes('sk-test-canary'), 'the provider is not quoted');
    }
    upstream.refuse({ kind: 'rate_limit', retryAfter: 2 });
    const { again } = await fails(cell, way, 429, 'upstream_rate_limited');
    assert.equal(again, '2', `${client.name}: when to come back`);
  }
}

// A stream that fails: before its first byte an ordinary error, behind it one inside the stream.
async function broken(cell) {
  const { client, upstream } = cell;
  for (const way of streams(client)) {
    upstream.answer({ text: ['At', ' nine.'] }, { error: { kind: 'server', at: 'first' } });
    const early = client.failure(await failure(call(cell, way)));
    assert.ok([502, 503].includes(early.status), `${way}: ${JSON.stringify(early)}`);
    for (const how of [{ error: { kind: 'server', at: 1 } }, { cut: { events: 6, then: 'reset' } }]) {
      const pieces = [];
      upstream.answer({ text: ['At', ' nine', ' or', ' ten', ',', ' or', ' later', ' perhaps.'], usage }, how);
      const error = client.failure(await failure(call(cell, way, { onText: (piece) => pieces.push(piece) })));
      assert.ok(client.broken.includes(error.type), `${way}: ${JSON.stringify(error)}`);
      assert.match(pieces.join(''), /^At/, way);
    }
  }
}

// Sent away with a time to come back, it comes back then. An error that the gateway has done all about is not
// repeated, where the client can be told so.
async function retry(cell) {
  const { client, upstream, connect } = cell;
  const sdk = connect({ retries: 2 });
  for (const way of ['ask', 'stream']) {
    const before = upstream.calls.length;
    upstream.refuse({ kind: 'rate_limit', retryAfter: 1 });
    upstream.answer({ text: 'At nine.', usage });
    isAnswer(await client[way](sdk, { model: cell.models.chat, turns }), { text: 'At nine.' }, way);
    assert.equal(upstream.calls.length, before + 2, way);
  }
  if (!client.heeds) return;
  const before = upstream.calls.length;
  upstream.refuse({ kind: 'server' });
  await fails(cell, 'ask', 502, 'upstream_failed', { sdk });
  assert.equal(upstream.calls.length, before + 1, 'it was told not to repeat the call');
}

// Who leaves, leaves the provider too.
export async function cancel(cell) {
  const { client, upstream } = cell;
  for (const way of ways(client)) {
    const leaving = new AbortController();
    const handle = upstream.answer({ text: ['At', ' nine.'] }, way === 'ask' ? { wait: true } : { hold: 'content' });
    let error;
    const ended = call(cell, way, { signal: leaving.signal, onText: () => leaving.abort() }).catch((thrown) => (error = thrown));
    const called = await Promise.race([handle.called, ended.then(() => undefined)]);
    assert.ok(called, `${way}: it ended before the provider was called: ${error?.message}`);
    if (way === 'ask') leaving.abort();
    await ended;
    assert.equal(await called.closed, false, way);
    handle.release();
  }
}

async function embeddings(cell) {
  const { client, sdk, upstream, models } = cell;
  for (const float of [true, false]) {
    upstream.embed({ usage: { input: 6 } });
    const one = await client.embed(sdk, { model: models.embedder, input: 'Rain', float });
    assert.deepEqual(one.vectors, [[0.25, -0.5, 0.125]]);
    upstream.embed({ usage: { input: 6 } });
    const two = await client.embed(sdk, { model: models.embedder, input: ['Rain', 'Snow'], float });
    assert.deepEqual(two.vectors, [[0.25, -0.5, 0.125], [1.25, -0.5, 0.125]]);
  }
}

export async function modelList(cell) {
  const { client, sdk, models } = cell;
  const ids = await client.models(sdk);
  assert.ok(ids.includes(models.chat), ids.join(' '));
  assert.equal(await client.models(sdk, models.chat), models.chat);
  const error = client.failure(await failure(client.models(sdk, 'no-such-model')));
  assert.deepEqual([error.type, error.status], [client.classes[404], 404]);
}

// In the order of the matrix: its row, and what is shown by it.
export const features = {
  text,
  stream,
  history,
  tools: toolCalls,
  'tools, streamed': toolCallsStreamed,
  structured,
  'endpoint schemas': schemas,
  endings,
  error: errors,
  'broken stream': broken,
  retry,
  cancel,
  embeddings,
  models: modelList,
};
