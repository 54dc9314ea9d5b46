// What the server says of its endpoints is read by the programs that callers use for it: linters,
// generators of types, compilers, and the clients that are made of it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import openapiTS, { astToString } from 'openapi-typescript';
import { described } from './support/described.js';
import { pinion, repository, startGateway, writeFiles } from './support/gateway.js';

const run = promisify(execFile);
const bin = (name) => path.join(repository, 'tests/node_modules/.bin', name);
const tsc = ['--noEmit', '--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--noImplicitOverride',
  '--noUnusedLocals', '--target', 'es2022', '--lib', 'es2022,dom,dom.iterable,dom.asynciterable', '--module', 'nodenext',
  '--moduleResolution', 'nodenext', '--allowImportingTsExtensions'];
const compile = async (cwd, ...files) => {
  const result = await run(bin('tsc'), [...tsc, ...files], { cwd }).catch((error) => error);
  assert.equal(result.stdout, '');
};

let gateway, token, scratch;
before(async () => {
  gateway = await startGateway({ files: described });
  token = (await gateway.token('*')).token;
  scratch = await mkdtemp(path.join(os.tmpdir(), 'pinion-openapi-'));
  await writeFile(path.join(scratch, 'package.json'), '{"type":"module"}');
});
after(async () => {
  await gateway.stop();
  await rm(scratch, { recursive: true });
});

const get = (where, options = {}) => {
  const { as = token, headers = {}, method } = options;
  return fetch(`${gateway.url}${where}`, { method, headers: { ...(as ? { authorization: `Bearer ${as}` } : {}), ...headers } });
};
const openapi = async (as = token) => (await get('/openapi.json', { as })).json();

