// What HTTP promises at every path of both listeners: methods, forms of a path, and which headers stand
// at an answer, an error and a stream, as SDKs read them.
import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { scene } from './support/scene.js';
import { chunk, data, streamed } from './support/upstream.js';

// The head and the body as they come, on either listener.
const ask = (on, method, path, headers = {}, { admin = false } = {}) =>
  new Promise((resolve, reject) => {
    const where = admin ? { socketPath: on.gateway.adminSocket } : { host: '127.0.0.1', port: on.gateway.port };
    const request = http.request({ ...where, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece) => (text += piece));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text, error: json(text)?.error }));
    });
    request.on('error', reject).end();
  });
const json = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

describe('methods', () => {
  const on = scene();

  test('HEAD is answered as GET is, without the body', async () => {
    const authorization = `Bearer ${(await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['*'], verbs: ['call', 'usage'] })).body.token}`;
    for (const [path, admin] of [
      ['/livez'], ['/readyz'], ['/healthz'], ['/schema/endpoint.json'], ['/schema/none.json'],
      ['/v1/sessions'], ['/v1/sessions/ses_none'], ['/v1/usage'],
      ['/v1/models'], ['/v1/models/sum'], ['/v1/models/none'], ['/v1/responses/resp_none'], ['/openapi.json'], ['/llms.txt'], ['/docs/'],
      ['/livez', true], ['/admin/v1/tokens', true], ['/admin/v1/endpoints/sum/versions', true], ['/admin/v1/tokens/none', true],
    ]) {
      const get = await ask(on, 'GET', path, { authorization }, { admin });
      const bare = await ask(on, 'HEAD', path, { authorization }, { admin });
      assert.equal(bare.status, get.status, path);
      assert.equal(bare.text, '', path);
      assert.deepEqual(Object.keys(bare.headers).sort(), Object.keys(get.headers).sort(), path);
      assert.equal(bare.headers['content-type'], get.headers['content-type'], path);
      assert.ok(Number(bare.headers['content-length']) > 0, path);
    }
  });

  test('OPTIONS says which methods there are, and needs no token', async () => {
    for (const [path, allow] of [
      ['/sum', 'POST, OPTIONS'],
      ['/nothing-of-that-name', 'POST, OPTIONS'],
      ['/sum@7', 'POST, OPTIONS'],
      ['/api/default/sum', 'POST, OPTIONS'],
      ['/api/default/chat/completions', 'POST, OPTIONS'],
      ['/v1/chat/completions', 'POST, OPTIONS'],
      ['/api/default/v1/chat/completions', 'POST, OPTIONS'],
      ['/livez', 'GET, HEAD, OPTIONS'],
      ['/v1/usage', 'GET, HEAD, OPTIONS'],
      ['/v1/sessions/ses_1', 'GET, DELETE, HEAD, OPTIONS'],
    ]) {
      const { status, headers, text } = await ask(on, 'OPTIONS', path);
      assert.deepEqual([status, headers.allow, text], [204, allow, ''], path);
      assert.match(headers['x-request-id'], /^req_/);
      assert.equal(headers['content-length'], undefined);
    }
    const admin = await ask(on, 'OPTIONS', '/admin/v1/tokens', {}, { admin: true });
    assert.deepEqual([admin.status, admin.headers.allow], [204, 'POST, GET, HEAD, OPTIONS']);
    const page = await ask(on, 'OPTIONS', '/admin/v1/tokens', { origin: 'http://evil.example' }, { admin: true });
    assert.deepEqual([page.status, page.error.code], [403, 'origin_denied']);
  });

  test('another method is refused with those that there are', async () => {
    for (const [method, path, allow, admin] of [
      ['GET', '/sum', 'POST, OPTIONS'],
      ['HEAD', '/sum', 'POST, OPTIONS'],
      ['PUT', '/v1/chat/completions', 'POST, OPTIONS'],
      ['DELETE', '/v1/usage', 'GET, HEAD, OPTIONS'],
      ['BREW', '/livez', 'GET, HEAD, OPTIONS'],
      ['TRACE', '/sum', 'POST, OPTIONS'],
      ['PATCH', '/admin/v1/tokens', 'POST, GET, HEAD, OPTIONS', true],
      ['POST', '/admin/v1/status', 'GET, HEAD, OPTIONS', true],
      ['POST', '/metrics', 'GET, HEAD, OPTIONS', true],
    ]) {
      const refused = await ask(on, method, path, {}, { admin });
      assert.deepEqual([refused.status, refused.headers.allow], [405, allow], `${method} ${path}`);
      if (method !== 'HEAD') assert.equal(refused.error.code, 'method_not_allowed');
      assert.equal(refused.headers['content-type'], 'application/json');
    }
  });

  test('what is at no path is not found, whatever the method', async () => {
    for (const method of ['GET', 'POST', 'OPTIONS', 'DELETE'])
      for (const [path, admin] of [['/'], ['/favicon.ico'], ['/a/b'], ['/api'], ['/api/'], ['/api/p/'], ['/admin/v1/tokens'], ['/admin/v1/nothing', true], ['/admin/v1/', true]]) {
        const { status, error } = await ask(on, method, path, {}, { admin });
        assert.deepEqual([status, error.code], [404, 'not_found'], `${method} ${path}`);
      }
  });

  test('a path has one form; another is told it, and is never served', async () => {
    for (const [path, meant] of [
      ['/v1/chat/completions/', '/v1/chat/completions'],
      ['//v1/chat//completions', '/v1/chat/completions'],
      ['/v1/chat%2Fcompletions', '/v1/chat/completions'],
      ['/sum/', '/sum'],
      ['//sum', '/sum'],
      ['/%73um', '/sum'],
      ['/sum%407', '/sum@7'],
      ['/Sum', '/sum'],
      ['/livez/', '/livez'],
      ['/api/default/sum/', '/api/default/sum'],
      ['/completely/else', undefined],
      ['/%00', undefined],
      ['/%', undefined],
    ]) {
      const { status, error } = await ask(on, 'POST', path, { authorization: `Bearer ${on.token}` });
      if (path === '/%00') assert.equal(status, 400); // no request for any server
      else assert.deepEqual([status, error.hint], [404, meant && `did you mean '${meant}'?`], path);
    }
    assert.equal(on.upstream.calls.length, 0);
  });
});

