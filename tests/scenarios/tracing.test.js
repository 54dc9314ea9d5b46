// Spans, as a receiver of OTLP gets them that takes only what the protocol allows.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { closedPort } from './support/bad-hosts.js';
import { files } from './support/files.js';
import { pinion, settings, startGateway, writeFiles } from './support/gateway.js';
import { startReceiver } from './support/otlp.js';
import { startUpstream, streamed } from './support/upstream.js';

const trace = '0af7651916cd43dd8448eb211c80319c';
const caller = 'b7ad6b7169203331';
const traceparent = `00-${trace}-${caller}-01`;
let upstream;
before(async () => (upstream = await startUpstream()));
after(async () => {
  await upstream.stop();
  assert.deepEqual([upstream.wrong, upstream.unexpected], [[], []]);
});

// A gateway that exports to `receiver`, and what it is called with.
async function start(url, env = {}) {
  const gateway = await startGateway({
    files: files(upstream, {
      'pinion.yaml': `${settings(upstream.url)}\n  second: {kind: mistral, base_url: "${upstream.url}", key: "sk-second", allow_http: true, allow_private: true}\n`,
      'endpoints/set.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: x\nparams: {temperature: 0.5, top_p: 0.9, max_tokens: 40, seed: 7, stop: ["END", "\\"!"]}\nretry: {times: 0}\nsession: {ttl: 30m}\n',
      'endpoints/safe.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: x\nretry: {times: 0}\nfailover: [{provider: second, model: mistral-small-latest, on: [error]}]\n',
    }),
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_METRICS_EXPORTER: 'none', OTEL_BSP_SCHEDULE_DELAY: '20', ...env },
  });
  const { token } = await gateway.token('*');
  return {
    ...gateway,
    async ask(slug, { body = { message: 'Hello.' }, status = 200, headers = {} } = {}) {
      const response = await gateway.call(slug, body, { token, headers });
      assert.equal(response.status, status, await response.clone().text());
      await response.text();
      return { response, line: await gateway.journal(response) };
    },
    metric: async (name) => {
      const text = await (await fetch(`${gateway.url}/metrics`)).text();
      return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]);
    },
  };
}

