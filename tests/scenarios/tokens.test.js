// Tokens over their whole life: what they grant, changes in force with the next request, rotation with
// an overlap, provisioning by deployment, and the credentials of the admin listener.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { files } from './support/files.js';
import { events, pinion, startGateway } from './support/gateway.js';
import { scene } from './support/scene.js';
import { chunk, data, streamed } from './support/upstream.js';

const on = scene(() => ({
  'endpoints/spare.yaml': `
provider: upstream
model: gpt-4.1
system: s
retry: {times: 0}
failover:
  - {provider: upstream, model: gpt-5, on: [error]}
  - {provider: upstream, model: gpt-4.1-nano, on: [error]}
`,
}));
const error = async (response) => (await response.json()).error;
const admin = (...call) => on.gateway.admin(...call);
const create = async (order) => {
  const { status, body } = await admin('POST', '/admin/v1/tokens', order);
  assert.equal(status, 201, JSON.stringify(body));
  return body;
};
const call = (token, slug = 'chat', body = { message: 'hi' }) => on.gateway.call(slug, body, { token });
const answered = async (token, slug, body) => {
  on.upstream.answer(slug === 'sum' ? { sum: 4 } : 'Nine.');
  const response = await call(token, slug, body);
  assert.equal(response.status, 200, await response.clone().text());
};
const refused = async (response, status, code) => {
  assert.equal(response.status, status);
  const found = await error(response);
  assert.equal(found.code, code);
  return found;
};

describe('what a token grants', () => {
  test('a token without the verb call may call nothing', async () => {
    const { token } = await create({ scopes: ['*'], verbs: ['models', 'usage'] });
    assert.match((await refused(await call(token), 403, 'scope_denied')).message, /verb 'call'/);
  });

  test('a token may be bound to addresses', async () => {
    const inside = await create({ scopes: ['*'], addresses: ['127.0.0.0/8'] });
    const outside = await create({ scopes: ['*'], addresses: ['192.0.2.0/24', '2001:db8::/32'] });
    await answered(inside.token);
    assert.match((await refused(await call(outside.token), 403, 'scope_denied')).message, /address/);
  });

  test('a token with allowed models is refused another one before anything is sent', async () => {
    const { token } = await create({ scopes: ['*'], models: ['upstream:gpt-4.1-n*', 'gpt-5'] });
    const before = on.upstream.calls.length;
    assert.match((await refused(await call(token), 403, 'scope_denied')).message, /gpt-4\.1-mini/);
    assert.equal(on.upstream.calls.length, before);
  });

  test('a failover target that the token may not use is passed over', async () => {
    const { token } = await create({ scopes: ['*'], models: ['gpt-4.1', 'gpt-4.1-nano'] });
    on.upstream.json({ error: { message: 'down' } }, { status: 500 });
    on.upstream.answer('Nine.');
    const response = await call(token, 'spare');
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('pinion-model'), 'gpt-4.1-nano');
  });
});

