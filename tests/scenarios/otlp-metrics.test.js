// Metrics, as a receiver of OTLP gets them that takes only what the protocol allows.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { files } from './support/files.js';
import { settings, startGateway } from './support/gateway.js';
import { startReceiver } from './support/otlp.js';
import { startUpstream, streamed } from './support/upstream.js';

let upstream;
before(async () => (upstream = await startUpstream()));
after(async () => {
  await upstream.stop();
  assert.deepEqual([upstream.wrong, upstream.unexpected], [[], []]);
});

const usage = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120, prompt_tokens_details: { cached_tokens: 60 }, completion_tokens_details: { reasoning_tokens: 5 } };
const seconds = Array.from({ length: 14 }, (_, n) => Number((0.01 * 2 ** n).toFixed(2)));
const tokens = Array.from({ length: 14 }, (_, n) => 4 ** n);

async function start(receiver, { env = {} } = {}) {
  const gateway = await startGateway({
    files: files(upstream, {
      'pinion.yaml': `${settings(upstream.url)}\nmetrics: {series: 10}\n`,
      ...Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`endpoints/m${i}.yaml`, `provider: upstream\nmodel: gpt-4.1-${i}\nsystem: x\nretry: {times: 0}\n`])),
    }),
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_TRACES_EXPORTER: 'none', OTEL_METRIC_EXPORT_INTERVAL: '30', ...env },
  });
  const { token } = await gateway.token('*', '*:*');
  return {
    ...gateway,
    async embed() {
      const response = await fetch(`${gateway.url}/v1/embeddings`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify({ model: 'upstream:text-embedding-3-small', input: 'Hello.' }) });
      assert.equal(response.status, 200, await response.text());
    },
    async ask(slug, body = { message: 'Hello.' }, status = 200) {
      const response = await gateway.call(slug, body, { token });
      assert.equal(response.status, status, await response.clone().text());
      await response.text();
    },
    async tool(name, args) {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json', 'mcp-protocol-version': '2025-06-18' };
      const response = await fetch(`${gateway.url}/mcp`, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }) });
      assert.equal(response.status, 200, await response.text());
    },
    async end() {
      const end = await gateway.stop();
      assert.equal(end.code, 0, end.stderr());
      assert.deepEqual(receiver.wrong, []);
    },
  };
}
const embeddings = { object: 'list', model: 'text-embedding-3-small', data: [{ object: 'embedding', index: 0, embedding: [0.1, 0.2] }], usage: { prompt_tokens: 7, total_tokens: 7 } };
// Two calls that are answered, one of them streamed, one that fails, and one for embeddings.
async function callAll(gateway) {
  upstream.answer('Yes.', { usage });
  await gateway.ask('chat');
  upstream.stream(streamed(['Ye', 's.']));
  await gateway.ask('chat', { message: 'Hello.', stream: true });
  upstream.json({ error: { message: 'no' } }, { status: 500 });
  await gateway.ask('chat', undefined, 502);
  upstream.json(embeddings);
  await gateway.embed();
}
const latest = (receiver, name) => receiver.metrics.at(-1)?.find((metric) => metric.name === name);
const counted = (metric) => metric?.points.reduce((sum, point) => sum + (point.count ?? point.value), 0) ?? 0;
const point = (metric, more) => {
  const found = metric.points.filter((it) => Object.entries(more).every(([name, value]) => it.attributes[name] === value));
  assert.equal(found.length, 1, `${metric.name}: ${JSON.stringify(metric.points.map((it) => it.attributes))}`);
  return found[0];
};