describe('what a receiver gets', () => {
  let receiver, gateway;
  before(async () => {
    receiver = await startReceiver();
    gateway = await start(receiver.url, {
      OTEL_EXPORTER_OTLP_HEADERS: 'x-receiver-key=open%20sesame',
      OTEL_SERVICE_NAME: 'gate',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
  });
  after(async () => {
    const end = await gateway.stop();
    await receiver.stop();
    assert.equal(end.code, 0, end.stderr());
    assert.deepEqual(receiver.wrong, []);
  });
  const spansOf = async (line, count) => {
    const all = () => receiver.spans.filter((span) => span.attributes['pinion.request_id'] === line.request_id || (span.traceId === line.trace_id && span.parentSpanId === line.span_id));
    await receiver.until(() => all().length >= count);
    assert.equal(all().length, count);
    return [all().find((span) => span.kind === 2), ...all().filter((span) => span.kind === 3)];
  };

  test('a span of the request and one of its call, which the provider is told', async () => {
    upstream.answer('Yes.');
    const { line } = await gateway.ask('set', { headers: { traceparent } });
    const [server, client] = await spansOf(line, 2);
    assert.equal(server.name, 'POST /{slug}');
    assert.deepEqual([server.traceId, server.parentSpanId, server.spanId], [trace, caller, line.span_id]);
    assert.deepEqual(server.attributes, {
      'http.request.method': 'POST',
      'http.route': '/{slug}',
      'http.response.status_code': 200,
      'url.scheme': 'http',
      'server.address': '127.0.0.1',
      'client.address': '127.0.0.1',
      'pinion.request_id': line.request_id,
      'pinion.endpoint': 'set',
      'pinion.version': '1',
      'pinion.route': 'default',
      'pinion.attempts': 1,
    });
    assert.equal(server.failed, false);
    assert.equal(client.name, 'chat gpt-4.1-mini');
    assert.deepEqual([client.traceId, client.parentSpanId], [trace, line.span_id]);
    assert.equal(upstream.calls.at(-1).headers.traceparent, `00-${trace}-${client.spanId}-01`);
    const { 'server.port': port, 'gen_ai.conversation.id': session, ...attributes } = client.attributes;
    assert.equal(port, Number(new URL(upstream.url).port));
    assert.equal(session, line.session_id);
    assert.deepEqual(attributes, {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4.1-mini',
      'server.address': '127.0.0.1',
      'pinion.attempt': 1,
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.top_p': 0.9,
      'gen_ai.request.max_tokens': 40,
      'gen_ai.request.seed': 7,
      'gen_ai.request.stop_sequences': ['END', '"!'],
      'gen_ai.request.stream': false,
      'gen_ai.output.type': 'text',
      'gen_ai.response.id': 'chatcmpl-Ck41aVh0',
      'gen_ai.response.model': 'gpt-4.1-mini-2025-04-14',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 24,
      'gen_ai.usage.output_tokens': 8,
      'gen_ai.prompt.name': 'set',
      'gen_ai.prompt.version': '1',
    });
    assert.ok(BigInt(client.startTimeUnixNano) >= BigInt(server.startTimeUnixNano));
    assert.ok(BigInt(client.endTimeUnixNano) <= BigInt(server.endTimeUnixNano));
    assert.deepEqual(server.resource['service.name'], 'gate');
    assert.deepEqual(server.resource['deployment.environment.name'], 'test');
    assert.equal(receiver.exports[0].headers['x-receiver-key'], 'open sesame');
  });

  test('a stream, and when its first piece came', async () => {
    upstream.stream(streamed(['Ye', 's.']));
    const { line } = await gateway.ask('chat', { body: { message: 'Hello.', stream: true } });
    const [, client] = await spansOf(line, 2);
    assert.equal(client.attributes['gen_ai.request.stream'], true);
    assert.ok(client.attributes['gen_ai.response.time_to_first_chunk'] > 0);
    assert.deepEqual(client.attributes['gen_ai.usage.output_tokens'], 3);
  });

  test('every attempt is a span of its own; one that failed says why', async () => {
    upstream.json({ error: { message: 'no' } }, { status: 500 });
    upstream.answer('Yes.');
    const { line } = await gateway.ask('safe');
    const [server, first, second] = await spansOf(line, 3);
    assert.deepEqual([first.failed, first.attributes['error.type'], first.attributes['gen_ai.provider.name']], [true, 'server_error', 'openai']);
    assert.deepEqual([second.failed, second.attributes['error.type'], second.attributes['gen_ai.provider.name']], [false, undefined, 'mistral_ai']);
    assert.notEqual(first.spanId, second.spanId);
    assert.deepEqual([server.failed, server.attributes['pinion.attempts']], [false, 2]);
    assert.deepEqual(upstream.calls.slice(-2).map((call) => call.headers.traceparent.split('-')[2]), [first.spanId, second.spanId]);
  });

  test('refused requests have a span; only what is the gateway\'s or a provider\'s fault is a failure', async () => {
    const { line } = await gateway.ask('sum', { body: { a: 'x', b: 1 }, status: 422 });
    const [refused] = await spansOf(line, 1);
    assert.deepEqual([refused.failed, refused.attributes['error.type'], refused.attributes['http.response.status_code']], [false, 'input_schema_violation', 422]);
    upstream.json({ error: { message: 'no' } }, { status: 500 });
    const bad = await gateway.ask('chat', { status: 502 });
    const [failed] = await spansOf(bad.line, 2);
    assert.deepEqual([failed.failed, failed.attributes['error.type']], [true, 'upstream_failed']);
  });

  test('other surfaces go by their paths, without what callers make up', async () => {
    const { token } = await gateway.token('*');
    const named = async (method, path, body, name) => {
      const before = receiver.spans.length;
      await (await fetch(gateway.url + path, { method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: body && JSON.stringify(body) })).text();
      await receiver.until(() => receiver.spans.slice(before).some((span) => span.name === name));
    };
    upstream.answer('Yes.');
    await named('POST', '/v1/chat/completions', { model: 'chat', messages: [{ role: 'user', content: 'Hello.' }] }, 'POST /v1/chat/completions');
    await named('PUT', '/v1/responses/resp_made-up', undefined, 'PUT /v1/responses/{id}');
    await named('PUT', '/api/nobody/v1/chat/completions', {}, 'PUT /api/{project}/v1/chat/completions');
  });

  const callTool = async (name, args, id, meta) => {
    const { token } = await gateway.token('*');
    const response = await fetch(`${gateway.url}/mcp`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json', 'mcp-protocol-version': '2025-06-18', traceparent },
      body: JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args, _meta: meta } }),
    });
    assert.equal(response.status, 200);
    return { answer: await response.json(), line: await gateway.journal(response) };
  };

  test('a call of a tool is one by the conventions of MCP, in the trace of its message, linked to that of its headers', async () => {
    upstream.answer('Yes.');
    const own = { trace: 'c'.repeat(32), span: 'd'.repeat(16) };
    const { answer, line } = await callTool('chat', { input: 'Hello.' }, 'call-7', { traceparent: `00-${own.trace}-${own.span}-01` });
    assert.equal(answer.result.content[0].text, 'Yes.');
    const [server, client] = await spansOf(line, 2);
    assert.deepEqual([server.name, server.kind, server.failed], ['tools/call chat', 2, false]);
    assert.deepEqual([server.traceId, server.parentSpanId, client.parentSpanId], [own.trace, own.span, server.spanId]);
    assert.deepEqual(server.links, [{ traceId: trace, spanId: caller, flags: 0x301 }]);
    assert.deepEqual(server.attributes, {
      'mcp.method.name': 'tools/call',
      'mcp.protocol.version': '2025-06-18',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'chat',
      'jsonrpc.request.id': 'call-7',
      'server.address': '127.0.0.1',
      'client.address': '127.0.0.1',
      'pinion.request_id': line.request_id,
      'pinion.endpoint': 'chat',
      'pinion.version': '1',
      'pinion.route': 'default',
      'pinion.attempts': 1,
    });
  });

  test('one that the tool says went wrong is a tool_error; without a context of its own it is in that of its headers', async () => {
    const { answer, line } = await callTool('sum', { a: 'x' }, 7);
    assert.equal(answer.result.isError, true);
    const [server] = await spansOf(line, 1);
    assert.deepEqual([server.failed, server.attributes['error.type'], server.attributes['jsonrpc.request.id']], [true, 'tool_error', '7']);
    assert.deepEqual([server.traceId, server.parentSpanId, server.links], [trace, caller, undefined]);
    assert.ok(!('rpc.response.status_code' in server.attributes));
  });

  test('what a caller has decided not to sample is not recorded, and goes on unchanged', async () => {
    upstream.answer('Yes.');
    const unsampled = `00-${'3'.repeat(32)}-${caller}-00`;
    await gateway.ask('chat', { headers: { traceparent: unsampled } });
    assert.equal(upstream.calls.at(-1).headers.traceparent, unsampled);
    upstream.answer('Yes.');
    await spansOf((await gateway.ask('chat')).line, 2);
    assert.ok(!receiver.spans.some((span) => span.traceId === '3'.repeat(32)));
  });

  test('the log is searched by the id of a trace, in either case', async () => {
    const whole = 'ab'.repeat(16);
    upstream.answer('Yes.');
    const { line } = await gateway.ask('chat', { headers: { traceparent: `00-${whole}-${caller}-01` } });
    upstream.answer('Yes.');
    await gateway.ask('chat');
    const list = await gateway.cli('logs', 'list', '--trace', whole.toUpperCase(), '--json');
    assert.equal(list.code, 0, list.stderr);
    assert.deepEqual(JSON.parse(list.stdout).data.map((row) => [row.request_id, row.trace_id]), [[line.request_id, whole]]);
    for (const wrong of ['ab', 'g'.repeat(32)]) {
      const { status, body } = await gateway.admin('GET', `/admin/v1/logs?trace=${wrong}`);
      assert.deepEqual([status, body.error.param, body.error.message], [400, 'trace', "'trace' must be the id of a trace, 32 hexadecimal digits"]);
    }
  });

  test('a receiver that is busy is asked again, and gets it all', async () => {
    const before = receiver.exports.length;
    receiver.next((response) => response.writeHead(503, { 'retry-after': '1' }).end());
    upstream.answer('Yes.');
    await spansOf((await gateway.ask('chat')).line, 2);
    assert.ok(receiver.exports.length >= before + 2);
    assert.equal(receiver.exports[before].text, receiver.exports[before + 1].text);
    assert.equal(await gateway.metric('pinion_otlp_export_failures_total'), 0);
  });

  test('one that refuses is not, and what is lost is counted and logged', async () => {
    receiver.next((response) => response.writeHead(400).end('no'));
    upstream.answer('Yes.');
    await gateway.ask('chat');
    const line = await gateway.logged((it) => it.event === 'telemetry');
    assert.equal(line.reason, 'status 400');
    assert.ok((await gateway.metric('pinion_otlp_export_failures_total')) >= 1);
    assert.ok((await gateway.metric('pinion_otlp_dropped_total')) >= 1);
    upstream.answer('Yes.');
    await spansOf((await gateway.ask('chat')).line, 2);
  });
});

