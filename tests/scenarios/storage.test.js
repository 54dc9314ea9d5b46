// A disk that is full, for real: a small memory file system in a mount namespace of its own, in which this
// file runs itself again. And a disk that fails.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { binary, makeFolder, pinion, settings, startGateway } from './support/gateway.js';
import { invariants } from './support/invariants.js';
import { startInvoicing } from './support/invoicing.js';

const inside = process.env.PINION_SMALL_DISK;
const failingDisk = path.join(path.dirname(binary), 'tests/store/libfailing_disk.so');
const endpoint = 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: x\nparams: {max_tokens: 50}\nretry: {times: 0}\nbudget: {monthly_usd: 1000}\n';

const makeScene = async (store, env) => {
  const provider = await startInvoicing();
  const folder = await makeFolder({
    'pinion.yaml': settings(provider.url),
    'endpoints/talk.yaml': `${endpoint}session: {ttl: 1h, max_messages: 1000}\n`,
    'endpoints/plain.yaml': endpoint,
  });
  const gateway = await startGateway({ folder, store, env });
  const call = async (slug, token, body) => {
    const response = await gateway.call(slug, body, { token });
    return { status: response.status, retryAfter: response.headers.get('retry-after'), ...(await response.json()) };
  };
  const end = async () => {
    gateway.child.kill('SIGTERM');
    assert.equal((await gateway.exited).code, 0);
    provider.stop();
    await rm(folder, { recursive: true });
  };
  return { provider, folder, gateway, call, end };
};