describe('with the names that have been in use for long', () => {
  let receiver, gateway;
  before(async () => {
    receiver = await startReceiver();
    gateway = await start(receiver, { env: { OTEL_SERVICE_NAME: 'gate' } });
    await callAll(gateway);
    await receiver.until(() => counted(latest(receiver, 'gen_ai.client.operation.duration')) === 4);
  });
  after(async () => {
    await gateway.end();
    await receiver.stop();
  });
  const call = () => ({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4.1-mini',
    'server.address': '127.0.0.1',
    'server.port': Number(new URL(upstream.url).port),
  });

  test('durations of calls, by what became of them', () => {
    const metric = latest(receiver, 'gen_ai.client.operation.duration');
    assert.deepEqual([metric.unit, metric.kind, metric.temporality, metric.points.length], ['s', 'histogram', 2, 3]);
    const good = metric.points.find((it) => it.count === 2);
    assert.deepEqual(good.attributes, call());
    assert.deepEqual(good.bounds, seconds);
    assert.ok(good.sum > 0);
    assert.deepEqual(point(metric, { 'error.type': 'server_error' }).attributes, { ...call(), 'error.type': 'server_error' });
    assert.deepEqual(point(metric, { 'gen_ai.operation.name': 'embeddings' }).attributes['gen_ai.request.model'], 'text-embedding-3-small');
    assert.equal(metric.resource['service.name'], 'gate');
  });

  test('the first piece of a stream, and of nothing else', () => {
    const metric = latest(receiver, 'gen_ai.client.operation.time_to_first_chunk');
    assert.equal(counted(metric), 1);
    assert.deepEqual([metric.points[0].attributes, metric.points[0].bounds, metric.unit], [call(), seconds, 's']);
  });

  test('tokens by their type, of calls that used any', () => {
    const metric = latest(receiver, 'gen_ai.client.token.usage');
    assert.deepEqual([metric.unit, metric.kind, metric.points.length], ['{token}', 'histogram', 3]);
    const input = point(metric, { 'gen_ai.operation.name': 'chat', 'gen_ai.token.type': 'input' });
    assert.deepEqual(input.attributes, { ...call(), 'gen_ai.token.type': 'input' });
    assert.deepEqual([input.count, input.sum, input.bounds], [2, 124, tokens]);
    assert.deepEqual([input.buckets[3], input.buckets[4]], [1, 1]); // 24 up to 64, 100 up to 256
    assert.equal(point(metric, { 'gen_ai.operation.name': 'chat', 'gen_ai.token.type': 'output' }).sum, 23);
    assert.equal(point(metric, { 'gen_ai.operation.name': 'embeddings' }).sum, 7);
  });

  test('the sums begin with the process and only grow', () => {
    const all = receiver.metrics.flatMap((metrics) => metrics.flatMap((metric) => metric.points));
    assert.equal(new Set(all.map((it) => it.start)).size, 1);
    const ends = receiver.metrics.map((metrics) => counted(metrics.find((metric) => metric.name === 'gen_ai.client.operation.duration')));
    assert.deepEqual(ends, ends.toSorted((x, y) => x - y));
  });

  test('calls of tools, by what became of them', async () => {
    upstream.answer('Yes.');
    await gateway.tool('chat', { input: 'Hello.' });
    await gateway.tool('sum', { a: 'x' });
    await receiver.until(() => counted(latest(receiver, 'mcp.server.operation.duration')) === 2);
    const metric = latest(receiver, 'mcp.server.operation.duration');
    const called = { 'mcp.method.name': 'tools/call', 'gen_ai.operation.name': 'execute_tool', 'mcp.protocol.version': '2025-06-18' };
    assert.deepEqual([metric.unit, metric.points.length], ['s', 2]);
    assert.deepEqual(point(metric, { 'gen_ai.tool.name': 'chat' }).attributes, { ...called, 'gen_ai.tool.name': 'chat' });
    assert.deepEqual(point(metric, { 'gen_ai.tool.name': 'sum' }).attributes, { ...called, 'gen_ai.tool.name': 'sum', 'error.type': 'tool_error' });
    assert.deepEqual(metric.points[0].bounds, [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300]);
    await receiver.until(() => counted(latest(receiver, 'gen_ai.client.operation.duration')) === 5);
  });

  test('no more series than the configuration allows; the others are one', async () => {
    for (let i = 0; i < 12; i++) {
      upstream.answer('Yes.');
      await gateway.ask(`m${i}`);
    }
    await receiver.until(() => counted(latest(receiver, 'gen_ai.client.operation.duration')) === 17);
    const metric = latest(receiver, 'gen_ai.client.operation.duration');
    assert.equal(metric.points.length, 11);
    assert.equal(point(metric, { 'otel.metric.overflow': true }).count, 5);
    assert.deepEqual(Object.keys(point(metric, { 'otel.metric.overflow': true }).attributes), ['otel.metric.overflow']);
  });
});

