// Idempotency-Key: a repeat is answered as the first call was, and no provider hears of it.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { chat, files } from './support/files.js';
import { makeFolder, startGateway } from './support/gateway.js';
import { scene } from './support/scene.js';
import { gatewaySdk } from './support/sdk.js';
import { startUpstream, streamed } from './support/upstream.js';

const named = (slug, more) => `${chat.replace('slug: chat', `slug: ${slug}`)}${more}\n`;
const on = scene(() => ({
  'endpoints/rare.yaml': named('rare', 'limits: {per_hour: 2, concurrent: 1}'),
  'endpoints/long.yaml': named('long', 'output_schema: {type: object}'),
  'endpoints/talk.yaml': named('talk', 'session: {ttl: 30m}'),
}));
let keys = 0;
const fresh = () => `order-${++keys}`;
const call = (key, body = { message: 'x' }, { slug = 'chat', token = on.token, headers = {}, ...more } = {}) =>
  on.gateway.call(slug, body, { token, headers: { 'idempotency-key': key, ...headers }, ...more });
const calls = () => on.upstream.calls.length;
const expect = async (response, status, code) => {
  const text = await response.text();
  assert.equal(response.status, status, text);
  const { error } = JSON.parse(text);
  assert.equal(error.code, code);
  return error;
};

test('a repeat gets the answer of the first call, byte for byte, and is not sent', async () => {
  const key = fresh();
  on.upstream.answer('At nine.');
  const first = await call(key);
  const text = await first.text();
  const before = calls();
  const again = await call(key);
  assert.equal(await again.text(), text);
  assert.equal(again.status, 200);
  assert.equal(first.headers.get('idempotency-replayed'), null);
  assert.equal(again.headers.get('idempotency-replayed'), 'true');
  assert.notEqual(again.headers.get('x-request-id'), first.headers.get('x-request-id'));
  for (const name of ['content-type', 'pinion-endpoint', 'pinion-model', 'pinion-attempts', 'pinion-cost-usd'])
    assert.equal(again.headers.get(name), first.headers.get(name), name);
  assert.equal(calls(), before);
  const line = await on.gateway.journal(again);
  assert.deepEqual([line.status, line.attempts ?? 0, line.cost_usd ?? null], [200, 0, null]);
});

test('the same key with another body, path or session is refused, whatever came of the first', async () => {
  const key = fresh();
  on.upstream.answer('x');
  await (await call(key)).text();
  for (const [body, more] of [
    [{ message: 'y' }, {}],
    [{ message: 'x' }, { headers: { prefer: 'return=output' } }],
  ])
    await expect(await call(key, body, more), 422, 'idempotency_key_reused');
  const query = await fetch(`${on.gateway.url}/chat?x=1`, {
    method: 'POST',
    headers: { authorization: `Bearer ${on.token}`, 'idempotency-key': key },
    body: '{"message":"x"}',
  });
  await expect(query, 422, 'idempotency_key_reused');
});

test('keys of other tokens and of other endpoints are other keys', async () => {
  const key = fresh();
  const { token } = await on.gateway.token('*');
  for (const more of [{}, { token }, { slug: 'rare' }]) {
    on.upstream.answer('x');
    const response = await call(key, undefined, more);
    assert.equal(response.headers.get('idempotency-replayed'), null);
    assert.equal(response.status, 200, await response.text());
  }
});

test('while the first call is under way a repeat is told so; of many at once one is sent', async () => {
  const key = fresh();
  let answer;
  const before = calls();
  on.upstream.next((response) => (answer = () => response.end('{"choices":[]}')));
  const all = Array.from({ length: 20 }, () => call(key));
  let waiting = 20;
  await new Promise((resolve) => all.forEach((one) => one.then(() => --waiting === 1 && resolve())));
  await on.upstream.called(before + 1);
  const busy = await call(key);
  assert.ok(Number(busy.headers.get('retry-after')) >= 1);
  assert.equal(busy.headers.get('x-should-retry'), 'true');
  await expect(busy, 409, 'idempotency_in_progress');
  answer();
  const statuses = (await Promise.all(all)).map(({ status }) => status).sort();
  assert.deepEqual(new Set(statuses), new Set([409, 502]));
  assert.equal(statuses.filter((status) => status === 502).length, 1);
  assert.equal(calls(), before + 1);
});

test('an error of a call that was sent is kept, and is not worth another try', async () => {
  const key = fresh();
  on.upstream.json({ error: { message: 'no', type: 'server_error', code: null, param: null } }, { status: 500 });
  const first = await call(key);
  const text = await first.text();
  const before = calls();
  const again = await call(key);
  assert.deepEqual([again.status, await again.text()], [first.status, text]);
  assert.equal(again.headers.get('x-should-retry'), 'false');
  assert.equal(calls(), before);
});

test('a call that was refused before a provider was asked leaves its key as it was', async () => {
  const key = fresh();
  await expect(await call(key, { message: 'x', unheard: 1 }), 400, 'unknown_field');
  await expect(await call(key, '{"message":'), 400, 'invalid_json');
  on.upstream.answer('x');
  const response = await call(key);
  assert.deepEqual([response.status, response.headers.get('idempotency-replayed')], [200, null]);
});

test('a repeat costs no quota and needs no place', async () => {
  const key = fresh();
  const { token } = await on.gateway.token('rare');
  on.upstream.answer('x');
  await (await call(key, undefined, { slug: 'rare', token })).text();
  for (let i = 0; i < 5; i++) {
    const again = await call(key, undefined, { slug: 'rare', token });
    assert.equal(again.headers.get('idempotency-replayed'), 'true');
    assert.match(again.headers.get('ratelimit'), /^"hour";r=1;/);
    await again.text();
  }
  on.upstream.answer('x');
  assert.equal((await call(fresh(), undefined, { slug: 'rare', token })).status, 200);
  await expect(await call(fresh(), undefined, { slug: 'rare', token }), 429, 'rate_limit_exceeded');
});

