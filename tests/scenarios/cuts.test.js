// A provider's reply cut at every byte there is, whole and streamed, in the protocols of three kinds of
// framing: the caller gets an answer from the next target, a whole answer, or an error. Never a piece of an
// answer that looks like all of it.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { events, startGateway } from './support/gateway.js';
import { completion, streamed } from './support/upstream.js';
import { startUpstream } from './support/upstreams/index.js';

const kinds = { 'openai-chat': 'openai', anthropic: 'anthropic', ollama: 'ollama' };
const models = { 'openai-chat': 'gpt-4.1-mini', anthropic: 'claude-haiku-4-5', ollama: 'qwen3:8b' };
const cutAnswer = { text: ['At', ' six.'] };
const on = { upstream: {} };

before(async () => {
  on.second = http.createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    if (JSON.parse(body).stream) response.writeHead(200, { 'content-type': 'text/event-stream' }).end(streamed(['At', ' nine.']).join(''));
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('At nine.')));
  });
  on.second.listen(0, '127.0.0.1');
  await once(on.second, 'listening');
  const more = 'allow_http: true, allow_private: true, breaker: {faults_in_row: 0, faults_pct: 0}';
  const lines = [`  second: {kind: openai, base_url: "http://127.0.0.1:${on.second.address().port}/v1", key: "k", ${more}}`];
  const files = {};
  for (const [protocol, kind] of Object.entries(kinds)) {
    on.upstream[protocol] = await startUpstream(protocol);
    lines.push(`  ${protocol}: {kind: ${kind}, base_url: "${on.upstream[protocol].url}", key: "k", ${more}}`);
    files[`endpoints/${protocol}.yaml`] = `provider: ${protocol}\nmodel: ${models[protocol]}\nsystem: s\nretry: {times: 0}\nfailover: [{provider: second, model: gpt-4.1, on: [error]}]\n`;
  }
  on.gateway = await startGateway({ files: { 'pinion.yaml': `listen: 127.0.0.1:0\nworkers: 1\nproviders:\n${lines.join('\n')}\n`, ...files } });
  on.token = (await on.gateway.token('*')).token;
});
after(async () => {
  const end = await on.gateway.stop();
  for (const upstream of Object.values(on.upstream)) {
    upstream.check();
    await upstream.stop();
  }
  on.second.closeAllConnections();
  on.second.close();
  assert.equal(end.code, 0, end.stderr());
});

const call = (slug, stream) => on.gateway.call(slug, { message: 'When?', ...(stream ? { stream } : {}) }, on);

// How many bytes the reply has on the wire: the gateway's own request is made again, by hand.
async function sizeOf(upstream, stream) {
  upstream.answer(cutAnswer);
  await (await call(upstream.protocol, stream)).text();
  const { path, headers, text } = upstream.calls.at(-1);
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  upstream.answer(cutAnswer, { cut: { bytes: 1 << 20 } });
  const socket = net.connect(Number(new URL(upstream.origin).port), '127.0.0.1');
  socket.end(`POST ${path} HTTP/1.1\r\n${head}\r\n${text}`);
  let size = 0;
  for await (const piece of socket) size += piece.length;
  return size;
}

async function outcome(response, stream) {
  if (!stream) {
    const body = await response.json();
    return body.ok ? body.content : `error: ${body.error.code}`;
  }
  const got = [];
  for await (const event of events(response)) got.push(event);
  const text = got.map((event) => event.choices?.[0]?.delta?.content ?? '').join('');
  const error = got.find((event) => event.error)?.error.code;
  assert.equal(got.includes('[DONE]'), error === undefined, JSON.stringify(got));
  assert.equal(got.at(-1) === '[DONE]' || got.at(-1).error !== undefined, true);
  return error ? `error: ${error}` : text;
}

for (const protocol of Object.keys(kinds))
  for (const stream of [false, true])
    test(`${protocol}, ${stream ? 'streamed' : 'whole'}: cut at every byte`, { timeout: 120000 }, async (context) => {
      const upstream = on.upstream[protocol];
      const size = await sizeOf(upstream, stream);
      const seen = {};
      for (let bytes = 0; bytes < size; bytes++) {
        upstream.answer(cutAnswer, { cut: { bytes, then: bytes % 2 ? 'reset' : 'close' } });
        const response = await call(protocol, stream);
        const got = await outcome(response, stream);
        seen[got] = (seen[got] ?? 0) + 1;
        assert.ok(['At nine.', 'At six.', 'error: upstream_truncated'].includes(got), `cut at ${bytes} of ${size}: ${got}`);
        // Only where a stream has said why it ends is the rest of it not needed.
        if (got === 'At six.') assert.ok(stream, `cut at ${bytes} of ${size}, and taken for whole`);
        if (got.startsWith('error')) assert.ok(stream && response.status === 200, 'a caller who has seen nothing gets an answer');
      }
      context.diagnostic(`${size} cuts: ${JSON.stringify(seen)}`);
      assert.ok(seen['At nine.'] > 0);
      if (stream) assert.ok(seen['error: upstream_truncated'] > 0);
    });