if (!inside) {
  const namespace = ['--user', '--map-root-user', '--mount'];
  const can = spawnSync('unshare', [...namespace, 'mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', '/mnt']).status === 0;
  test('in a namespace with a small disk', { skip: !can && 'no mount namespace can be had' }, async () => {
    // The runner tells its children whose they are; this one is nobody's.
    const { NODE_TEST_CONTEXT, ...env } = process.env;
    const disk = await mkdtemp(path.join(os.tmpdir(), 'pinion-disk-'));
    const { status, stdout } = spawnSync(
      'unshare',
      [...namespace, 'sh', '-c', `mount -t tmpfs -o size=32m tmpfs ${disk} && exec "$0" --test "$1"`, process.execPath, fileURLToPath(import.meta.url)],
      { env: { ...env, PINION_SMALL_DISK: disk }, encoding: 'utf8' },
    );
    assert.equal(status, 0, stdout);
    assert.match(stdout, /# pass 1\b/);
    await rm(disk, { recursive: true });
  });
}

const fill = (file) => {
  const fd = openSync(file, 'a');
  try {
    for (;;) writeSync(fd, Buffer.alloc(65536));
  } catch (error) {
    assert.equal(error.code, 'ENOSPC');
  } finally {
    closeSync(fd);
  }
};

if (inside)
  test('on a full disk new work is refused, what is under way is settled, and room is enough to go on', async () => {
    const store = path.join(inside, 'store');
    const filler = path.join(inside, 'filler');
    const { provider, gateway, call, end } = await makeScene(store);
    const { token } = await gateway.token('*');
    const gone = await gateway.token('*');
    const first = await call('talk', token, { message: 'Hello.' });
    assert.equal(first.status, 200);
    const session_id = first.meta.session_id;

    provider.hold();
    const under = Array.from({ length: 8 }, () => call('plain', token, { message: 'Slow.' }));
    await provider.called(9);
    fill(filler);
    provider.letGo();
    for (const answer of await Promise.all(under)) assert.equal(answer.status, 200);

    let refused;
    for (let i = 0; i < 500 && !refused; i++) {
      const answer = await call('talk', token, { message: 'x'.repeat(60000) });
      if (answer.status !== 200) refused = answer;
    }
    assert.equal(refused?.status, 503);
    assert.equal(refused.error.code, 'storage_full');
    assert.ok(Number(refused.retryAfter) > 0);

    // Reads, health, metrics, revocations and deletes go on.
    assert.equal((await fetch(`${gateway.url}/readyz`)).status, 200);
    assert.equal((await fetch(`${gateway.url}/metrics`)).status, 200);
    assert.equal((await gateway.admin('GET', '/admin/v1/tokens')).status, 200);
    assert.equal((await gateway.admin('GET', '/admin/v1/sessions?limit=10')).status, 200);
    assert.equal((await gateway.admin('POST', `/admin/v1/tokens/${gone.id}/revoke`, {})).status, 200);
    assert.equal((await call('plain', gone.token, { message: 'x' })).status, 401);
    assert.equal((await gateway.admin('DELETE', `/admin/v1/sessions/${session_id}`)).status, 200);
    assert.equal((await call('talk', token, { message: 'Hello.', session_id })).status, 404);
    const backup = await gateway.admin('POST', '/admin/v1/backups', {});
    assert.equal(backup.body.error.code, 'storage_full');

    // Room is enough, without a restart.
    rmSync(filler);
    const again = await call('talk', token, { message: 'Hello.' });
    assert.equal(again.status, 200, JSON.stringify(again));
    await end();
    const found = invariants(store, 'stopped');
    assert.equal(BigInt(found.settled_nano), provider.invoice);
    assert.equal(found.recovered_nano, 0);
  });

if (!inside)
  test('a disk that fails makes the store read-only until the next start, and nothing is acknowledged falsely', { skip: !existsSync(failingDisk) }, async () => {
    const store = await mkdtemp(path.join(os.tmpdir(), 'pinion-eio-'));
    const flag = path.join(os.tmpdir(), `pinion-fails-${process.pid}`);
    const env = {
      LD_PRELOAD: failingDisk,
      PINION_FAILING_DISK: flag,
      ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:verify_asan_link_order=0`,
    };
    const { provider, folder, gateway, call } = await makeScene(store, env);
    const { token } = await gateway.token('*');
    const { meta } = await call('talk', token, { message: 'Hello.' });
    await writeFile(flag, '');
    const turn = { message: 'Hello again.', session_id: meta.session_id };
    for (let i = 0; i < 3; i++) {
      const answer = await call('talk', token, turn);
      assert.equal(answer.status, 503);
      assert.equal(answer.error.code, 'storage_error');
    }
    assert.equal((await fetch(`${gateway.url}/readyz`)).status, 503);
    assert.equal((await fetch(`${gateway.url}/livez`)).status, 200);
    assert.equal((await gateway.admin('GET', `/admin/v1/sessions/${meta.session_id}`)).status, 503);
    assert.equal((await gateway.admin('POST', '/admin/v1/tokens', { scopes: ['*'] })).body.error.code, 'storage_error');
    // A disk that recovers is not trusted before the next start.
    await rm(flag);
    assert.equal((await call('talk', token, turn)).status, 503);
    gateway.child.kill('SIGKILL');
    await gateway.exited;

    const found = invariants(store);
    assert.ok(BigInt(found.settled_nano) + BigInt(found.recovered_nano) + BigInt(found.open_nano) >= provider.invoice);
    const next = await startGateway({ folder, store });
    const answer = await (await next.call('talk', turn, { token })).json();
    assert.match(answer.content, /^2 earlier/);
    next.child.kill('SIGTERM');
    assert.equal((await next.exited).code, 0);
    provider.stop();
    await rm(store, { recursive: true });
    await rm(folder, { recursive: true });
  });

if (!inside)
  test('a second server on the same store, or the same port, is refused, and the first is unharmed', async () => {
    const store = await mkdtemp(path.join(os.tmpdir(), 'pinion-second-'));
    const other = await mkdtemp(path.join(os.tmpdir(), 'pinion-second-'));
    const { folder, gateway, call, end } = await makeScene(store);
    const { token } = await gateway.token('*');
    const on = (where, address) => pinion(['serve', '--config', folder, '--store', where, '--listen', address]);
    const sameStore = await on(store, '127.0.0.1:0');
    assert.equal(sameStore.code, 1);
    assert.match(sameStore.stderr, new RegExp(`in use by process ${gateway.child.pid}`));
    const samePort = await on(other, `127.0.0.1:${gateway.port}`);
    assert.equal(samePort.code, 1);
    assert.match(samePort.stderr, /already in use/);
    assert.equal((await call('plain', token, { message: 'x' })).status, 200);
    assert.equal((await gateway.token('*')).token.length, token.length);
    await end();
    assert.equal(invariants(store, 'stopped').leases, 0);
    await rm(store, { recursive: true });
    await rm(other, { recursive: true });
  });
