// A receiver of webhooks, which believes nobody: what it takes has been signed within five minutes, with a
// secret that it knows, over just the bytes that came.
import assert from 'node:assert/strict';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';

export function signedWith(secret, header, body, now = Date.now()) {
  const parts = header.split(',').map((part) => part.split('='));
  const time = parts.find(([name]) => name === 't')?.[1];
  if (!(Math.abs(now / 1000 - Number(time)) < 300)) return false;
  const good = createHmac('sha256', secret).update(`${time}.${body}`).digest();
  return parts.some(([name, hex]) => name === 'v1' && hex.length === 64 && timingSafeEqual(Buffer.from(hex, 'hex'), good));
}

// `answer(request)`: a status, or [status, headers, text], or nothing, which leaves the request without an
// answer.
export async function startReceiver({ secret, answer = () => 200 } = {}) {
  const got = [];
  const waiters = new Set();
  const on = { secret, answer };
  const server = http.createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const body = Buffer.concat(pieces);
    const { headers } = request;
    const one = { url: request.url, method: request.method, headers, text: body.toString(), at: Date.now() };
    one.signed = signedWith(on.secret, headers['pinion-signature'] ?? '', body);
    one.event = JSON.parse(one.text);
    const said = on.answer(one);
    one.status = Array.isArray(said) ? said[0] : said;
    got.push(one);
    for (const waiter of waiters) waiter();
    const [status, fields, text] = [said].flat();
    if (said !== undefined) response.writeHead(status, fields).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    url: `http://127.0.0.1:${server.address().port}/hook`,
    got,
    on,
    // All that came and match, once there are `count`.
    async took(matches, count = 1) {
      for (;;) {
        const found = got.filter(matches);
        if (found.length >= count) return found;
        await new Promise((resolve) => {
          const waiter = () => (waiters.delete(waiter), resolve());
          waiters.add(waiter);
        });
      }
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      for (const one of got) {
        assert.ok(one.signed, `not signed: ${one.text}`);
        assert.equal(one.method, 'POST');
        assert.equal(one.headers['content-type'], 'application/json');
        assert.equal(one.headers['pinion-event-id'], one.event.id);
        assert.equal(one.headers['pinion-event'], one.event.type);
        assert.match(one.headers['user-agent'], /^pinion\//);
        assert.deepEqual(Object.keys(one.event), ['id', 'type', 'created', 'data']);
      }
    },
  };
}
