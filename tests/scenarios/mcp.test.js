// The Model Context Protocol: endpoints as tools, with the official clients of both eras and with messages as
// only a broken or hostile client sends them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { scene } from './support/scene.js';
import { settings } from './support/gateway.js';
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
      await assert.rejects(using(name, () => {}, body.token), /403|mcp/i);
    });
  });
}

// Their third or second parameter.
const progressOptions = (name, onprogress) => (name === 'sdk 1' ? [undefined, { onprogress }] : [{ onprogress }]);