describe('what is left of limits', () => {
  const few = (more) => `provider: upstream\nmodel: gpt-4.1-mini\nsystem: You are brief.\nallow: [max_tokens]\nretry: {times: 0}\n${more}`;
  const on = scene(() => ({
    'endpoints/few.yaml': few('limits: {per_minute: 3, per_hour: 100, tokens_per_minute: 9000}\n'),
    'endpoints/slow.yaml': few('limits: {tokens_per_minute: 60}\n'),
    'endpoints/narrow.yaml': few('limits: {per_minute: 50, per_hour: 20}\n'),
    'endpoints/free.yaml': few(''),
  }));
  const client = () => new OpenAI({ apiKey: on.token, baseURL: `${on.gateway.url}/v1`, maxRetries: 0 });
  const call = (model, more = {}) =>
    client().chat.completions.create({ model, messages: [{ role: 'user', content: 'x' }], max_tokens: 9, ...more }).withResponse();
  const left = (headers, what) => ['limit', 'remaining', 'reset'].map((name) => headers.get(`x-ratelimit-${name}-${what}`));

  test('it stands at answers, streams and refusals, as OpenAI has it', async () => {
    on.upstream.answer('x');
    const { response: first } = await call('few');
    assert.deepEqual(left(first.headers, 'requests'), ['3', '2', '20s']);
    assert.equal(left(first.headers, 'tokens')[0], '9000');
    assert.match(first.headers.get('openai-processing-ms'), /^\d+$/);

    on.upstream.stream([data(chunk({ role: 'assistant', content: 'x' })), data(chunk({}, 'stop')), data('[DONE]')]);
    const { data: stream, response: second } = await call('few', { stream: true });
    for await (const _ of stream);
    assert.deepEqual(left(second.headers, 'requests').slice(0, 2), ['3', '1']);
    assert.equal(left(second.headers, 'tokens')[0], '9000');
    assert.match(second.headers.get('openai-processing-ms'), /^\d+$/);

    on.upstream.answer('x');
    await call('few');
    const refused = await call('few').then(assert.fail, (error) => error);
    assert.ok(refused instanceof OpenAI.RateLimitError);
    assert.deepEqual(left(refused.headers, 'requests').slice(0, 2), ['3', '0']);
    assert.match(left(refused.headers, 'requests')[2], /^(1m0|5\d)s$/);
    assert.equal(left(refused.headers, 'tokens')[0], '9000');
    assert.match(refused.headers.get('retry-after'), /^(20|19)$/);
    assert.equal(refused.headers.get('retry-after-ms'), `${refused.headers.get('retry-after')}000`);
    assert.equal(refused.headers.get('x-should-retry'), 'true');
    assert.equal(refused.requestID, refused.headers.get('x-request-id'));
  });

  test('tokens are those that the provider counted, and they come back by and by', async () => {
    on.upstream.answer('x'); // of 32 tokens; 21 were expected
    const [limit, remaining, reset] = left((await call('slow')).response.headers, 'tokens');
    assert.equal(limit, '60');
    assert.ok(remaining >= 28 && remaining < 39, remaining);
    assert.match(reset, /^(3[0-2]|2\d)s$/);
    const refused = await call('slow', { max_tokens: 40 }).then(assert.fail, (error) => error);
    assert.deepEqual([refused.status, left(refused.headers, 'tokens')[0]], [429, '60']);
    assert.ok(left(refused.headers, 'tokens')[1] < 60);
  });

  test('as Anthropic has it: when it is whole again, and whose request it was', async () => {
    const { token: apiKey } = await on.gateway.token('few');
    const sdk = new Anthropic({ apiKey, baseURL: on.gateway.url, maxRetries: 0 });
    const names = ['limit', 'remaining', 'reset'].map((name) => `anthropic-ratelimit-requests-${name}`);
    for (const stream of [false, true]) {
      stream ? on.upstream.stream(streamed(['x'])) : on.upstream.answer('x');
      const { data: answer, response } = await sdk.messages
        .create({ model: 'few', max_tokens: 9, stream, messages: [{ role: 'user', content: 'x' }] })
        .withResponse();
      if (stream) for await (const _ of answer);
      const [limit, remaining, reset] = names.map((name) => response.headers.get(name));
      assert.deepEqual([limit, remaining], ['3', stream ? '1' : '2']);
      assert.match(reset, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      assert.ok(Date.parse(reset) > Date.parse(response.headers.get('date')));
      assert.equal(response.headers.get('anthropic-ratelimit-tokens-limit'), '9000');
      assert.equal(response.headers.get('request-id'), response.headers.get('x-request-id'));
      if (!stream) assert.equal(answer._request_id, response.headers.get('x-request-id'));
      assert.equal(response.headers.get('openai-processing-ms'), null);
    }
  });

  test('of several limits it is the narrowest', async () => {
    on.upstream.answer('x');
    assert.deepEqual(left((await call('narrow')).response.headers, 'requests'), ['20', '19', '3m0s']);
  });

  test('where there is no limit nothing is said, and on slugs it is said in the words of the draft', async () => {
    on.upstream.answer('x');
    const { response } = await call('free');
    assert.deepEqual([...left(response.headers, 'requests'), ...left(response.headers, 'tokens')], Array(6).fill(null));
    on.upstream.answer('x');
    const slug = await on.gateway.call('narrow', { message: 'x' }, on);
    assert.deepEqual(left(slug.headers, 'requests'), Array(3).fill(null));
    assert.equal(slug.headers.get('openai-processing-ms'), null);
    assert.match(slug.headers.get('ratelimit'), /^"min";r=48;t=\d+, "hour";r=18;t=\d+$/);
  });
});

describe('an endpoint that is better not called any more', () => {
  const old = (more) => `provider: upstream\nmodel: gpt-4.1-mini\nsystem: You are brief.\nretry: {times: 0}\ndeprecated: {since: 2026-11-01${more}}\n`;
  const on = scene(() => ({
    'endpoints/next.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: You are brief.\n',
    'endpoints/old.yaml': old(', sunset: "2126-01-31T12:00:00+01:00", successor: next, link: "https://docs.example/moving"'),
    'endpoints/older.yaml': old(''),
    'endpoints/gone.yaml': old(', sunset: 2026-11-02, successor: next'),
  }));
  const told = ({ headers }) => ['deprecation', 'sunset', 'link'].map((name) => headers.get(name));
  const call = (slug, token = on.token) => on.gateway.call(slug, { message: 'x' }, { token });

  test('says so with each answer: since when, until when, and what there is instead', async () => {
    on.upstream.answer('x');
    assert.deepEqual(told(await call('old')), [
      '@1793491200',
      'Thu, 31 Jan 2126 11:00:00 GMT',
      '</next>; rel="successor-version", <https://docs.example/moving>; rel="deprecation"',
    ]);
    on.upstream.answer('x');
    assert.deepEqual(told(await call('older')), ['@1793491200', null, null]);
    on.upstream.answer('x');
    assert.deepEqual(told(await call('next')), [null, null, null]);
  });

  test('is answered with 410 from its last day on, by whatever path and in whatever version', async () => {
    const client = new OpenAI({ apiKey: on.token, baseURL: `${on.gateway.url}/v1` });
    const before = on.upstream.calls.length;
    const { token: any } = await on.gateway.token('*', 'gone@*');
    for (const name of ['gone', 'gone@1', 'api/default/gone']) {
      const response = await call(name, any);
      const { error } = await response.json();
      assert.deepEqual([response.status, error.code, error.type], [410, 'endpoint_sunset', 'not_found_error']);
      assert.match(error.message, /^the endpoint 'gone' is no longer served; it could be called until Mon, 02 Nov 2026 00:00:00 GMT$/);
      assert.equal(error.hint, "call 'next' instead");
      assert.equal(response.headers.get('x-should-retry'), 'false');
      assert.equal(told(response)[1], 'Mon, 02 Nov 2026 00:00:00 GMT');
    }
    const error = await client.chat.completions.create({ model: 'gone', messages: [{ role: 'user', content: 'x' }] }).then(assert.fail, (e) => e);
    assert.ok(error instanceof OpenAI.APIError);
    assert.deepEqual([error.status, error.code], [410, 'endpoint_sunset']);
    assert.equal(on.upstream.calls.length, before);
  });

  test('names what takes its place only to those who may call that, and nothing to those who may not call it', async () => {
    const { token: narrow } = await on.gateway.token('old', 'gone');
    on.upstream.answer('x');
    assert.equal(told(await call('old', narrow))[2], '<https://docs.example/moving>; rel="deprecation"');
    assert.equal((await (await call('gone', narrow)).json()).error.hint, undefined);
    const { token: other } = await on.gateway.token('next');
    const refused = await call('gone', other);
    assert.deepEqual([refused.status, ...told(refused)], [403, null, null, null]);
  });
});
