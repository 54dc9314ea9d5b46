// A scripted provider: each call takes the next reply of the script; the request is checked first, as
// the vendor would. What nobody scripted and what the vendor would refuse is kept, and fails the test.
import http from 'node:http';
import { once } from 'node:events';
import assert from 'node:assert/strict';
import { answerOf, kinds } from './answer.js';
import { bytesOf, changed } from './events.js';
import { known, raw, send } from './reply.js';
import { dotted, problem } from './shape.js';

const deferred = () => {
  const own = {};
  own.promise = new Promise((resolve) => (own.resolve = resolve));
  return own;
};

// What a scenario holds of a scripted reply: promises of what happens to it, and `release`.
function handleOf() {
  const [called, held, freed, done] = [deferred(), deferred(), deferred(), deferred()];
  return {
    called: called.promise,
    held: held.promise,
    done: done.promise,
    release: freed.resolve,
    own: { called: called.resolve, done: done.resolve, hold: () => (held.resolve(), freed.promise) },
  };
}

async function callOf(request, response, number, connection) {
  const closed = new Promise((resolve) => response.on('close', () => resolve(response.writableFinished)));
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const text = Buffer.concat(pieces).toString();
  const { pathname, searchParams } = new URL(request.url, 'http://x');
  const call = {
    number,
    connection,
    method: request.method,
    path: request.url,
    pathname,
    query: Object.fromEntries(searchParams),
    headers: request.headers,
    text,
    body: undefined,
    sent_bytes: 0,
    request,
    response,
    closed,
  };
  try {
    if (text) call.body = JSON.parse(text);
  } catch (error) {
    call.unreadable = error.message;
  }
  return call;
}

// null or why the vendor refuses the call: {kind, problem}.
function refusalOf(protocol, call, keys) {
  const found = protocol.route(call);
  if (!found) return { kind: 'unknown_path', problem: problem([], 'there is no such path or method here') };
  call.operation = found.operation;
  call.key = protocol.key(call);
  if (call.key === null) return { kind: 'credentials', problem: problem([], `is not authorised as it must be: ${protocol.auth}`) };
  if (keys && !keys.includes(call.key)) return { kind: 'credentials', expected: true };
  const operation = protocol.operations[call.operation];
  if (!operation.check) return null;
  if (!/^application\/json(;|$)/.test(call.headers['content-type'] ?? ''))
    return { kind: 'bad_request', problem: problem([], 'is not application/json') };
  if (call.body === undefined) return { kind: 'bad_request', problem: problem([], call.unreadable ?? 'has no body') };
  const wrong = operation.check(call.body, call);
  return wrong && { kind: wrong.kind ?? 'bad_request', problem: wrong };
}

const jsonReply = ({ status = 200, headers = {}, body }) => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  pieces: [Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))],
  streamed: false,
});

function rendered(protocol, call, answer, how) {
  const operation = protocol.operations[call.operation];
  if (!operation.streams?.(call.body, call)) {
    const whole = operation.whole(answer, call);
    return jsonReply({ headers: protocol.headers?.(call), ...whole, ...(how.status && { status: how.status }) });
  }
  const events = changed(operation.stream(answer, call), how, protocol);
  return {
    status: how.status ?? 200,
    headers: { ...protocol.headers?.(call), 'content-type': protocol.contentType ?? 'text/event-stream; charset=utf-8' },
    pieces: bytesOf(events, how, protocol),
    contentAt: events.findIndex((one) => one.mark?.includes('content')),
    streamed: true,
  };
}

