// What every client does with the provider that is built in, which makes up what fits and needs no host.
import assert from 'node:assert/strict';
import { failure } from '../vendor.js';
import { fails, hours, modelList, streams, tools, ways, user } from './features.js';
import { toolFeatures } from './tools.js';

const turns = [{ system: 'You are brief.' }, { user }];
const call = (cell, way, more) => cell.client[way](cell.sdk, { model: cell.models.chat, turns, ...more });

async function text(cell) {
  const got = await call(cell, 'ask');
  assert.ok(got.text.length > 0);
  assert.equal(got.finish, 'stop');
  assert.ok(got.usage.input > 0 && got.usage.output > 0);
}

async function stream(cell) {
  const whole = await call(cell, 'ask');
  for (const way of streams(cell.client)) {
    const got = await call(cell, way);
    assert.deepEqual([got.text, got.finish, got.usage], [whole.text, whole.finish, whole.usage], way);
    assert.equal(got.pieces.join(''), whole.text, way);
  }
}

async function history(cell) {
  for (const way of ways(cell.client)) {
    const first = await call(cell, way);
    const second = await call(cell, way, { turns: [...turns, { assistant: first }, { user: 'And on Sunday?' }] });
    assert.ok(second.text.length > 0, way);
    assert.ok(second.usage.input > first.usage.input, way);
  }
}

// It calls a tool where one is asked for.
async function oneTool(cell, way) {
  const first = await call(cell, way, { tools, choice: { tool: 'get_weather' } });
  assert.deepEqual(first.calls.map(({ name, arguments: own }) => [name, Object.keys(own)]), [['get_weather', ['city']]], way);
  assert.equal(first.finish, 'tool_calls', way);
  const results = [{ call: first.calls[0], output: '{"weather":"rain"}' }];
  const second = await call(cell, way, { tools, turns: [...turns, { assistant: first }, { results }] });
  assert.equal(second.finish, 'stop', way);
  assert.ok(second.text.length > 0, way);
}

async function toolsStreamed(cell) {
  for (const way of streams(cell.client)) await oneTool(cell, way);
}

async function structured(cell) {
  for (const way of ways(cell.client)) {
    const got = await call(cell, way, { schema: hours });
    assert.ok(hours.safeParse(JSON.parse(got.text)).success, got.text);
    if (got.object !== undefined) assert.ok(hours.safeParse(got.object).success, way);
  }
}

async function schemas(cell) {
  for (const way of ways(cell.client)) {
    const got = await call(cell, way, { model: cell.models.sum, turns: [{ user: '{"a": 2, "b": 2}' }] });
    assert.ok(Number.isInteger(JSON.parse(got.text).sum), way);
  }
  await fails(cell, 'ask', 422, 'input_schema_violation', { model: cell.models.sum, turns: [{ user: '{"a": "two"}' }] });
}

async function errors(cell) {
  const { connect } = cell;
  await fails(cell, 'ask', 403, 'scope_denied', { sdk: connect({ token: 'elsewhere' }) });
  await fails(cell, 'ask', 404, 'model_not_found', { model: 'no-such-model' });
}

async function embeddings({ client, sdk, models }) {
  for (const float of [true, false]) {
    const { vectors } = await client.embed(sdk, { model: models.embedder, input: ['Rain', 'Snow'], float });
    assert.equal(vectors.length, 2);
    assert.ok(vectors.every((one) => one.length > 0 && one.every(Number.isFinite)));
    assert.notDeepEqual(vectors[0], vectors[1]);
  }
}

async function toolText(cell) {
  assert.ok((await call(cell, 'ask', { model: cell.models.talk })).text.length > 0);
}

async function toolSchemas(cell) {
  const got = await call(cell, 'ask', { model: cell.models.sum, turns: [{ user: '{"a": 2, "b": 2}' }] });
  assert.ok(Number.isInteger(got.object.sum));
  const error = cell.client.failure(await failure(call(cell, 'ask', { model: cell.models.sum, turns: [{ user: '{"a": "two"}' }] })));
  assert.equal(error.code, 'input_schema_violation');
}

export const demoFeatures = {
  text,
  stream,
  history,
  tools: (cell) => oneTool(cell, 'ask'),
  'tools, streamed': toolsStreamed,
  structured,
  'endpoint schemas': schemas,
  error: errors,
  embeddings,
  models: modelList,
};
export const demoToolFeatures = { text: toolText, 'endpoint schemas': toolSchemas, models: toolFeatures.models };
// Why nothing else is done with it.
export const demoLacks = 'the built-in provider never fails, is never slow, and always comes to its end';