test('with the latest names: counters of what was used, histograms of calls, embeddings apart', async () => {
  const receiver = await startReceiver();
  const gateway = await start(receiver, { env: { OTEL_SEMCONV_STABILITY_OPT_IN: 'http, gen_ai_latest_experimental', OTEL_TRACES_EXPORTER: 'otlp', OTEL_BSP_SCHEDULE_DELAY: '20' } });
  await callAll(gateway);
  await receiver.until(() => counted(latest(receiver, 'gen_ai.client.inference.duration')) === 3 && latest(receiver, 'gen_ai.client.embeddings.duration'));
  const used = (name) => {
    const metric = latest(receiver, `gen_ai.client.inference.usage.${name}`);
    assert.deepEqual([metric.kind, metric.monotonic, metric.unit, metric.temporality], ['sum', true, '{token}', 2]);
    assert.equal(metric.points[0].attributes['gen_ai.token.modality'], 'unknown');
    return metric.points.reduce((sum, it) => sum + it.value, 0);
  };
  assert.deepEqual(['input_tokens', 'output_tokens', 'cache_read.input_tokens', 'reasoning.output_tokens'].map(used), [124, 23, 60, 5]);
  const input = latest(receiver, 'gen_ai.client.inference.operation.input_tokens');
  assert.deepEqual([input.points[0].count, input.points[0].sum, input.points[0].bounds], [2, 124, tokens]);
  assert.equal(latest(receiver, 'gen_ai.client.inference.operation.output_tokens').points[0].sum, 23);
  assert.deepEqual(latest(receiver, 'gen_ai.client.inference.duration').points[0].bounds, seconds);
  assert.equal(counted(latest(receiver, 'gen_ai.client.inference.time_to_first_chunk')), 1);
  assert.equal(latest(receiver, 'gen_ai.client.embeddings.operation.input_tokens').points[0].sum, 7);
  assert.equal(counted(latest(receiver, 'gen_ai.client.embeddings.duration')), 1);
  for (const metric of receiver.metrics.flat()) assert.ok(!/^gen_ai\.client\.(operation|token)\./.test(metric.name), metric.name);
  await gateway.end();
  await receiver.stop();
});

test('deltas: each export has what was counted since, and what was not taken is in the next', async () => {
  const receiver = await startReceiver();
  const gateway = await start(receiver, { env: { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta' } });
  const sum = () => receiver.metrics.flat().filter((metric) => metric.name === 'gen_ai.client.operation.duration').reduce((all, metric) => all + counted(metric), 0);
  receiver.next((response) => response.writeHead(400).end('no'));
  for (let i = 1; i <= 3; i++) {
    upstream.answer('Yes.');
    await gateway.ask('chat');
    await receiver.until(() => sum() === i);
  }
  const points = receiver.metrics.map((metrics) => metrics[0].points[0]);
  assert.ok(receiver.metrics.every((metrics) => metrics.every((metric) => metric.temporality === 1)));
  for (let i = 1; i < points.length; i++) assert.ok(points[i].start >= points[i - 1].end);
  const before = receiver.exports.length;
  assert.match(await (await fetch(`${gateway.url}/metrics`)).text(), /^pinion_otlp_export_failures_total 1$/m);
  await gateway.end();
  assert.equal(receiver.exports.length, before); // nothing was counted since
  await receiver.stop();
});

test('what was counted is sent before the process ends; bodies are small where that is wanted', async () => {
  const receiver = await startReceiver();
  const gateway = await start(receiver, { env: { OTEL_METRIC_EXPORT_INTERVAL: '3600000', OTEL_TRACES_EXPORTER: 'otlp', OTEL_BSP_SCHEDULE_DELAY: '60000', OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' } });
  upstream.answer('Yes.');
  await gateway.ask('chat');
  assert.deepEqual(receiver.exports, []);
  await gateway.end();
  assert.deepEqual(receiver.exports.map((it) => it.path).toSorted(), ['/v1/metrics', '/v1/traces']);
  for (const { headers, bytes, text } of receiver.exports) {
    assert.equal(headers['content-encoding'], 'gzip');
    assert.ok(bytes < text.length / 2);
  }
  assert.equal(counted(latest(receiver, 'gen_ai.client.operation.duration')), 1);
  assert.equal(receiver.spans.length, 2);
  await receiver.stop();
});

test('a receiver that never answers holds up no call and no end', async () => {
  const receiver = await startReceiver();
  receiver.next(() => new Promise(() => {}));
  const gateway = await start(receiver);
  upstream.answer('Yes.');
  await gateway.ask('chat');
  await receiver.until(() => receiver.exports.length === 1);
  for (let i = 0; i < 8; i++) {
    upstream.answer('Yes.');
    await gateway.ask('chat');
  }
  assert.equal(receiver.exports.length, 1);
  await gateway.end();
  await receiver.stop();
});

test('none means none', async () => {
  const receiver = await startReceiver();
  const gateway = await start(receiver, { env: { OTEL_METRICS_EXPORTER: 'none' } });
  upstream.answer('Yes.');
  await gateway.ask('chat');
  await gateway.end();
  assert.deepEqual(receiver.exports, []);
  await receiver.stop();
});
