// stream: true: chunks as they come, a clean end only for a whole answer.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import OpenAI from 'openai';
import { events } from './support/gateway.js';
import { scene } from './support/scene.js';
import { chunk, data, streamed } from './support/upstream.js';

// A model whose longest answer nobody knows, for answers of any length.
const on = scene(() => ({ 'endpoints/endless.yaml': 'provider: upstream\nmodel: of-no-known-length\nsystem: s\n' }));
const open = (options = {}) => on.gateway.call('chat', { message: 'hi', stream: true }, { ...on, ...options });
const all = async (response) => {
  const got = [];
  for await (const event of events(response)) got.push(event);
  return got;
};
const text = (got) => got.map((event) => event.choices?.[0]?.delta?.content ?? '').join('');

test('the scripted provider speaks as the vendor: its own SDK reads it', async () => {
  const sdk = new OpenAI({ apiKey: 'k', baseURL: on.upstream.url, maxRetries: 0 });
  const messages = [{ role: 'user', content: 'hi' }];
  on.upstream.stream(streamed(['At', ' nine.']));
  let got = '';
  const stream = await sdk.chat.completions.create({ model: 'm', messages, stream: true });
  for await (const part of stream) got += part.choices[0]?.delta?.content ?? '';
  assert.equal(got, 'At nine.');
  on.upstream.answer('Nine.');
  const whole = await sdk.chat.completions.create({ model: 'm', messages });
  assert.equal(whole.choices[0].message.content, 'Nine.');
});

test('chunks in order, usage and cost in the last, then [DONE]', async () => {
  on.upstream.stream(streamed(['At', ' nine', '.']));
  const response = await open();
  const got = await all(response);

  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  assert.equal(response.headers.get('x-accel-buffering'), 'no');
  assert.equal(text(got), 'At nine.');
  assert.equal(got[0].choices[0].delta.role, 'assistant');
  assert.equal(got.at(-1), '[DONE]');
  assert.equal(got.at(-2).usage.total_tokens, 27);
  assert.equal(got.at(-2).pinion.cost_usd, '0.000014400');
  assert.equal(got.at(-3).choices[0].finish_reason, 'stop');
  const sent = on.upstream.calls.at(-1).body;
  assert.equal(sent.stream, true);
  assert.deepEqual(sent.stream_options, { include_usage: true });
  const line = await on.gateway.journal(response);
  assert.equal(line.stream, true);
  assert.equal(line.output_tokens, 3);
});

test('the first chunk does not wait for the last', async () => {
  let finish;
  on.upstream.next((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(data(chunk({ content: 'first' })));
    finish = () => response.end(data(chunk({ content: ' last' })) + data(chunk({}, 'stop')));
  });
  const response = await open();
  const reader = events(response);
  let got = '';
  while (!got.includes('first')) got += (await reader.next()).value.choices[0].delta.content ?? '';
  finish();
  for await (const event of reader) got += event.choices?.[0]?.delta?.content ?? '';
  assert.equal(got, 'first last');
});

test('an upstream that breaks off ends in an error event, never a clean end', async () => {
  for (const broken of [
    { events: streamed(['At']).slice(0, 2), cut: true },
    { events: streamed(['At']).slice(0, 2) },
    { events: [...streamed(['At']).slice(0, 2), data({ error: { message: 'x', type: 'server_error' } })] },
    { events: [...streamed(['At']).slice(0, 2), 'data: {"id": \n\n'] },
  ]) {
    on.upstream.stream(broken.events, broken);
    const got = await all(await open());
    assert.equal(text(got), 'At');
    assert.ok(got.at(-1).error, JSON.stringify(got.at(-1)));
    assert.equal(got.at(-1).error.type, 'upstream_error');
    assert.ok(!got.includes('[DONE]'));
  }
});

test('a failure before the first content is an ordinary error', async () => {
  on.upstream.json({ error: { message: 'busy' } }, { status: 503 });
  const response = await open();
  assert.equal(response.status, 503);
  assert.equal((await response.json()).error.code, 'upstream_overloaded');
});

test('an endpoint with an output schema answers a stream request as plain JSON', async () => {
  on.upstream.answer({ sum: 4 });
  const response = await on.gateway.call('sum', { a: 2, b: 2, stream: true }, on);
  assert.equal(response.headers.get('content-type'), 'application/json');
  assert.deepEqual((await response.json()).output, { sum: 4 });
});

test('events split anywhere, with CRLF and comments, arrive the same', async () => {
  const bytes = Buffer.from(
    (': hello\r\n\r\n' + streamed(['Grüße', ' 🙂']).join('')).replaceAll('\n\n', '\r\n\r\n'),
  );
  on.upstream.next(async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const byte of bytes) {
      response.write(Buffer.of(byte));
      if (byte === 0x0a) await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  });
  assert.equal(text(await all(await open())), 'Grüße 🙂');
});

// Bytes of a provider's replies that the gateway has not read yet: proc(5), tcp, rx_queue.
async function unread(port) {
  const remote = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((row) => row.trim().split(/\s+/));
  return rows
    .filter((row) => row[2]?.endsWith(remote))
    .reduce((sum, row) => sum + parseInt(row[4].split(':')[1], 16), 0);
}

// How much a provider may write before it is held up is the kernel's choice, and can be all of it:
// what shows is that the gateway leaves bytes unread.
test('a slow reader slows its own provider, and nobody else', { timeout: 60000 }, async () => {
  const piece = data(chunk({ content: 'x'.repeat(16384) }));
  on.upstream.next((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let written = 0; written < 6 << 20; written += piece.length) response.write(piece);
    response.end(data(chunk({}, 'stop')) + data('[DONE]'));
  });
  const body = JSON.stringify({ message: 'hi', stream: true });
  const socket = net.connect({ port: on.gateway.port, host: '127.0.0.1' });
  socket.pause();
  socket.write(
    `POST /endless HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${on.token}\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );
  const port = Number(new URL(on.upstream.url).port);
  for (let held = 0, unchanged = 0; unchanged < 5; ) {
    await delay(100);
    const now = await unread(port);
    unchanged = now > 0 && now === held ? unchanged + 1 : 0;
    held = now;
  }

  on.upstream.answer('others are served');
  const other = await on.gateway.call('chat', { message: 'hi' }, on);
  assert.equal((await other.json()).content, 'others are served');

  let received = 0;
  let tail = '';
  socket.on('data', (bytes) => {
    received += bytes.length;
    tail = (tail + bytes.toString('latin1')).slice(-200);
  });
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.resume();
  await closed;
  assert.ok(received > 6 << 20, 'after it reads again everything arrives');
  assert.match(tail, /\[DONE\]/);
});

test('a client that leaves in the middle of a stream cancels the provider', async () => {
  const leave = new AbortController();
  const before = on.upstream.calls.length;
  on.upstream.next((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(data(chunk({ content: 'At' })));
  });
  const response = await open({ signal: leave.signal });
  const call = await on.upstream.called(before + 1);
  const id = response.headers.get('x-request-id');
  leave.abort();
  assert.equal(await call.closed, false);
  const line = await on.gateway.logged((entry) => entry.request_id === id);
  assert.equal(line.status, 499);
  assert.ok(line.output_tokens >= 1);
});
