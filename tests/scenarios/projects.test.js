// Projects: whose tokens they are, the paths that name them, and the endpoint named in the body.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { files } from './support/files.js';
import { settings } from './support/gateway.js';
import { scene } from './support/scene.js';

const id = '0190b3f4-7c21-7e3a-9d55-3f1c2a6b8e90';
const on = scene((upstream) => ({
  ...files(upstream),
  'pinion.yaml': settings(
    upstream.url,
    `projects:\n  acme: {id: ${id.toUpperCase()}}\n  blue: {}\npublic_url: https://ai.example.com/\non_revoke: cut\n`,
  ),
}));
const error = async (response) => (await response.json()).error;
let acme;
const make = async () => {
  const { body } = await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['chat'], project: 'acme' });
  acme = body;
};
const call = (path, token = acme.token, body = { message: 'hi' }) => on.gateway.call(path, body, { token });

test('a token serves its own project by name, by id and where none is named', async () => {
  await make();
  assert.equal(acme.project, 'acme');
  for (const path of ['api/acme/chat', `api/${id}/chat`, `api/${id.toUpperCase()}/chat`, 'chat']) {
    on.upstream.answer('Nine.');
    assert.equal((await call(path)).status, 200, path);
  }
  on.upstream.answer('Nine.');
  assert.equal((await call('api/default/chat', on.token)).status, 200);
});

test('a token of another project is refused, an unknown project is not found', async () => {
  const foreign = await call('api/blue/chat');
  assert.equal(foreign.status, 403);
  assert.equal((await error(foreign)).code, 'scope_denied');
  assert.equal((await call('api/acme/chat', on.token)).status, 403);
  const unknown = await call('api/acne/chat');
  assert.equal(unknown.status, 404);
  const { code, hint } = await error(unknown);
  assert.equal(code, 'project_not_found');
  assert.match(hint, /'acme'/);
});

test('who has no token learns of no project', async () => {
  for (const path of ['api/acme/chat', 'api/nowhere/chat'])
    assert.equal((await call(path, 'nonsense')).status, 401);
});

test('a token is made for a project that there is, by name or id', async () => {
  const by_id = await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['chat'], project: id });
  assert.deepEqual([by_id.status, by_id.body.project], [201, 'acme']);
  const none = await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['chat'], project: 'acne' });
  assert.deepEqual([none.status, none.body.error.code], [404, 'project_not_found']);
  const listed = await on.gateway.admin('GET', '/admin/v1/tokens?project=acme');
  assert.equal(listed.body.data.length, 2);
});

test('chat/completions takes the endpoint from the body', async () => {
  on.upstream.answer('Nine.');
  const response = await call('api/acme/chat/completions', acme.token, {
    endpoint: 'chat',
    messages: [{ role: 'user', content: 'When?' }],
  });
  assert.equal(response.status, 200);
  const { ok, content, meta } = await response.json();
  assert.deepEqual([ok, content, meta.endpoint], [true, 'Nine.', 'chat']);
  for (const [body, status, code] of [
    [{ messages: [] }, 400, 'invalid_request'],
    [{ endpoint: 7, messages: [] }, 400, 'invalid_request'],
    [{ endpoint: 'chatt', messages: [] }, 404, 'endpoint_not_found'],
    [{ endpoint: 'sum', a: 1, b: 2 }, 403, 'scope_denied'],
    ['{"endpoint": ', 400, 'invalid_json'],
  ]) {
    const refused = await call('api/acme/chat/completions', acme.token, body);
    assert.deepEqual([refused.status, (await error(refused)).code], [status, code]);
  }
});

test('a body that names another endpoint than its path is refused', async () => {
  const response = await call('chat', on.token, { endpoint: 'sum', message: 'hi' });
  assert.equal(response.status, 400);
  assert.equal((await error(response)).param, '/endpoint');
  on.upstream.answer('Nine.');
  assert.equal((await call('chat', on.token, { endpoint: 'chat', message: 'hi' })).status, 200);
});

test('paths that are nearly those of a project are not found', async () => {
  for (const path of ['api/', 'api/acme', 'api/acme/', 'api//chat', 'api/acme/chat/', 'api/acme/v1', 'api/acme/chat/complete'])
    assert.equal((await call(path)).status, 404, path);
});

test('what is provisioned is told where it is, by the address that callers use', async () => {
  for (const [project, base_url] of [
    ['acme', 'https://ai.example.com/api/acme'],
    [undefined, 'https://ai.example.com'],
  ]) {
    const { body } = await on.gateway.admin('POST', '/admin/v1/provision', {
      deployment: `of ${project}`,
      scopes: ['chat'],
      project,
    });
    assert.equal(body.base_url, base_url);
  }
});

test('with on_revoke: cut a call under way ends with its token', async () => {
  const { token, id: token_id } = await on.gateway.token('chat');
  let called;
  const waiting = new Promise((resolve) => (called = resolve));
  on.upstream.next(() => called());
  const answer = call('chat', token);
  await waiting;
  await on.gateway.admin('POST', `/admin/v1/tokens/${token_id}/revoke`, {});
  const response = await answer;
  assert.equal(response.status, 401);
  assert.equal((await error(response)).code, 'revoked_token');
});

test('a token of a project that is gone is refused, whatever it asks', async () => {
  const one = 'projects: {blue: {}}\npublic_url: https://ai.example.com/\non_revoke: cut\n';
  await writeFile(path.join(on.gateway.folder, 'pinion.yaml'), settings(on.upstream.url, one));
  const reloaded = await on.gateway.cli('reload');
  assert.equal(reloaded.code, 0, reloaded.stderr);
  const headers = { authorization: `Bearer ${acme.token}` };
  for (const where of ['v1/models', 'openapi.json', 'llms.txt', 'docs/chat.md']) {
    const refused = await fetch(`${on.gateway.url}/${where}`, { headers });
    assert.deepEqual([refused.status, (await error(refused)).code], [403, 'scope_denied'], where);
  }
  assert.equal((await error(await call('chat'))).code, 'scope_denied');
});
