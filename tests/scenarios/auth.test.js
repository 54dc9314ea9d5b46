// Who may call what: 401, 403, 404, and revocation with the next request.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scene } from './support/scene.js';

const on = scene();
const error = async (response) => (await response.json()).error;

test('a token opens the slugs of its scope and no others', async () => {
  const { token } = await on.gateway.token('sum');
  on.upstream.answer({ sum: 4 });

  assert.equal((await on.gateway.call('sum', { a: 2, b: 2 }, { token })).status, 200);
  const denied = await on.gateway.call('chat', { message: 'hi' }, { token });
  assert.equal(denied.status, 403);
  assert.match(denied.headers.get('www-authenticate'), /insufficient_scope/);
  assert.equal((await error(denied)).code, 'scope_denied');
});

test('an unknown slug is 404 and names the nearest one the token may call', async () => {
  const response = await on.gateway.call('smu', {}, on);

  assert.equal(response.status, 404);
  const { code, hint } = await error(response);
  assert.equal(code, 'endpoint_not_found');
  assert.match(hint, /'sum'/);
});

test('an unknown slug does not name slugs outside the scope', async () => {
  const { token } = await on.gateway.token('chat');
  const response = await on.gateway.call('smu', {}, { token });

  assert.equal((await error(response)).hint, undefined);
});

test('no token, a malformed one and an unknown one are 401', async () => {
  const other = on.token.slice(0, 9) + 'A'.repeat(36) + on.token.slice(45);
  for (const [token, code] of [
    [undefined, 'missing_token'],
    ['nonsense', 'invalid_token'],
    [other, 'invalid_token'],
  ]) {
    const response = await on.gateway.call('sum', { a: 2, b: 2 }, { token });

    assert.equal(response.status, 401);
    assert.match(response.headers.get('www-authenticate'), /^Bearer/);
    assert.equal((await error(response)).code, code);
  }
});

test('a token may come as X-Api-Key', async () => {
  on.upstream.answer({ sum: 4 });
  const response = await on.gateway.call('sum', { a: 2, b: 2 }, { headers: { 'x-api-key': on.token } });

  assert.equal(response.status, 200);
});

test('a revoked token is refused from the next request on', async () => {
  const { token, id } = await on.gateway.token('sum');
  on.upstream.answer({ sum: 4 });
  assert.equal((await on.gateway.call('sum', { a: 2, b: 2 }, { token })).status, 200);

  const revoked = await on.gateway.cli('token', 'revoke', id);
  assert.equal(revoked.code, 0, revoked.stderr);
  const response = await on.gateway.call('sum', { a: 2, b: 2 }, { token });
  assert.equal(response.status, 401);
  assert.equal((await error(response)).code, 'revoked_token');
});

test('an expired token says so', async () => {
  const expires_at = new Date(Date.now() + 300).toISOString();
  const { body } = await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['sum'], expires_at });
  let answer;
  do {
    if (answer?.status === 200) await answer.json();
    on.upstream.answer({ sum: 4 });
    answer = await on.gateway.call('sum', { a: 2, b: 2 }, body);
  } while (Date.now() < Date.parse(expires_at) + 1 || answer.status === 200);
  assert.equal((await error(answer)).code, 'expired_token');
});

test('the command line creates and lists tokens, and shows a secret once', async () => {
  const created = await on.gateway.cli('token', 'create', '--scope', 'sum', '--expires', '90d', '--json');
  const token = JSON.parse(created.stdout);
  assert.match(token.token, /^pin_live_[0-9A-Za-z]{36}_[0-9A-Za-z]{6}$/);

  const listed = await on.gateway.cli('token', 'list', '--json');
  const found = JSON.parse(listed.stdout).data.find(({ id }) => id === token.id);
  assert.deepEqual(found.scopes, ['sum']);
  assert.ok(!listed.stdout.includes(token.token));
  assert.equal(found.hint, token.token.slice(-4));
});

test('a malformed order for a token says what is wrong', async () => {
  const none = await on.gateway.cli('token', 'create');
  assert.equal(none.code, 2, none.stderr);
  assert.match(none.stderr, /at least one scope/);
  const bad = await on.gateway.cli('token', 'create', '--scope', 'Sum!');
  assert.match(bad.stderr, /'Sum!' is no scope/);
  const when = await on.gateway.cli('token', 'create', '--scope', 'sum', '--expires', 'soon');
  assert.equal(when.code, 2);
  assert.match(when.stderr, /neither a duration/);
});

test('other methods and paths', async () => {
  const get = await fetch(`${on.gateway.url}/sum`);
  assert.equal(get.status, 405);
  assert.equal(get.headers.get('allow'), 'POST, OPTIONS');
  assert.equal((await error(get)).code, 'method_not_allowed');

  assert.equal((await fetch(`${on.gateway.url}/`)).status, 404);
  assert.equal((await fetch(`${on.gateway.url}/admin/v1/tokens`)).status, 404);
  const twice = await on.gateway.call('/sum', { a: 2, b: 2 }, on);
  assert.equal(twice.status, 404);
});

test('guessing is slowed down after ten failures a minute', async () => {
  let limited;
  for (let i = 0; i < 12 && !limited; i++) {
    const response = await on.gateway.call('sum', {}, { token: 'guess' });
    if (response.status === 429) limited = response;
    else await response.arrayBuffer();
  }
  assert.ok(Number(limited.headers.get('retry-after')) >= 1);
  on.upstream.answer({ sum: 4 });
  assert.equal((await on.gateway.call('sum', { a: 2, b: 2 }, on)).status, 200);
});
