// The Model Context Protocol: endpoints as tools, with the official clients of both eras and with messages as
// only a broken or hostile client sends them.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { scene } from './support/scene.js';
import { settings, startGateway } from './support/gateway.js';
import { streamed } from './support/upstream.js';

const modern = '2026-07-28';
const serverInfo = { name: 'pinion', title: 'Pinion', version: '0.1.0' };
const endpoint = (more) => `provider: upstream\nmodel: gpt-4.1-mini\nsystem: You are brief.\nretry: {times: 0}\n${more}`;

const on = scene((upstream) => ({
  'pinion.yaml': settings(
    upstream.url,
    'mcp: {origins: [https://app.example.com, "http://localhost:*"], instructions: Use these tools for sums.}\n',
  ),
  'endpoints/sum.yaml': endpoint(`
description: Adds two numbers.
input_schema: schemas/sum.in.json
output_schema: schemas/sum.out.json
mcp: {title: Sum, description: Adds two whole numbers and nothing else.}
`),
  'endpoints/grade.yaml': endpoint(`
input_schema: {type: string, maxLength: 20, description: An essay.}
output_schema: {type: array, items: {type: integer}}
`),
  'endpoints/greet.yaml': endpoint(`
template: Greet {{name}}.
variables: {name: string, tone: {enum: [warm, plain], default: plain}}
mcp: {name: Say_hello.v1}
`),
  'endpoints/order.yaml': endpoint(`
session: {ttl: 10m}
input_schema: {$schema: "http://json-schema.org/draft-07/schema#", type: object, properties: {item: {$ref: "../schemas/parts.json#/definitions/item"}}, required: [item], additionalProperties: false}
template: "{{item.name}}"
`),
  'endpoints/either.yaml': endpoint(`
session: {ttl: 10m}
input_schema: {type: object, oneOf: [{properties: {a: {type: integer}}, required: [a], additionalProperties: false}, {properties: {b: {type: integer}}, required: [b], additionalProperties: false}]}
`),
  'endpoints/talk.yaml': endpoint('session: {ttl: 10m}\n'),
  'endpoints/seldom.yaml': endpoint('limits: {per_minute: 1}\n'),
  'endpoints/poor.yaml': endpoint('budget: {request_tokens: 1}\n'),
  'endpoints/kept.yaml': endpoint('cache: {ttl: 1h}\n'),
  'endpoints/hidden.yaml': endpoint('mcp: false\n'),
  'schemas/parts.json': { definitions: { item: { type: 'object', properties: { name: { $ref: '#/definitions/name' } }, required: ['name'] }, name: { type: 'string', minLength: 1 } } },
}));

const address = () => new URL(`${on.gateway.url}/mcp`);
const options = (token = on.token) => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } });

// The clients as their users get them: one that begins with a handshake, one that looks first, one that knows.
const clients = {
  'sdk 1': { era: 'legacy', make: (token) => connect(new OldClient({ name: 'old', version: '1.0.0' }), new OldTransport(address(), options(token))) },
  'client, default': { era: 'legacy', make: (token) => connect(new Client({ name: 'new', version: '1.0.0' }), new StreamableHTTPClientTransport(address(), options(token))) },
  'client, which negotiates': {
    era: 'modern',
    make: (token) => connect(new Client({ name: 'new', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } }), new StreamableHTTPClientTransport(address(), options(token))),
  },
  'client, pinned': {
    era: 'modern',
    make: (token) => connect(new Client({ name: 'new', version: '1.0.0' }, { versionNegotiation: { mode: { pin: modern } } }), new StreamableHTTPClientTransport(address(), options(token))),
  },
};

async function connect(client, transport) {
  await client.connect(transport);
  return client;
}

// With a client that is closed behind it.
async function using(name, run, token) {
  const client = await clients[name].make(token);
  try {
    return await run(client);
  } finally {
    await client.close();
  }
}

const textOf = (result) => result.content[0].text;

