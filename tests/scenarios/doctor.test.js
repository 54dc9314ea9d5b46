// What keeps a server from doing well is found, and told with what to do about it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { makeFolder, pinion, settings, startGateway, writeFiles } from './support/gateway.js';

const endpoint = 'provider: demo\nmodel: demo\nsystem: x\n';
let store, folder, place;
before(async () => {
  store = await mkdtemp(path.join(os.tmpdir(), 'pinion-doctor-'));
  folder = await makeFolder({ 'endpoints/talk.yaml': endpoint });
  place = ['--config', folder, '--store', store];
});
after(async () => {
  await rm(store, { recursive: true, force: true });
  await rm(folder, { recursive: true });
});

const doctor = async (run = (...words) => pinion([...words, ...place]), ...words) => {
  const { code, stdout } = await run('doctor', '--json', ...words);
  const told = JSON.parse(stdout);
  assert.equal(code, told.errors > 0 ? 1 : 0);
  assert.equal(told.ok, told.errors === 0);
  for (const check of told.checks) if (check.status !== 'ok') assert.ok(check.hint, check.message);
  return Object.fromEntries(told.checks.map((check) => [check.name, check]));
};

test('a healthy server is called so, beside it and deep', async () => {
  const gateway = await startGateway({ folder, store });
  await gateway.token('talk');
  await gateway.cli('backup');
  for (const deep of [[], ['--deep']]) {
    const found = await doctor(gateway.cli, ...deep);
    for (const name of ['server', 'version', 'config', 'keys', 'store', 'records', 'clock', 'backups', 'permissions'])
      assert.equal(found[name]?.status, 'ok', `${name}: ${found[name]?.message}`);
    assert.match(found.server.message, /is ready/);
    assert.match(found.records.message, deep.length ? /^all \d+ are whole/ : /--deep/);
  }
  // Another address, the same store: somebody is there and does not answer.
  const mute = await doctor((...words) => pinion([...words, ...place, '--admin', '127.0.0.1:1']));
  assert.equal(mute.server.status, 'error');
  assert.match(mute.server.message, new RegExp(`process ${gateway.child.pid} has the store open`));
  gateway.child.kill('SIGTERM');
  await gateway.exited;
});

test('without a server it says so, and it looks at the store itself', async () => {
  const found = await doctor();
  assert.equal(found.server.status, 'warning');
  assert.match(found.server.hint, /pinion serve/);
  assert.equal(found.store.status, 'ok');
});

test('metrics that every caller may read are told of', async () => {
  for (const [yaml, status, message] of [
    ['', 'ok', /this machine only/],
    ['listen: "[::1]:8080"\n', 'ok', /this machine only/],
    ['listen: 0.0.0.0:8080\n', 'warning', /^whoever reaches 0\.0\.0\.0:8080 may read \/metrics/],
    ['listen: 0.0.0.0:8080\nmetrics: {listen: "127.0.0.1:9464"}\n', 'ok', /at 127\.0\.0\.1:9464, and not to callers/],
  ]) {
    const own = await makeFolder({ 'pinion.yaml': yaml, 'endpoints/talk.yaml': endpoint });
    const { metrics } = await doctor((...words) => pinion([...words, '--config', own, '--store', store]));
    assert.equal(metrics.status, status);
    assert.match(metrics.message, message);
    await rm(own, { recursive: true });
  }
});

test('what others could read is an error with the command that closes it', async () => {
  await chmod(store, 0o755);
  await chmod(path.join(store, 'token.key'), 0o644);
  await chmod(path.join(store, 'audit.key'), 0o644);
  const { code, stdout } = await pinion(['doctor', ...place]);
  assert.equal(code, 1);
  assert.match(stdout, /^error +permissions +the store is open to others/m);
  await chmod(store, 0o700);
  for (const name of ['token.key', 'audit.key']) {
    assert.match(stdout, new RegExp(`-> chmod go= ${store}/${name}`));
    await chmod(path.join(store, name), 0o600);
  }
});

test('a key without which no server starts is missed', async () => {
  for (const name of ['token.key', 'audit.key']) {
    await rename(path.join(store, name), path.join(store, 'elsewhere'));
    const { code, stdout } = await pinion(['doctor', ...place]);
    await rename(path.join(store, 'elsewhere'), path.join(store, name));
    assert.equal(code, 1, name);
    assert.match(stdout, new RegExp(`^error +store +${store}/${name}: No such file`, 'm'));
    assert.match(stdout, /pinion restore/);
  }
  assert.equal((await doctor()).store.status, 'ok');
});

test('a clock that was set back is noticed by what the store was written at', async () => {
  const file = path.join(store, 'data.mdb');
  const future = new Date(Date.now() + 3600000);
  await utimes(file, future, future);
  const { clock } = await doctor();
  assert.equal(clock.status, 'error');
  assert.match(clock.message, /3[56]\d\d seconds from now/);
  await utimes(file, new Date(), new Date());
});

test('a damaged record is found when it is read', async () => {
  const damaged = await mkdtemp(path.join(os.tmpdir(), 'pinion-doctor-'));
  const gateway = await startGateway({ folder, store: damaged });
  await gateway.admin('POST', '/admin/v1/tokens', { scopes: ['talk'], name: 'a-name-to-be-found' });
  gateway.child.kill('SIGTERM');
  await gateway.exited;
  const where = (...words) => pinion([...words, '--config', folder, '--store', damaged]);
  assert.equal((await doctor(where, '--deep')).store.status, 'ok');
  // Every copy of it in the file: freed pages keep older ones.
  execFileSync('sed', ['-i', 's/a-name-to-be-found/a-name-to-be-fouNd/g', path.join(damaged, 'data.mdb')]);
  assert.equal((await doctor(where)).store.status, 'ok');
  const { store: found } = await doctor(where, '--deep');
  assert.equal(found.status, 'error');
  assert.match(found.message, /damaged/);
  assert.match(found.hint, /backup/);
  await rm(damaged, { recursive: true });
});

test('files that are wrong, keys that are missing and certificates that expire are told', async () => {
  const bad = await makeFolder({ 'endpoints/talk.yaml': endpoint, 'pinion.yaml': settings('http://127.0.0.1:9', 'store: var\n').replace('sk-test-canary', '${env:PINION_NO_SUCH_KEY}') });
  const where = (...words) => pinion([...words, '--config', bad]);
  const { config, keys } = await doctor(where);
  assert.equal(config.status, 'ok');
  assert.equal(keys.status, 'error');
  assert.match(keys.hint, /pinion check/);

  const make = (name, days) =>
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=x', '-days', String(days), '-keyout', path.join(bad, `${name}.key`), '-out', path.join(bad, `${name}.pem`)], { stdio: 'ignore' });
  make('long', 400);
  make('short', 3);
  for (const [name, status] of [['long', 'ok'], ['short', 'warning']]) {
    await rm(path.join(bad, 'cert.pem'), { force: true });
    await rm(path.join(bad, 'cert.key'), { force: true });
    await symlink(`${name}.pem`, path.join(bad, 'cert.pem'));
    await symlink(`${name}.key`, path.join(bad, 'cert.key'));
    await writeFiles(bad, { 'pinion.yaml': 'tls: {certificate: cert.pem, key: cert.key}\n' });
    assert.equal((await doctor(where)).certificate?.status, status);
  }

  await writeFile(path.join(bad, 'endpoints/talk.yaml'), 'provider: [');
  assert.equal((await doctor(where)).config.status, 'error');
  await rm(bad, { recursive: true });
});
