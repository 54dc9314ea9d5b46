// Which trace a request is part of: as its caller says, in what is written down of it, and towards providers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settings } from './support/gateway.js';
import { scene } from './support/scene.js';
import { streamed } from './support/upstream.js';

const trace = '0af7651916cd43dd8448eb211c80319c';
const span = 'b7ad6b7169203331';
const parent = `00-${trace}-${span}-01`;

const on = scene((upstream) => ({
  'pinion.yaml': `${settings(upstream.url)}\n  second: {kind: openai, base_url: "${upstream.url}", key: "sk-second", allow_http: true, allow_private: true}\n`,
  'endpoints/safe.yaml': `
provider: upstream
model: gpt-4.1-mini
system: x
retry: {times: 0}
failover: [{provider: second, model: gpt-4.1, on: [error]}]
`,
  'endpoints/shared.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: x\nretry: {times: 0}\ncache: {ttl: 1h}\n',
}));

// What the provider got with its last call.
const sent = () => {
  const { traceparent, tracestate } = on.upstream.calls.at(-1).headers;
  return { traceparent, tracestate };
};
const ask = async (headers, { slug = 'chat', body = { message: 'Hello.' } } = {}) => {
  on.upstream.answer('Yes.');
  const response = await on.gateway.call(slug, body, { token: on.token, headers });
  assert.equal(response.status, 200, await response.text());
  return on.gateway.journal(response);
};
const begunHere = (line, { traceparent, tracestate }) => {
  assert.match(line.trace_id, /^(?!0{32})[0-9a-f]{32}$/);
  assert.match(line.span_id, /^(?!0{16})[0-9a-f]{16}$/);
  assert.notEqual(line.trace_id, trace);
  assert.equal(traceparent, `00-${line.trace_id}-${line.span_id}-02`);
  assert.equal(tracestate, undefined);
};

test('a caller that says nothing: a trace begins, and the provider is told of it', async () => {
  const [first, second] = [await ask({}), await ask({})];
  begunHere(second, sent());
  assert.notEqual(first.trace_id, second.trace_id);
});

test('a caller that is traced: its trace goes on, in the log and to the provider', async () => {
  const line = await ask({ traceparent: parent, tracestate: 'rojo=00f067aa0ba902b7, congo=t61rcWkgMzE' });
  assert.equal(line.trace_id, trace);
  assert.match(line.span_id, /^[0-9a-f]{16}$/);
  assert.notEqual(line.span_id, span);
  assert.deepEqual(sent(), { traceparent: parent, tracestate: 'rojo=00f067aa0ba902b7, congo=t61rcWkgMzE' });
});

test('the decision not to sample goes on, too; flags that are not known do not', async () => {
  await ask({ traceparent: `00-${trace}-${span}-00` });
  assert.equal(sent().traceparent, `00-${trace}-${span}-00`);
  await ask({ traceparent: `cc-${trace}-${span}-ff-more` });
  assert.equal(sent().traceparent, `00-${trace}-${span}-03`);
});

test('what is no traceparent counts as not sent, with its tracestate', async () => {
  for (const bad of [
    '',
    'nonsense',
    `00-${trace}-${span}-1`,
    `00-${trace}-${span}-01-more`,
    `ff-${trace}-${span}-01`,
    `00-${trace.toUpperCase()}-${span}-01`,
    `00-${'0'.repeat(32)}-${span}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00-${'a'.repeat(5000)}-${span}-01`,
  ])
    begunHere(await ask({ traceparent: bad, tracestate: 'rojo=1' }), sent());
});

test('a tracestate that is none is left out, and the trace goes on', async () => {
  for (const bad of ['rojo', 'Rojo=1', 'rojo=1=2', 'rojo=1,rojo=2', Array.from({ length: 33 }, (_, i) => `k${i}=v`).join()]) {
    await ask({ traceparent: parent, tracestate: bad });
    assert.deepEqual(sent(), { traceparent: parent, tracestate: undefined }, bad);
  }
});

