// Puts a rendered reply {status, headers, pieces} on the wire, as the vendor does or with a fault.
// Nothing here sleeps: a turn of the event loop separates pieces, and what a scenario holds it releases.
import http from 'node:http';
import { once } from 'node:events';
import assert from 'node:assert/strict';

const turn = () => new Promise((resolve) => setImmediate(resolve));
const gone = (stream) => stream.destroyed || stream.writableEnded || !stream.writable;

async function put(stream, bytes) {
  if (gone(stream)) return false;
  if (!stream.write(bytes)) await Promise.race([once(stream, 'drain'), once(stream, 'close')]).catch(() => {});
  return !gone(stream);
}

function offsetsOf(bytes, split) {
  if (split === 'characters') return [...bytes.keys()].filter((i) => bytes[i] >> 6 === 0b10);
  return Array.isArray(split) ? split : Array.from({ length: Math.ceil(bytes.length / split) - 1 }, (_, i) => (i + 1) * split);
}

// The bytes cut every n bytes, at the given offsets, or inside of each character that has several.
function cutAt(bytes, split) {
  const at = offsetsOf(bytes, split);
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length)).filter((piece) => piece.length > 0);
}

function headOf({ status, headers }, framing) {
  const lines = Object.entries({ ...headers, ...framing }).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}\r\n`));
  return Buffer.from(`HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? 'Unknown'}\r\n${lines.join('')}\r\n`);
}

const chunked = (pieces) => pieces.map((piece) => Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]));

// The reply as it is on the wire: the head, then each piece in its frame.
function wire(reply) {
  if (!reply.streamed) return [headOf(reply, { 'content-length': reply.pieces.reduce((n, piece) => n + piece.length, 0) }), ...reply.pieces];
  return [headOf(reply, { 'transfer-encoding': 'chunked' }), ...chunked(reply.pieces), Buffer.from('0\r\n\r\n')];
}

// Ways in which the framing itself is wrong. Each gives the bytes that go out before the close.
const length = (body) => body.reduce((n, piece) => n + piece.length, 0);
export const framings = {
  short_length: (reply) => [headOf(reply, { 'content-length': length(reply.pieces) + 10 }), ...reply.pieces],
  // A whole reply, and behind it one that nobody asked for: such a connection is not used again.
  surplus_bytes: (reply) => [headOf(reply, { 'content-length': length(reply.pieces) }), ...reply.pieces, ...wire(reply)],
  two_lengths: (reply) => [headOf(reply, { 'content-length': [length(reply.pieces), length(reply.pieces) + 1] }), ...reply.pieces],
  length_and_chunked: (reply) => [
    headOf(reply, { 'content-length': length(reply.pieces), 'transfer-encoding': 'chunked' }),
    ...chunked(reply.pieces),
    Buffer.from('0\r\n\r\n'),
  ],
  bad_chunk_size: (reply) => [headOf(reply, { 'transfer-encoding': 'chunked' }), Buffer.from('zz\r\n'), ...reply.pieces],
  cut_chunk: (reply) => [headOf(reply, { 'transfer-encoding': 'chunked' }), Buffer.from('fffff\r\n'), ...reply.pieces],
  no_last_chunk: (reply) => [headOf(reply, { 'transfer-encoding': 'chunked' }), ...chunked(reply.pieces)],
  no_length: (reply) => [headOf(reply, { connection: 'close' }), ...reply.pieces], // allowed: ends with the close
  encoded: (reply) => [headOf(reply, { 'content-encoding': 'gzip', 'content-length': length(reply.pieces) }), ...reply.pieces],
  not_http: () => [Buffer.from('SSH-2.0-OpenSSH_9.2\r\n\r\n')],
  huge_head: (reply) => [headOf(reply, { 'x-padding': 'a'.repeat(1 << 20), 'content-length': length(reply.pieces) }), ...reply.pieces],
  many_interim: (reply) => [Buffer.from('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(5000)), ...wire(reply)],
};

async function raw(call, pieces, then) {
  const { socket } = call.request;
  for (const piece of pieces) {
    if (!(await put(socket, piece))) return;
    await turn();
  }
  if (then === 'silence') await call.closed;
  else if (then === 'reset') {
    await turn(); // what was written is read before the reset discards it
    socket.resetAndDestroy();
  } else socket.end();
}

function cut(reply, { events, bytes, body, then = 'close' }) {
  const pieces = wire(reply);
  if (events !== undefined) return [pieces.slice(0, 1 + events), then];
  const most = bytes ?? pieces[0].length + (body ?? 0);
  return [[Buffer.concat(pieces).subarray(0, most)].filter((piece) => piece.length > 0), then];
}

// Content again and again until the client has had enough.
async function endless(call, reply) {
  const { response } = call;
  response.writeHead(reply.status, reply.headers);
  const content = reply.pieces[reply.contentAt] ?? Buffer.from(' ');
  for (const piece of reply.streamed ? reply.pieces.slice(0, reply.contentAt) : reply.pieces) response.write(piece);
  const block = Buffer.concat(Array(Math.max(1, Math.ceil(16384 / content.length))).fill(content));
  while (await put(response, block)) {
    call.sent_bytes += block.length;
    await turn();
  }
}

async function drip(call, reply, { every_ms = 0 }) {
  const { response } = call;
  const wait = every_ms > 0 ? () => new Promise((resolve) => setTimeout(resolve, every_ms)) : turn;
  response.writeHead(reply.status, reply.headers).flushHeaders();
  for (const byte of Buffer.concat(reply.pieces)) {
    if (!(await put(response, Buffer.of(byte)))) return;
    await wait();
  }
  response.end();
}

async function plain(call, reply, how, handle) {
  const { response } = call;
  const pieces = how.split ? cutAt(Buffer.concat(reply.pieces), how.split) : reply.pieces;
  const hold = how.hold === 'content' ? reply.contentAt + 1 : how.hold;
  const framing = reply.streamed || how.split || hold !== undefined ? {} : { 'content-length': length(pieces) };
  response.writeHead(reply.status, { ...reply.headers, ...framing });
  if (hold !== undefined || how.split || reply.streamed) response.flushHeaders();
  for (const [i, piece] of pieces.entries()) {
    if (i === hold) await handle.hold();
    if (!(await put(response, piece))) return;
    if (pieces.length > 1) await turn();
  }
  if (hold >= pieces.length) await handle.hold();
  response.end();
}

const faults = ['cut', 'framing', 'endless', 'drip'];

export async function send(call, reply, how, handle) {
  if (how.wait) await handle.hold();
  if (how.cut) await raw(call, ...cut(reply, how.cut));
  else if (how.framing) {
    assert.ok(framings[how.framing], `framing is one of ${Object.keys(framings).join(', ')}`);
    await raw(call, framings[how.framing](reply));
  } else if (how.endless) await endless(call, reply);
  else if (how.drip) await drip(call, reply, how.drip);
  else await plain(call, reply, how, handle);
}

const streamWords = ['without', 'error', 'pings', 'eol', 'space', 'dataLines', 'comments', 'bom', 'unended', 'trailing'];
const words = [...faults, ...streamWords, 'split', 'hold', 'wait', 'headers', 'status'];
export function known(how) {
  const unknown = Object.keys(how).filter((word) => !words.includes(word));
  assert.deepEqual(unknown, [], `how an answer is sent is said with ${words.join(', ')}`);
  return how;
}
export { raw };
