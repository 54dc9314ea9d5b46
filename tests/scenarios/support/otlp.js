// A receiver of OTLP/HTTP JSON that takes nothing which the protocol's JSON rules do not allow: ids in
// hexadecimal, 64-bit integers as strings, enums as numbers, no member that is not known.
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';

const keys = (value, required, optional = []) => {
  assert.equal(typeof value, 'object');
  for (const name of Object.keys(value)) assert.ok([...required, ...optional].includes(name), `'${name}' is not known`);
  for (const name of required) assert.ok(name in value, `'${name}' is missing`);
};
const int64 = (value) => {
  assert.match(value, /^-?(0|[1-9][0-9]{0,18})$/);
  return BigInt(value);
};
const readers = {
  stringValue: (value) => (assert.equal(typeof value, 'string'), value),
  intValue: (value) => Number(int64(value)),
  doubleValue: (value) => (assert.equal(typeof value, 'number'), value),
  boolValue: (value) => (assert.equal(typeof value, 'boolean'), value),
  arrayValue: (value) => (keys(value, ['values']), value.values.map(anyValue)),
};
const anyValue = (value) => {
  const [name, ...more] = Object.keys(value);
  assert.deepEqual(more, []);
  assert.ok(readers[name], `'${name}' is no type of value`);
  return readers[name](value[name]);
};
const attributes = (list) => {
  const all = {};
  for (const item of list) {
    keys(item, ['key', 'value']);
    assert.ok(!(item.key in all), `'${item.key}' twice`);
    all[item.key] = anyValue(item.value);
  }
  return all;
};

function spanOf(span) {
  keys(span, ['traceId', 'spanId', 'name', 'kind', 'startTimeUnixNano', 'endTimeUnixNano'], ['parentSpanId', 'flags', 'attributes', 'droppedAttributesCount', 'status', 'traceState']);
  assert.match(span.traceId, /^(?!0{32})[0-9a-f]{32}$/);
  assert.match(span.spanId, /^(?!0{16})[0-9a-f]{16}$/);
  if ('parentSpanId' in span) assert.match(span.parentSpanId, /^(?!0{16})[0-9a-f]{16}$/);
  assert.ok(Number.isInteger(span.kind) && span.kind >= 1 && span.kind <= 5);
  assert.ok(Number.isInteger(span.flags) && span.flags >= 0 && span.flags < 2 ** 32);
  assert.ok(int64(span.endTimeUnixNano) >= int64(span.startTimeUnixNano));
  keys(span.status, [], ['code', 'message']);
  assert.ok([undefined, 0, 1, 2].includes(span.status.code));
  return { ...span, attributes: attributes(span.attributes), failed: span.status.code === 2 };
}

function read(text) {
  const body = JSON.parse(text);
  keys(body, ['resourceSpans']);
  return body.resourceSpans.flatMap((one) => {
    keys(one, ['resource', 'scopeSpans'], ['schemaUrl']);
    keys(one.resource, ['attributes'], ['droppedAttributesCount']);
    const resource = attributes(one.resource.attributes);
    return one.scopeSpans.flatMap((scoped) => {
      keys(scoped, ['scope', 'spans'], ['schemaUrl']);
      keys(scoped.scope, ['name'], ['version', 'attributes']);
      return scoped.spans.map((span) => ({ ...spanOf(span), resource }));
    });
  });
}

// `next(fn)`: what answers the next export in place of a 200; `until(fn)`: the spans, once fn says of them yes.
export async function startReceiver() {
  const spans = [];
  const exports = [];
  const wrong = [];
  const script = [];
  const waiters = new Set();
  const server = http.createServer(async (request, response) => {
    let text = '';
    for await (const piece of request.setEncoding('utf8')) text += piece;
    exports.push({ path: request.url, headers: request.headers, text });
    const own = script.shift();
    if (own) await own(response);
    else {
      try {
        assert.equal(request.method, 'POST');
        assert.equal(request.url, '/v1/traces');
        assert.equal(request.headers['content-type'], 'application/json');
        spans.push(...read(text));
      } catch (error) {
        wrong.push(error.message);
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"partialSuccess":{}}');
    }
    for (const look of waiters) look();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    spans,
    exports,
    wrong,
    next: (answer) => script.push(answer),
    until: (fits) =>
      new Promise((resolve) => {
        const look = () => fits() && (waiters.delete(look), resolve());
        waiters.add(look);
        look();
      }),
    async stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