describe('changes', () => {
  test('a change is in force with the next request and keeps what it does not name', async () => {
    const { token, id } = await create({ scopes: ['chat'], name: 'desk', tags: { tier: 'gold' } });
    await answered(token);
    const { status, body } = await admin('PATCH', `/admin/v1/tokens/${id}`, { scopes: ['sum'], limits: { per_hour: 1000 } });
    assert.equal(status, 200);
    assert.deepEqual([body.scopes, body.name, body.tags], [['sum'], 'desk', { tier: 'gold' }]);
    assert.equal(body.limits.per_hour, 1000);
    assert.equal(body.token, undefined);
    await refused(await call(token), 403, 'scope_denied');
    await answered(token, 'sum', { a: 2, b: 2 });
  });

  test('an expiry may be moved, into the past by nobody', async () => {
    const { token, id } = await create({ scopes: ['chat'] });
    const past = await admin('PATCH', `/admin/v1/tokens/${id}`, { expires_at: '2020-01-01' });
    assert.equal(past.status, 400);
    assert.equal(past.body.error.param, '/expires_at');
    const { body } = await admin('PATCH', `/admin/v1/tokens/${id}`, { expires_at: '2199-01-01' });
    assert.equal(body.expires_at, '2199-01-01T00:00:00.000Z');
    await answered(token);
  });

  test('the project, the kind and what is not known cannot be changed', async () => {
    const { id } = await create({ scopes: ['chat'] });
    for (const [change, code] of [
      [{ project: 'other' }, 'invalid_request'],
      [{ kind: 'admin' }, 'invalid_request'],
      [{ token: 'x' }, 'unknown_field'],
    ]) {
      const { status, body } = await admin('PATCH', `/admin/v1/tokens/${id}`, change);
      assert.deepEqual([status, body.error.code], [400, code]);
    }
    assert.equal((await admin('PATCH', '/admin/v1/tokens/tok_none', { name: 'x' })).status, 404);
  });

  test('a revoked token stays so', async () => {
    const { token, id } = await create({ scopes: ['chat'] });
    const first = await admin('POST', `/admin/v1/tokens/${id}/revoke`, {});
    await refused(await call(token), 401, 'revoked_token');
    const second = await admin('POST', `/admin/v1/tokens/${id}/revoke`, {});
    assert.equal(second.body.revoked_at, first.body.revoked_at);
    for (const [method, where] of [['PATCH', ''], ['POST', '/rotate']]) {
      const { status, body } = await admin(method, `/admin/v1/tokens/${id}${where}`, {});
      assert.deepEqual([status, body.error.code], [409, 'token_is_revoked']);
    }
  });

  test('tokens are listed in pages, by project and kind', async () => {
    for (let i = 0; i < 5; i++) await create({ scopes: ['chat'], name: `page ${i}` });
    const seen = [];
    for (let after = '', more = true; more; ) {
      const { status, body } = await admin('GET', `/admin/v1/tokens?limit=2${after}`);
      assert.equal(status, 200);
      assert.ok(body.data.length <= 2);
      assert.equal(body.last_id, body.data.at(-1).id);
      assert.equal(body.first_id, body.data[0].id);
      seen.push(...body.data.map(({ id }) => id));
      more = body.has_more;
      after = `&after=${body.last_id}`;
    }
    assert.equal(new Set(seen).size, seen.length);
    const all = (await admin('GET', '/admin/v1/tokens?limit=200')).body.data;
    assert.deepEqual(all.map(({ id }) => id), seen);
    assert.deepEqual((await admin('GET', '/admin/v1/tokens?kind=admin')).body.data, []);
    assert.deepEqual((await admin('GET', '/admin/v1/tokens?project=other')).body.data, []);
    for (const query of ['limit=0', 'limit=201', 'after=tok_none', 'kind=x', 'colour=red', 'after=%zz'])
      assert.equal((await admin('GET', `/admin/v1/tokens?${query}`)).status, 400, query);
  });

  test('one shows when it was last used', async () => {
    const { token, id } = await create({ scopes: ['chat'] });
    assert.equal((await admin('GET', `/admin/v1/tokens/${id}`)).body.last_used_at, null);
    await answered(token);
    const { last_used_at } = (await admin('GET', `/admin/v1/tokens/${id}`)).body;
    assert.ok(Date.now() - Date.parse(last_used_at) < 60_000);
  });
});

describe('rotation', () => {
  test('both secrets work until the overlap is ended by the next rotation', async () => {
    const { token: first, id } = await create({ scopes: ['chat'] });
    const { status, body } = await admin('POST', `/admin/v1/tokens/${id}/rotate`, {});
    assert.equal(status, 200);
    assert.equal(body.id, id);
    assert.notEqual(body.token, first);
    const overlap = Date.parse(body.previous_until) - Date.now();
    assert.ok(overlap > 23.9 * 3600e3 && overlap <= 24 * 3600e3);
    await answered(first);
    await answered(body.token);
    const { body: third } = await admin('POST', `/admin/v1/tokens/${id}/rotate`, { overlap_s: 0 });
    await refused(await call(first), 401, 'revoked_token');
    await refused(await call(body.token), 401, 'revoked_token');
    await answered(third.token);
  });

  test('a revocation ends both secrets', async () => {
    const { token: first, id } = await create({ scopes: ['chat'] });
    const { body } = await admin('POST', `/admin/v1/tokens/${id}/rotate`, {});
    await admin('POST', `/admin/v1/tokens/${id}/revoke`, {});
    await refused(await call(first), 401, 'revoked_token');
    await refused(await call(body.token), 401, 'revoked_token');
  });

  test('an overlap that is no number of seconds is refused', async () => {
    const { id } = await create({ scopes: ['chat'] });
    for (const overlap_s of [-1, 1.5, '24h', 1e12]) {
      const { status, body } = await admin('POST', `/admin/v1/tokens/${id}/rotate`, { overlap_s });
      assert.deepEqual([status, body.error.param], [400, '/overlap_s']);
    }
    const { status, body } = await admin('POST', `/admin/v1/tokens/${id}/rotate`, { overlap: '1h' });
    assert.deepEqual([status, body.error.code, body.error.param], [400, 'unknown_field', '/overlap']);
  });

  test('the command line prints the new secret alone', async () => {
    const { id, token: first } = await create({ scopes: ['chat'] });
    const { code, stdout } = await on.gateway.cli('token', 'rotate', id, '--overlap', '0');
    assert.equal(code, 0);
    assert.match(stdout, /^pin_live_\w{36}_\w{6}\n$/);
    await refused(await call(first), 401, 'revoked_token');
    await answered(stdout.trim());
  });
});

