// What an endpoint has been: its history, going back to a version of it, and what the folder would change.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { chat, files, sumOut } from './support/files.js';
import { makeFolder, startGateway, writeFiles } from './support/gateway.js';
import { scene } from './support/scene.js';
import { startUpstream } from './support/upstream.js';

const on = scene();
const write = (more) => writeFiles(on.gateway.folder, more);
const voice = (word) => ({ 'endpoints/chat.yaml': chat.replace('brief', word) });

async function reload(more) {
  await write(more);
  const { code, stderr } = await on.gateway.cli('reload');
  assert.equal(code, 0, stderr);
  return stderr;
}

// What the provider is told, and which version says so.
async function said(options = on) {
  on.upstream.answer('x');
  const response = await on.gateway.call('chat', { message: 'x' }, options);
  const { meta, error } = await response.json();
  assert.equal(response.status, 200, error?.message);
  assert.equal(response.headers.get('pinion-version'), String(meta.version));
  return [meta.version, on.upstream.calls.at(-1).body.messages[0].content];
}

async function history(slug = 'chat') {
  const { status, body } = await on.gateway.admin('GET', `/admin/v1/endpoints/${slug}/versions`);
  assert.equal(status, 200);
  return body.data;
}

test('what a load brings that is new is a version, with its time, its cause and its files', async () => {
  assert.deepEqual(await said(), [1, 'You are brief.']);
  await reload(voice('verbose'));
  assert.deepEqual(await said(), [2, 'You are verbose.']);
  await reload({ 'endpoints/chat.yaml': `${chat.replace('brief', 'verbose')}# a remark changes nothing\n` });
  assert.deepEqual(await said(), [2, 'You are verbose.']);

  const [second, first] = await history();
  assert.deepEqual([second.version, second.cause, second.actor], [2, 'reload', 'owner']);
  assert.deepEqual([first.version, first.cause, first.actor], [1, 'start', 'system']);
  assert.deepEqual(second.changes, [{ path: 'endpoints/chat.yaml', change: 'changed' }]);
  assert.ok(Math.abs(Date.parse(second.at) - Date.now()) < 300_000);
  assert.match(second.hash, /^[0-9a-f]{64}$/);

  const line = await on.gateway.journal(await (async () => (on.upstream.answer('x'), on.gateway.call('chat', { message: 'x' }, on)))());
  assert.deepEqual([line.version, line.version_hash], [2, second.hash.slice(0, 12)]);
  assert.match((await fetch(`${on.gateway.url}/metrics`).then((r) => r.text())), /pinion_endpoint_info\{endpoint="chat",version="2"/);
});

test('a version is made of the schemas that it refers to', async () => {
  await reload({
    'schemas/number.json': { type: 'integer' },
    'schemas/sum.out.json': { ...sumOut, properties: { sum: { $ref: 'number.json' } } },
  });
  const [second] = await history('sum');
  assert.deepEqual(
    second.changes.map(({ path: file, change }) => [file, change]),
    [['schemas/sum.out.json', 'changed'], ['schemas/number.json', 'added']],
  );
  const { body } = await on.gateway.admin('GET', '/admin/v1/versions/sum@1');
  assert.deepEqual(JSON.parse(body.files.find((file) => file.path === 'schemas/sum.out.json').content), sumOut);
});

test('history lists them, shows one and writes its files', async () => {
  const { stdout, code } = await on.gateway.cli('history', 'chat');
  assert.equal(code, 0);
  const [now, before] = stdout.split('\n');
  assert.match(now, /^\* +2 {2}[0-9a-f]{12} {2}\S+Z {2}reload +owner \d+ +endpoints\/chat\.yaml$/);
  assert.match(before, /^ +1 {2}[0-9a-f]{12} {2}\S+Z {2}start +system +the first that is known$/);
  assert.equal(JSON.parse((await on.gateway.cli('history', 'chat', '--json')).stdout).data.length, 2);

  const shown = await on.gateway.cli('history', 'chat@1');
  assert.match(shown.stdout, /^==> endpoints\/chat\.yaml <==\n\nslug: chat\n/);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pinion-old-'));
  const written = await on.gateway.cli('history', 'sum@1', '--output', folder);
  assert.equal(written.code, 0, written.stderr);
  assert.deepEqual(JSON.parse(await readFile(path.join(folder, 'schemas/sum.out.json'), 'utf8')), sumOut);
  await rm(folder, { recursive: true });

  const missing = await on.gateway.cli('history', 'chat@9');
  assert.equal(missing.code, 5);
  assert.equal(missing.stderr, "pinion: error: endpoint 'chat' has no version 9 in its history\n  help: list them with 'pinion history chat'\n");
  const nobody = await on.gateway.cli('history', 'nobody');
  assert.deepEqual([nobody.code, nobody.stderr], [5, "pinion: error: there is no endpoint 'nobody'\n"]);
  const wrong = await on.gateway.cli('history', 'chat@latest');
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /'chat@latest' names no version of an endpoint\n.*\n {2}help: write summarize@7/);
});