for (const [name, { era }] of Object.entries(clients)) {
  describe(name, () => {
    test('it learns who serves, and of what it can do', () =>
      using(name, async (client) => {
        assert.deepEqual(client.getServerVersion(), serverInfo);
        assert.equal(client.getServerCapabilities().tools.listChanged, era === 'modern');
        assert.equal(client.getInstructions(), 'Use these tools for sums.');
        if (era === 'legacy') await client.ping();
      }));

    test('it lists the tools of its token, by slug', () =>
      using(name, async (client) => {
        const { tools } = await client.listTools();
        assert.deepEqual(
          tools.map((tool) => tool.name),
          ['chat', 'either', 'grade', 'Say_hello.v1', 'kept', 'order', 'poor', 'seldom', 'sum', 'talk'],
        );
        const { sum, grade, order, chat } = Object.fromEntries(tools.map((tool) => [tool.name, tool]));
        assert.equal(sum.title, 'Sum');
        assert.equal(sum.description, 'Adds two whole numbers and nothing else.');
        assert.deepEqual(sum.annotations, { readOnlyHint: true });
        assert.deepEqual(sum.inputSchema.required, ['a', 'b']);
        assert.equal(sum.outputSchema.type, 'object');
        assert.equal('outputSchema' in grade, era === 'modern');
        assert.deepEqual(Object.keys(order.inputSchema.properties), ['item', 'session_id']);
        assert.equal(chat.description, 'Free text.');
      }));

    test('what a tool gives is text, and the same for programs', () =>
      using(name, async (client) => {
        await client.listTools(); // from now on it holds answers to the schemas
        on.upstream.answer({ sum: 4 });
        const result = await client.callTool({ name: 'sum', arguments: { a: 1, b: 3 } });
        assert.deepEqual(result.structuredContent, { sum: 4 });
        assert.deepEqual(JSON.parse(textOf(result)), { sum: 4 });
        assert.equal(result.isError ?? false, false);
        assert.equal(on.upstream.calls.at(-1).body.messages.at(-1).content, '{"a":1,"b":3}');
      }));

    test('what need not be an object is wrapped, and given to programs where their version lets it', () =>
      using(name, async (client) => {
        await client.listTools();
        on.upstream.answer([1, 2]);
        const result = await client.callTool({ name: 'grade', arguments: { input: 'An essay.' } });
        assert.deepEqual(JSON.parse(textOf(result)), [1, 2]);
        assert.deepEqual(result.structuredContent, era === 'modern' ? [1, 2] : undefined);
        assert.equal(on.upstream.calls.at(-1).body.messages.at(-1).content, 'An essay.');
      }));

    test('a tool without schemas takes and gives text', () =>
      using(name, async (client) => {
        on.upstream.answer('Hello.');
        const result = await client.callTool({ name: 'chat', arguments: { input: 'Hi' } });
        assert.deepEqual(result.content, [{ type: 'text', text: 'Hello.' }]);
        assert.equal('structuredContent' in result, false);
      }));

    test('a name that is none is told so', () =>
      using(name, async (client) => {
        for (const wrong of ['summ', 'hidden', 'greet'])
          await assert.rejects(client.callTool({ name: wrong, arguments: {} }), (error) => {
            assert.equal(error.code, -32602);
            assert.match(error.message, new RegExp(`there is no tool '${wrong}'`));
            return true;
          });
      }));

    test('what is wrong with a call is for the model to read', () =>
      using(name, async (client) => {
        const calls = on.upstream.calls.length;
        const result = await client.callTool({ name: 'sum', arguments: { a: 'one' } });
        assert.equal(result.isError, true);
        assert.equal(JSON.parse(textOf(result)).code, 'input_schema_violation');
        assert.equal(on.upstream.calls.length, calls);
      }));

    test('it hears how a call is getting on', () =>
      using(name, async (client) => {
        const notes = [];
        on.upstream.stream(streamed(['{"sum"', ': 4}']));
        const result = await client.callTool({ name: 'sum', arguments: { a: 1, b: 3 } }, ...progressOptions(name, (note) => notes.push(note)));
        assert.deepEqual(result.structuredContent, { sum: 4 });
        assert.ok(notes.length >= 1);
        assert.match(notes[0].message, /gpt-4\.1-mini/);
        notes.reduce((before, { progress }) => (assert.ok(progress > before), progress), 0);
      }));

    test('a token without the verb is not let in', async () => {
      const { body } = await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['*'], verbs: ['call'] });
      await assert.rejects(using(name, () => {}, body.token), /insufficient scope|lacks the verb 'mcp'/i);
    });
  });
}

// Their third or second parameter.
const progressOptions = (name, onprogress) => (name === 'sdk 1' ? [undefined, { onprogress }] : [{ onprogress }]);