describe('streams under way when their token is revoked', () => {
  const stream = async (token) => {
    let end;
    on.upstream.next((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(data(chunk({ role: 'assistant', content: '' })));
      response.write(data(chunk({ content: 'At' })));
      end = () => {
        response.write(streamed(['']).slice(2).join(''));
        response.end();
      };
    });
    const response = await on.gateway.call('chat', { message: 'hi', stream: true }, { token });
    const all = events(response);
    for await (const event of { [Symbol.asyncIterator]: () => ({ next: () => all.next() }) })
      if (event.choices?.[0]?.delta?.content === 'At') break;
    return { all, finish: () => end() };
  };
  const rest = async ({ all }) => {
    const got = [];
    for await (const event of all) got.push(event);
    return got;
  };

  test('finish, as is the default', async () => {
    const { token, id } = await create({ scopes: ['chat'] });
    const open = await stream(token);
    await admin('POST', `/admin/v1/tokens/${id}/revoke`, {});
    await refused(await call(token), 401, 'revoked_token');
    open.finish();
    const got = await rest(open);
    assert.equal(got.at(-1), '[DONE]');
    assert.ok(got.every((event) => !event.error));
  });

  test('end with an error event where the token says cut', async () => {
    const { token, id } = await create({ scopes: ['chat'], on_revoke: 'cut' });
    const open = await stream(token);
    await admin('POST', `/admin/v1/tokens/${id}/revoke`, {});
    const got = await rest(open);
    assert.deepEqual(got.map(({ error }) => error?.code), ['revoked_token']);
  });
});

describe('provisioning', () => {
  const provision = (order) => admin('POST', '/admin/v1/provision', order);

  test('the first call makes a key, the next ones do not, and after a revocation there is a new one', async () => {
    const order = { deployment: 'shop eu/1', scopes: ['chat'], tags: { app: 'shop' } };
    const where = `/admin/v1/provision/${encodeURIComponent(order.deployment)}`;
    assert.equal((await admin('GET', where)).status, 404);
    assert.equal((await admin('POST', `${where}/revoke`)).status, 404);

    const first = await provision(order);
    assert.deepEqual([first.status, first.body.is_new], [201, true]);
    assert.equal(first.body.base_url, on.gateway.url);
    assert.equal(first.body.token.deployment, order.deployment);
    await answered(first.body.key);

    const second = await provision(order);
    assert.deepEqual([second.status, second.body.is_new, second.body.key], [200, false, undefined]);
    assert.equal(second.body.token.id, first.body.token.id);

    const info = await admin('GET', where);
    assert.deepEqual([info.status, info.body.is_new, info.body.key], [200, false, undefined]);
    assert.equal(info.body.token.id, first.body.token.id);

    const revoked = await admin('POST', `${where}/revoke`);
    assert.equal(revoked.status, 200);
    await refused(await call(first.body.key), 401, 'revoked_token');
    assert.ok((await admin('GET', where)).body.token.revoked_at);

    const third = await provision(order);
    assert.deepEqual([third.status, third.body.is_new], [201, true]);
    assert.notEqual(third.body.token.id, first.body.token.id);
    await answered(third.body.key);
  });

  test('of many who ask at once one gets the key', async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, () => provision({ deployment: 'rush', scopes: ['chat'] })),
    );
    assert.equal(all.filter(({ status }) => status === 201).length, 1);
    assert.equal(all.filter(({ body }) => body.key).length, 1);
    assert.equal(new Set(all.map(({ body }) => body.token.id)).size, 1);
  });

  test('an order without a deployment, and a token with one, are refused', async () => {
    assert.equal((await provision({ scopes: ['chat'] })).status, 400);
    const { status, body } = await admin('POST', '/admin/v1/tokens', { deployment: 'x', scopes: ['chat'] });
    assert.deepEqual([status, body.error.param], [400, '/deployment']);
  });

  test('the command line provisions too', async () => {
    const first = await on.gateway.cli('token', 'provision', 'by-hand', '--scope', 'chat');
    assert.match(first.stdout, /^pin_live_/);
    const again = await on.gateway.cli('token', 'provision', 'by-hand', '--scope', 'chat');
    assert.deepEqual([again.code, again.stdout], [0, '']);
    assert.match(again.stderr, /already/);
  });
});

