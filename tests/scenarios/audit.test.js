// The audit log: what is recorded of whom, that it is checked from outside, and that nothing can be
// changed, cut or lost without that being told.
import assert from 'node:assert/strict';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chat } from './support/files.js';
import { makeFolder, pinion, settings, startGateway, writeFiles } from './support/gateway.js';
import { startUpstream } from './support/upstream.js';

const records = async (gateway, query = 'limit=100') => {
  const { status, body } = await gateway.admin('GET', `/admin/v1/audit?${query}`);
  assert.equal(status, 200, JSON.stringify(body));
  return body.data;
};
const last = async (gateway, action) => (await records(gateway, `limit=1&order=desc&action=${action}`))[0];
const uid = String(process.getuid());

describe('what is recorded', () => {
  let upstream, gateway;
  before(async () => {
    upstream = await startUpstream();
    gateway = await startGateway({
      files: { 'pinion.yaml': settings(upstream.url), 'endpoints/chat.yaml': chat },
      env: { PINION_MASTER_KEY: randomBytes(32).toString('base64') },
    });
  });
  after(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  test('the start of the process, with its version and configuration', async () => {
    const [first] = await records(gateway);
    assert.equal(first.sequence, 1);
    assert.equal(first.action, 'process.start');
    assert.equal(first.actor, 'system');
    assert.match(first.object, /^pinion \d/);
    assert.match(first.details.config, /^[0-9a-f]{64}$/);
    assert.equal(first.details.endpoints, 1);
  });

  test('a token that is created and revoked, never the token itself', async () => {
    const created = await gateway.token('chat');
    const record = await last(gateway, 'token.create');
    assert.equal(record.object, created.id);
    assert.deepEqual([record.actor, record.actor_id, record.outcome], ['owner', uid, 'ok']);
    assert.match(record.request_id, /^req_/);
    await gateway.admin('POST', `/admin/v1/tokens/${created.id}/revoke`, {});
    const revoked = await last(gateway, 'token.revoke');
    assert.equal(revoked.object, created.id);
    const line = await gateway.logged(({ event }) => event === 'audit.token.revoke');
    assert.equal(line.head, `${revoked.sequence}:${revoked.hash}`);
    assert.deepEqual([line.object, line.actor_id, line.request_id], [created.id, uid, revoked.request_id]);
    assert.ok(!JSON.stringify(await records(gateway)).includes(created.token));
  });

  test('a secret that is set, sealed anew and deleted, never its value', async () => {
    const set = await gateway.admin('PUT', '/admin/v1/secrets/spare', { value: 'canary-spare-secret' });
    assert.equal(set.status, 200, JSON.stringify(set.body));
    await gateway.admin('DELETE', '/admin/v1/secrets/spare');
    for (const action of ['secret.set', 'secret.delete']) assert.equal((await last(gateway, action)).object, 'spare');
    assert.ok(!JSON.stringify(await records(gateway)).includes('canary'));
  });

  test('an act that is refused is not recorded as done', async () => {
    const { status } = await gateway.admin('DELETE', '/admin/v1/secrets/none');
    assert.equal(status, 404);
    assert.ok(!(await records(gateway, 'action=secret.delete')).some((record) => record.object === 'none'));
  });

  test('a configuration that is taken up, and one that is refused, by whom', async () => {
    const start = await last(gateway, 'process.start');
    await writeFiles(gateway.folder, { 'endpoints/second.yaml': chat.replace(/^slug: .*$/m, '') });
    assert.equal((await gateway.cli('reload')).code, 0);
    const good = await last(gateway, 'config.reload');
    assert.deepEqual([good.actor, good.outcome], ['owner', 'ok']);
    assert.equal(good.details.before, start.details.config);
    assert.notEqual(good.details.after, good.details.before);
    await writeFiles(gateway.folder, { 'endpoints/second.yaml': 'provider: nobody' });
    gateway.child.kill('SIGHUP');
    await gateway.logged((line) => line.event === 'reload' && line.level === 'error');
    const bad = await last(gateway, 'config.reload');
    assert.deepEqual([bad.actor, bad.peer, bad.outcome], ['system', 'signal', 'config_invalid']);
    assert.deepEqual(Object.keys(bad.details), ['before']);
    await rm(path.join(gateway.folder, 'endpoints/second.yaml'));
  });

  test('the first use of a provider key, once, and that it was refused', async () => {
    const { token } = await gateway.token('chat');
    upstream.json({ error: { message: 'no', type: 'x' } }, { status: 401 });
    for (let i = 0; i < 2; i++) upstream.answer('Hello.');
    for (const status of [502, 200, 200]) {
      const response = await gateway.call('chat', { message: 'hi' }, { token });
      await response.text();
      assert.equal(response.status, status);
    }
    await gateway.token('behind'); // whatever was on its way to the store is there before it
    const of = async (action) => (await records(gateway, `action=${action}`)).map(({ object, details }) => [object, details.key]);
    assert.deepEqual(await of('key.use'), [['upstream', 1]]);
    assert.deepEqual(await of('key.refused'), [['upstream', 1]]);
  });

  test('pages, filters and the order of the list', async () => {
    const all = await records(gateway);
    assert.deepEqual(all.map(({ sequence }) => sequence), all.map((_, index) => index + 1));
    const page = await gateway.admin('GET', '/admin/v1/audit?after=2&limit=2');
    assert.deepEqual(page.body.data.map(({ sequence }) => sequence), [3, 4]);
    assert.deepEqual([page.body.first_id, page.body.last_id, page.body.has_more], ['3', '4', true]);
    const [newest] = await records(gateway, 'order=desc&limit=1');
    assert.equal(newest.sequence, all.length);
    assert.deepEqual(await records(gateway, 'to=2020-01-01'), []);
    assert.equal((await records(gateway, `from=${encodeURIComponent(all[0].at)}`)).length, all.length);
    for (const query of ['limit=201', 'after=x', 'from=yesterday', 'order=up', 'when=now', 'action=%zz', 'limit=0']) {
      const { status, body } = await gateway.admin('GET', `/admin/v1/audit?${query}`);
      assert.equal(status, 400, query);
      assert.equal(body.error.code, 'invalid_request');
    }
  });

  test('the hashes and seals of an export are what anybody computes who has the key', async () => {
    const { body } = await gateway.admin('GET', '/admin/v1/audit/export');
    const key = await readFile(path.join(gateway.store, 'audit.key'));
    const number = (value) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt(value));
      return bytes;
    };
    const text = (value) => {
      const bytes = Buffer.from(value);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return Buffer.concat([length, bytes]);
    };
    let hash = Buffer.alloc(32);
    for (const record of body.data) {
      const said = Buffer.concat([
        number(record.sequence),
        number(Date.parse(record.at)),
        ...['actor', 'actor_id', 'peer', 'action', 'object', 'outcome'].map((name) => text(record[name])),
        text(record.details === null ? '' : JSON.stringify(record.details)),
        text(record.request_id),
      ]);
      hash = createHash('sha256').update(hash).update(said).digest();
      assert.equal(record.hash, hash.toString('hex'));
      assert.equal(record.seal, createHmac('sha256', key).update('record').update(hash).digest('hex'));
    }
    const exported = body.data.at(-1);
    assert.deepEqual([exported.action, exported.object], ['audit.export', 'after 0']);
    const { body: head } = await gateway.admin('GET', '/admin/v1/audit/head');
    assert.deepEqual(head, { head: `${exported.sequence}:${exported.hash}`, first: 1 });
  });
});