test('a client hears that its tools have changed, and only if they have', async () => {
  const changed = [];
  const heard = () => new Promise((resolve) => changed.push(resolve));
  const client = new Client(
    { name: 'new', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: modern } }, listChanged: { tools: { debounceMs: 0, onChanged: (error, tools) => changed.shift()?.(tools) } } },
  );
  await connect(client, new StreamableHTTPClientTransport(address(), options()));
  try {
    await client.listTools();
    await writeFile(path.join(on.gateway.folder, 'endpoints/later.yaml'), endpoint('description: Came later.\n'));
    let tools = heard();
    assert.equal((await on.gateway.cli('reload')).code, 0);
    assert.ok((await tools).some(({ name }) => name === 'later'));
    await rm(path.join(on.gateway.folder, 'endpoints/later.yaml'));
    tools = heard();
    assert.equal((await on.gateway.cli('reload')).code, 0);
    assert.ok(!(await tools).some(({ name }) => name === 'later'));
  } finally {
    await client.close();
  }
});

// --- messages, as they are on the wire

const meta = (more) => ({ _meta: { 'io.modelcontextprotocol/protocolVersion': modern, 'io.modelcontextprotocol/clientCapabilities': {}, ...more } });

// A request of the modern era with the headers that it needs; `body` and `headers` put into it what they say.
function send(method, params = {}, { headers = {}, body = {}, token = on.token, where = '/mcp', signal, url = on.gateway.url } = {}) {
  const message = { jsonrpc: '2.0', id: 'q', method, params: { ...meta(), ...params }, ...body };
  const own = { 'mcp-protocol-version': modern, 'mcp-method': method, ...(method === 'tools/call' ? { 'mcp-name': params.name } : {}) };
  return post(message, { headers: { ...own, ...headers }, token, where, signal, url });
}

function post(message, { headers = {}, token = on.token, where = '/mcp', method = 'POST', signal, url = on.gateway.url } = {}) {
  const all = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers };
  for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name];
  return fetch(url + where, { method, headers: all, body: method === 'POST' ? (typeof message === 'string' ? message : JSON.stringify(message)) : undefined, signal });
}

// The messages of a stream, and how it ended.
async function* messages(response) {
  let text = '';
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2))
      if (!text.startsWith(':')) yield JSON.parse(text.slice(0, end).replace('event: message\ndata: ', ''));
  }
}

async function all(response) {
  const list = [];
  for await (const message of messages(response)) list.push(message);
  return list;
}

async function refused(response, status, code) {
  assert.equal(response.status, status);
  const { jsonrpc, id, error } = await response.json();
  assert.equal(jsonrpc, '2.0');
  assert.equal(error.code, code);
  return { id, ...error };
}

const failure = async (response) => {
  assert.equal(response.status, 200);
  const { result } = await response.json();
  assert.equal(result.isError, true);
  assert.equal(result.content.length, 1);
  return JSON.parse(result.content[0].text);
};