describe('the audit log', () => {
  const newest = async (action) =>
    (await admin('GET', `/admin/v1/audit?limit=1&order=desc&action=${action}`)).body.data[0];

  test('has every act, what it was done to and what was changed', async () => {
    const { id } = await create({ scopes: ['chat'] });
    assert.equal((await newest('token.create')).object, id);
    await admin('PATCH', `/admin/v1/tokens/${id}`, { name: 'other' });
    const update = await newest('token.update');
    assert.deepEqual([update.object, update.details], [id, { name: 'other' }]);
    const { body } = await admin('POST', `/admin/v1/tokens/${id}/rotate`, {});
    const rotate = await newest('token.rotate');
    assert.equal(rotate.object, id);
    assert.ok(!JSON.stringify(rotate).includes(body.token.slice(9)));
    await admin('POST', `/admin/v1/tokens/${id}/revoke`, {});
    assert.equal((await newest('token.revoke')).object, id);
    const credential = await create({ kind: 'admin', verbs: ['usage'] });
    assert.equal((await newest('admin.create')).object, credential.id);
  });

  test('has what was provisioned once, and nothing of who only asked', async () => {
    const order = { deployment: 'audited', scopes: ['chat'] };
    await admin('POST', '/admin/v1/provision', order);
    const { sequence, object } = await newest('deployment.create');
    assert.equal(object, 'audited');
    await admin('POST', '/admin/v1/provision', order);
    assert.equal((await newest('deployment.create')).sequence, sequence);
    await admin('POST', '/admin/v1/provision/audited/revoke');
    assert.equal((await newest('deployment.revoke')).object, 'audited');
  });
});

describe('the command line', () => {
  const flags = [
    ['--scope', 'support-*'], ['--name', 'desk'], ['--expires', '2199-01-01'], ['--verb', 'call'], ['--verb', 'usage'],
    ['--model', 'gpt-*'], ['--address', '10.0.0.0/8'], ['--tag', 'tier=gold'], ['--per-minute', '60'],
    ['--tokens-per-minute', '9000'], ['--concurrent', '3'], ['--monthly-usd', '12.50'], ['--on-revoke', 'cut'],
  ].flat();

  for (const where of ['through the server', 'on the store itself'])
    test(`creates, shows, updates and lists ${where}`, async () => {
      const folder = await mkdtemp(path.join(os.tmpdir(), 'pinion-cli-'));
      const cli =
        where === 'through the server'
          ? on.gateway.cli
          : (...words) =>
              pinion([...words, '--config', on.gateway.folder], { env: { ...process.env, PINION_STORE: folder } });
      const created = JSON.parse((await cli('token', 'create', ...flags, '--test', '--json')).stdout);
      assert.match(created.token, /^pin_test_/);
      const shown = JSON.parse((await cli('token', 'show', created.id, '--json')).stdout);
      const { token, ...rest } = created;
      assert.deepEqual(shown, rest);
      assert.deepEqual([shown.verbs, shown.models, shown.addresses, shown.tags],
        [['call', 'usage'], ['gpt-*'], ['10.0.0.0/8'], { tier: 'gold' }]);
      assert.deepEqual(shown.limits, { per_minute: 60, per_hour: null, tokens_per_minute: 9000, concurrent: 3 });
      assert.deepEqual(shown.budget, { monthly_usd: '12.500000000', daily_usd: null });
      assert.match((await cli('token', 'show', created.id)).stdout, /^budget +monthly_usd 12\.500000000$/m);

      const updated = await cli('token', 'update', created.id, '--expires', 'never', '--per-minute', 'none', '--json');
      assert.equal(JSON.parse(updated.stdout).expires_at, null);
      assert.equal((await cli('token', 'update', created.id)).code, 2);
      assert.equal((await cli('token', 'show', 'tok_none')).code, 5);
      const row = (await cli('token', 'list')).stdout.split('\n').find((line) => line.startsWith(created.id));
      assert.match(row, /live +\.\.\.\w{4} +expires never +desk +support-\*/);
      await rm(folder, { recursive: true });
    });

  test('a list goes over all pages', async () => {
    const wanted = 205;
    await Promise.all(Array.from({ length: wanted }, (_, i) => create({ scopes: ['chat'], name: `many ${i}` })));
    const { data: listed } = JSON.parse((await on.gateway.cli('token', 'list', '--json')).stdout);
    assert.equal(listed.filter(({ name }) => name.startsWith('many ')).length, wanted);
  });
});

