// Tags: what callers and tokens say a call is for. They are in its log line and its row, and rows are found by
// them, on whatever surface they came.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { ChatOpenAI } from '@langchain/openai';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import OpenAI from 'openai';
import { chat } from './support/files.js';
import { binary } from './support/gateway.js';
import { scene } from './support/scene.js';

const on = scene(() => ({ 'endpoints/plain.yaml': chat.replace('slug: chat', 'slug: plain') }));
const messages = [{ role: 'user', content: 'Hello?' }];

async function bearerOf(tags) {
  const { status, body } = await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['*'], tags });
  assert.equal(status, 201);
  return body.token;
}

async function ask(tags, { slug = 'plain', token = on.token } = {}) {
  on.upstream.answer('Hello.');
  const response = await on.gateway.call(slug, { message: 'Hello?' }, { token, headers: tags.length > 0 ? { 'pinion-tag': String(tags) } : {} });
  return { response, body: await response.json(), line: await on.gateway.journal(response) };
}

// The header as it stands, which fetch would mend.
async function refused(...fields) {
  const body = '{"message":"Hello?"}';
  const head = ['POST /plain HTTP/1.1', 'Host: gateway', 'Connection: close', `Authorization: Bearer ${on.token}`, ...fields.map((field) => `Pinion-Tag: ${field}`), `Content-Length: ${body.length}`];
  const answer = await on.gateway.raw(Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1'));
  assert.match(answer, /^HTTP\/1\.1 400 /);
  const { error } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
  assert.deepEqual([error.code, error.param], ['invalid_request', 'pinion-tag']);
  return error;
}

test('tags are in the line, in the row and in the table of rows, after all else', async () => {
  const { response, line } = await ask('team=search, customer="Smith, Jones"');
  const id = response.headers.get('x-request-id');
  const { body: row } = await on.gateway.admin('GET', `/admin/v1/logs/${id}`);
  const { body: table } = await on.gateway.admin('GET', `/admin/v1/logs?format=csv&request_id=${id}`);

  assert.equal(response.status, 200);
  assert.deepEqual(line.tags, { team: 'search', customer: 'Smith, Jones' });
  assert.equal(Object.keys(line).at(-1), 'tags');
  assert.deepEqual(row.tags, line.tags);
  assert.ok(table.split('\r\n')[0].endsWith(',tags'));
  assert.ok(table.split('\r\n')[1].endsWith(`,"{""team"":""search"",""customer"":""Smith, Jones""}"`), table);
  assert.equal((await ask([])).line.tags, undefined);
});

test('several headers are one list', async () => {
  const head = (fields) => ['POST /plain HTTP/1.1', 'Host: gateway', 'Connection: close', `Authorization: Bearer ${on.token}`, 'X-Request-Id: several', ...fields, 'Content-Length: 20'];
  on.upstream.answer('Hello.');
  await on.gateway.raw(`${head(['Pinion-Tag: a=1,b=2', 'pinion-tag: c=3']).join('\r\n')}\r\n\r\n{"message":"Hello?"}`);
  const line = await on.gateway.logged(({ request_id }) => request_id === 'several');
  assert.deepEqual(line.tags, { a: '1', b: '2', c: '3' });
});

test('the tags of a token are there too, and no caller says otherwise', async () => {
  const bearer = await bearerOf({ tier: 'gold', team: 'search' });

  assert.deepEqual((await ask([], { token: bearer })).line.tags, { tier: 'gold', team: 'search' });
  assert.deepEqual((await ask('team=sales,run=7', { token: bearer })).line.tags, { tier: 'gold', team: 'search', run: '7' });
  const many = Array.from({ length: 8 }, (_, i) => `t${i}=${i}`);
  assert.equal(Object.keys((await ask(many, { token: bearer })).line.tags).length, 10, 'up to 8 of each');
});

test('they are those of a call that is refused, but not of one by nobody', async () => {
  assert.deepEqual((await ask('team=search', { slug: 'none' })).line.tags, { team: 'search' });
  const { response, line } = await ask('team=search', { token: 'pin_live_wrong' });
  assert.equal(response.status, 401);
  assert.equal(line.tags, undefined);
});

test('what is no list of tags is refused, with what is wrong and how it is written', async () => {
  const eight = Array.from({ length: 8 }, (_, i) => `t${i}=${i}`).join();

  assert.match((await refused('team')).message, /^the tag 'team' has no value$/);
  assert.match((await refused('my team=x')).message, /^'my team' is no name of a tag; expected 1 to 64 letters, digits, '-', '_' or '\.'$/);
  assert.match((await refused('team="x')).message, /closing quote is missing/);
  assert.match((await refused('a=1', 'a=2')).message, /^the tag 'a' is given twice$/);
  assert.match((await refused(eight, 'i=9')).message, /^there are more than 8 tags$/);
  assert.match((await refused(`team=${'x'.repeat(129)}`)).message, /more than 128 bytes/);
  assert.match((await refused('team=\xff')).message, /not UTF-8/);
  assert.match((await refused('team')).hint, /team=search, customer="Smith, Jones"/);
});

test('SDKs send them with a call or with all calls, over every surface', async () => {
  const baseURL = `${on.gateway.url}/v1`;
  const headers = { 'Pinion-Tag': 'team=search' };
  const openai = new OpenAI({ apiKey: on.token, baseURL, maxRetries: 0 });
  const anthropic = new Anthropic({ apiKey: on.token, baseURL: on.gateway.url, maxRetries: 0, defaultHeaders: headers });
  const mcp = new Client({ name: 'new', version: '1.0.0' });
  const calls = {
    chat: () => openai.chat.completions.create({ model: 'plain', messages }, { headers }),
    responses: () => openai.responses.create({ model: 'plain', input: 'Hello?', store: false }, { headers }),
    langchain: () => new ChatOpenAI({ model: 'plain', apiKey: on.token, maxRetries: 0, configuration: { baseURL, defaultHeaders: headers } }).invoke('Hello?'),
    messages: () => anthropic.messages.create({ model: 'plain', max_tokens: 50, messages }),
    mcp: () => mcp.callTool({ name: 'plain', arguments: { input: 'Hello?' } }),
  };

  await mcp.connect(new StreamableHTTPClientTransport(new URL(`${on.gateway.url}/mcp`), { requestInit: { headers: { ...headers, authorization: `Bearer ${on.token}` } } }));
  for (const [name, call] of Object.entries(calls)) {
    const before = on.gateway.lines.length;
    on.upstream.answer('Hello.');
    await call();
    const line = await on.gateway.logged((it) => on.gateway.lines.indexOf(it) >= before && it.event === 'request' && it.endpoint === 'plain');
    assert.deepEqual([line.surface, line.tags], [name === 'langchain' ? 'chat' : name, { team: 'search' }]);
  }
  await mcp.close();
});

test('the description of the endpoints has the header', async () => {
  const document = await (await fetch(`${on.gateway.url}/openapi.json`, { headers: { authorization: `Bearer ${on.token}` } })).json();
  assert.equal(document.components.parameters.Tag.name, 'Pinion-Tag');
  assert.ok(document.paths['/plain'].post.parameters.some(({ $ref }) => $ref === '#/components/parameters/Tag'));
});

test('rows are found by their tags, all of those that are named', async () => {
  const bearer = await bearerOf({ tier: 'iron' });
  const named = [await ask('job=nightly,part="a, b"', { token: bearer }), await ask('job=nightly', { token: bearer }), await ask('job=nightly')];
  const ids = named.map(({ response }) => response.headers.get('x-request-id')).reverse();
  const found = async (query) => {
    const { status, body } = await on.gateway.admin('GET', `/admin/v1/logs?${query}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body.data.map((row) => row.request_id);
  };

  assert.deepEqual(await found('tag=job=nightly'), ids);
  assert.deepEqual(await found('tag=job%3Dnightly,tier%3Diron'), ids.slice(1));
  assert.deepEqual(await found('tag=tier=iron,part=%22a,%20b%22'), ids.slice(2));
  assert.deepEqual(await found('tag=tier=iron,job=daily'), []);
  assert.deepEqual(await found('tag=endpoint=plain'), [], 'a tag, and no other member');
  const { status, body } = await on.gateway.admin('GET', '/admin/v1/logs?tag=job');
  assert.deepEqual([status, body.error.param, body.error.message], [400, 'tag', "the tag 'job' has no value"]);
});

test('the commands take them as flags', async () => {
  await writeFile(path.join(on.gateway.folder, 'token'), on.token);
  const call = ['call', 'plain', '-i', '-', '--token-file', path.join(on.gateway.folder, 'token'), '--server', on.gateway.url];
  const calling = (...tags) => new Promise((resolve) => execFile(binary, [...call, ...tags], (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stderr })).stdin.end('"Hello?"'));
  on.upstream.answer('Hello.');
  assert.equal((await calling('--tag', 'by=hand', '--tag', 'customer="Smith, Jones"')).code, 0);
  assert.deepEqual((await on.gateway.logged((line) => line.tags?.by === 'hand')).tags, { by: 'hand', customer: 'Smith, Jones' });
  const odd = await calling('--tag', 'by');
  assert.notEqual(odd.code, 0);
  assert.match(odd.stderr, /the tag 'by' has no value/);

  const { response } = await ask('job=weekly,part=2');
  await ask('job=weekly,part=3');
  const list = await on.gateway.cli('logs', 'list', '--tag', 'job=weekly', '--tag', 'part=2', '--json');
  const wrong = await on.gateway.cli('logs', 'list', '--tag', 'job');
  const tail = spawn(binary, ['tail', '--from', '1h', '--tag', 'part=2', '--json', '--config', on.gateway.folder], { env: { ...process.env, PINION_ADMIN: `unix:${on.gateway.adminSocket}` } });
  const first = await new Promise((resolve) => tail.stdout.setEncoding('utf8').once('data', resolve));
  tail.kill();

  assert.deepEqual(JSON.parse(list.stdout).data.map((row) => row.request_id), [response.headers.get('x-request-id')]);
  assert.equal(JSON.parse(first.split('\n')[0]).request_id, response.headers.get('x-request-id'));
  assert.notEqual(wrong.code, 0);
  assert.match(wrong.stderr, /the tag 'job' has no value/);
});

test('neither metrics nor what is kept of other calls grow by them', async () => {
  for (let i = 0; i < 30; i++) await ask(`run${i}=${i}`);
  const text = await (await fetch(`${on.gateway.url}/metrics`)).text();
  assert.doesNotMatch(text, /run1|nightly/);
});
