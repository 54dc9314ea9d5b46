// Errors as SDKs raise them: for each status their own typed error, with our code, and repeated exactly
// when that can help. The wire is counted: what an SDK sends is what it decided.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { ChatOpenAI } from '@langchain/openai';
import OpenAI from 'openai';
import { files } from './support/files.js';
import { startGateway } from './support/gateway.js';
import { scene } from './support/scene.js';
import { completion, startUpstream } from './support/upstream.js';

const endpoint = (more = '') => `provider: upstream\nmodel: gpt-4.1-mini\nsystem: You are brief.\nallow: [max_tokens]\nretry: {times: 0}\n${more}`;
const on = scene((upstream) => ({
  'pinion.yaml': `listen: 127.0.0.1:0\nworkers: 2\nlimits: {body: 64KiB}\nproviders:\n  upstream: {kind: openai, base_url: "${upstream.url}", key: "sk-test-canary", allow_http: true, allow_private: true, breaker: {faults_in_row: 0, faults_pct: 0}}\n`,
  'endpoints/plain.yaml': endpoint(),
  'endpoints/private.yaml': endpoint(),
  'endpoints/strict.yaml': endpoint('template: "{{a}}"\ninput_schema: {type: object, properties: {a: {type: integer}}, required: [a]}\n'),
  'endpoints/checked.yaml': endpoint('output_schema: {type: object, properties: {a: {type: integer}}, required: [a]}\n'),
  'endpoints/talk.yaml': endpoint('session: {max_waiting: 0}\n'),
  'endpoints/rare.yaml': endpoint('limits: {per_hour: 1}\n'),
  'endpoints/lone.yaml': endpoint('limits: {concurrent: 1}\n'),
  'endpoints/hasty.yaml': endpoint('timeout: {first_token: 50ms, idle: 50ms, total: 100ms}\n'),
  'endpoints/gone.yaml': endpoint('deprecated: {since: 2026-01-01, sunset: 2026-01-02}\n'),
}));

// One client of each kind, what it is asked with, and how often it went to the wire.
const wire = (media) => {
  const count = { sent: 0 };
  const send = (url, init) => {
    const headers = new Headers(init.headers);
    if (media) headers.set('content-type', media); // no SDK lets it be set
    count.sent++;
    return fetch(url, { ...init, headers });
  };
  return { count, fetch: send };
};
const messages = (content) => [{ role: 'user', content }];
const kinds = {
  openai: ({ token, headers, media, retries }) => {
    const { count, fetch } = wire(media);
    const sdk = new OpenAI({ apiKey: token, baseURL: `${on.gateway.url}/v1`, maxRetries: retries, defaultHeaders: headers, fetch });
    return { count, ask: (model, content) => sdk.chat.completions.create({ model, messages: messages(content) }) };
  },
  responses: ({ token, headers, media, retries }) => {
    const { count, fetch } = wire(media);
    const sdk = new OpenAI({ apiKey: token, baseURL: `${on.gateway.url}/v1`, maxRetries: retries, defaultHeaders: headers, fetch });
    return { count, ask: (model, input) => sdk.responses.create({ model, input }) };
  },
  anthropic: ({ token, headers, media, retries }) => {
    const { count, fetch } = wire(media);
    const sdk = new Anthropic({ apiKey: token, baseURL: on.gateway.url, maxRetries: retries, defaultHeaders: headers, fetch });
    return { count, ask: (model, content) => sdk.messages.create({ model, messages: messages(content), max_tokens: 9 }) };
  },
  langchain: ({ token, headers, media }) => {
    const { count, fetch } = wire(media);
    const sdk = (model) =>
      new ChatOpenAI({ model, apiKey: token, maxRetries: 0, configuration: { baseURL: `${on.gateway.url}/v1`, defaultHeaders: headers, fetch } });
    return { count, ask: (model, content) => sdk(model).invoke(content) };
  },
};
const failed = (promise) => promise.then((got) => assert.fail(JSON.stringify(got)), (error) => error);
const fail = (status, error = { message: 'no', type: 'server_error', code: null }) => on.upstream.json({ error }, { status });

// [status, code, how it comes about, the class of both SDKs]
const cases = [
  [400, 'invalid_request', { content: 7 }, 'BadRequestError'],
  [401, 'invalid_token', { token: 'pin_live_none' }, 'AuthenticationError'],
  [403, 'scope_denied', { narrow: true, model: 'private' }, 'PermissionDeniedError'],
  [404, 'model_not_found', { model: 'plian' }, 'NotFoundError'],
  [410, 'endpoint_sunset', { model: 'gone' }, 'APIError'],
  [413, 'body_too_large', { content: 'x'.repeat(70000) }, 'APIError'],
  [415, 'unsupported_media_type', { media: 'text/plain' }, 'APIError'],
  [422, 'input_schema_violation', { model: 'strict', content: '{"a": "x"}' }, 'UnprocessableEntityError'],
  [422, 'output_not_json', { model: 'checked', provider: () => on.upstream.answer('no JSON') }, 'UnprocessableEntityError'],
  [502, 'upstream_failed', { provider: () => fail(500) }, 'InternalServerError'],
  [502, 'upstream_auth_failed', { provider: () => fail(401, { message: 'no', code: 'invalid_api_key' }) }, 'InternalServerError'],
  [504, 'upstream_timeout', { model: 'hasty', provider: () => on.upstream.next(() => {}) }, 'InternalServerError'],
];

