// A client that leaves takes its call to the provider with it, at whatever point it leaves, within
// 100 ms. The machine may be busy, so of several leaves the quickest counts.
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { test } from 'node:test';
import { scene } from './support/scene.js';
import { chunk, data } from './support/upstream.js';

const on = scene();
const LEAVES = 5;

// Sends a call; the provider does `reply`, the client waits for `ready` and hangs up. Gives the
// milliseconds until the provider saw its connection close.
async function leave({ stream = false, reply = () => {}, ready = async () => {} }) {
  on.upstream.next(reply);
  const n = on.upstream.calls.length + 1;
  const request = http.request(`${on.gateway.url}/chat`, {
    method: 'POST',
    agent: false,
    headers: { authorization: `Bearer ${on.token}`, 'content-type': 'application/json' },
  });
  const gone = new Promise((resolve) => request.once('close', resolve));
  request.on('error', () => {});
  request.end(JSON.stringify({ message: 'hi', stream }));
  const call = await on.upstream.called(n);
  await ready(request, call);
  const start = performance.now();
  request.destroy();
  assert.equal(await call.closed, false, 'the provider could not finish');
  const took = performance.now() - start;
  await gone;
  return took;
}

async function quickest(context, how) {
  const took = [];
  for (let i = 0; i < LEAVES; i++) took.push(await leave(how));
  context.diagnostic(`provider told after ${took.map((ms) => ms.toFixed(1)).join(', ')} ms`);
  assert.ok(Math.min(...took) <= 100, `the provider was told after ${Math.min(...took)} ms`);
}

const firstByte = async (request) => {
  const [response] = await once(request, 'response');
  response.on('error', () => {});
  await once(response, 'data');
};

test('a client that leaves before the provider answers cancels the call', async (context) => {
  await quickest(context, {});
});

test('a client that leaves before a stream begins cancels the call', async (context) => {
  await quickest(context, { stream: true });
});

test('a client that leaves in the middle of a stream cancels the call', async (context) => {
  await quickest(context, {
    stream: true,
    reply(response) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(data(chunk({ content: 'At' })));
    },
    ready: firstByte,
  });
});

test('a client that leaves while a whole answer is coming in cancels the call', async (context) => {
  let half;
  await quickest(context, {
    reply(response) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100000 });
      half = new Promise((resolve) => response.write('{"choices": [', resolve));
    },
    ready: () => half,
  });
});

test('every call that was left is in the log as left, and none was sent twice', async () => {
  assert.equal(on.upstream.calls.length, 4 * LEAVES);
  for (const path of new Set(on.upstream.calls.map((call) => call.path)))
    assert.equal(path, '/v1/chat/completions');
  const left = () => on.gateway.lines.filter((line) => line.event === 'request' && line.status === 499);
  await on.gateway.logged(() => left().length === 4 * LEAVES);
  assert.equal(left().length, 4 * LEAVES);
});