describe('who may speak', () => {
  test('nobody without a token', async () => {
    const response = await send('tools/list', {}, { token: null });
    assert.equal(response.headers.get('www-authenticate'), 'Bearer');
    const error = await refused(response, 401, -32000);
    assert.equal(error.data.code, 'missing_token');
    assert.equal(error.id, null);
    const wrong = await send('tools/list', {}, { token: 'pin_live_nobody' });
    assert.match(wrong.headers.get('www-authenticate'), /^Bearer error="invalid_token"/);
    await refused(wrong, 401, -32000);
  });

  test('a token sees and calls what it is for', async () => {
    const { token } = await on.gateway.token('sum');
    const { result } = await (await send('tools/list', {}, { token })).json();
    assert.deepEqual(result.tools.map(({ name }) => name), ['sum']);
    const { message } = await refused(await send('tools/call', { name: 'chat', arguments: { input: 'Hi' } }, { token }), 200, -32602);
    assert.equal(message, "there is no tool 'chat'");
    on.upstream.answer({ sum: 1 });
    assert.equal((await send('tools/call', { name: 'sum', arguments: { a: 0, b: 1 } }, { token })).status, 200);
  });

  test('a token in its own project only', async () => {
    assert.equal((await send('tools/list', {}, { where: '/api/default/mcp' })).status, 200);
    const error = await refused(await send('tools/list', {}, { where: '/api/nobody/mcp' }), 404, -32000);
    assert.equal(error.data.code, 'project_not_found');
  });

  test('a page of an origin that is listed', async () => {
    for (const origin of ['https://app.example.com', 'http://localhost:6274', undefined])
      assert.equal((await send('tools/list', {}, { headers: { origin } })).status, 200);
    for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example']) {
      const error = await refused(await send('tools/list', {}, { headers: { origin } }), 403, -32000);
      assert.equal(error.data.code, 'origin_denied');
    }
  });

  test('so often a minute, calls apart', async () => {
    const { token } = await on.gateway.token('chat');
    const message = '{"jsonrpc":"2.0","method":"notifications/initialized"}';
    const one = (close) => `POST /mcp HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n${close}content-length: ${message.length}\r\n\r\n${message}`;
    const got = await on.gateway.raw(one('').repeat(1500) + one('connection: close\r\n'));
    assert.ok(got.split('HTTP/1.1 202 ').length - 1 >= 1200);
    assert.ok(got.split('HTTP/1.1 429 ').length - 1 >= 1);
    assert.match(got, /"code":"rate_limit_exceeded"/);
    on.upstream.answer('Hello.');
    assert.equal((await send('tools/call', { name: 'chat', arguments: { input: 'Hi' } }, { token })).status, 200);
  });

  test('by POST, with JSON, of a size', async () => {
    for (const method of ['GET', 'DELETE', 'PUT']) {
      const response = await post(null, { method });
      assert.equal(response.status, 405);
      assert.match(response.headers.get('allow'), /POST/);
    }
    await refused(await send('tools/list', {}, { headers: { 'content-type': 'text/plain' } }), 415, -32000);
    assert.equal((await send('tools/call', { name: 'chat', arguments: { input: 'x'.repeat(5 << 20) } })).status, 413);
  });
});

