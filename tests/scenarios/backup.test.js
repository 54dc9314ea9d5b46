// The store is copied while it is in use, and a copy takes its place again.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { makeFolder, pinion, startGateway } from './support/gateway.js';

let store, folder, place;
before(async () => {
  store = await mkdtemp(path.join(os.tmpdir(), 'pinion-backup-'));
  folder = await makeFolder({
    'endpoints/talk.yaml': 'provider: demo\nmodel: demo\nsystem: x\nsession: {ttl: 1h, max_messages: 1000}\n',
  });
  place = ['--config', folder, '--store', store];
});
after(async () => {
  await rm(store, { recursive: true, force: true });
  await rm(folder, { recursive: true });
});

const end = async (gateway) => {
  gateway.child.kill('SIGTERM');
  assert.equal((await gateway.exited).code, 0);
};
const say = async (gateway, token, session_id) => {
  const answer = await gateway.call('talk', { message: 'Count.', ...(session_id && { session_id }) }, { token });
  return { status: answer.status, ...(await answer.json()) };
};
const earlier = (answer) => Number(answer.content.match(/(\d+) earlier messages?/)?.[1] ?? 0);

test('a backup taken under load holds every turn that was answered before it, and is restored whole', { timeout: 120000 }, async () => {
  const gateway = await startGateway({ folder, store });
  const { token, id } = await gateway.token('talk');
  const turns = new Map(); // session -> turns answered
  let over = false;
  const talk = async () => {
    let session;
    while (!over) {
      const answer = await say(gateway, token, session);
      assert.equal(answer.status, 200);
      session = answer.meta.session_id;
      turns.set(session, (turns.get(session) ?? 0) + 1);
    }
  };
  const talking = Array.from({ length: 8 }, talk);
  while ([...turns.values()].filter((count) => count > 3).length < 8) await new Promise(setImmediate);
  const before = new Map(turns);
  const taken = await gateway.cli('backup', 'one', '--json');
  assert.equal(taken.code, 0, taken.stderr);
  const manifest = JSON.parse(taken.stdout);
  over = true;
  await Promise.all(talking);
  assert.equal(manifest.records.tokens, 1);
  assert.equal(manifest.records.sessions, 8);

  // What comes after the copy is not in it.
  const late = await say(gateway, token);
  const lateToken = await gateway.token('talk');
  await gateway.admin('POST', `/admin/v1/tokens/${id}/revoke`, {});
  assert.equal((await say(gateway, token)).status, 401);

  // Not while it runs.
  const refused = await gateway.cli('restore', 'one', '--yes');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /in use by process \d+/);
  await end(gateway);

  // Not without a word.
  const unasked = await pinion(['restore', 'one', ...place]);
  assert.equal(unasked.code, 2);
  assert.match(unasked.stderr, /--yes/);
  const restored = await pinion(['restore', 'one', '--yes', ...place]);
  assert.equal(restored.code, 0, restored.stderr);
  assert.match(restored.stderr, /money spent since then is in no budget/);
  const [, kept] = restored.stderr.match(/kept in (\S+)/);
  assert.ok((await readdir(kept)).includes('data.mdb'));

  const again = await startGateway({ folder, store });
  assert.equal((await fetch(`${again.url}/readyz`)).status, 200);
  for (const [session, answered] of before) {
    const answer = await say(again, token, session);
    assert.equal(answer.status, 200, JSON.stringify(answer));
    assert.ok(earlier(answer) >= 2 * answered, `${session}: ${answered} turns before the copy, ${answer.content}`);
    assert.ok(earlier(answer) <= 2 * turns.get(session));
  }
  assert.equal((await say(again, token, late.meta.session_id)).status, 404);
  assert.equal((await say(again, lateToken.token)).status, 401);
  await end(again);
});