test('diff shows what the folder would change, and what one version has changed of another', async () => {
  assert.deepEqual(await on.gateway.cli('diff', '--exit-code'), { code: 0, stdout: '', stderr: 'no differences\n' });
  await write({ ...voice('curt'), 'endpoints/fresh.yaml': chat.replace('slug: chat', 'slug: fresh') });
  const all = await on.gateway.cli('diff', '--exit-code');
  assert.equal(all.code, 8);
  assert.match(all.stdout, /^chat: changed\n--- endpoints\/chat\.yaml\t\(version 2\)\n\+\+\+ endpoints\/chat\.yaml\t\(folder\)\n@@ /);
  assert.match(all.stdout, /\n-system: You are verbose\.\n\+system: You are curt\.\n/);
  assert.match(all.stdout, /\nfresh: added\n--- \/dev\/null\n\+\+\+ endpoints\/fresh\.yaml\t\(folder\)\n@@ -0,0 \+1,7 @@\n/);
  const one = await on.gateway.cli('diff', 'fresh');
  assert.equal(one.code, 0);
  assert.ok(one.stdout.startsWith('fresh: added\n'));
  const json = JSON.parse((await on.gateway.cli('diff', '--json')).stdout);
  assert.equal(json.different, true);
  assert.deepEqual(json.endpoints.map(({ endpoint, status }) => [endpoint, status]), [['chat', 'changed'], ['fresh', 'added']]);
  assert.deepEqual(json.endpoints[0].files.map(({ path: file, change }) => [file, change]), [['endpoints/chat.yaml', 'changed']]);

  const versions = await on.gateway.cli('diff', 'chat@1', 'chat@2');
  assert.match(versions.stdout, /^chat: changed\n--- endpoints\/chat\.yaml\t\(version 1\)\n\+\+\+ endpoints\/chat\.yaml\t\(version 2\)\n/);
  const unknown = await on.gateway.cli('diff', 'nobody');
  assert.deepEqual([unknown.code, unknown.stderr], [5, "pinion: error: there is no endpoint 'nobody', neither in force nor in the folder\n"]);
  await write({ 'endpoints/fresh.yaml': 'provider: nobody\n' });
  assert.equal((await on.gateway.cli('diff')).code, 3, 'a folder that does not load has no diff');
  await rm(path.join(on.gateway.folder, 'endpoints/fresh.yaml'));
  await reload(voice('verbose'));
});

