// A receiver of OTLP/HTTP JSON that takes nothing which the protocol's JSON rules do not allow: ids in
// hexadecimal, 64-bit integers as strings, enums as numbers, no member that is not known. What it gets
// must also come through the protocol's own definitions (its .proto files) and back unchanged.
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { gunzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const root = new protobuf.Root();
const proto = fileURLToPath(new URL('../../node_modules/@platformatic/promotel/proto/', import.meta.url));
root.resolvePath = (origin, target) => (target.startsWith('/') ? target : proto + target);
await root.load(['trace', 'metrics'].map((signal) => `opentelemetry/proto/collector/${signal}/v1/${signal}_service.proto`));
// Younger than these definitions are.
root.lookupType('opentelemetry.proto.trace.v1.Span').add(new protobuf.Field('flags', 16, 'fixed32'));
root.lookupType('opentelemetry.proto.trace.v1.Span.Link').add(new protobuf.Field('flags', 6, 'fixed32'));
const requests = {
  '/v1/traces': root.lookupType('opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest'),
  '/v1/metrics': root.lookupType('opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest'),
};
// As protobuf's own JSON has it: bytes in base64, and no list that is empty.
const canonical = (value, key) => {
  if (Array.isArray(value)) return value.map((item) => canonical(item));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).flatMap(([name, item]) => (Array.isArray(item) && item.length === 0 ? [] : [[name, canonical(item, name)]])));
  return ['traceId', 'spanId', 'parentSpanId'].includes(key) ? Buffer.from(value, 'hex').toString('base64') : value;
};
function checkByDefinition(path, body) {
  const type = requests[path];
  const sent = canonical(body);
  const read = type.toObject(type.decode(type.encode(type.fromObject(sent)).finish()), { longs: String, bytes: String });
  assert.deepEqual(read, sent);
}

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
  keys(span, ['traceId', 'spanId', 'name', 'kind', 'startTimeUnixNano', 'endTimeUnixNano'], ['parentSpanId', 'flags', 'attributes', 'droppedAttributesCount', 'status', 'traceState', 'links']);
  for (const link of span.links ?? []) {
    keys(link, ['traceId', 'spanId', 'flags']);
    assert.match(link.traceId, /^(?!0{32})[0-9a-f]{32}$/);
    assert.match(link.spanId, /^(?!0{16})[0-9a-f]{16}$/);
  }
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

const count64 = (value) => Number(int64(value));
const kinds = {
  histogram: (point) => {
    keys(point, ['attributes', 'startTimeUnixNano', 'timeUnixNano', 'count', 'sum', 'bucketCounts', 'explicitBounds']);
    const buckets = point.bucketCounts.map(count64);
    assert.equal(buckets.length, point.explicitBounds.length + 1);
    assert.equal(count64(point.count), buckets.reduce((sum, count) => sum + count, 0));
    assert.deepEqual(point.explicitBounds, point.explicitBounds.toSorted((x, y) => x - y));
    return { count: count64(point.count), sum: point.sum, buckets, bounds: point.explicitBounds };
  },
  sum: (point) => {
    keys(point, ['attributes', 'startTimeUnixNano', 'timeUnixNano', 'asInt']);
    return { value: count64(point.asInt) };
  },
};
function metricOf(metric) {
  keys(metric, ['name', 'description', 'unit'], ['histogram', 'sum']);
  const kind = 'sum' in metric ? 'sum' : 'histogram';
  const data = metric[kind];
  keys(data, ['aggregationTemporality', 'dataPoints'], ['isMonotonic']);
  assert.ok([1, 2].includes(data.aggregationTemporality));
  assert.ok(data.dataPoints.length > 0);
  const points = data.dataPoints.map((point) => {
    assert.ok(int64(point.timeUnixNano) >= int64(point.startTimeUnixNano));
    return { attributes: attributes(point.attributes), start: int64(point.startTimeUnixNano), end: int64(point.timeUnixNano), ...kinds[kind](point) };
  });
  const different = new Set(points.map((point) => JSON.stringify(point.attributes)));
  assert.equal(different.size, points.length, `two points of '${metric.name}' have the same attributes`);
  return { name: metric.name, unit: metric.unit, kind, monotonic: data.isMonotonic, temporality: data.aggregationTemporality, points };
}

const signals = {
  '/v1/traces': { all: 'resourceSpans', scoped: 'scopeSpans', items: 'spans', read: spanOf },
  '/v1/metrics': { all: 'resourceMetrics', scoped: 'scopeMetrics', items: 'metrics', read: metricOf },
};
function read(path, text) {
  const signal = signals[path];
  const body = JSON.parse(text);
  checkByDefinition(path, body);
  keys(body, [signal.all]);
  return body[signal.all].flatMap((one) => {
    keys(one, ['resource', signal.scoped], ['schemaUrl']);
    keys(one.resource, ['attributes'], ['droppedAttributesCount']);
    const resource = attributes(one.resource.attributes);
    return one[signal.scoped].flatMap((scoped) => {
      keys(scoped, ['scope', signal.items], ['schemaUrl']);
      keys(scoped.scope, ['name'], ['version', 'attributes']);
      return scoped[signal.items].map((item) => ({ ...signal.read(item), resource }));
    });
  });
}

// `next(fn)`: what answers the next export in place of a 200; `until(fn)`: once fn says yes. `metrics` has a list of
// metrics for each export.
export async function startReceiver() {
  const spans = [];
  const metrics = [];
  const exports = [];
  const wrong = [];
  const script = [];
  const waiters = new Set();
  const server = http.createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
    exports.push({ path: request.url, headers: request.headers, bytes: bytes.length, text });
    for (const look of waiters) look();
    const own = script.shift();
    if (own) await own(response);
    else {
      try {
        assert.equal(request.method, 'POST');
        assert.ok(request.url in signals, request.url);
        assert.equal(request.headers['content-type'], 'application/json');
        assert.ok([undefined, 'gzip'].includes(request.headers['content-encoding']));
        if (request.url === '/v1/traces') spans.push(...read(request.url, text));
        else metrics.push(read(request.url, text));
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
    metrics,
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