describe('who is refused', () => {
  test('is counted by address and reason, and recorded at the end at the latest', async () => {
    const upstream = await startUpstream();
    const folder = await makeFolder({ 'pinion.yaml': settings(upstream.url), 'endpoints/chat.yaml': chat });
    const first = await startGateway({ folder });
    const { token } = await first.token('other-*');
    const tried = ['pin_live_nothing', 'pin_live_nothing', 'pin_live_nothing', undefined, token];
    for (const bearer of tried) await (await first.call('chat', { message: 'hi' }, { token: bearer })).text();
    const { store } = first;
    first.child.kill('SIGTERM');
    await first.exited;
    const head = first.lines.filter((line) => line.event === 'audit.head').at(-1).head;
    assert.equal((await readFile(path.join(store, 'audit.head'), 'utf8')).trim(), head);

    const second = await startGateway({ folder, store });
    const failures = await records(second, 'action=auth.failure');
    assert.deepEqual(
      failures.map(({ actor, peer, outcome, details }) => [actor, peer, outcome, details.count]),
      [
        ['unknown', '127.0.0.1', 'invalid_token', 3],
        ['unknown', '127.0.0.1', 'missing_token', 1],
        ['unknown', '127.0.0.1', 'scope_denied', 1],
      ],
    );
    const all = await records(second);
    assert.ok(!JSON.stringify(all).includes('pin_live_'));
    const stop = all.find(({ action }) => action === 'process.stop');
    assert.equal(head, `${stop.sequence}:${stop.hash}`);
    await second.stop();
    await upstream.stop();
    await rm(folder, { recursive: true });
  });
});

