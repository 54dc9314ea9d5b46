// Probes, metrics, draining, limits, raw framing.
import assert from 'node:assert/strict';
import net from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { chat, files } from './support/files.js';
import { startGateway } from './support/gateway.js';
import { scene } from './support/scene.js';
import { startUpstream, streamed } from './support/upstream.js';

const on = scene(() => ({
  'endpoints/rare.yaml': `${chat.replace('slug: chat', 'slug: rare')}limits: {per_minute: 2}\n`,
  'endpoints/lone.yaml': `${chat.replace('slug: chat', 'slug: lone')}limits: {concurrent: 1}\n`,
}));

test('livez and readyz answer without a token', async () => {
  for (const path of ['livez', 'readyz', 'healthz'])
    assert.equal((await fetch(`${on.gateway.url}/${path}`)).status, 200);
  assert.equal((await fetch(`${on.gateway.url}/livez`, { method: 'HEAD' })).status, 200);
  assert.equal((await fetch(`${on.gateway.url}/livez`, { method: 'POST' })).status, 405);
});

test('metrics count requests, tokens and money', async () => {
  on.upstream.answer({ sum: 4 });
  await (await on.gateway.call('sum', { a: 2, b: 2 }, on)).json();
  const text = await (await fetch(`${on.gateway.url}/metrics`)).text();
  for (const line of [
    /^pinion_requests_total\{endpoint="sum",status="200",code=""\} 1$/m,
    /^pinion_tokens_total\{endpoint="sum",provider="upstream",model="gpt-4.1-mini",direction="input"\} 24$/m,
    /^pinion_cost_usd_total\{endpoint="sum",provider="upstream",model="gpt-4.1-mini"\} 0.000022400$/m,
    /^pinion_route_decisions_total\{endpoint="sum",rule="default"\} 1$/m,
    /^pinion_request_duration_seconds_count\{endpoint="sum",outcome="ok"\} 1$/m,
    /^pinion_endpoint_info\{endpoint="sum",/m,
    /^pinion_build_info\{version="/m,
  ])
    assert.match(text, line);
  const seen = new Set();
  for (const line of text.split('\n').filter(Boolean)) {
    assert.match(line, /^(# (HELP|TYPE) \S+ .+|[a-z_]+(\{.*\})? [-+0-9.eInf]+)$/);
    if (line.startsWith('# TYPE')) assert.ok(!seen.has(line) && seen.add(line), line);
  }
});

test('a token over its rate is told when to come back; the provider does not hear of it', async () => {
  on.upstream.answer('1');
  on.upstream.answer('2');
  const first = await on.gateway.call('rare', { message: 'x' }, on);
  assert.equal(first.headers.get('ratelimit-policy'), '"min";q=2;w=60');
  assert.match(first.headers.get('ratelimit'), /^"min";r=1;t=\d+$/);
  await on.gateway.call('rare', { message: 'x' }, on);
  const response = await on.gateway.call('rare', { message: 'x' }, on);
  assert.equal(response.status, 429);
  assert.ok(Number(response.headers.get('retry-after')) <= 60);
  assert.equal(response.headers.get('x-should-retry'), 'true');
  assert.equal((await response.json()).error.code, 'rate_limit_exceeded');
});

test('a token over its concurrency is refused until a call ends', async () => {
  let answer;
  const calls = on.upstream.calls.length;
  on.upstream.next((response) => (answer = () => response.destroy()));
  const pending = on.gateway.call('lone', { message: 'x' }, on);
  await on.upstream.called(calls + 1);
  const refused = await on.gateway.call('lone', { message: 'x' }, on);
  assert.equal((await refused.json()).error.code, 'concurrency_limit_exceeded');
  answer();
  assert.equal((await pending).status, 502);
  on.upstream.answer('x');
  assert.equal((await on.gateway.call('lone', { message: 'x' }, on)).status, 200);
});

test('requests that two readers could read differently are refused, and nothing behind them is served', async () => {
  const marker = 'GET /livez HTTP/1.1\r\nHost: marker\r\n\r\n';
  for (const head of [
    'POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n',
    'POST /sum HTTP/1.1\r\nHost: x\r\nHost: y\r\nContent-Length: 0\r\n\r\n',
    'POST /sum HTTP/1.1\r\nContent-Length: 0\r\n\r\n',
    'POST /sum HTTP/1.1\nHost: x\nContent-Length: 0\n\n',
    'POST /sum HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n',
    'POST http://x/sum HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n',
    'POST /sum HTTP/1.1\r\nHost : x\r\nContent-Length: 0\r\n\r\n',
  ]) {
    const got = await on.gateway.raw(head + marker);
    assert.match(got, /^HTTP\/1.1 400 /, JSON.stringify(head));
    assert.equal(got.match(/HTTP\/1\.1 /g).length, 1, JSON.stringify(head));
    assert.ok(!got.includes('"status":"ok"'));
  }
});

test('HTTP/2 is not spoken', async () => {
  const got = await on.gateway.raw('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0');
  assert.match(got, /^HTTP\/1.1 400 /);
});

test('too large a head is 431', async () => {
  const got = await on.gateway.raw(`GET /livez HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(40000)}\r\n\r\n`);
  assert.match(got, /^HTTP\/1.1 431 /);
});

test('SIGTERM: readiness goes, what is in flight finishes, exit code 0', async () => {
  const upstream = await startUpstream();
  const gateway = await startGateway({ files: files(upstream) });
  const { token } = await gateway.token('*');
  let finish;
  upstream.next((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(streamed(['At'])[1]);
    finish = () => response.end(streamed(['x']).slice(2).join(''));
  });
  const response = await gateway.call('chat', { message: 'x', stream: true }, { token });
  const idle = net.connect(gateway.port, '127.0.0.1').resume();
  const closed = once(idle, 'close');
  await once(idle, 'connect');
  gateway.child.kill('SIGTERM');
  await gateway.logged(({ event, msg }) => event === 'stop' && msg === 'draining');
  await closed;
  finish();
  assert.match(await response.text(), /\[DONE\]/);
  const { code, stderr } = await gateway.exited;
  assert.equal(code, 0, stderr());
  await upstream.stop();
});

test('a second signal stops now', async () => {
  const upstream = await startUpstream();
  const gateway = await startGateway({ files: files(upstream) });
  const { token } = await gateway.token('*');
  upstream.next(() => {}); // never answers
  const pending = gateway.call('chat', { message: 'x' }, { token }).catch(() => 'cut');
  await upstream.called(1);
  gateway.child.kill('SIGTERM');
  await gateway.logged(({ event, msg }) => event === 'stop' && msg === 'draining');
  gateway.child.kill('SIGTERM');
  assert.equal((await gateway.exited).code, 0);
  await pending;
  await upstream.stop();
});