describe('the admin listener on a port', () => {
  let gateway, store, folder, credential;
  const ask = (method, where, { token, host, body } = {}) =>
    new Promise((resolve, reject) => {
      const [name, port] = gateway.adminSocket.split(':');
      const request = http.request(
        { host: name, port, method, path: where, headers: { ...(token && { authorization: `Bearer ${token}` }), ...(host && { host }) } },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (piece) => (text += piece));
          response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(text) }));
        },
      );
      request.on('error', reject).end(body && JSON.stringify(body));
    });

  before(async () => {
    store = await mkdtemp(path.join(os.tmpdir(), 'pinion-store-'));
    folder = on.gateway.folder;
    const made = await pinion(['token', 'create', '--admin-verb', '*', '--name', 'root', '--config', folder], {
      env: { ...process.env, PINION_STORE: store },
    });
    assert.equal(made.code, 0, made.stderr);
    credential = made.stdout.trim();
    assert.match(credential, /^pin_admin_\w{35}_\w{6}$/);
    gateway = await startGateway({ folder, store, args: ['--admin', '127.0.0.1:0'] });
  });
  after(() => gateway.stop());

  test('asks everybody for a credential, and takes no token of a caller', async () => {
    const list = '/admin/v1/tokens';
    assert.deepEqual([(await ask('GET', list)).status, (await ask('GET', list)).body.error.code], [401, 'missing_token']);
    assert.equal((await ask('GET', list, { token: credential })).status, 200);
    const made = await ask('POST', list, { token: credential, body: { scopes: ['*'] } });
    assert.equal(made.status, 201);
    assert.equal((await ask('GET', list, { token: made.body.token })).body.error.code, 'invalid_token');
    const outside = await gateway.call('chat', { message: 'hi' }, { token: credential });
    assert.equal((await error(outside)).code, 'invalid_token');
  });

  test('a credential does what its verbs say, and no more', async () => {
    const made = await ask('POST', '/admin/v1/tokens', {
      token: credential,
      body: { kind: 'admin', name: 'reader', verbs: ['tokens:read'] },
    });
    assert.equal(made.status, 201);
    assert.match(made.body.id, /^adm_/);
    const reader = { token: made.body.token };
    assert.equal((await ask('GET', '/admin/v1/tokens', reader)).status, 200);
    const denied = await ask('POST', `/admin/v1/tokens/${made.body.id}/revoke`, reader);
    assert.deepEqual([denied.status, denied.body.error.code], [403, 'scope_denied']);
    assert.match(denied.body.error.message, /tokens:write/);
  });

  test('what a credential does is recorded as its act', async () => {
    const { body: made } = await ask('POST', '/admin/v1/tokens', { token: credential, body: { scopes: ['chat'] } });
    const { body } = await ask('GET', '/admin/v1/audit?limit=1&order=desc&action=token.create', { token: credential });
    assert.deepEqual([body.data[0].object, body.data[0].actor, body.data[0].peer], [made.id, 'admin', '127.0.0.1']);
    assert.match(body.data[0].actor_id, /^adm_/);
  });

  test('a name that somebody made resolve to it is refused', async () => {
    const rebound = await ask('GET', '/admin/v1/tokens', { token: credential, host: 'evil.example' });
    assert.deepEqual([rebound.status, rebound.body.error.code], [403, 'origin_denied']);
  });

  test('the command line takes its credential from a file', async () => {
    const file = path.join(store, 'credential');
    await writeFile(file, `${credential}\n`);
    assert.equal((await gateway.cli('token', 'list')).code, 4);
    assert.equal((await gateway.cli('token', 'list', '--token-file', file)).code, 0);
  });

  test('guessing is slowed down', async () => {
    let last;
    for (let i = 0; i < 12 && last?.status !== 429; i++) last = await ask('GET', '/admin/v1/tokens', { token: 'guess' });
    assert.equal(last.status, 429);
  });
});

test('what was last used survives a restart', async () => {
  const folder = on.gateway.folder;
  const store = await mkdtemp(path.join(os.tmpdir(), 'pinion-store-'));
  const first = await startGateway({ folder, store });
  const { token, id } = await first.token('chat');
  on.upstream.answer('Nine.');
  assert.equal((await first.call('chat', { message: 'hi' }, { token })).status, 200);
  first.child.kill('SIGTERM');
  await first.exited;
  const second = await startGateway({ folder, store });
  const { body } = await second.admin('GET', `/admin/v1/tokens/${id}`);
  assert.ok(Date.parse(body.last_used_at) > 0);
  await second.stop();
});