describe('the command line', () => {
  let upstream, gateway;
  before(async () => {
    upstream = await startUpstream();
    gateway = await startGateway({ files: { 'pinion.yaml': settings(upstream.url), 'endpoints/chat.yaml': chat } });
    for (let i = 0; i < 3; i++) await gateway.token('chat');
  });
  after(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  test('lists what was done, the newest first', async () => {
    const { code, stdout } = await gateway.cli('audit', 'list', '--action', 'token');
    assert.equal(code, 0);
    const rows = stdout.trim().split('\n');
    assert.equal(rows.length, 3);
    assert.match(rows[0], new RegExp(`^4  \\S+Z  token.create +owner ${uid} +ok +tok_\\w{26}$`));
    const some = await gateway.cli('audit', 'list', '--limit', '2', '--before', '4');
    assert.equal(some.stdout.trim().split('\n').length, 2);
    assert.match(some.stderr, /there are older ones: --before 2/);
    assert.equal((await gateway.cli('audit', 'list', '--limit', '201')).code, 2);
    assert.equal((await gateway.cli('audit', 'list', '--from', 'monday')).code, 2);
    assert.equal((await gateway.cli('audit', 'list', '--action', 'Token')).code, 2);
  });

  test('exports one object a line, or a spreadsheet, and is recorded itself', async () => {
    const { code, stdout } = await gateway.cli('audit', 'export', '--after', '1');
    assert.equal(code, 0);
    const lines = stdout.trim().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(lines.slice(0, 3), (await records(gateway)).slice(1, 4));
    assert.equal(lines.at(-1).action, 'audit.export');
    const csv = await gateway.cli('audit', 'export', '--format', 'csv', '--action', 'process');
    const [head, row] = csv.stdout.split('\r\n');
    assert.equal(head, 'sequence,at,actor,actor_id,peer,action,object,outcome,details,request_id,hash,seal');
    assert.match(row, /^1,\S+Z,system,,,process\.start,pinion [^,]+,ok,"\{""pid"":\d+,""config"":""[0-9a-f]{64}"",""endpoints"":1\}",,/);
  });

  test('verifies beside the running gateway, also against heads that were kept', async () => {
    const { body } = await gateway.admin('GET', '/admin/v1/audit/head');
    await gateway.token('chat');
    const whole = await gateway.cli('audit', 'verify', '--json', '--head', body.head);
    assert.equal(whole.code, 0, whole.stderr);
    const verdict = JSON.parse(whole.stdout);
    assert.deepEqual([verdict.ok, verdict.seals, verdict.heads_met], [true, true, 1]);
    assert.equal(verdict.records, Number(verdict.head.split(':')[0]));
    const [number] = body.head.split(':');
    const other = await gateway.cli('audit', 'verify', '--head', `${number}:${'0'.repeat(64)}`);
    assert.equal(other.code, 1);
    assert.match(other.stderr, new RegExp(`audit record ${number}\\b`));
    const beyond = await gateway.cli('audit', 'verify', '--json', '--head', `99:${'0'.repeat(64)}`);
    assert.equal(beyond.code, 1);
    assert.equal(JSON.parse(beyond.stderr).error.code, 'audit_broken');
    assert.equal((await gateway.cli('audit', 'verify', '--head', 'tail')).code, 2);
  });
});

describe('after a kill -9', () => {
  test('every act that was answered is recorded, and the chain is whole', async () => {
    const upstream = await startUpstream();
    const folder = await makeFolder({ 'pinion.yaml': settings(upstream.url), 'endpoints/chat.yaml': chat });
    const first = await startGateway({ folder });
    const answered = [];
    const asking = Array.from({ length: 8 }, async () => {
      try {
        for (;;) answered.push((await first.token('chat')).id);
      } catch {
        // it was killed
      }
    });
    while (answered.length < 50) await new Promise((resolve) => setImmediate(resolve));
    first.child.kill('SIGKILL');
    await first.exited;
    await Promise.all(asking);

    const second = await startGateway({ folder, store: first.store });
    const verdict = await second.cli('audit', 'verify', '--json');
    assert.equal(verdict.code, 0, verdict.stderr);
    const { stdout } = await second.cli('audit', 'export', '--action', 'token.create');
    const recorded = new Set(stdout.trim().split('\n').map((line) => JSON.parse(line).object));
    for (const id of answered) assert.ok(recorded.has(id), id);
    const actions = (await records(second, 'action=process')).map(({ action }) => action);
    assert.deepEqual(actions, ['process.start', 'process.start']); // no stop between them: a crash
    await second.stop();
    await upstream.stop();
    await rm(folder, { recursive: true });
  });
});

describe('a store that was written into', () => {
  test('a single flipped byte of a record is found, and which one', async () => {
    const folder = await makeFolder({ 'endpoints/chat.yaml': chat.replace('upstream', 'demo') });
    const store = path.join(folder, 'var');
    const cli = (...words) => pinion([...words, '--config', folder, '--store', store]);
    for (const name of ['one', 'two', 'three']) assert.equal((await cli('token', 'create', '--scope', 'chat', '--name', name)).code, 0);
    assert.equal((await cli('audit', 'verify')).code, 0);
    const { stdout } = await cli('audit', 'list', '--json');
    const { object } = JSON.parse(stdout).data.find(({ sequence }) => sequence === 2);
    const file = path.join(store, 'data.mdb');
    const bytes = await readFile(file);
    // In every page that holds it: old ones may lie beside the one in use.
    for (let at = bytes.indexOf(`token.create`); at >= 0; at = bytes.indexOf('token.create', at + 1))
      if (bytes.subarray(at, at + 60).includes(object)) bytes[at] ^= 1;
    await writeFile(file, bytes);
    const verdict = await cli('audit', 'verify');
    assert.equal(verdict.code, 1);
    assert.match(verdict.stderr, /its checksum does not match[^]*audit record 2/);
    await rm(folder, { recursive: true });
  });

  test('without its key it is refused, so that nobody goes on under another', async () => {
    const folder = await makeFolder({ 'endpoints/chat.yaml': chat.replace('upstream', 'demo') });
    const store = path.join(folder, 'var');
    const cli = (...words) => pinion([...words, '--config', folder, '--store', store]);
    assert.equal((await cli('token', 'create', '--scope', 'chat')).code, 0);
    await rm(path.join(store, 'audit.key'));
    for (const words of [['token', 'list'], ['audit', 'verify'], ['serve']]) {
      const { code, stderr } = await cli(...words);
      assert.equal(code, 1, words.join(' '));
      assert.match(stderr, /cannot open the audit key/);
    }
    const hashes = await cli('audit', 'verify', '--hashes-only');
    assert.match(hashes.stdout, /records 1 to 1, hashes alone/);
    await rm(folder, { recursive: true });
  });
});
