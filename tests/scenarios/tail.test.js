// Following the request log: GET /admin/v1/logs/stream, and `pinion tail` on it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { chat } from './support/files.js';
import { binary, startGateway } from './support/gateway.js';
import { scene } from './support/scene.js';

const on = scene(() => ({ 'endpoints/plain.yaml': chat.replace('slug: chat', 'slug: plain') }));
const open = new Set();
after(() => open.forEach((stream) => stream.close()));

async function ask(slug, { gateway = on.gateway, token = on.token } = {}) {
  on.upstream.answer('Hello.');
  const response = await gateway.call(slug, { message: 'Hello?' }, { token });
  await response.text();
  return response.headers.get('x-request-id');
}

// A stream of the log. next() gives the next event but pings; all of them carry a place as their id.
async function follow(query = '', { gateway = on.gateway, headers = {}, paused = false } = {}) {
  const request = http.get({ socketPath: gateway.adminSocket, path: `/admin/v1/logs/stream${query}`, headers, agent: false });
  const [response] = await once(request, 'response');
  const events = [];
  let wake = () => {};
  let rest = '';
  let over = false;

  const stream = {
    status: response.statusCode,
    type: response.headers['content-type'],
    response,
    close: () => request.destroy(),
    async next() {
      for (;;) {
        if (events.length > 0) return events.shift();
        if (over) return undefined;
        await new Promise((resolve) => (wake = resolve));
      }
    },
    async row() {
      const event = await stream.next();
      assert.equal(event?.name, 'row');
      return event.data;
    },
    // The whole body, for an answer that is none of a stream.
    body: () => JSON.parse(rest),
  };
  open.add(stream);
  request.on('error', () => {});
  response.on('error', () => {});
  response.setEncoding('utf8');
  response.on('close', () => ((over = true), wake()));
  if (paused) response.pause();
  stream.read = () =>
    response.on('data', (piece) => {
      const blocks = (rest + piece).split('\n\n');
      rest = blocks.pop();
      for (const block of blocks) {
        const [, name, id, data] = block.match(/^event: (\w+)\nid: (log_[0-9a-f]{40})\ndata: (.*)$/);
        if (name !== 'ping') events.push({ name, id, data: JSON.parse(data) });
      }
      wake();
    });
  if (!paused) stream.read();
  if (stream.status !== 200) await once(response, 'end');
  return stream;
}

test('a row comes as it is stored, with its place as its id', async () => {
  await ask('chat'); // this was before
  const stream = await follow();
  assert.equal(stream.status, 200);
  assert.equal(stream.type, 'text/event-stream');
  assert.equal((await stream.next()).name, 'open');

  const id = await ask('plain');
  const event = await stream.next();
  const { body } = await on.gateway.admin('GET', `/admin/v1/logs?limit=1&request_id=${id}`);
  assert.deepEqual(event, { name: 'row', id: body.data[0].id, data: body.data[0] }, 'the very row of a list');
  assert.equal(event.data.request_id, id);
  stream.close();
});

test('filters are those of a list, and hold on the server', async () => {
  const stream = await follow('?endpoint=plain&status=2xx');
  await stream.next();
  await ask('chat');
  await (await on.gateway.call('plain', { message: 'x' }, { token: 'pin_live_wrong' })).text();
  const id = await ask('plain');
  assert.equal((await stream.row()).request_id, id, 'the first that comes is the one that is wanted');
  stream.close();
});

test('who comes back goes on where he was', async () => {
  const first = await follow();
  const { id: place } = await first.next();
  first.close();
  const ids = [];
  for (let i = 0; i < 5; i++) ids.push(await ask('chat'));

  const second = await follow('', { headers: { 'last-event-id': place } });
  assert.deepEqual(await second.next(), { name: 'open', id: place, data: { after: place } });
  const seen = [await second.next(), await second.next()];
  second.close();
  const third = await follow(`?after=${seen[1].id}`);
  await third.next();
  for (let i = 0; i < 3; i++) seen.push(await third.next());
  third.close();
  assert.deepEqual(seen.map((event) => event.data.request_id).sort(), ids.sort(), 'none twice and none left out');
});

test('a stream can begin in the past', async () => {
  const from = new Date().toISOString();
  const id = await ask('plain');
  const stream = await follow(`?endpoint=plain&from=${from}`);
  await stream.next();
  assert.equal((await stream.row()).request_id, id);
  const next = await ask('plain');
  assert.equal((await stream.row()).request_id, next);
  stream.close();
});