test('what is queued at the end is sent before the process ends', async () => {
  const receiver = await startReceiver();
  const gateway = await start(receiver.url, { OTEL_BSP_SCHEDULE_DELAY: '60000' });
  upstream.answer('Yes.');
  await gateway.ask('chat');
  assert.equal(receiver.spans.length, 0);
  assert.equal((await gateway.stop()).code, 0);
  assert.equal(receiver.spans.length, 2);
  assert.deepEqual(receiver.wrong, []);
  await receiver.stop();
});

test('a receiver that never answers, or is not there, holds up no call and no end', async () => {
  const receiver = await startReceiver();
  for (const url of [receiver.url, `http://127.0.0.1:${await closedPort()}`]) {
    receiver.next(() => new Promise(() => {}));
    const gateway = await start(url, { OTEL_BSP_MAX_QUEUE_SIZE: '4', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1' });
    for (let i = 0; i < 8; i++) {
      upstream.answer('Yes.');
      await gateway.ask('chat');
    }
    assert.ok((await gateway.metric('pinion_otlp_dropped_total')) >= 8); // of 16, one is under way and 4 wait
    assert.equal((await gateway.stop()).code, 0);
  }
  await receiver.stop();
});

test('always_off records nothing; a wrong value is warned of, and the gateway serves', async () => {
  const receiver = await startReceiver();
  const gateway = await start(receiver.url, { OTEL_TRACES_SAMPLER: 'always_off', OTEL_BSP_SCHEDULE_DELAY: 'soon' });
  const warning = await gateway.logged((line) => line.event === 'telemetry');
  assert.match(warning.msg, /^OTEL_BSP_SCHEDULE_DELAY must be a number/);
  upstream.answer('Yes.');
  await gateway.ask('chat', { headers: { traceparent } });
  assert.equal(upstream.calls.at(-1).headers.traceparent, traceparent);
  assert.equal((await gateway.stop()).code, 0);
  assert.deepEqual(receiver.exports, []);
  await receiver.stop();
});

test('pinion.yaml says it too, with secrets, where the environment says nothing; providers need not be told', async () => {
  const receiver = await startReceiver();
  const telemetry = (more) => `\ntelemetry: {endpoint: "${receiver.url}", headers: {authorization: "Bearer \${env:COLLECTOR_KEY}"}, service_name: filed, resource: {region: north}, compression: gzip${more}}\n`;
  const gateway = await startGateway({
    files: files(upstream, { 'pinion.yaml': settings(upstream.url) + telemetry(', propagate: false') }),
    env: { COLLECTOR_KEY: 'collector-canary', OTEL_RESOURCE_ATTRIBUTES: 'region=south', OTEL_BSP_SCHEDULE_DELAY: '20' },
  });
  const { token } = await gateway.token('*');
  const ask = async () => {
    upstream.answer('Yes.');
    const response = await gateway.call('chat', { message: 'Hello.' }, { token, headers: { traceparent, tracestate: 'a=b' } });
    assert.equal(response.status, 200, await response.text());
    return upstream.calls.at(-1).headers;
  };
  const untold = await ask();
  assert.deepEqual([untold.traceparent, untold.tracestate], [undefined, undefined]);
  await receiver.until(() => receiver.spans.length === 2);
  assert.deepEqual(receiver.spans.map((span) => span.traceId), [trace, trace]);
  assert.deepEqual([receiver.spans[0].resource['service.name'], receiver.spans[0].resource.region], ['filed', 'south']);
  assert.deepEqual([receiver.exports[0].headers.authorization, receiver.exports[0].headers['content-encoding']], ['Bearer collector-canary', 'gzip']);
  const shown = await pinion(['check', '--config', gateway.folder, '--resolved'], { env: { ...process.env, COLLECTOR_KEY: 'collector-canary' } });
  assert.match(shown.stdout, /headers:\n +authorization: "\*\*\*"/);
  assert.ok(!shown.stdout.includes('collector-canary'));
  await writeFiles(gateway.folder, { 'pinion.yaml': settings(upstream.url) + telemetry('') });
  await gateway.admin('POST', '/admin/v1/reload');
  assert.match((await ask()).traceparent, new RegExp(`^00-${trace}-`)); // at once
  const end = await gateway.stop();
  assert.equal(end.code, 0, end.stderr());
  assert.deepEqual(receiver.wrong, []);
  assert.ok(receiver.metrics.length > 0);
  await receiver.stop();
});

test('credentials in the URL of a receiver are in no line', async () => {
  const place = `127.0.0.1:${await closedPort()}`;
  const gateway = await start(`http://someone:collector-canary@${place}/otlp`);
  upstream.answer('Yes.');
  await gateway.ask('chat');
  assert.equal((await gateway.stop()).code, 0);
  const { url, reason } = gateway.lines.find(({ event }) => event === 'telemetry');
  assert.equal(url, `http://${place}/otlp/v1/traces`);
  assert.ok(reason);
  assert.ok(!JSON.stringify(gateway.lines).includes('collector-canary'));
});