export async function listen(protocol, { keys } = {}) {
  const script = [];
  const calls = [];
  const unexpected = [];
  const wrong = [];
  const waiters = [];
  const connections = new Map();

  function refused(call, refusal) {
    if (!refusal.expected) {
      const { path, what } = refusal.problem;
      wrong.push(`${protocol.name}: ${call.method} ${call.path}: ${dotted(path) ? `'${dotted(path)}' ` : ''}${what}`);
    }
    const ignored = refusal.problem?.rule === 'unknown' && protocol.ignoresUnknown;
    return ignored ? null : jsonReply(protocol.refusal(refusal.kind, { problem: refusal.problem }, call));
  }

  async function take(call) {
    const refusal = refusalOf(protocol, call, keys);
    const reply = refusal && refused(call, refusal);
    const entry = refusal?.expected ? undefined : script.shift();
    calls.push(call);
    for (const wake of waiters.splice(0)) wake();
    entry?.handle.own.called(call);
    if (reply) await send(call, reply, {}, undefined);
    else if (!entry || (entry.operation && entry.operation !== call.operation)) {
      const but = entry ? `: the script has an answer of '${entry.operation}' here` : ': nothing is scripted';
      unexpected.push(`${call.method} ${call.path}${but}`);
      call.response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{"message":"not scripted"}}');
    } else {
      if (protocol.operations[call.operation].read) call.asked = protocol.operations[call.operation].read(call.body, call);
      await entry.act(call, entry.handle.own);
    }
    entry?.handle.own.done(call);
  }

  const server = http.createServer(async (request, response) => {
    if (!connections.has(request.socket)) connections.set(request.socket, connections.size + 1);
    try {
      await take(await callOf(request, response, calls.length + 1, connections.get(request.socket)));
    } catch (error) {
      // A client that left while it was being read or answered; anything else is a fault of the script.
      if (!request.destroyed || error instanceof assert.AssertionError) unexpected.push(error.stack);
      response.destroy();
    }
  });
  // An idle connection that ends just when it is used again is a case of its own (faults.test.js); nowhere else.
  server.keepAliveTimeout = 120000;
  server.on('clientError', (error, socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const add = (operation, act) => {
    const handle = handleOf();
    script.push({ operation, act, handle });
    return handle;
  };
  const origin = `http://127.0.0.1:${server.address().port}`;
  const upstream = {
    protocol: protocol.name,
    origin,
    url: origin + protocol.base,
    calls,
    unexpected,
    wrong,
    connections: () => connections.size,

    answer(description, how = {}) {
      const answer = answerOf(typeof description === 'string' ? { text: description } : description);
      known(how);
      return add('chat', (call, own) => {
        const reply = rendered(protocol, call, answer, how);
        return send(call, { ...reply, headers: { ...reply.headers, ...how.headers } }, how, own);
      });
    },
    fault: (how, description = { text: 'At nine.' }) => upstream.answer(description, how),
    refuse({ kind, ...options }, how = {}) {
      assert.ok(kinds.includes(kind), `kind is one of ${kinds.join(', ')}`);
      assert.ok(protocol.refusal(kind, options), `${protocol.name} has no refusal of the kind '${kind}'`);
      known(how);
      return add(null, (call, handle) => {
        const own = protocol.refusal(kind, options, call);
        const headers = { ...protocol.headers?.(call), ...own.headers, ...options.headers };
        const reply = { status: options.status ?? own.status, headers, body: options.body ?? own.body };
        return send(call, jsonReply(reply), how, handle);
      });
    },
    embed(description = {}, how = {}) {
      assert.ok(protocol.operations.embeddings, `${protocol.name} has no embeddings`);
      return add('embeddings', (call, own) => send(call, rendered(protocol, call, description, known(how)), how, own));
    },
    models(names, how = {}) {
      return add('models', (call, own) => send(call, rendered(protocol, call, names, known(how)), how, own));
    },
    json(body, { status = 200, headers = {} } = {}) {
      return add(null, (call, own) => send(call, jsonReply({ status, headers, body }), {}, own));
    },
    // Exactly these bytes on the socket, then 'close', 'reset' or 'silence'.
    raw: (bytes, then = 'close') => add(null, (call) => raw(call, [bytes].flat().map((one) => Buffer.from(one)), then)),
    // Any reply: a function of the response and the call.
    next: (reply) => add(null, (call) => reply(call.response, call)),

    // Resolves with the n-th call (1-based), now or when it comes.
    async called(n) {
      while (calls.length < n) await new Promise((resolve) => waiters.push(resolve));
      return calls[n - 1];
    },
    // The requests so far that the vendor would have refused, for the test that provoked them.
    forgive: () => wrong.splice(0),
    // Forgets what is scripted and what was found, for the next of several tests that share it.
    clear: () => [script, wrong, unexpected].forEach((list) => list.splice(0)),
    check() {
      assert.deepEqual(wrong, [], 'requests that the vendor would refuse');
      assert.deepEqual(unexpected, [], 'calls that nobody scripted');
      assert.equal(script.length, 0, `${script.length} scripted replies were never asked for`);
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return upstream;
}