test('an old version is in force again until its files change', async () => {
  const { code, stderr } = await on.gateway.cli('rollback', 'chat@1');
  assert.equal(code, 0);
  assert.equal(
    stderr,
    'chat is what it was in version 1; this is its version 3\n' +
      'It stays so until the endpoint\'s files change. To have the files as they were too: pinion rollback chat@1 --write\n',
  );
  assert.deepEqual(await said(), [3, 'You are brief.']);
  const [third] = await history();
  assert.deepEqual([third.cause, third.of, third.pinned, third.actor], ['rollback', 1, true, 'owner']);
  assert.match((await on.gateway.cli('history', 'chat')).stdout, /^\* +3 .* back to 1 {2}\(in place of the folder's files\)\n/);
  const { body } = await on.gateway.admin('GET', '/admin/v1/audit?action=config.rollback');
  assert.deepEqual(body.data.map((record) => [record.object, record.actor]), [['chat@1', 'owner']]);
  assert.equal((await readFile(path.join(on.gateway.folder, 'endpoints/chat.yaml'), 'utf8')), voice('verbose')['endpoints/chat.yaml'], 'the author\'s files are left alone');

  const told = await on.gateway.cli('reload');
  assert.match(told.stderr, /^warning\[W0603\]: the endpoint is rolled back: its version 3 is in force in place of this file\n +--> endpoints\/chat\.yaml\n/);
  assert.deepEqual(await said(), [3, 'You are brief.']);
  assert.match((await on.gateway.cli('check')).stdout, /W0603/);
  const diff = await on.gateway.cli('diff', 'chat');
  assert.match(diff.stdout, /^chat: changed \(it is rolled back; the folder's files are not in force\)\n/);

  assert.match(await reload(voice('curt')), /^note: chat is no longer rolled back, because its files have changed\nreloaded: /);
  assert.deepEqual(await said(), [4, 'You are curt.']);
  assert.equal((await history())[0].pinned, false);
  await on.gateway.logged((line) => line.event === 'rollback' && /has ended/.test(line.msg) && line.endpoint === 'chat');
  assert.doesNotMatch((await on.gateway.cli('check')).stdout, /W0603/);
});

test('going back to what the folder has pins nothing', async () => {
  await on.gateway.cli('rollback', 'chat@1');
  const { stderr } = await on.gateway.cli('rollback', 'chat@4');
  assert.equal(stderr, 'chat is what it was in version 4; this is its version 6\n');
  assert.equal((await history())[0].pinned, false);
  assert.doesNotMatch((await on.gateway.cli('check')).stdout, /W0603/);
  assert.deepEqual(await said(), [6, 'You are curt.']);
});

test('a rollback does not put into force what else has changed in the folder', async () => {
  await write({ ...voice('half-written'), 'endpoints/broken.yaml': 'sytem: x\n' });
  const { code, stderr } = await on.gateway.cli('rollback', 'chat@2');
  assert.equal(code, 0, stderr);
  assert.deepEqual(await said(), [7, 'You are verbose.']);
  await rm(path.join(on.gateway.folder, 'endpoints/broken.yaml'));
  await reload(voice('curt'));
  // what it replaced is what the folder has again, so the rollback still holds
  assert.deepEqual(await said(), [7, 'You are verbose.']);
});

test('--write puts the files back as well, and then nothing is pinned any more', async () => {
  const refused = await on.gateway.cli('rollback', 'chat@1', '--write', '--no-input');
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /the endpoint's files in the configuration folder are replaced/);
  assert.deepEqual(await said(), [7, 'You are verbose.']);
  const { code, stderr } = await on.gateway.cli('rollback', 'chat@1', '--write', '--yes');
  assert.equal(code, 0, stderr);
  assert.match(stderr, /wrote .*endpoints\/chat\.yaml\n/);
  assert.equal(await readFile(path.join(on.gateway.folder, 'endpoints/chat.yaml'), 'utf8'), chat);
  assert.equal((await on.gateway.cli('reload')).code, 0);
  assert.deepEqual(await said(), [8, 'You are brief.']);
  assert.equal((await history())[0].pinned, false);
});

test('what does not load any more is refused, with its reasons, and nothing has changed', async () => {
  await reload({ 'pinion.yaml': `${await readFile(path.join(on.gateway.folder, 'pinion.yaml'), 'utf8')}templates: {extra: {provider: upstream, model: gpt-4.1}}\n`,
    'endpoints/chat.yaml': `${chat}routing: [{name: all, when: {streaming: false}, use: {template: extra}}]\n` });
  const [using] = await history();
  await reload({ 'pinion.yaml': (await readFile(path.join(on.gateway.folder, 'pinion.yaml'), 'utf8')).replace(/templates:.*\n/, ''), ...voice('brief') });
  const before = await said();
  const { code, stderr } = await on.gateway.cli('rollback', `chat@${using.version}`);
  assert.equal(code, 3);
  assert.match(stderr, new RegExp(`error\\[E0503\\]: .*extra.*\\n +--> chat@${using.version}:endpoints/chat\\.yaml:`));
  assert.match(stderr, /not rolled back: what was in force stays in force\n$/);
  assert.deepEqual(await said(), before);
  assert.equal((await history())[0].version, before[0]);
  const nowhere = await on.gateway.cli('rollback', 'chat');
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.stderr, /back to which version\?/);
});

test('a call may name a version: in its path, in a header, in its body; by number or by hash', async () => {
  const { token } = await on.gateway.token('*@*');
  const [, first] = (await history()).slice(-2);
  const ask = async (slug, headers = {}, body = { message: 'x' }) => {
    on.upstream.answer('x');
    const response = await on.gateway.call(slug, body, { token, headers });
    const { meta, error } = await response.json();
    assert.equal(response.status, 200, error?.message);
    return [response.headers.get('pinion-endpoint'), meta.version, on.upstream.calls.at(-1).body.messages[0].content];
  };

  assert.deepEqual(await ask('chat@1'), ['chat', 1, 'You are brief.']);
  assert.deepEqual(await ask('chat@2'), ['chat', 2, 'You are verbose.']);
  assert.deepEqual(await ask('chat', { 'Pinion-Endpoint-Version': '2' }), ['chat', 2, 'You are verbose.']);
  assert.deepEqual(await ask(`chat@${first.hash.slice(0, 12)}`).then(([, , text]) => text), 'You are brief.');
  assert.deepEqual(await ask('api/default/chat@2'), ['chat', 2, 'You are verbose.']);
  assert.deepEqual(
    await ask('api/default/chat/completions', {}, { endpoint: 'chat@2', messages: [{ role: 'user', content: 'x' }] }),
    ['chat', 2, 'You are verbose.'],
  );
  const [now] = await history();
  assert.equal((await ask(`chat@${now.version}`))[1], now.version);

  // with the settings of today, each time that they change
  on.upstream.answer('x');
  const yaml = path.join(on.gateway.folder, 'pinion.yaml');
  await reload({ 'pinion.yaml': (await readFile(yaml, 'utf8')).replace('workers: 2', 'workers: 2\nlimits: {callers: {per_minute: 7777}}') });
  const limited = await on.gateway.call('chat@2', { message: 'x' }, { token });
  assert.match(limited.headers.get('ratelimit-policy'), /q=7777/);
  await limited.arrayBuffer();
});

test('a version is limited as the endpoint is today, and its calls count against the same budget', async () => {
  const thrifty = (more = '') => ({ 'endpoints/thrifty.yaml': `${chat.replace('slug: chat', 'slug: thrifty')}params: {max_tokens: 10}\n${more}` });
  const { token } = await on.gateway.token('thrifty@*');
  const ask = async (slug) => {
    const response = await on.gateway.call(slug, { message: 'x' }, { token });
    const { error } = await response.json();
    return error?.code ?? response.status;
  };
  const answered = (slug) => (on.upstream.answer('x'), ask(slug));
  await reload(thrifty());
  await reload(thrifty('budget: {monthly_usd: 0.00006}\n'));
  assert.deepEqual([await answered('thrifty@1'), await answered('thrifty')], [200, 200]);
  assert.deepEqual([await ask('thrifty@1'), await ask('thrifty')], ['monthly_budget_exceeded', 'monthly_budget_exceeded']);
  await reload(thrifty('limits: {per_minute: 2}\n'));
  assert.deepEqual([await answered('thrifty@1'), await answered('thrifty')], [200, 200]);
  assert.deepEqual([await ask('thrifty@1'), await ask('thrifty')], ['rate_limit_exceeded', 'rate_limit_exceeded']);
});

test('of many calls at once for a version that is not ready, all are answered', async () => {
  const { token } = await on.gateway.token('sum@*');
  await reload({ 'pinion.yaml': (await readFile(path.join(on.gateway.folder, 'pinion.yaml'), 'utf8')).replace('7777', '7778') });
  const calls = Array.from({ length: 60 }, (_, i) => {
    on.upstream.answer({ sum: 4 });
    return on.gateway.call(`sum@${1 + (i % 2)}`, { a: 2, b: 2 }, { token }).then(async (response) => {
      const { meta, error } = await response.json();
      return [response.status, meta?.version ?? error.message];
    });
  });
  assert.deepEqual(await Promise.all(calls), calls.map((_, i) => [200, 1 + (i % 2)]));
});

test('versions are for scopes that name them, and what is no version is told', async () => {
  const refused = async (slug, scopes, headers = {}) => {
    const { token } = await on.gateway.token(...scopes);
    const response = await on.gateway.call(slug, { message: 'x' }, { token, headers });
    const { error } = await response.json();
    return [response.status, error.code, error.message, error.hint];
  };
  const before = on.upstream.calls.length;

  assert.deepEqual(await refused('chat@1', ['chat']), [
    403, 'scope_denied', "this token may call endpoint 'chat' only as it is in force", 'versions need a scope such as chat@* or chat@7',
  ]);
  assert.equal((await refused('chat@1', ['*']))[0], 403);
  assert.equal((await refused('chat@1', ['chat@2']))[0], 403);
  assert.equal((await refused('chat', ['chat@1']))[1], 'scope_denied');
  const [{ hash }] = (await history()).filter((entry) => entry.version === 2);
  assert.equal((await refused(`chat@${hash.slice(0, 20)}`, ['chat@1']))[0], 403, 'a hash is no way around');
  assert.deepEqual((await refused('chat@999', ['*@*'])).slice(0, 3), [404, 'version_not_found', "endpoint 'chat' has no version 999 in its history"]);
  assert.deepEqual((await refused('chat@latest', ['*@*'])).slice(0, 3), [404, 'version_not_found', "'latest' names no version"]);
  assert.deepEqual((await refused('chat@1', ['*@*'], { 'pinion-endpoint-version': '2' })).slice(0, 2), [400, 'invalid_request']);
  assert.deepEqual((await refused('nobody@1', ['*@*'])).slice(0, 2), [404, 'endpoint_not_found']);
  const gone = (await history()).find((entry) => entry.changes?.length && entry.version === 9);
  const [status, code, message] = await refused(`chat@${gone.version}`, ['*@*']);
  assert.deepEqual([status, code], [404, 'version_not_found']);
  assert.match(message, /can no longer be served: it does not fit the configuration of today/);
  assert.match((await on.gateway.logged((line) => line.event === 'version')).report, /E0503/);
  assert.equal(on.upstream.calls.length, before);

  const wrong = await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['chat@latest'] });
  assert.equal(wrong.status, 400);
});

test('a caller who leaves while his version is made leaves nothing behind', async () => {
  const { token } = await on.gateway.token('*@*');
  await reload({ 'pinion.yaml': (await readFile(path.join(on.gateway.folder, 'pinion.yaml'), 'utf8')).replace('7778', '7779') });
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const aborter = new AbortController();
      const call = on.gateway.call('chat@998', { message: 'x' }, { token, signal: aborter.signal }).then(() => {}, () => {});
      setImmediate(() => aborter.abort());
      return call;
    }),
  );
  on.upstream.answer('x');
  assert.equal((await on.gateway.call('chat@2', { message: 'x' }, { token })).status, 200);
});