for (const [kind, make] of Object.entries(kinds))
  describe(kind, () => {
    for (const [status, code, how, name] of cases) {
      if (kind === 'langchain' && typeof (how.content ?? '') !== 'string') continue; // it reads contents itself
      test(`${status} ${code}: its own error, sent once`, async () => {
        const { model = 'plain', content = 'x', media, provider, narrow } = how;
        const token = narrow ? (await on.gateway.token('plain')).token : (how.token ?? on.token);
        const { count, ask } = make({ token, media, retries: 2 });
        provider?.();
        const error = await failed(ask(model, content));
        assert.ok(error instanceof (kind === 'anthropic' ? Anthropic : OpenAI)[name], `${error.constructor.name}: ${error.message}`);
        assert.equal(error.status, status);
        assert.equal(kind === 'anthropic' ? error.error.error.code : error.code, code);
        assert.equal(error.requestID, error.headers.get('x-request-id'));
        assert.match(error.requestID, /^req_/);
        assert.match(error.headers.get('content-type'), /^application\/json/);
        assert.equal(count.sent, 1);
      });
    }
  });

describe('what is worth repeating is repeated, when it was said to be, and then succeeds', () => {
  for (const kind of ['openai', 'anthropic']) {
    const text = (answer) => answer.choices?.[0].message.content ?? answer.content[0].text;
    const path = kind === 'anthropic' ? '/v1/messages' : '/v1/chat/completions';
    const refused = (code) => on.gateway.logged((line) => line.event === 'request' && line.code === code && line.path === path);
    // A call that the provider answers when it is told to.
    const holding = () => {
      const held = { called: on.upstream.called(on.upstream.calls.length + 1) };
      on.upstream.next((response) => {
        held.answer = (content) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion(content)));
      });
      return { called: held.called, finish: (content) => held.answer(content) };
    };

    test(`${kind}: 429, a place is free after a while`, async () => {
      const { finish, called } = holding();
      const pending = on.gateway.call('lone', { message: 'x' }, on);
      await called;
      const { count, ask } = kinds[kind]({ token: on.token, retries: 2 });
      const answer = ask('lone', 'x');
      await refused('concurrency_limit_exceeded');
      on.upstream.answer('second');
      finish('first');
      await (await pending).arrayBuffer();
      assert.equal(text(await answer), 'second');
      assert.equal(count.sent, 2);
    });

    test(`${kind}: 409, the first call with the key has ended`, async () => {
      const headers = { 'Idempotency-Key': `key-${kind}` };
      const { finish, called } = holding();
      const calls = on.upstream.calls.length;
      const first = kinds[kind]({ token: on.token, headers, retries: 0 }).ask('plain', 'x');
      await called;
      const { count, ask } = kinds[kind]({ token: on.token, headers, retries: 2 });
      const again = ask('plain', 'x');
      await refused('idempotency_in_progress');
      finish('first');
      assert.equal(text(await first), 'first');
      assert.equal(text(await again), 'first');
      assert.equal(count.sent, 2);
      assert.equal(on.upstream.calls.length, calls + 1); // the provider was asked by the first one only
    });

    test(`${kind}: 503, the provider was overloaded for a moment`, async () => {
      fail(503);
      on.upstream.answer('then');
      const { count, ask } = kinds[kind]({ token: on.token, retries: 2 });
      assert.equal(text(await ask('plain', 'x')), 'then');
      assert.equal(count.sent, 2);
    });

    test(`${kind}: 429 that lasts longer than a minute is not waited for`, async () => {
      const { token } = await on.gateway.token('rare');
      const { count, ask } = kinds[kind]({ token, retries: 2 });
      on.upstream.answer('x');
      await ask('rare', 'x');
      const error = await failed(ask('rare', 'x'));
      assert.ok(error instanceof (kind === 'anthropic' ? Anthropic : OpenAI).RateLimitError);
      assert.ok(Number(error.headers.get('retry-after')) > 60);
      assert.equal(error.headers.get('x-should-retry'), 'false');
      assert.equal(count.sent, 2);
    });
  }
});

test('a call that a process which is about to end has not taken on is to be repeated elsewhere', async () => {
  const upstream = await startUpstream();
  const gateway = await startGateway({ files: files(upstream) });
  const { token } = await gateway.token('*');
  const socket = net.connect(gateway.port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (piece) => (text += piece));
  await once(socket, 'connect');
  // It has begun to come, and the gateway has heard of it.
  socket.write(`POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`);
  await once(socket, 'data');
  assert.equal(text, 'HTTP/1.1 100 Continue\r\n\r\n');
  text = '';
  gateway.child.kill('SIGTERM');
  await gateway.logged(({ event, msg }) => event === 'stop' && msg === 'draining');
  socket.write('{}');
  await once(socket, 'close');
  assert.match(text, /^HTTP\/1\.1 503 /);
  for (const line of ['retry-after: 1', 'retry-after-ms: 1000', 'x-should-retry: true', 'content-type: application/json'])
    assert.ok(text.includes(`\r\n${line}\r\n`), line);
  assert.match(text, /"code":"shutting_down"/);
  assert.equal((await gateway.exited).code, 0);
  await upstream.stop();
});

test('a problem of RFC 9457 is for whoever asks for it, with the same advice', async () => {
  const ask = (accept) => on.gateway.call('nobody', { message: 'x' }, { token: on.token, headers: { accept } });
  const problem = await ask('application/problem+json, application/json');
  assert.equal(problem.headers.get('content-type'), 'application/problem+json');
  const { title, status, code, instance } = await problem.json();
  assert.deepEqual([title, status, code], ['not_found_error', 404, 'endpoint_not_found']);
  assert.equal(instance, problem.headers.get('x-request-id'));
  assert.equal((await ask('application/json')).headers.get('content-type'), 'application/json');
});