test('what is asked wrongly is said', async () => {
  for (const [query, headers, param] of [
    ['?status=9xx', {}, 'status'],
    ['?limit=5', {}, 'query'],
    ['?order=asc', {}, 'query'],
    ['?after=log_1', {}, 'after'],
    ['', { 'last-event-id': 'log_1' }, 'last-event-id'],
  ]) {
    const stream = await follow(query, { headers });
    assert.equal(stream.status, 400, query);
    assert.equal(stream.body().error.param, param);
  }
});

test('it takes the verb for the log, for as long as there is one', async () => {
  const make = async (...verbs) => (await on.gateway.admin('POST', '/admin/v1/tokens', { kind: 'admin', verbs })).body;
  const other = await make('usage');
  const refused = await follow('', { headers: { authorization: `Bearer ${other.token}` } });
  assert.equal(refused.status, 403);

  const own = await make('logs');
  const stream = await follow('', { headers: { authorization: `Bearer ${own.token}` } });
  assert.equal((await stream.next()).name, 'open');
  assert.equal((await on.gateway.admin('POST', `/admin/v1/tokens/${own.id}/revoke`)).status, 200);
  await ask('chat');
  assert.equal(await stream.next(), undefined, 'it ends without the row');
});

test('a reader that is slow misses nothing', async () => {
  const slow = await follow('', { paused: true });
  const long = 'x'.repeat(480);
  let sent = 0;
  for (let round = 0; round < 20; round++) {
    await Promise.all(
      Array.from({ length: 60 }, async () => {
        const id = `slow-${sent++}`;
        const response = await fetch(`${on.gateway.url}/${long}`, { headers: { 'x-request-id': id } });
        await response.text();
      }),
    );
  }
  await on.gateway.admin('GET', '/admin/v1/logs?limit=1'); // all is stored, while nobody reads
  const marker = await ask('plain');
  slow.read();
  slow.response.resume();
  assert.equal((await slow.next()).name, 'open');
  const seen = [];
  for (;;) {
    const { request_id } = await slow.row();
    if (request_id === marker) break;
    seen.push(request_id);
  }
  assert.equal(new Set(seen).size, seen.length, 'none twice');
  assert.equal(seen.filter((id) => id.startsWith('slow-')).length, sent);
  slow.close();
});

test('there is room for so many, and for one more when one has left', async () => {
  const gateway = await startGateway({ folder: on.gateway.folder });
  const all = await Promise.all(Array.from({ length: 32 }, () => follow('', { gateway })));
  assert.ok(all.every((stream) => stream.status === 200));
  assert.equal((await follow('', { gateway })).status, 503);
  all[0].close();
  let again;
  do again = await follow('', { gateway });
  while (again.status === 503); // until the server has seen that it left
  assert.equal(again.status, 200);

  const end = gateway.stop();
  for (const stream of all.slice(1)) while ((await stream.next()) !== undefined);
  assert.equal((await end).code, 0, 'a drain ends all of them, and waits for none');
});

test('pinion tail prints rows as they come, and goes on when the server has come back', async () => {
  const store = await mkdtemp(path.join(os.tmpdir(), 'pinion-store-'));
  const { folder } = on.gateway;
  const first = await startGateway({ folder, store });
  const { token } = await first.token('*');
  const tail = spawn(binary, ['tail', '--json', '--endpoint', 'plain', '--from', '1h', '--config', folder], {
    env: { ...process.env, PINION_STORE: store, PINION_ADMIN: `unix:${first.adminSocket}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = [];
  let wake = () => {};
  let rest = '';
  tail.stdout.setEncoding('utf8').on('data', (piece) => {
    const whole = (rest + piece).split('\n');
    rest = whole.pop();
    lines.push(...whole.map((line) => JSON.parse(line).request_id));
    wake();
  });
  const line = async () => {
    while (lines.length === 0) await new Promise((resolve) => (wake = resolve));
    return lines.shift();
  };
  let said = '';
  const told = new Promise((resolve) =>
    tail.stderr.setEncoding('utf8').on('data', (piece) => /asking again/.test((said += piece)) && resolve()),
  );

  const one = await ask('plain', { gateway: first, token });
  assert.equal(await line(), one);
  await ask('chat', { gateway: first, token });
  first.child.kill('SIGTERM');
  await first.exited;
  await told;

  const second = await startGateway({ folder, store });
  assert.equal(second.adminSocket, first.adminSocket);
  const two = await ask('plain', { gateway: second, token });
  assert.equal(await line(), two);
  tail.kill();
  await once(tail, 'close');
  await second.stop();
  await rm(store, { recursive: true, force: true });
});

test('pinion tail says what is wrong, and that there is no server', async () => {
  const wrong = await on.gateway.cli('tail', '--status', '9xx');
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /'status' must be a status such as 429/);
  const nobody = await on.gateway.cli('tail', '--config', '/nonexistent');
  assert.notEqual(nobody.code, 0);
});