test('killed in the midst of rollbacks, the gateway comes back with one version or the other, whole', async () => {
  const upstream = await startUpstream();
  const folder = await makeFolder(files(upstream));
  const store = await mkdtemp(path.join(os.tmpdir(), 'pinion-store-'));
  let acknowledged;

  let gateway = await startGateway({ folder, store });
  await writeFiles(folder, voice('verbose'));
  await gateway.cli('reload');
  for (let round = 0; round < 6; round++) {
    const token = (await gateway.token('*')).token;
    const words = { brief: [], verbose: [] };
    const { body } = await gateway.admin('GET', '/admin/v1/endpoints/chat/versions');
    upstream.answer('x');
    const response = await gateway.call('chat', { message: 'x' }, { token });
    const version = Number(response.headers.get('pinion-version'));
    const word = /brief|verbose/.exec(upstream.calls.at(-1).body.messages[0].content)[0];
    const shown = body.data.find((entry) => entry.version === version);

    assert.equal(version, body.data[0].version, 'the last version is the one in force');
    if (acknowledged) assert.ok(version >= acknowledged.version, 'what was acknowledged is not lost');
    if (acknowledged?.version === version) assert.equal(word, acknowledged.word);
    assert.equal(shown.pinned, word === 'brief', 'the folder has the verbose one');
    words.brief = 1;
    words.verbose = 2;
    // Both ways by turns, as fast as they are answered, until the process is gone.
    const ended = (async () => {
      for (let turn = 0; ; turn++) {
        const to = turn % 2 === 0 ? 'brief' : 'verbose';
        const answer = await gateway.admin('POST', '/admin/v1/endpoints/chat/rollback', { version: words[to] }).catch(() => undefined);
        if (answer?.status !== 200) return;
        acknowledged = { version: answer.body.version, word: to };
        if (turn === 2 * round + 1) gateway.child.kill('SIGKILL');
      }
    })();
    await ended;
    await gateway.exited;
    gateway = await startGateway({ folder, store });
  }
  assert.equal((await gateway.cli('rollback', 'chat@1')).code, 0);
  gateway.child.kill('SIGTERM');
  await gateway.exited;
  await writeFiles(folder, voice('curt'));
  gateway = await startGateway({ folder, store });
  await gateway.logged((line) => line.event === 'rollback' && /has ended/.test(line.msg));
  assert.equal((await gateway.admin('GET', '/admin/v1/endpoints/chat/versions')).body.data[0].pinned, false);
  await gateway.stop();
  await upstream.stop();
  await rm(folder, { recursive: true });
});
