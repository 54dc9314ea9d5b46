// Web pages: none may call from a browser unless an endpoint lists its origin, and one that it lists may
// read answers, errors and streams. In Chromium where there is one, and by what stands on the wire.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { ChatOpenAI } from '@langchain/openai';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { generateText } from 'ai';
import OpenAI from 'openai';
import { scene } from './support/scene.js';
import { streamed } from './support/upstream.js';

const app = 'https://app.example';
const stranger = 'https://evil.example';
const endpoint = (more = '') => `provider: upstream\nmodel: gpt-4.1-mini\nsystem: You are brief.\nretry: {times: 0}\n${more}`;
const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' };
const cors = (response) => [...response.headers.keys()].filter((name) => name.startsWith('access-control-') || name === 'vary');
const messages = [{ role: 'user', content: 'x' }];

const asking = (on) => {
  const ask = (method, path, origin, { headers = {}, body } = {}) =>
    fetch(`${on.gateway.url}${path}`, {
      method,
      headers: { ...(origin && { origin }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
  const call = (path, origin, body, token = on.token) =>
    ask('POST', path, origin, { headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body });
  return { ask, call, asked: (path, origin) => ask('OPTIONS', path, origin, { headers: preflight }) };
};

describe('where nothing is said, no page may', () => {
  const on = scene(() => ({ 'endpoints/plain.yaml': endpoint() }));
  const { call, asked } = asking(on);

  test('neither a preflight nor an answer has a word of it', async () => {
    for (const path of ['/plain', '/v1/chat/completions', '/v1/models', '/livez', '/mcp', '/nothing', '/a/b']) {
      const response = await asked(path, app);
      assert.ok([204, 404].includes(response.status));
      assert.deepEqual(cors(response), [], path);
    }
    on.upstream.answer('x');
    assert.deepEqual(cors(await call('/plain', app, { message: 'x' })), []);
    assert.deepEqual(cors(await call('/plain', app, { message: 'x' }, 'pin_live_none')), []);
  });
});

describe('where origins are listed', () => {
  const on = scene(() => ({
    'endpoints/open.yaml': endpoint(`origins: [${app}, "http://localhost:*"]\nstream: raw\nallow: [max_tokens]\nlimits: {per_minute: 100}\n`),
    'endpoints/closed.yaml': endpoint(),
  }));
  const { ask, call, asked } = asking(on);
  const allowed = (response, origin = app) => {
    assert.equal(response.headers.get('access-control-allow-origin'), origin);
    assert.equal(response.headers.get('vary'), 'Origin');
    assert.equal(response.headers.get('access-control-allow-credentials'), null);
  };

  test('a preflight says what may be sent, and for how long that holds', async () => {
    for (const path of ['/open', '/open@7', '/api/default/open', '/v1/chat/completions', '/api/default/v1/chat/completions']) {
      const response = await asked(path, app);
      assert.equal(response.status, 204);
      allowed(response);
      assert.equal(response.headers.get('access-control-allow-methods'), 'POST');
      assert.equal(response.headers.get('access-control-max-age'), '7200');
      const taken = response.headers.get('access-control-allow-headers').split(', ');
      for (const name of ['authorization', 'content-type', 'idempotency-key', 'x-stainless-lang', 'x-stainless-retry-count', 'pinion-session-id', 'pinion-tag'])
        assert.ok(taken.includes(name), name);
      assert.ok(!taken.includes('*'));
    }
    allowed(await asked('/open', 'http://localhost:5173'), 'http://localhost:5173');
    assert.equal((await asked('/v1/models', app)).headers.get('access-control-allow-methods'), 'GET');
    // what is no preflight is told which methods there are
    assert.equal((await ask('OPTIONS', '/open', app)).headers.get('access-control-allow-methods'), null);
  });

  // What browsers let pages send anyway, or send by themselves (Fetch Standard, sections 2.2.1 and 2.2.2).
  const anyway = ['accept', 'accept-language', 'content-language', 'range', 'connection', 'content-length', 'host', 'origin', 'accept-encoding'];

  test('what SDKs send is among it', async () => {
    const sent = new Set();
    const noting = (url, init) => {
      for (const name of new Headers(init.headers).keys()) sent.add(name);
      return fetch(url, init);
    };
    const [apiKey, baseURL, input] = [on.token, `${on.gateway.url}/v1`, 'x'];
    const openai = new OpenAI({ apiKey, baseURL, dangerouslyAllowBrowser: true, fetch: noting, organization: 'o', project: 'p', timeout: 9000 });
    const anthropic = new Anthropic({ apiKey, baseURL: on.gateway.url, dangerouslyAllowBrowser: true, fetch: noting });
    const mcp = new Client({ name: 'page', version: '1' });
    on.upstream.answer('x');
    await openai.chat.completions.create({ model: 'open', messages });
    on.upstream.stream(streamed(['x']));
    await openai.chat.completions.stream({ model: 'open', messages }).done();
    on.upstream.answer('x');
    await openai.responses.create({ model: 'open', input });
    await openai.models.list();
    on.upstream.stream(streamed(['x']));
    await anthropic.messages.stream({ model: 'open', messages, max_tokens: 9 }).done();
    on.upstream.answer('x');
    await new ChatOpenAI({ model: 'open', apiKey, maxRetries: 0, configuration: { baseURL, fetch: noting } }).invoke(input);
    on.upstream.answer('x');
    await generateText({ model: createOpenAI({ apiKey, baseURL, fetch: noting }).chat('open'), prompt: input, maxRetries: 0 });
    await mcp.connect(new StreamableHTTPClientTransport(new URL(`${on.gateway.url}/mcp`), { fetch: noting, requestInit: { headers: { authorization: `Bearer ${apiKey}` } } }));
    await mcp.listTools();
    await mcp.close();
    const taken = (await asked('/open', app)).headers.get('access-control-allow-headers').split(', ');
    assert.deepEqual([...sent].filter((name) => !taken.includes(name) && !anyway.includes(name)), []);
    assert.ok(sent.has('x-stainless-lang') && sent.has('anthropic-dangerous-direct-browser-access') && sent.has('mcp-protocol-version'));
  });

  test('another page gets nothing but that it depends on the page', async () => {
    for (const origin of [stranger, 'null', 'http://app.example', `${app}.evil.example`, `${app}:8443`, undefined])
      for (const path of ['/open', '/v1/chat/completions']) assert.deepEqual(cors(await asked(path, origin)), ['vary'], `${path} ${origin}`);
    for (const path of ['/closed', '/nothing', '/livez', '/v1/usage']) assert.deepEqual(cors(await asked(path, app)), [], path);
  });

  test('answers, errors and streams can be read, with what SDKs look for', async () => {
    on.upstream.answer('x');
    const answer = await call('/open', app, { message: 'x' });
    assert.equal(answer.status, 200);
    allowed(answer);
    const shown = answer.headers.get('access-control-expose-headers').split(', ');
    for (const name of ['x-request-id', 'retry-after', 'x-ratelimit-remaining-requests', 'pinion-cost-usd'])
      assert.ok(shown.includes(name), name);
    for (const [status, response] of [
      [401, await call('/open', app, { message: 'x' }, 'pin_live_none')],
      [401, await call('/v1/chat/completions', app, { model: 'open', messages }, 'pin_live_none')],
      [404, await call('/v1/chat/completions', app, { model: 'opne', messages })],
      [400, await call('/v1/chat/completions', app, { model: 'open', messages: 7 })],
      [405, await ask('PUT', '/open', app)],
    ]) {
      assert.equal(response.status, status);
      allowed(response);
    }
    on.upstream.stream(streamed(['Ghent.']));
    const stream = await call('/v1/chat/completions', app, { model: 'open', messages, stream: true });
    assert.equal(stream.headers.get('content-type'), 'text/event-stream');
    allowed(stream);
    assert.match(await stream.text(), /Ghent/);
  });

  test('an endpoint that does not list the origin is not read through a path that others share', async () => {
    on.upstream.answer('x');
    const response = await call('/v1/chat/completions', app, { model: 'closed', messages });
    assert.equal(response.status, 200); // a browser keeps it from the page; others have a token and no origin
    assert.deepEqual(cors(response), []);
    on.upstream.answer('x');
    assert.deepEqual(cors(await call('/v1/chat/completions', stranger, { model: 'open', messages })), ['vary']);
  });
});

describe('for all', () => {
  const on = scene((upstream) => ({
    'pinion.yaml': `listen: 127.0.0.1:0\norigins: [${app}]\nrouting_headers: [x-tier]\nmcp: {origins: [${app}]}\nproviders:\n  upstream: {kind: openai, base_url: "${upstream.url}", key: "sk-test-canary", allow_http: true, allow_private: true}\naliases:\n  fast: upstream:gpt-4.1-mini\n`,
    'endpoints/plain.yaml': endpoint(),
    'endpoints/closed.yaml': endpoint('origins: []\n'),
    'endpoints/own.yaml': endpoint(`origins: [${stranger}]\n`),
  }));
  const { ask, call, asked } = asking(on);

  test('aliases and endpoints that say nothing have the origins of pinion.yaml', async () => {
    for (const [path, origin, may] of [
      ['/plain', app, true],
      ['/closed', app, false],
      ['/own', app, false],
      ['/own', stranger, true],
      ['/plain', stranger, false],
    ])
      assert.equal((await asked(path, origin)).headers.has('access-control-allow-origin'), may, `${path} ${origin}`);
    for (const [model, origin, may] of [['fast', app, true], ['fast', stranger, false], ['own', stranger, true], ['closed', app, false]]) {
      on.upstream.answer('x');
      const response = await call('/v1/chat/completions', origin, { model, messages });
      assert.equal(response.status, 200, await response.text());
      assert.equal(response.headers.has('access-control-allow-origin'), may, `${model} ${origin}`);
    }
    const models = await ask('GET', '/v1/models', app, { headers: { authorization: `Bearer ${on.token}` } });
    assert.equal(models.headers.get('access-control-allow-origin'), app);
  });

  test('headers that rules look at may be sent', async () => {
    assert.match((await asked('/plain', app)).headers.get('access-control-allow-headers'), /, x-tier$/);
  });

  test('pages that may speak MCP can', async () => {
    assert.equal((await asked('/mcp', app)).headers.get('access-control-allow-origin'), app);
    assert.equal((await asked('/mcp', stranger)).headers.get('access-control-allow-origin'), null);
    const headers = { authorization: `Bearer ${on.token}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const body = { jsonrpc: '2.0', id: 1, method: 'ping' };
    assert.equal((await ask('POST', '/mcp', app, { headers, body })).headers.get('access-control-allow-origin'), app);
    const refused = await ask('POST', '/mcp', stranger, { headers, body });
    assert.deepEqual([refused.status, refused.headers.get('access-control-allow-origin')], [403, null]);
  });
});

const chromium = '/usr/bin/chromium';
describe('in a browser', { skip: !existsSync(chromium) && 'there is no Chromium' }, () => {
  const site = http.createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<title>app</title>'));
  const on = scene(() => ({
    'endpoints/open.yaml': endpoint('origins: ["http://localhost:*"]\nstream: raw\nlimits: {per_minute: 3}\n'),
    'endpoints/closed.yaml': endpoint(),
  }));
  let browser, page;
  before(async () => {
    const { chromium: driver } = await import('playwright-core');
    await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));
    browser = await driver.launch({ executablePath: chromium, args: ['--no-sandbox'] });
    page = await browser.newPage();
    await page.goto(`http://localhost:${site.address().port}/`);
  });
  after(async () => {
    await browser?.close();
    site.close();
  });
  // What the page's own script sees: an answer, or that the browser keeps it from it.
  const call = (path, body, token = on.token) =>
    page.evaluate(
      async ([url, body, token]) => {
        try {
          const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'x-stainless-lang': 'js' };
          const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
          return { status: response.status, id: response.headers.get('x-request-id'), after: response.headers.get('retry-after'), text: await response.text() };
        } catch (error) {
          return { kept: error.name };
        }
      },
      [`${on.gateway.url}${path}`, body, token],
    );

  test('a listed page reads answers, streams and errors, and no other endpoint', async () => {
    on.upstream.answer('Ghent.');
    const answer = await call('/open', { message: 'x' });
    assert.equal(JSON.parse(answer.text).content, 'Ghent.');
    assert.match(answer.id, /^req_/);
    on.upstream.stream(streamed(['Ghent,', ' then.']));
    const stream = await call('/v1/chat/completions', { model: 'open', messages, stream: true });
    assert.match(stream.text, /Ghent,.* then\..*\[DONE\]/s);
    const unknown = await call('/open', { message: 'x' }, 'pin_live_none');
    assert.deepEqual([unknown.status, JSON.parse(unknown.text).error.code], [401, 'invalid_token']);
    on.upstream.answer('x');
    await call('/open', { message: 'x' });
    const refused = await call('/open', { message: 'x' });
    assert.equal(refused.status, 429);
    assert.match(refused.after, /^\d+$/);

    const before = on.upstream.calls.length;
    assert.deepEqual(await call('/closed', { message: 'x' }), { kept: 'TypeError' });
    assert.equal(on.upstream.calls.length, before); // the preflight was enough: nothing was sent
  });
});
