// What a client of the Model Context Protocol does with every provider: it calls endpoints as tools.
import assert from 'node:assert/strict';
import { failure } from '../vendor.js';
import { cancel } from './features.js';

const user = 'When does the library open?';
const ask = (cell, model, said = user, sdk = cell.sdk) => cell.client.ask(sdk, { model, turns: [{ user: said }] });
const asked = ({ upstream }) => upstream.calls.at(-1).asked;

async function text(cell) {
  const { upstream, models } = cell;
  upstream.answer({ text: 'At nine. 🙂' });
  assert.equal((await ask(cell, models.talk)).text, 'At nine. 🙂');
  assert.equal(asked(cell).system, 'You are brief.');
  assert.deepEqual(asked(cell).messages.map(({ role, text: own }) => [role, own]), [['user', user]]);
  const long = 'Grüße 🙂 '.repeat(75_000);
  upstream.answer({ text: 'Long.' });
  assert.equal((await ask(cell, models.talk, long)).text, 'Long.');
  assert.ok(asked(cell).messages[0].text === long, 'a long text arrives as it was sent');
}

async function schemas(cell) {
  const { upstream, models } = cell;
  upstream.answer({ json: { sum: 4 } });
  const got = await ask(cell, models.sum, '{"a": 2, "b": 2}');
  assert.deepEqual(JSON.parse(got.text), { sum: 4 });
  assert.deepEqual(got.object, { sum: 4 });
  const before = upstream.calls.length;
  await fails(cell, 'input_schema_violation', models.sum, '{"a": "two"}');
  assert.equal(upstream.calls.length, before, 'nothing was sent');
  upstream.answer({ json: { sum: -4 } });
  await fails(cell, 'output_schema_violation', models.sum, '{"a": 2, "b": 2}');
}

async function fails(cell, code, model = cell.models.talk, said = user) {
  const error = cell.client.failure(await failure(ask(cell, model, said)));
  assert.deepEqual([error.type, error.code], ['result', code], JSON.stringify(error));
  assert.match(error.requestId, /^req_/);
  return error;
}

async function errors(cell) {
  const { client, upstream, models, connect } = cell;
  const before = upstream.calls.length;
  const stranger = connect({ key: 'pin_live_nonsense' });
  assert.match((await failure(ask(cell, models.talk, user, stranger))).message, /invalid_token|no such token|401/);
  for (const [sdk, name] of [[connect({ token: 'elsewhere' }), models.talk], [cell.sdk, 'no-such-tool']]) {
    const error = client.failure(await failure(ask(cell, name, user, sdk)));
    assert.deepEqual([error.type, error.code], ['thrown', -32602], JSON.stringify(error));
    assert.match(error.message, new RegExp(`there is no tool '${name}'`));
    if (sdk !== cell.sdk) await sdk.close();
  }
  assert.equal(upstream.calls.length, before, 'nothing was sent');
  for (const [kind, code] of [['bad_request', 'upstream_rejected'], ['credentials', 'upstream_auth_failed'], ['server', 'upstream_failed'], ['overload', 'upstream_overloaded']]) {
    upstream.refuse({ kind, message: 'sk-test-canary' });
    assert.ok(!(await fails(cell, code)).message.includes('sk-test-canary'), 'the provider is not quoted');
  }
  upstream.refuse({ kind: 'rate_limit', retryAfter: 2 });
  assert.equal((await fails(cell, 'upstream_rate_limited')).again, 2);
}

async function list({ client, sdk, models }) {
  const names = await client.models(sdk);
  assert.ok(names.includes(models.talk) && names.includes(models.sum), names.join(' '));
}

export const toolFeatures = { text, 'endpoint schemas': schemas, error: errors, cancel, models: list };
// Why it does nothing else.
export const toolLacks = {
  stream: 'a tool of MCP has one result, which is not streamed',
  history: 'a call of a tool is no conversation',
  tools: 'a tool of MCP is not given tools',
  'tools, streamed': 'a tool of MCP is not given tools',
  structured: "a tool of MCP has its own schema of the result, see 'endpoint schemas'",
  endings: 'the result of a tool does not say why it ended',
  'broken stream': 'a tool of MCP has one result, which is not streamed',
  retry: 'a client of MCP repeats no call by itself',
  embeddings: 'MCP has no embeddings',
};