test('a session gets a turn once', async () => {
  const key = fresh();
  on.upstream.answer('Hello.');
  const first = await (await call(key, { message: 'Hi' }, { slug: 'talk' })).json();
  const again = await (await call(key, { message: 'Hi' }, { slug: 'talk' })).json();
  assert.equal(again.meta.session_id, first.meta.session_id);
  on.upstream.answer('Yes.');
  await on.gateway.call('talk', { message: 'Again?', session_id: first.meta.session_id }, on);
  assert.equal(on.upstream.calls.at(-1).body.messages.length, 4); // system, one turn, and the question
});

test('a stream is repeated as its events were, byte for byte', async () => {
  const key = fresh();
  on.upstream.stream(streamed(['At', ' nine', '.']));
  const first = await (await call(key, { message: 'x', stream: true })).text();
  const before = calls();
  const again = await call(key, { message: 'x', stream: true });
  assert.equal(again.headers.get('content-type'), 'text/event-stream');
  assert.equal(await again.text(), first);
  assert.ok(first.endsWith('data: [DONE]\n\n'));
  assert.equal(calls(), before);
});

test('a stream that ended in an error is repeated with it', async () => {
  const key = fresh();
  on.upstream.stream(streamed(['At', ' nine', '.']).slice(0, 2), { cut: true });
  const first = await (await call(key, { message: 'x', stream: true })).text();
  assert.match(first, /"error":\{/);
  assert.equal(await (await call(key, { message: 'x', stream: true })).text(), first);
});

test('an SDK reads a repeated stream as it did the first', async () => {
  const sdk = gatewaySdk(on);
  const key = fresh();
  const read = async () => {
    const got = [];
    const order = { model: 'chat', messages: [{ role: 'user', content: 'x' }], stream: true };
    for await (const part of await sdk.chat.completions.create(order, { headers: { 'Idempotency-Key': key } })) got.push(part);
    return got;
  };
  on.upstream.stream(streamed(['At', ' nine', '.']));
  const first = await read();
  const before = calls();
  assert.deepEqual(await read(), first);
  assert.equal(first.map((part) => part.choices[0]?.delta?.content ?? '').join(''), 'At nine.');
  assert.equal(calls(), before);
});

test('when the client leaves, the call is cancelled and its outcome is not known', async () => {
  const key = fresh();
  const before = calls();
  const gone = new AbortController();
  const left = new Promise((resolve) => on.upstream.next((response) => response.on('close', resolve)));
  const pending = call(key, undefined, { signal: gone.signal });
  await on.upstream.called(before + 1);
  gone.abort();
  await assert.rejects(pending);
  await left;
  let again;
  do again = await call(key);
  while ((await again.clone().json()).error.code === 'idempotency_in_progress'); // until it is written down
  const error = await expect(again, 409, 'outcome_unknown');
  assert.match(error.message, /left before it was answered/);
  assert.equal(again.headers.get('x-should-retry'), 'false');
  assert.equal(calls(), before + 1);
});

test('a key that cannot be one is refused', async () => {
  await expect(await call('k'.repeat(256)), 400, 'invalid_request');
  await expect(await call('schl\u00fcssel'), 400, 'invalid_request');
  on.upstream.answer('x');
  assert.equal((await call('k'.repeat(255))).status, 200);
});

test('an answer too large to be kept is given once, and a repeat says why not again', async () => {
  const key = fresh();
  on.upstream.answer({ long: 'x'.repeat(5 * 1024 * 1024) }); // it is in an answer twice
  const first = await call(key, undefined, { slug: 'long' });
  assert.equal(first.status, 200);
  await first.arrayBuffer();
  const before = calls();
  const error = await expect(await call(key, undefined, { slug: 'long' }), 409, 'outcome_unknown');
  assert.match(error.message, /too large/);
  assert.equal(calls(), before);
});

test('killed while a provider answers: a repeat is not sent, before or after the restart', async () => {
  const upstream = await startUpstream();
  const folder = await makeFolder(files(upstream));
  const store = await mkdtemp(path.join(os.tmpdir(), 'pinion-idempotency-'));
  const headers = { 'idempotency-key': 'order-1' };
  try {
    let gateway = await startGateway({ folder, store });
    const { token } = await gateway.token('*');
    upstream.answer('kept');
    const kept = await (await gateway.call('chat', { message: 'x' }, { token, headers: { 'idempotency-key': 'order-0' } })).text();
    upstream.next(() => gateway.child.kill('SIGKILL'));
    await assert.rejects(gateway.call('chat', { message: 'x' }, { token, headers }));
    await gateway.exited;
    gateway = await startGateway({ folder, store });
    const again = await gateway.call('chat', { message: 'x' }, { token, headers });
    const { error } = await again.json();
    assert.deepEqual([again.status, error.code], [409, 'outcome_unknown']);
    const replayed = await gateway.call('chat', { message: 'x' }, { token, headers: { 'idempotency-key': 'order-0' } });
    assert.equal(await replayed.text(), kept);
    assert.equal(upstream.calls.length, 2);
    assert.deepEqual(upstream.unexpected, []);
    await gateway.stop();
  } finally {
    await upstream.stop();
    await rm(folder, { recursive: true, force: true });
    await rm(store, { recursive: true, force: true });
  }
});