describe('the document', () => {
  test('has an operation per endpoint, with schemas that stand alone', async () => {
    const document = await openapi();
    assert.deepEqual(Object.keys(document.paths), ['/3d-order', '/chat', '/form', '/list', '/nested', '/tools', '/wide']);
    assert.equal(document.paths['/3d-order'].post.operationId, '3dOrder');
    assert.equal(document.servers[0].url, gateway.url);
    const { schemas } = document.components;
    assert.deepEqual(schemas['_3dOrderInput.money'].properties.amount, { type: 'number', exclusiveMinimum: 0 });
    assert.deepEqual(schemas._3dOrderInput.properties.position.prefixItems, [{ type: 'number' }, { type: 'string' }]);
    assert.deepEqual(schemas._3dOrderInput.dependentRequired, { class: ['when'] });
    assert.deepEqual(schemas.FormInput.properties.count, { type: 'integer', minimum: 1, default: 3 });
    assert.deepEqual(schemas.FormResponse, { $ref: '#/components/schemas/FormOutput' });
    assert.doesNotMatch(JSON.stringify(document), /of us alone|demo-1|You check|money\.json|draft-0/);
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, ref]) => ref.split('/'));
    for (const ref of refs) assert.ok(ref.reduce((at, step) => at?.[step], document), ref.join('/'));
  });

  test('says of each endpoint what its callers may send beside the input', async () => {
    const { components } = await openapi();
    const names = (name) => Object.keys(components.schemas[name].anyOf.at(-1).properties);
    assert.deepEqual(names('ChatRequest'), ['messages', 'metadata', 'stream', 'session_id', 'session', 'temperature', 'max_tokens', 'stop']);
    assert.deepEqual(names('ToolsRequest'), ['messages', 'metadata', 'stream', 'tools', 'parallel_tool_calls', 'tool_choice']);
    assert.deepEqual(names('FormRequest'), ['messages', 'metadata']);
    // An input with a field 'input' goes under the other name.
    assert.deepEqual(components.schemas.NestedRequest.anyOf.map(({ $ref, required }) => $ref ?? required), ['#/components/schemas/NestedInput', ['variables'], ['messages']]);
    const call = (body) => gateway.call('nested', body, { token });
    assert.equal((await call({ variables: { input: 'a' }, metadata: {} })).status, 200);
    assert.equal((await call({ input: { input: 'a' } })).status, 422);
  });

  test('has examples from tests, as they are sent: none of refusals, values of forms as they are taken', async () => {
    const { paths } = await openapi();
    const examples = (slug) => Object.values(paths[slug].post.requestBody.content['application/json'].examples ?? {}).map(({ value }) => value);
    assert.deepEqual(examples('/3d-order'), [{ 'unit price': { amount: 1.5, currency: 'EUR' } }]);
    assert.deepEqual(examples('/form'), [{ text: 'Hello', count: 2 }]);
    assert.deepEqual(examples('/chat'), [{ message: 'Why is the sky blue?' }]);
    assert.deepEqual(examples('/list'), []);
    for (const slug of ['/3d-order', '/form', '/chat']) {
      const response = await gateway.call(slug.slice(1), examples(slug)[0], { token });
      assert.equal(response.status, 200, await response.text());
    }
  });

  test('says of what is sent and of what comes back what is so', async () => {
    const document = await openapi();
    const fits = async (name, value) => {
      await writeFile(path.join(scratch, 'schema.json'), JSON.stringify({ $ref: `#/components/schemas/${name}`, components: document.components }));
      await writeFile(path.join(scratch, 'value.json'), JSON.stringify(value));
      const { code, stdout, stderr } = await pinion(['schema', 'check', path.join(scratch, 'schema.json'), path.join(scratch, 'value.json')]);
      assert.equal(code, 0, `${name}: ${stdout}${stderr}`);
    };
    const bodies = { _3dOrder: { 'unit price': { amount: 1.5, currency: 'EUR' } }, Chat: { message: 'Hello.' }, Form: { text: 'a' }, List: { input: [1, 2] }, Tools: { message: 'Hello.' } };
    for (const [name, body] of Object.entries(bodies)) {
      await fits(`${name}Request`, body);
      const slug = { _3dOrder: '3d-order' }[name] ?? name.toLowerCase();
      const response = await gateway.call(slug, body, { token });
      assert.equal(response.status, 200);
      await fits(`${name}Response`, await response.json());
    }
    await fits('ChatRequest', { messages: [{ role: 'user', content: 'Hello.' }], stream: true, temperature: 1, session: false });
    const tools = [{ type: 'function', function: { name: 'look_up', parameters: { type: 'object', properties: {} } } }];
    const call = { message: 'Look it up.', tools, tool_choice: 'required' };
    await fits('ToolsRequest', call);
    await fits('ToolsResponse', await (await gateway.call('tools', call, { token })).json());
    const refusals = [['form', {}, token], ['form', { text: 'a' }, 'pin_live_no'], ['nothing', {}, token], ['form', '{', token]];
    for (const [slug, body, as] of refusals) {
      await fits('Error', await (await gateway.call(slug, body, { token: as })).json());
      await fits('Problem', await (await gateway.call(slug, body, { token: as, headers: { accept: 'application/problem+json' } })).json());
    }
  });

  test('says what is deprecated, and not what takes its place for those who may not call that', async () => {
    const { paths } = await openapi((await gateway.token('list')).token);
    assert.equal(paths['/list'].post.deprecated, true);
    assert.match(paths['/list'].post.description, /Deprecated since 2026-01-02; not served from 2099-03-01 on\./);
    assert.doesNotMatch(JSON.stringify(paths), /\bform\b/);
    assert.match(await (await get('/docs/list.md')).text(), /Deprecated since 2026-01-02/);
    assert.match((await gateway.cli('client', 'ts', 'list')).stdout, /Sums\. @deprecated Deprecated since/);
  });

  test('says of very much as much as can be read', async () => {
    const page = await (await get('/docs/wide.md')).text();
    assert.equal(page.match(/^\| `a/gm).length, 300);
    assert.match(page, /There are more fields than these/);
  });

  test('is of the token that asks for it', async () => {
    const { token: narrow } = await gateway.token('chat', 'li*');
    const document = await openapi(narrow);
    assert.deepEqual(Object.keys(document.paths), ['/chat', '/list']);
    assert.doesNotMatch(JSON.stringify(document), /3d-?order|FormInput|"\/form"|Looks things up/i);
    assert.equal((await get('/docs/form.md', { as: narrow })).status, 404);
    const [hidden, absent] = await Promise.all(['form', 'from'].map(async (slug) => (await (await get(`/docs/${slug}.md`, { as: narrow })).json()).error));
    assert.equal(hidden.message.replace('form', 'X'), absent.message.replace('from', 'X'));
    assert.equal(hidden.hint, absent.hint);
    assert.match(await (await get('/llms.txt', { as: narrow })).text(), /chat\.md\): Answers\.\n- \[list\]/);
    const { token: none } = await gateway.token('other');
    assert.deepEqual((await openapi(none)).paths, {});
    assert.match(await (await get('/llms.txt', { as: none })).text(), /may call none/);
  });

  test('is for those with a token', async () => {
    for (const [as, code] of [[undefined, 'missing_token'], ['pin_live_wrong', 'invalid_token']]) {
      const response = await get('/openapi.json', { as: as ?? '' });
      assert.equal(response.status, 401);
      assert.match(response.headers.get('www-authenticate'), /^Bearer/);
      assert.equal((await response.json()).error.code, code);
    }
    const { body } = await gateway.admin('POST', '/admin/v1/tokens', { scopes: ['*'], verbs: ['usage'] });
    assert.equal((await get('/openapi.json', { as: body.token })).status, 403);
    assert.equal((await get('/llms.txt', { as: body.token })).status, 403);
    const general = await get('/llms.txt', { as: '' });
    assert.equal(general.status, 200);
    assert.doesNotMatch(await general.text(), /chat\.md|form/);
  });

  test('is asked for again without being sent again, until the configuration changes', async () => {
    const first = await get('/openapi.json');
    const etag = first.headers.get('etag');
    assert.match(etag, /^"[0-9a-f]+"$/);
    assert.match(first.headers.get('link'), /<\/llms\.txt>; rel="describedby"/);
    const again = await get('/openapi.json', { headers: { 'if-none-match': etag } });
    assert.equal(again.status, 304);
    assert.equal(await again.text(), '');
    const head = await get('/openapi.json', { method: 'HEAD' });
    assert.equal(head.headers.get('etag'), etag);
    assert.equal(await head.text(), '');
    await writeFiles(gateway.folder, { 'endpoints/list.yaml': described['endpoints/list.yaml'].replace('Sums.', 'Adds.') });
    assert.equal((await gateway.cli('reload')).code, 0);
    const changed = await get('/openapi.json', { headers: { 'if-none-match': etag } });
    assert.equal(changed.status, 200);
    assert.equal((await changed.json()).paths['/list'].post.summary, 'Adds');
  });

  test('comes from the files alike, for a scope too', async () => {
    const served = await openapi();
    const { stdout } = await gateway.cli('openapi', '--url', `${gateway.url}/`);
    assert.deepEqual(JSON.parse(stdout), served);
    const narrow = JSON.parse((await gateway.cli('openapi', '--scope', 'chat')).stdout);
    assert.deepEqual(Object.keys(narrow.paths), ['/chat']);
    assert.equal((await gateway.cli('openapi', '--scope', 'No Scope')).code, 2);
    assert.equal((await gateway.cli('openapi', '--url', 'ftp://x')).code, 2);
    assert.equal((await gateway.cli('client', 'ts', 'caht')).code, 5);
    await writeFile(path.join(scratch, 'token'), `${(await gateway.token('chat')).token}\n`);
    const asked = await gateway.cli('openapi', '--server', `${gateway.url}/`, '--token-file', path.join(scratch, 'token'));
    assert.deepEqual(Object.keys(JSON.parse(asked.stdout).paths), ['/chat']);
    await writeFile(path.join(scratch, 'token'), 'pin_live_no');
    const refused = await gateway.cli('openapi', '--server', gateway.url, '--token-file', path.join(scratch, 'token'));
    assert.equal(refused.code, 4);
    assert.match(refused.stderr, /token/);
    assert.equal((await gateway.cli('openapi', '--server', gateway.url, '--scope', 'chat')).code, 2);
    assert.equal((await gateway.cli('openapi', '--server', 'http://127.0.0.1:1')).code, 7);
  });
});

// What is switched off, and why: a document of a running server has neither a licence nor a person who is
// liable for it (info-license, info-contact), and a schema may ask for a member that the schema around it
// declares (no-required-schema-properties-undefined; Redocly looks at the innermost only).
describe('linters have nothing to say', () => {
  const files = [];
  const rules = { redocly: '{info-license: off, no-required-schema-properties-undefined: off}', spectral: '{info-contact: off}' };
  before(async () => {
    const nothing = await openapi((await gateway.token('other')).token);
    const documents = {
      hard: await openapi(),
      examples: JSON.parse((await pinion(['openapi', '--config', repository])).stdout),
      // What every operation refers to is there in vain.
      nothing: { ...nothing, components: { securitySchemes: nothing.components.securitySchemes } },
    };
    for (const [name, document] of Object.entries(documents)) {
      files.push(path.join(scratch, `${name}.json`));
      await writeFile(files.at(-1), JSON.stringify(document));
    }
    await writeFile(path.join(scratch, 'redocly.yaml'), `extends: [recommended]\nrules: ${rules.redocly}\n`);
    await writeFile(path.join(scratch, 'spectral.yaml'), `extends: ["spectral:oas"]\nrules: ${rules.spectral}\n`);
  });

  test('Redocly, by its recommended rules', async () => {
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    const { stdout } = await run(bin('redocly'), ['lint', ...files, '--config', path.join(scratch, 'redocly.yaml'), '--format', 'json'], { env }).catch((error) => error);
    const reports = stdout.split(/(?<=^\})(?=\{)/m).map((text) => JSON.parse(text));
    assert.equal(reports.length, files.length);
    for (const { totals, problems } of reports) assert.deepEqual([totals.errors, totals.warnings], [0, 0], JSON.stringify(problems.slice(0, 3)));
  });

  test('Spectral, by its rules for OpenAPI', async () => {
    const { stdout } = await run(bin('spectral'), ['lint', ...files, '--ruleset', path.join(scratch, 'spectral.yaml'), '--format', 'json', '--quiet']).catch((error) => error);
    assert.deepEqual(JSON.parse(stdout), []);
  });
});

/* --- clients --- */

const made = async (language, slug, file, folder = gateway.folder) => {
  const { code, stdout, stderr } = await pinion(['client', language, slug, '--url', gateway.url, '--config', folder]);
  assert.equal(code, 0, stderr);
  await writeFile(path.join(scratch, file), stdout);
  return path.join(scratch, file);
};
const client = async (slug, file) => import(pathToFileURL(await made('ts', slug, file)).href);

// A gateway as a client sees it: the answers of the list, one after another.
const playing = async (answers, use) => {
  const heard = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => (body += piece));
    request.on('end', () => {
      heard.push({ headers: request.headers, body: JSON.parse(body) });
      const [status, headers, text] = answers[Math.min(heard.length, answers.length) - 1];
      if (status === 0) return request.socket.destroy();
      response.writeHead(status, headers).end(typeof text === 'string' ? text : JSON.stringify(text));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://127.0.0.1:${server.address().port}`, heard);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
};
const busy = { error: { message: 'slow down', type: 'rate_limit_error', code: 'rate_limit_exceeded', param: null, request_id: 'req_1', details: {} } };
const soon = { 'content-type': 'application/json', 'retry-after-ms': '1', 'x-should-retry': 'true' };
const done = [200, { 'content-type': 'application/json' }, { title: 'Done' }];

// One compilation, since most of its time is spent on starting.
test('types of openapi-typescript and clients compile strictly, and hold callers to the contract', async () => {
  const files = [];
  for (const slug of ['3d-order', 'chat', 'form', 'list', 'nested', 'tools', 'wide']) files.push(path.basename(await made('ts', slug, `${slug}.ts`)));
  for (const slug of ['summarize', 'extract-invoice', 'translate', 'travel-desk', 'support-chat', 'classify-ticket', 'product-copy', 'sql-explain', 'moderate'])
    files.push(path.basename(await made('ts', slug, `${slug}.ts`, repository)));
  // It has no type for a list of itself; everything else is there.
  const document = await openapi((await gateway.token('3d-order', 'chat', 'form', 'list', 'tools', 'wide')).token);
  await writeFile(path.join(scratch, 'types.ts'), astToString(await openapiTS(JSON.stringify(document))));
  await writeFile(path.join(scratch, 'uses.ts'), `import type { components, operations } from './types.ts';
export const order: components['schemas']['_3dOrderInput'] = { 'unit price': { amount: 1, currency: 'EUR' } };
// @ts-expect-error
export const wrong: components['schemas']['_3dOrderInput'] = { 'unit price': { amount: '1', currency: 'EUR' } };
export type Body = operations['chat']['requestBody']['content']['application/json'];
export const body: Body = { message: 'Hello', temperature: 0.5, metadata: { source: 'test' } };
export const title = (answer: operations['form']['responses'][200]['content']['application/json']): string => answer.title;
`);
  await writeFile(path.join(scratch, 'calls.ts'), `import { _3dOrderClient, type Input } from './3d-order.ts';
import { ChatClient } from './chat.ts';
import { FormClient } from './form.ts';
import { ListClient } from './list.ts';
import { ToolsClient } from './tools.ts';
export async function calls(token: string): Promise<string> {
  const order: Input = { 'unit price': { amount: 1, currency: null }, position: [1, 'b'], parts: [{ 'unit price': { amount: 2, currency: 'USD' } }] };
  const { output } = await new _3dOrderClient({ token }).call(order);
  // @ts-expect-error
  await new _3dOrderClient({ token }).call({ 'unit price': { amount: 1, currency: 'GBP' } });
  // @ts-expect-error
  new FormClient({ token }).stream;
  const { content } = await new ChatClient({ token }).call('Hello', { temperature: 0, sessionId: 's' });
  const { tool_calls } = await new ToolsClient({ token }).call('Hello', { cacheTtl: 60, toolChoice: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] });
  const sum: number = (await new ListClient({ token }).call([1, 2])).output;
  return content + tool_calls?.[0]?.name + output.lines[0]?.text + sum + (await new FormClient({ token }).call({ text: 'a', kind: 'warm' })).title;
}
`);
  await compile(scratch, 'uses.ts', 'calls.ts', ...files);
});

describe('a client in TypeScript', () => {
  test('calls, and is told what is wrong in full', async () => {
    const { _3dOrderClient, GatewayError } = await client('3d-order', 'order-1.ts');
    const order = new _3dOrderClient({ token: async () => token });
    const answer = await order.call({ 'unit price': { amount: 1, currency: 'EUR' } }, { requestId: 'my-request', tags: { team: 'search', customer: 'Zoë "Z", \\ Co' } });
    assert.equal(answer.meta.request_id, 'my-request');
    assert.deepEqual((await gateway.logged((line) => line.request_id === 'my-request')).tags, { team: 'search', customer: 'Zoë "Z", \\ Co' });
    assert.equal(typeof answer.output['order number'], 'number');
    await assert.rejects(order.call({ 'unit price': { amount: 0, currency: 'EUR' } }), (error) => {
      assert.ok(error instanceof GatewayError);
      assert.equal(error.status, 422);
      assert.equal(error.code, 'input_schema_violation');
      assert.equal(error.shouldRetry, false);
      assert.equal(error.violations[0].instance_path, '/unit price/amount');
      assert.match(error.requestId, /^req_/);
      return true;
    });
    await assert.rejects(new _3dOrderClient({ token: 'pin_live_no' }).call({}), { code: 'invalid_token' });
    const { NestedClient } = await client('nested', 'nested-1.ts');
    assert.ok((await new NestedClient({ token }).call({ input: 'a' })).content.length > 0);
  });

  test('gives a stream as it is written, with the checked value at its end', async () => {
    const { _3dOrderClient } = await client('3d-order', 'order-2.ts');
    const events = await Array.fromAsync(new _3dOrderClient({ token }).stream({ 'unit price': { amount: 1, currency: 'EUR' } }));
    const end = events.pop();
    assert.equal(end.type, 'end');
    assert.equal(events.map(({ text }) => text).join(''), end.content);
    assert.deepEqual(end.output, JSON.parse(end.content));
    assert.equal(end.finishReason, 'stop');
    assert.ok(end.usage.total_tokens > 0);
  });

  test('carries a conversation on, and brings tools', async () => {
    const { ChatClient } = await client('chat', 'chat-1.ts');
    const chat = new ChatClient({ token });
    const first = await chat.call('Hello.');
    const second = await chat.call('And again.', { sessionId: first.meta.session_id });
    assert.equal(second.meta.session_id, first.meta.session_id);
    const { ToolsClient } = await client('tools', 'tools-1.ts');
    const desk = new ToolsClient({ token });
    const tools = [{ type: 'function', function: { name: 'look_up', parameters: { type: 'object', properties: {} } } }];
    const called = await desk.call([{ role: 'user', content: 'Look it up.' }], { tools, toolChoice: 'required' });
    assert.equal(called.tool_calls[0].name, 'look_up');
    const events = await Array.fromAsync(desk.stream('Look it up.', { tools, toolChoice: 'required' }));
    assert.equal(events.find(({ type }) => type === 'tool_call').name, 'look_up');
    assert.equal(events.at(-1).finishReason, 'tool_calls');
  });

  test('tries again where the gateway says that this may help, and only there', async () => {
    const { FormClient } = await client('form', 'form-1.ts');
    await playing([[429, soon, busy], [503, soon, busy], done], async (baseUrl, heard) => {
      const form = new FormClient({ token: 't', baseUrl });
      assert.deepEqual(await form.call({ text: 'a' }), { title: 'Done' });
      assert.deepEqual(heard.map(({ headers }) => headers['x-stainless-retry-count']), ['0', '1', '2']);
      assert.deepEqual(heard[0].body, { input: { text: 'a' } });
    });
    const once = async (answers, code, options = {}) =>
      playing(answers, async (baseUrl, heard) => {
        await assert.rejects(new FormClient({ token: 't', baseUrl, ...options }).call({ text: 'a' }), code);
        assert.equal(heard.length, 1);
      });
    await once([[502, { 'x-should-retry': 'false' }, busy], done], { status: 502 });
    await once([[429, { ...soon, 'retry-after-ms': '61000' }, busy], done], { retryAfterMs: 61000 });
    await once([[429, soon, busy], done], { code: 'rate_limit_exceeded' }, { maxRetries: 0 });
    await once([[0], done], TypeError);
    await once([[500, {}, 'not JSON'], done], { code: 'http_500' });
  });

  test('tries a lost connection again under a key, gives up in time, and when it is told to', async () => {
    const { FormClient, ChatClient } = { ...(await client('form', 'form-2.ts')), ...(await client('chat', 'chat-2.ts')) };
    await playing([[0], done], async (baseUrl, heard) => {
      await new FormClient({ token: 't', baseUrl }).call({ text: 'a' }, { idempotencyKey: 'k' });
      assert.deepEqual(heard.map(({ headers }) => headers['idempotency-key']), ['k', 'k']);
    });
    const silent = http.createServer(() => {});
    await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${silent.address().port}`;
    await assert.rejects(new FormClient({ token: 't', baseUrl, timeoutMs: 20 }).call({ text: 'a' }), /no answer within 20 ms/);
    await assert.rejects(new FormClient({ token: 't', baseUrl }).call({ text: 'a' }, { signal: AbortSignal.abort() }), { name: 'AbortError' });
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
    const head = { 'content-type': 'text/event-stream' };
    const chunk = (content) => `data: ${JSON.stringify({ choices: [{ delta: { content }, finish_reason: null }] })}\n\n`;
    await playing([[200, head, `${chunk('a')}data: ${JSON.stringify(busy)}\n\n`]], async (url) => {
      await assert.rejects(Array.fromAsync(new ChatClient({ token: 't', baseUrl: url }).stream('x')), { code: 'rate_limit_exceeded' });
    });
    await playing([[200, head, chunk('a')]], async (url) => {
      await assert.rejects(Array.fromAsync(new ChatClient({ token: 't', baseUrl: url }).stream('x')), /ended before/);
    });
  });
});

const python = await run('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 11))']).then(() => true, () => false);
describe('a client in Python', { skip: python ? false : 'python3 from 3.11 on is not installed' }, () => {
  const script = async (name, text) => {
    const file = path.join(scratch, `${name}.py`);
    await writeFile(file, text);
    const { stdout } = await run('python3', [file], { env: { ...process.env, TOKEN: token, NO_PROXY: '*' } });
    return stdout;
  };

  test('compiles without a warning, and its types are types', async () => {
    for (const slug of ['3d-order', 'chat', 'form', 'list', 'nested', 'tools', 'wide']) {
      const name = `types_${slug.replaceAll('-', '_')}`;
      await made('python', slug, `${name}.py`);
      const { stderr } = await run('python3', ['-W', 'error', '-c', `import typing, ${name} as made\nfor value in list(vars(made).values()):\n    if typing.is_typeddict(value): typing.get_type_hints(value, include_extras=True)`], { cwd: scratch });
      assert.equal(stderr, '');
    }
    assert.match(await readFile(path.join(scratch, 'types_3d_order.py'), 'utf8'), /Input = TypedDict\("Input", \{/);
  });

  test('calls, streams, and is told what is wrong', async () => {
    await made('python', '3d-order', 'order.py');
    await made('python', 'chat', 'chat.py');
    const printed = await script('calls', `import json, os
from order import GatewayError, _3dOrderClient
from chat import ChatClient
order = _3dOrderClient(os.environ["TOKEN"])
answer = order.call({"unit price": {"amount": 1, "currency": "EUR"}}, request_id="by-python", tags={"team": "search", "customer": "Zoë \\"Z\\", \\\\ Co"})
print(answer["meta"]["request_id"], type(answer["output"]["order number"]).__name__)
print(sorted(json.loads("".join(order.stream({"unit price": {"amount": 1, "currency": "EUR"}})))) == sorted(answer["output"]))
try:
    order.call({})
except GatewayError as error:
    print(error.status, error.code, error.should_retry, error.violations[0]["keyword"])
try:
    order.call({}, colour="red")
except TypeError as error:
    print(error)
chat = ChatClient(lambda: os.environ["TOKEN"])
first = chat.call("Hello.", temperature=0.5)
print(chat.call("Again.", session_id=first["meta"]["session_id"])["meta"]["session_id"] == first["meta"]["session_id"])
`);
    const lines = printed.trim().split('\n');
    assert.match(lines[0], /^by-python int$/);
    assert.deepEqual((await gateway.logged((line) => line.request_id === 'by-python')).tags, { team: 'search', customer: 'Zoë "Z", \\ Co' });
    assert.deepEqual(lines.slice(1), ['True', '422 input_schema_violation False required', "3d-order has no option 'colour'", 'True']);
  });

  test('tries again where the gateway says that this may help', async () => {
    await made('python', 'form', 'form.py');
    await playing([[429, soon, busy], done], async (url, heard) => {
      assert.match(await script('again', `from form import FormClient\nprint(FormClient("t", ${JSON.stringify(url)}).call({"text": "a"}))\n`), /Done/);
      assert.equal(heard.length, 2);
    });
    await playing([[502, { 'x-should-retry': 'false' }, busy], done], async (url, heard) => {
      assert.match(await script('once', `from form import FormClient, GatewayError\ntry:\n    FormClient("t", ${JSON.stringify(url)}).call({"text": "a"})\nexcept GatewayError as error:\n    print(error.code)\n`), /rate_limit_exceeded/);
      assert.equal(heard.length, 1);
    });
  });
});

describe('a script with curl', () => {
  const sh = (file, args = [], env = {}) =>
    new Promise((resolve) => {
      const child = execFile('sh', [file, ...args], { env: { ...process.env, PINION_TOKEN: token, ...env } }, (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }));
      child.stdin.on('error', () => {}); // most calls do not read it, and may be over by then
      child.stdin.end('{"text": "From standard input"}');
    });

  test('calls with its example, with a file, and says what is wrong', async () => {
    const file = await made('curl', 'form', 'form.sh');
    assert.ok(JSON.parse((await sh(file)).stdout).title);
    assert.ok(JSON.parse((await sh(file, ['-'])).stdout).title);
    const refused = await sh(file, [path.join(scratch, 'package.json')]);
    assert.notEqual(refused.code, 0);
    assert.equal(JSON.parse(refused.stdout).error.code, 'input_schema_violation');
    assert.match((await sh(file, [], { PINION_TOKEN: '' })).stderr, /set PINION_TOKEN/);
  });

  test('an endpoint without tests gets an example made of its schema', async () => {
    const { stdout } = await sh(await made('curl', 'list', 'list.sh'));
    assert.equal(typeof JSON.parse(stdout).output, 'number');
  });
});