test('headers that come several times', async () => {
  const raw = async (lines) => {
    on.upstream.answer('Yes.');
    const body = '{"message":"Hello."}';
    const reply = await on.gateway.raw(
      `POST /chat HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${on.token}\r\n${lines}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    assert.match(reply, /^HTTP\/1\.1 200 /);
    const id = /x-request-id: (\S+)/i.exec(reply)[1];
    return on.gateway.logged((line) => line.event === 'request' && line.request_id === id);
  };
  const line = await raw(`traceparent: ${parent}\r\ntracestate: rojo=1\r\ntracestate: congo=2\r\n`);
  assert.equal(line.trace_id, trace);
  assert.deepEqual(sent(), { traceparent: parent, tracestate: 'rojo=1,congo=2' });
  begunHere(await raw(`traceparent: ${parent}\r\ntraceparent: ${parent}\r\ntracestate: rojo=1\r\n`), sent());
});

test('streams, and calls whose answer others may share', async () => {
  on.upstream.stream(streamed(['Ye', 's.']));
  const response = await on.gateway.call('chat', { message: 'Hello.', stream: true }, { token: on.token, headers: { traceparent: parent } });
  await response.text();
  assert.equal((await on.gateway.journal(response)).trace_id, trace);
  assert.equal(sent().traceparent, parent);
  const line = await ask({ traceparent: parent, tracestate: 'rojo=1' }, { slug: 'shared' });
  assert.equal(line.trace_id, trace);
  assert.deepEqual(sent(), { traceparent: parent, tracestate: 'rojo=1' });
});

test('a failover is of the same trace as the call, and so is what is asked then', async () => {
  on.upstream.json({ error: { message: 'no' } }, { status: 500 });
  on.upstream.answer('Yes.');
  const response = await on.gateway.call('safe', { message: 'Hello.' }, { token: on.token, headers: { traceparent: parent } });
  assert.equal(response.status, 200, await response.text());
  const line = await on.gateway.journal(response);
  const event = await on.gateway.logged((it) => it.event === 'failover' && it.request_id === line.request_id);
  assert.deepEqual([event.trace_id, event.span_id], [trace, line.span_id]);
  assert.deepEqual(on.upstream.calls.slice(-2).map((call) => call.headers.traceparent), [parent, parent]);
});

test('refused requests have a trace, and rows of the request log have it', async () => {
  const refused = await on.gateway.call('chat', { message: 'Hello.' }, { token: 'pin_live_nobody', headers: { traceparent: parent } });
  assert.equal(refused.status, 401);
  assert.equal((await on.gateway.journal(refused)).trace_id, trace);
  const line = await ask({ traceparent: parent });
  const { body } = await on.gateway.admin('GET', `/admin/v1/logs/${line.request_id}`);
  assert.deepEqual([body.trace_id, body.span_id], [trace, line.span_id]);
});

test('MCP: what the message says holds, and not what its headers say', async () => {
  const other = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-00`;
  const call = async (more) => {
    on.upstream.answer('Yes.');
    const response = await fetch(`${on.gateway.url}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${on.token}`,
        'content-type': 'application/json',
        accept: 'application/json',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': 'chat',
        traceparent: other,
        tracestate: 'congo=2',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: {
          name: 'chat',
          arguments: { input: 'Hello.' },
          _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {}, ...more },
        },
      }),
    });
    assert.equal(response.status, 200, await response.text());
    return on.gateway.journal(response);
  };
  assert.equal((await call({ traceparent: parent, tracestate: 'rojo=1' })).trace_id, trace);
  assert.deepEqual(sent(), { traceparent: parent, tracestate: 'rojo=1' });
  for (const bad of [undefined, 'nonsense', 7, null, [parent]]) {
    assert.equal((await call({ traceparent: bad, tracestate: 'rojo=1' })).trace_id, '1'.repeat(32));
    assert.deepEqual(sent(), { traceparent: other, tracestate: 'congo=2' });
  }
});