test('backups are listed, verified and deleted, with a server and without', async () => {
  const gateway = await startGateway({ folder, store });
  for (const run of [gateway.cli, (...words) => pinion([...words, ...place])]) {
    const taken = await run('backup', '--json');
    assert.equal(taken.code, 0, taken.stderr);
    const { name } = JSON.parse(taken.stdout);
    assert.match(name, /^\d{8}t\d{6}z$/);
    const list = JSON.parse((await run('backup', 'list', '--json')).stdout);
    assert.equal(list.object, 'list');
    assert.deepEqual([list.first_id, list.last_id, list.has_more], [name, 'one', false]);
    assert.match((await run('backup', 'list')).stdout, /^one +\d{4}-.* MiB$/m);
    assert.equal((await run('backup', 'verify', name)).code, 0);
    assert.equal((await run('backup', name)).code, 1);
    const unasked = await run('backup', 'delete', name);
    assert.equal(unasked.code, 2);
    assert.match(unasked.stderr, /cannot be brought back[^]*--yes/);
    assert.equal((await run('backup', 'delete', name, '--yes')).code, 0);
    assert.equal((await run('backup', 'verify', name)).code, 5);
    assert.equal((await run('backup', '../x')).code, 2);
    assert.equal((await run('backup', 'verify', '../one')).code, 2);
    if (run === gateway.cli) await end(gateway);
  }
  for (const name of await readdir(path.join(store, 'backups/one')))
    assert.equal((await stat(path.join(store, 'backups/one', name))).mode & 0o77, 0);
});

test('the admin call takes a name and never a path', async () => {
  const gateway = await startGateway({ folder, store });
  for (const name of ['../x', '/tmp/x', '.x', 7])
    assert.equal((await gateway.admin('POST', '/admin/v1/backups', { name })).status, 400);
  assert.equal((await gateway.admin('POST', '/admin/v1/backups/..%2fone/verify', {})).status, 404);
  assert.equal((await gateway.admin('POST', '/admin/v1/backups', { name: 'one' })).status, 409);
  // What was not done is not told as done, and what is no name is not told at all.
  const { body: told } = await gateway.admin('GET', '/admin/v1/audit?action=backup&order=desc&limit=2');
  assert.deepEqual(told.data.map(({ action, object, outcome }) => [action, object, outcome]), [
    ['backup.create', 'one', 'backup_conflict'],
    ['backup.create', 'one', 'ok'],
  ]);
  const { body: all } = await gateway.admin('GET', '/admin/v1/audit?action=backup&limit=100');
  assert.ok(!all.data.some(({ object }) => /x/.test(object)), JSON.stringify(all.data));
  const both = await Promise.all(['a', 'b', 'a'].map((name) => gateway.admin('POST', '/admin/v1/backups', { name })));
  for (const { status, body } of both) assert.ok(status === 201 || body.error.code === 'backup_conflict', JSON.stringify(body));
  assert.ok(both.some(({ status }) => status === 201));
  await end(gateway);
});

test('the folder of backups is the one that the configuration names', async () => {
  const elsewhere = await makeFolder({
    'pinion.yaml': 'store: var\nbackups: copies\n',
    'endpoints/talk.yaml': 'provider: demo\nmodel: demo\nsystem: x\n',
  });
  const taken = await pinion(['backup', 'first', '--config', elsewhere]);
  assert.equal(taken.code, 0, taken.stderr);
  assert.equal(taken.stdout, 'first\n');
  const manifest = JSON.parse(await readFile(path.join(elsewhere, 'copies/first/backup.json'), 'utf8'));
  assert.equal(manifest.name, 'first');
  const moved = await pinion(['restore', path.join(elsewhere, 'copies/first'), '--yes', '--config', elsewhere, '--store', path.join(elsewhere, 'new')]);
  assert.equal(moved.code, 0, moved.stderr);
  assert.ok((await readdir(path.join(elsewhere, 'new'))).includes('data.mdb'));
  await rm(elsewhere, { recursive: true });
});