describe('messages', () => {
  test('that are none', async () => {
    await refused(await post('{'), 400, -32700);
    assert.match((await refused(await post([{ jsonrpc: '2.0', id: 1, method: 'ping' }]), 400, -32600)).message, /batches/);
    await refused(await post({ jsonrpc: '2.0', id: 1, result: {} }), 400, -32600);
    await refused(await post(`${'['.repeat(100)}${']'.repeat(100)}`), 400, -32700);
  });

  test('that want no answer', async () => {
    for (const method of ['notifications/initialized', 'notifications/cancelled', 'notifications/unheard-of']) {
      const response = await post({ jsonrpc: '2.0', method, params: {} });
      assert.equal(response.status, 202);
      assert.equal(await response.text(), '');
    }
  });

  test('whose headers and body differ', async () => {
    await refused(await send('tools/list', {}, { headers: { 'mcp-method': 'tools/call' } }), 400, -32020);
    await refused(await send('tools/list', {}, { headers: { 'mcp-protocol-version': '2025-11-25' } }), 400, -32020);
    await refused(await send('tools/list', {}, { headers: { 'mcp-protocol-version': undefined } }), 400, -32020);
    const error = await refused(await send('tools/call', { name: 'sum' }, { headers: { 'mcp-name': 'chat' } }), 400, -32020);
    assert.equal(error.id, 'q');
    assert.match(error.message, /'Mcp-Name' says 'chat', but the body says 'sum'/);
  });

  test('whose header is encoded', async () => {
    on.upstream.answer({ sum: 2 });
    const encoded = `=?base64?${Buffer.from('sum').toString('base64')}?=`;
    const { result } = await (await send('tools/call', { name: 'sum', arguments: { a: 1, b: 1 } }, { headers: { 'mcp-name': encoded } })).json();
    assert.deepEqual(result.structuredContent, { sum: 2 });
  });

  test('of a version that nobody speaks', async () => {
    const params = meta({ 'io.modelcontextprotocol/protocolVersion': '2099-01-01' });
    const error = await refused(await send('tools/list', params, { headers: { 'mcp-protocol-version': '2099-01-01' } }), 400, -32022);
    assert.deepEqual(error.data, { supported: [modern, '2025-11-25', '2025-06-18', '2025-03-26'], requested: '2099-01-01' });
    await refused(await post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { headers: { 'mcp-protocol-version': '2024-11-05' } }), 400, -32022);
  });

  test('that do not say who asks', async () => {
    await refused(await send('tools/list', { _meta: {} }), 400, -32602);
    await refused(await send('tools/list', { _meta: { 'io.modelcontextprotocol/protocolVersion': modern } }), 400, -32602);
  });

  test('of a method that there is not', async () => {
    await refused(await send('prompts/list'), 404, -32601);
    await refused(await post({ jsonrpc: '2.0', id: 1, method: 'prompts/list' }), 200, -32601);
  });

  test('are answered in the words of their era', async () => {
    for (const method of ['server/discover', 'tools/list']) {
      const { result } = await (await send(method)).json();
      assert.equal(result.resultType, 'complete');
      assert.equal(result.ttlMs, 60000);
      assert.equal(result.cacheScope, 'private');
      assert.deepEqual(result._meta, { 'io.modelcontextprotocol/serverInfo': serverInfo });
    }
    const { result } = await (await post({ jsonrpc: '2.0', id: 1, method: 'tools/list' })).json();
    assert.deepEqual(Object.keys(result), ['tools']);
    for (const [asked, given] of [['2025-03-26', '2025-03-26'], ['2024-11-05', '2025-11-25']]) {
      const params = { protocolVersion: asked, capabilities: {}, clientInfo: { name: 'c', version: '1' } };
      const response = await post({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
      assert.equal(response.headers.get('mcp-session-id'), null);
      assert.equal((await response.json()).result.protocolVersion, given);
    }
  });
});

describe('calls', () => {
  const call = (name, args, more) => send('tools/call', { name, arguments: args }, more);

  test('say what the gateway did, and are written down as what they are', async () => {
    on.upstream.answer('Hello.');
    const response = await call('chat', { input: 'Hi' });
    const { result } = await response.json();
    assert.equal(result._meta.pinion.endpoint, 'chat');
    assert.equal(response.headers.get('pinion-endpoint'), 'chat');
    const line = await on.gateway.journal(response);
    assert.equal(line.surface, 'mcp');
    assert.equal(line.input_tokens, 24);
  });

  test('have an argument for each variable', async () => {
    on.upstream.answer('Hello Ada.');
    await (await call('Say_hello.v1', { name: 'Ada' })).json();
    assert.equal(on.upstream.calls.at(-1).body.messages.at(-1).content, 'Greet Ada.');
    assert.equal((await failure(await call('Say_hello.v1', {}))).code, 'input_schema_violation');
    assert.equal((await failure(await call('Say_hello.v1', undefined))).code, 'input_schema_violation');
  });

  test('may have schemas out of other files and other drafts', async () => {
    const { result } = await (await send('tools/list')).json();
    const { inputSchema } = result.tools.find(({ name }) => name === 'order');
    assert.doesNotMatch(JSON.stringify(inputSchema), /"\$ref":"(?!#)/);
    on.upstream.answer('A bell.');
    assert.equal((await call('order', { item: { name: 'bell' } })).status, 200);
    const error = await failure(await call('order', { item: { name: '' } }));
    assert.equal(error.details.violations[0].instance_path, '/item/name');
  });

  test('go on with a session that the answer has named', async () => {
    on.upstream.answer('Hello.');
    const first = (await (await call('talk', { input: 'I am Ada.' })).json()).result;
    const [, session] = first.content.map(({ text }) => /^session_id: (.+)$/.exec(text)?.[1]);
    assert.equal(session, first._meta.pinion.session_id);
    on.upstream.answer('Ada.');
    await (await call('talk', { input: 'Who am I?', session_id: session })).json();
    assert.deepEqual(on.upstream.calls.at(-1).body.messages.map(({ content }) => content), ['You are brief.', 'I am Ada.', 'Hello.', 'Who am I?']);
    assert.equal((await failure(await call('talk', { input: 'Hi', session_id: 'ses_nobody' }))).code, 'session_not_found');
    assert.equal((await failure(await call('talk', { input: 'Hi', session_id: 7 }))).code, 'invalid_request');
    on.upstream.answer('Either.');
    const { result } = await (await call('either', { input: { a: 1 } })).json();
    assert.match(result.content[1].text, /^session_id: /);
  });

  test('fail as what the tool says, and never by their status', async () => {
    on.upstream.answer('Now.');
    assert.equal((await call('seldom', { input: 'Now?' })).status, 200);
    assert.equal((await failure(await call('seldom', { input: 'Now?' }))).code, 'rate_limit_exceeded');
    assert.equal((await failure(await call('poor', { input: 'Hi' }))).code, 'request_token_cap_exceeded');
    on.upstream.json({ error: { message: 'Broken.' } }, { status: 500 });
    assert.equal((await failure(await call('chat', { input: 'Hi' }))).code, 'upstream_failed');
    on.upstream.answer({ sum: -1 });
    assert.equal((await failure(await call('sum', { a: 1, b: 1 }))).code, 'output_schema_violation');
    assert.equal((await failure(await call('chat', { inptu: 'Hi' }))).code, 'unknown_field');
    assert.equal((await failure(await call('chat', {}))).code, 'invalid_request');
    const headers = { accept: 'application/problem+json, application/json' };
    assert.equal((await failure(await call('chat', {}, { headers }))).code, 'invalid_request');
  });

  test('must name a tool, and give it an object', async () => {
    await refused(await send('tools/call', { arguments: {} }, { headers: { 'mcp-name': undefined } }), 200, -32602);
    await refused(await call('chat', ['Hi']), 200, -32602);
    assert.match((await refused(await call('chatt', {}), 200, -32602)).message, /did you mean 'chat'\?/);
  });

  test('are answered from the cache as others are', async () => {
    on.upstream.answer('Kept.');
    await (await call('kept', { input: 'Same?' })).json();
    const again = await call('kept', { input: 'Same?' }, { body: { id: 99 } });
    assert.equal(again.headers.get('x-cache'), 'hit');
    const { id, result } = await again.json();
    assert.equal(id, 99);
    assert.equal(result.content[0].text, 'Kept.');
    assert.equal(result._meta.pinion.cached, true);
  });

  test('are done once under a key', async () => {
    on.upstream.answer('Once.');
    const headers = { 'idempotency-key': 'mcp-1' };
    const first = await (await call('chat', { input: 'Once?' }, { headers })).json();
    const second = await call('chat', { input: 'Once?' }, { headers });
    assert.equal(second.headers.get('idempotency-replayed'), 'true');
    assert.deepEqual(await second.json(), first);
  });
});

describe('notes of progress', () => {
  const call = (name, args, more) => send('tools/call', { name, arguments: args, ...meta({ progressToken: 'p1' }) }, more);

  test('come before the answer, each further than the last', async () => {
    const release = Promise.withResolvers();
    on.upstream.next(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      const [first, ...rest] = streamed(['{"sum": ', '7}']);
      response.write(first);
      await release.promise;
      for (const event of rest) response.write(event);
      response.end();
    });
    const response = await call('sum', { a: 3, b: 4 });
    assert.match(response.headers.get('content-type'), /^text\/event-stream/);
    assert.equal(response.headers.get('x-accel-buffering'), 'no');
    const list = [];
    for await (const message of messages(response)) {
      list.push(message);
      release.resolve(); // the first note comes while the model is still at work
    }
    const last = list.pop();
    assert.ok(list.length >= 1);
    for (const [i, note] of list.entries()) {
      assert.equal(note.method, 'notifications/progress');
      assert.equal(note.params.progressToken, 'p1');
      assert.ok(i === 0 || note.params.progress > list[i - 1].params.progress);
    }
    assert.equal(last.id, 'q');
    assert.deepEqual(last.result.structuredContent, { sum: 7 });
  });

  test('do not take away what may still be done about an answer', async () => {
    on.upstream.stream(streamed(['{"sum": -3}']));
    const list = await all(await call('sum', { a: 3, b: 4 }));
    const { result } = list.at(-1);
    assert.equal(result.isError, true);
    assert.equal(JSON.parse(result.content[0].text).code, 'output_schema_violation');
  });

  test('are not sent to who takes no streams', async () => {
    on.upstream.answer({ sum: 7 });
    const response = await call('sum', { a: 3, b: 4 }, { headers: { accept: 'application/json' } });
    assert.deepEqual((await response.json()).result.structuredContent, { sum: 7 });
  });

  test('are none where no provider is asked', async () => {
    const list = await all(await call('sum', { a: 'x' }));
    assert.equal(list.length, 1);
    assert.equal(list[0].result.isError, true);
  });

  test('are given to each of two whose calls are one', async () => {
    const release = Promise.withResolvers();
    const n = on.upstream.calls.length + 1;
    on.upstream.next(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      await release.promise;
      for (const event of streamed(['Shared.'])) response.write(event);
      response.end();
    });
    const first = await call('kept', { input: 'Shared?' }); // its first note has come
    await on.upstream.called(n);
    const second = call('kept', { input: 'Shared?' }, { body: { id: 'r' } }); // joins it, or comes after it
    release.resolve();
    const [a, b] = await Promise.all([all(first), second.then(all)]);
    assert.equal(on.upstream.calls.length, n);
    assert.equal(a.at(-1).result.content[0].text, 'Shared.');
    assert.deepEqual([b.at(-1).id, b.at(-1).result.content[0].text], ['r', 'Shared.']);
  });

  test('end with the client, and the call to the provider with them', async () => {
    const abort = new AbortController();
    const n = on.upstream.calls.length + 1;
    on.upstream.next(() => {});
    const response = await call('chat', { input: 'Hi' }, { signal: abort.signal });
    const { closed } = await on.upstream.called(n);
    const reading = all(response);
    abort.abort();
    await assert.rejects(reading, { name: 'AbortError' });
    assert.equal(await closed, false, 'the provider could not finish');
  });
});

