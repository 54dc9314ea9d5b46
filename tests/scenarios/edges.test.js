// What happens at the edges of a call: refused ones cost nothing and leave nothing behind, and what
// people or models made up is neither believed nor written down.
import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { chat, sum } from './support/files.js';
import { events } from './support/gateway.js';
import { scene } from './support/scene.js';
import { chunk, data, streamed } from './support/upstream.js';

const named = (slug, more, from = chat) => from.replace(/slug: \w+/, `slug: ${slug}`) + more;
const on = scene(() => ({
  'endpoints/lone.yaml': named('lone', 'limits: {per_minute: 3, per_hour: 3, concurrent: 1}\n'),
  'endpoints/talk.yaml': named('talk', 'session: {ttl: 30m}\n'),
  'endpoints/flow.yaml': named('flow', 'stream: raw\n', sum),
  'endpoints/warm.yaml': named('warm', 'allow: [temperature]\n', sum),
}));
const call = (slug, body, options = {}) => on.gateway.call(slug, body, { ...on, ...options });
const collect = async (response) => {
  const all = [];
  for await (const event of events(response)) all.push(event);
  return all;
};
const start = (response) => response.writeHead(200, { 'content-type': 'text/event-stream' });

test('a call refused for concurrency is not counted against the rate', async () => {
  let answer;
  const calls = on.upstream.calls.length;
  on.upstream.next((response) => (answer = () => response.destroy()));
  const pending = call('lone', { message: 'x' });
  await on.upstream.called(calls + 1);
  for (let i = 0; i < 4; i++)
    assert.equal((await (await call('lone', { message: 'x' })).json()).error.code, 'concurrency_limit_exceeded');
  answer();
  await (await pending).arrayBuffer();
  for (let i = 0; i < 2; i++) {
    on.upstream.answer('x');
    assert.equal((await call('lone', { message: 'x' })).status, 200);
  }
  assert.equal((await (await call('lone', { message: 'x' })).json()).error.code, 'rate_limit_exceeded');
});

test('what follows the end mark of a stream is ignored', async () => {
  on.upstream.next((response) => {
    start(response);
    response.end(streamed(['At']).join('') + data(chunk({ content: 'SMUGGLED' })) + data('nonsense'));
  });
  const all = await collect(await call('chat', { message: 'x', stream: true }));
  assert.equal(all.at(-1), '[DONE]');
  assert.ok(!JSON.stringify(all).includes('SMUGGLED'));
});

test('a model that declines in a stream is said to have declined', async () => {
  on.upstream.next((response) => {
    start(response);
    response.end(
      [data(chunk({ role: 'assistant', content: '', refusal: 'I cannot' })), data(chunk({}, 'stop')), data('[DONE]')].join(''),
    );
  });
  const all = await collect(await call('flow', { input: { a: 1, b: 2 }, stream: true }));
  assert.match(all.at(-1).error.message, /declined/);
  assert.equal(all.at(-1).error.code, 'output_not_json');
});

test('a stream with more than the JSON in it is not the output: the client has it all', async () => {
  for (const [pieces, code] of [
    [['{"sum"', ': 4}'], undefined],
    [['So: {"sum"', ': 4}'], 'output_not_json'],
  ]) {
    on.upstream.next((response) => {
      start(response);
      response.end(streamed(pieces).join(''));
    });
    const all = await collect(await call('flow', { input: { a: 1, b: 2 }, stream: true }));
    assert.equal(all.at(-1).error?.code, code);
  }
});

test('a session that a failed call did not make is not named', async () => {
  on.upstream.json({ error: { message: 'no' } }, { status: 500 });
  const failed = await call('talk', { message: 'x' });
  assert.equal(failed.status, 502);
  assert.equal(failed.headers.get('pinion-session-id'), null);
  on.upstream.answer('x');
  const made = (await call('talk', { message: 'x' })).headers.get('pinion-session-id');
  assert.match(made, /^ses_/);
  on.upstream.json({ error: { message: 'no' } }, { status: 500 });
  const kept = await call('talk', { message: 'x', session_id: made });
  assert.equal(kept.status, 502);
  assert.equal(kept.headers.get('pinion-session-id'), made);
});

test('the journal names no members that callers or models made up', async () => {
  const input = await call('sum', { a: 1, b: 2, canary_from_the_caller: 1 });
  assert.equal((await input.json()).error.details.violations[0].instance_path, '/canary_from_the_caller');
  on.upstream.answer({ sum: 1, canary_from_the_model: 'x' });
  const output = await call('sum', { a: 1, b: 2 });
  assert.equal(output.status, 422);
  for (const response of [input, output]) {
    const line = await on.gateway.journal(response);
    assert.match(line.error, /^1 violation, the first of #\//);
    assert.ok(!JSON.stringify(line).includes('canary'));
  }
});

test('the journal knows how many bytes an answer had, good or bad', async () => {
  on.upstream.answer({ sum: 3 });
  for (const response of [await call('sum', { a: 1, b: 2 }), await call('sum', { a: 'x' })]) {
    const { byteLength } = await response.arrayBuffer();
    assert.equal((await on.gateway.journal(response)).bytes_out, byteLength);
  }
});

test('an allowed parameter stands beside a bare input too', async () => {
  on.upstream.answer({ sum: 3 });
  const before = on.upstream.calls.length;
  assert.equal((await call('warm', { a: 1, b: 2, temperature: 0.9 })).status, 200);
  assert.equal(on.upstream.calls[before].body.temperature, 0.9);
});

test('the admin listener takes no calls from web pages', async () => {
  const ask = (headers) =>
    new Promise((resolve, reject) => {
      const request = http.request(
        { socketPath: on.gateway.adminSocket, method: 'POST', path: '/admin/v1/tokens', headers },
        (response) => resolve(response.resume()),
      );
      request.on('error', reject).end(JSON.stringify({ scopes: ['*'] }));
    });
  const refused = await ask({ origin: 'http://evil.example' });
  assert.equal(refused.statusCode, 403);
  assert.equal(refused.headers['www-authenticate'], undefined);
  assert.equal((await ask({})).statusCode, 201);
});

test('an order for a token with a name or a test flag of the wrong type is refused', async () => {
  for (const [order, param] of [
    [{ scopes: ['*'], name: 7 }, '/name'],
    [{ scopes: ['*'], test: 'yes' }, '/test'],
  ]) {
    const { status, body } = await on.gateway.admin('POST', '/admin/v1/tokens', order);
    assert.equal(status, 400);
    assert.equal(body.error.param, param);
  }
});