describe('subscriptions', () => {
  const listen = (notifications, more) => send('subscriptions/listen', { notifications }, more);

  test('hold for what there is, and end where there is nothing', async () => {
    const list = await all(await listen({ promptsListChanged: true }));
    assert.deepEqual(list.map(({ method, result }) => method ?? result.resultType), ['notifications/subscriptions/acknowledged', 'complete']);
    assert.deepEqual(list[0].params.notifications, {});
    assert.equal(list[1].result._meta['io.modelcontextprotocol/subscriptionId'], 'q');
    await refused(await listen(undefined), 200, -32602);
  });

  test('tell each token of its own tools, again and again', async () => {
    const { token } = await on.gateway.token('late-*');
    const abort = new AbortController();
    const response = await listen({ toolsListChanged: true }, { token, signal: abort.signal });
    const stream = messages(response);
    assert.deepEqual((await stream.next()).value.params.notifications, { toolsListChanged: true });
    const put = (name, text) => writeFile(path.join(on.gateway.folder, `endpoints/${name}.yaml`), endpoint(`description: ${text}\n`));
    for (const [name, text] of [['other', 'Not yours.'], ['late-1', 'One.'], ['late-1', 'Two.']]) {
      await put(name, text);
      assert.equal((await on.gateway.cli('reload')).code, 0);
    }
    // Of three changes two are this token's.
    for (let i = 0; i < 2; i++) {
      const { value } = await stream.next();
      assert.equal(value.method, 'notifications/tools/list_changed');
      assert.equal(value.params._meta['io.modelcontextprotocol/subscriptionId'], 'q');
    }
    abort.abort();
    for (const name of ['other', 'late-1']) await rm(path.join(on.gateway.folder, `endpoints/${name}.yaml`));
    assert.equal((await on.gateway.cli('reload')).code, 0);
  });

  test('end with the token', async () => {
    const { id, token } = await on.gateway.token('sum');
    const streams = await Promise.all([0, 1, 2].map(() => listen({ toolsListChanged: true }, { token })));
    const ended = streams.map(all);
    assert.equal((await on.gateway.admin('POST', `/admin/v1/tokens/${id}/revoke`)).status, 200);
    await writeFile(path.join(on.gateway.folder, 'endpoints/after.yaml'), endpoint(''));
    assert.equal((await on.gateway.cli('reload')).code, 0);
    for (const list of await Promise.all(ended)) assert.equal(list.at(-1).result.resultType, 'complete');
    await rm(path.join(on.gateway.folder, 'endpoints/after.yaml'));
    assert.equal((await on.gateway.cli('reload')).code, 0);
  });

  test('are so many of a token, and end when the gateway does', async () => {
    const other = await startGateway({ files: { 'pinion.yaml': 'workers: 1\n', 'endpoints/a.yaml': 'provider: demo\nmodel: demo-1\nsystem: s\n' } });
    const { token } = await other.token('*');
    const open = [];
    try {
      for (let i = 0; i < 32; i++) open.push(await listen({ toolsListChanged: true }, { token, url: other.url }));
      const error = await refused(await listen({ toolsListChanged: true }, { token, url: other.url }), 429, -32000);
      assert.equal(error.data.code, 'concurrency_limit_exceeded');
      const streams = open.map(all);
      const end = await other.stop();
      for (const list of await Promise.all(streams)) assert.equal(list.at(-1).result.resultType, 'complete');
      assert.equal(end.code, 0);
    } finally {
      await other.stop();
    }
  });
});
