// Provider keys sealed in the store: set, used, listed, rotated and deleted, with and without a running
// server, and whatever moment a rotation is killed at.
import assert from 'node:assert/strict';
import { watch } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { chat } from './support/files.js';
import { binary, makeFolder, pinion, startGateway } from './support/gateway.js';
import { startUpstream } from './support/upstream.js';

const settings = (url, more = '') => `
listen: 127.0.0.1:0
workers: 2
providers:
  upstream: {kind: openai, base_url: "${url}", key: "\${secret:upstream}", allow_http: true, allow_private: true}
${more}`;

// A store, a configuration and a home of their own, and the command line on them.
async function makeSite(upstream, more) {
  const home = await mkdtemp(path.join(os.tmpdir(), 'pinion-home-'));
  const folder = await makeFolder({ 'pinion.yaml': settings(upstream.url, more), 'endpoints/chat.yaml': chat });
  const store = path.join(home, 'store');
  const env = { XDG_CONFIG_HOME: path.join(home, 'config') };
  const cli = (words, { input = '', env: other = {} } = {}) =>
    new Promise((resolve) => {
      const child = execFile(
        binary,
        [...words, '--config', folder, '--store', store],
        { env: { ...process.env, ...env, ...other } },
        (error, stdout, stderr) => resolve({ code: error ? error.code : 0, stdout, stderr }),
      );
      child.stdin.on('error', () => {}).end(input);
    });
  return {
    home,
    folder,
    store,
    env,
    cli,
    keyFile: path.join(home, 'config/pinion/master.key'),
    set: (name, value, options) => cli(['secret', 'set', name], { input: value, ...options }),
    start: (options = {}) => startGateway({ folder, store, env, ...options }),
    async remove() {
      await rm(home, { recursive: true });
      await rm(folder, { recursive: true });
    },
  };
}

describe('before there is a server', () => {
  let upstream, site;
  before(async () => {
    upstream = await startUpstream();
    site = await makeSite(upstream);
  });
  after(async () => {
    await site.remove();
    await upstream.stop();
  });

  test('a secret that is not in the store is said by check and serve, and check makes nothing', async () => {
    for (const command of ['check', 'serve']) {
      const { code, stdout, stderr } = await site.cli([command]);
      assert.equal(code, 3);
      assert.match(stdout + stderr, /error\[E0601\]: "upstream" is not in the store: there is no store in '.+' yet/);
      assert.match(stdout + stderr, /help: put it there with: pinion secret set upstream/);
    }
    const excused = await site.cli(['check', '--allow-missing-secrets']);
    assert.equal(excused.code, 0, excused.stderr);
    assert.match(excused.stdout, /warning\[W0602\]: "upstream" is not in the store/);
    assert.deepEqual(await readdir(site.home), []);
  });

  test('the first secret makes the master key outside of the store, for its owner alone', async () => {
    const { code, stdout, stderr } = await site.set('upstream', '  sk-test-0123456789-wxyz\n');
    assert.equal(code, 0, stderr);
    assert.equal(stdout, '');
    assert.ok(stderr.includes(`made the master key: ${site.keyFile}`), stderr);
    assert.match(stderr, /set 'upstream', sealed under mk_[0-9a-f]{16}/);
    const again = await site.set('other', 'short');
    assert.ok(!again.stderr.includes('made the master key'));
    assert.equal((await site.cli(['check'])).code, 0);
  });

  test('the list shows the end of long values, and no value', async () => {
    const human = await site.cli(['secret', 'list']);
    assert.match(human.stdout, /^other +\d{4}-\d\d-\d\d {2}mk_[0-9a-f]{16}$/m);
    assert.match(human.stdout, /^upstream +\.\.\.wxyz {2}\d{4}-\d\d-\d\d {2}mk_[0-9a-f]{16}$/m);
    const { data } = JSON.parse((await site.cli(['secret', 'list', '--json'])).stdout);
    assert.deepEqual(
      data.map(({ name, hint, opens }) => ({ name, hint, opens })),
      [
        { name: 'other', hint: null, opens: true },
        { name: 'upstream', hint: 'wxyz', opens: true },
      ],
    );
    assert.deepEqual(Object.keys(data[0]), ['name', 'hint', 'created_at', 'key_id', 'opens']);
  });

  test('values come from a file or standard input, and wrong ones are refused', async () => {
    const file = path.join(site.home, 'value');
    await writeFile(file, 'sk-from-a-file-0001\n');
    assert.equal((await site.cli(['secret', 'set', 'filed', '--file', file])).code, 0);
    assert.match((await site.cli(['secret', 'list'])).stdout, /^filed +\.\.\.0001 /m);
    for (const [name, input, message] of [
      ['Upper', 'x', /the name of a secret has 1 to 63 of/],
      ['../tokens', 'x', /the name of a secret has 1 to 63 of/],
      ['empty', ' \n', /the value is empty/],
      ['large', 'x'.repeat(70000), /more than 65536 bytes/],
      ['binary', Buffer.from([0x66, 0xff]), /not UTF-8 text/],
    ]) {
      const { code, stderr } = await site.set(name, input);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
    }
    const missing = await site.cli(['secret', 'set', 'filed', '--file', '/nowhere']);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /'\/nowhere' cannot be read/);
    assert.equal((await site.cli(['secret', 'set', 'filed', 'sk-in-the-arguments'])).code, 2);
  });

  test('a deletion has to be meant', async () => {
    const unsure = await site.cli(['secret', 'delete', 'filed']);
    assert.equal(unsure.code, 2);
    assert.match(unsure.stderr, /if that is meant, add --yes/);
    assert.equal((await site.cli(['secret', 'delete', 'filed', '--yes'])).code, 0);
    const gone = await site.cli(['secret', 'delete', 'filed', '--yes']);
    assert.equal(gone.code, 5);
    assert.match(gone.stderr, /there is no secret 'filed'/);
  });

  test('another master key, an open one and a malformed one are told apart', async () => {
    const other = { PINION_MASTER_KEY: 'ab'.repeat(31) + 'cd' };
    for (const [env, message] of [
      [other, /"upstream" is sealed under the master key mk_[0-9a-f]{16}, which is not in 'PINION_MASTER_KEY'/],
      [{ PINION_MASTER_KEY: 'my-master-canary' }, /master key 1 is malformed: expected 32 random bytes/],
      [{ XDG_CONFIG_HOME: '/nowhere' }, /which is not in '\/nowhere\/pinion\/master\.key'/],
    ]) {
      const { code, stdout } = await site.cli(['check'], { env });
      assert.equal(code, 3);
      assert.match(stdout, message);
      assert.ok(!stdout.includes('my-master-canary'));
    }
    await chmod(site.keyFile, 0o444);
    const open = await site.cli(['check']);
    assert.match(open.stdout, /the master key is open to others: its file's mode is 0444, expected 0400/);
    await chmod(site.keyFile, 0o400);
    const listed = await site.cli(['secret', 'list'], { env: other });
    assert.match(listed.stdout, /does not open: its master key is not here/);
  });
});

describe('with a running server', () => {
  let upstream, site, gateway, token;
  before(async () => {
    upstream = await startUpstream();
    site = await makeSite(upstream);
    assert.equal((await site.set('upstream', 'sk-first')).code, 0);
    gateway = await site.start();
    ({ token } = await gateway.token('*'));
  });
  after(async () => {
    assert.equal((await gateway.stop()).code, 0);
    await site.remove();
    await upstream.stop();
  });
  const keyOfNextCall = async () => {
    const calls = upstream.calls.length;
    upstream.answer('hello');
    const response = await gateway.call('chat', { message: 'x' }, { token });
    assert.equal(response.status, 200, await response.clone().text());
    return upstream.calls[calls].headers.authorization;
  };

  test('calls carry the sealed key', async () => {
    assert.equal(await keyOfNextCall(), 'Bearer sk-first');
  });

  test('a new value is in force with the answer', async () => {
    const { code, stderr } = await gateway.cli('secret', 'list');
    assert.equal(code, 0, stderr);
    const set = await site.set('upstream', 'sk-second', { env: { PINION_ADMIN: `unix:${gateway.adminSocket}` } });
    assert.equal(set.code, 0, set.stderr);
    assert.match(set.stderr, /it is in force in the running server/);
    assert.equal(await keyOfNextCall(), 'Bearer sk-second');
  });

  test('check reads the store beside the server that has it open', async () => {
    const { code, stderr } = await site.cli(['check']);
    assert.equal(code, 0, stderr);
  });

  test('a value that the configuration cannot use is stored, and the old one stays in force', async () => {
    const set = await gateway.admin('PUT', '/admin/v1/secrets/upstream', { value: 'sk-canary of\ntwo lines' });
    assert.equal(set.status, 200);
    assert.equal(set.body.reload.ok, false);
    assert.match(set.body.reload.report, /'key' contains white space/);
    assert.ok(!JSON.stringify(set.body).includes('canary'));
    assert.equal(await keyOfNextCall(), 'Bearer sk-second');
    await gateway.admin('PUT', '/admin/v1/secrets/upstream', { value: 'sk-third' });
    assert.equal(await keyOfNextCall(), 'Bearer sk-third');
  });

  test('the admin API gives no value back and refuses what is malformed', async () => {
    const { body } = await gateway.admin('GET', '/admin/v1/secrets');
    assert.deepEqual(Object.keys(body.data[0]), ['name', 'hint', 'created_at', 'key_id', 'opens', 'in_use', 'providers']);
    for (const [method, where, sent, status] of [
      ['PUT', '/admin/v1/secrets/Upper', { value: 'x' }, 400],
      ['PUT', '/admin/v1/secrets/x', { value: 7 }, 400],
      ['PUT', '/admin/v1/secrets/x', {}, 400],
      ['PUT', '/admin/v1/secrets/x', { value: '' }, 400],
      ['DELETE', '/admin/v1/secrets/nobody', undefined, 404],
      ['GET', '/admin/v1/secrets/upstream', undefined, 405],
      ['POST', '/admin/v1/secrets/upstream', {}, 405],
    ]) {
      const answer = await gateway.admin(method, where, sent);
      assert.equal(answer.status, status, `${method} ${where} ${JSON.stringify(answer.body)}`);
    }
    assert.equal((await fetch(`${gateway.url}/admin/v1/secrets`)).status, 404);
  });

  test('a rotation changes the key that seals, and no call notices', async () => {
    const before = await readFile(site.keyFile, 'utf8');
    const rotated = await gateway.cli('secret', 'rotate');
    assert.equal(rotated.code, 0, rotated.stderr);
    assert.match(rotated.stderr, /everything is sealed under mk_[0-9a-f]{16}; sealed anew: 1/);
    const afterwards = await readFile(site.keyFile, 'utf8');
    const keys = (text) => text.split('\n').filter((line) => /^[^#]/.test(line));
    assert.equal(keys(afterwards).length, 1);
    assert.notDeepEqual(keys(afterwards), keys(before));
    assert.ok(afterwards.includes(`: ${keys(before)[0]}\n`), 'the old key is a comment');
    assert.equal((await gateway.cli('reload')).code, 0);
    assert.equal(await keyOfNextCall(), 'Bearer sk-third');
  });

  test('a secret in use that is deleted stays in force until the configuration is good again', async () => {
    const deleted = await gateway.cli('secret', 'delete', 'upstream', '--yes');
    assert.equal(deleted.code, 0);
    assert.match(deleted.stderr, /"upstream" is not among the 0 secrets in the store/);
    assert.match(deleted.stderr, /the running server keeps its configuration/);
    assert.equal(await keyOfNextCall(), 'Bearer sk-third');
  });
});

describe('the master key', () => {
  let upstream;
  before(async () => (upstream = await startUpstream()));
  after(() => upstream.stop());

  test('comes from the environment, and is gone from it when the server runs', async () => {
    const site = await makeSite(upstream);
    const master = 'ab'.repeat(31) + 'cd';
    const set = await site.set('upstream', 'sk-by-environment', { env: { PINION_MASTER_KEY: master } });
    assert.equal(set.code, 0, set.stderr);
    const gateway = await site.start({ env: { ...site.env, PINION_MASTER_KEY: master } });
    const environment = await readFile(`/proc/${gateway.child.pid}/environ`, 'latin1');
    assert.ok(environment.includes('XDG_CONFIG_HOME='));
    assert.ok(!environment.includes(master));
    const { code, stderr } = await gateway.cli('secret', 'rotate');
    assert.equal(code, 1);
    assert.match(stderr, /put a new one in front of the old one there, restart, then rotate again/);
    assert.equal((await gateway.stop()).code, 0);
    await site.remove();
  });

  test('comes from the file that pinion.yaml names, or from the service manager', async () => {
    const site = await makeSite(upstream);
    const named = path.join(site.home, 'named.key');
    await writeFile(path.join(site.folder, 'pinion.yaml'), settings(upstream.url, `master_key: \${file:${named}}\n`));
    const set = await site.set('upstream', 'sk-by-file');
    assert.ok(set.stderr.includes(`made the master key: ${named}`), set.stderr);
    assert.equal((await site.cli(['check'])).code, 0);

    const credentials = path.join(site.home, 'credentials');
    await writeFile(path.join(site.folder, 'pinion.yaml'), settings(upstream.url));
    assert.equal((await site.cli(['check'])).code, 3);
    await mkdir(credentials);
    await writeFile(path.join(credentials, 'pinion-master-key'), await readFile(named), { mode: 0o440 });
    assert.equal((await site.cli(['check'], { env: { CREDENTIALS_DIRECTORY: credentials } })).code, 0);
    await site.remove();
  });

  test('a rotation that is killed loses nothing, and the next one finishes it', async () => {
    const site = await makeSite(upstream);
    const names = Array.from({ length: 12 }, (_, i) => `s${i}`);
    assert.equal((await site.set('upstream', 'sk-upstream')).code, 0);
    let gateway = await site.start();
    for (const name of names) await gateway.admin('PUT', `/admin/v1/secrets/${name}`, { value: `sk-value-of-${name}` });

    // The new key has just come into the file: some secrets are sealed anew, some are not.
    const renamed = new Promise((resolve) => {
      const watcher = watch(path.dirname(site.keyFile), (_, name) => {
        if (name !== 'master.key') return;
        watcher.close();
        resolve();
      });
    });
    const rotation = gateway.admin('POST', '/admin/v1/secrets/rotate', {}).catch(() => 'cut');
    await Promise.race([renamed, rotation]);
    gateway.child.kill('SIGKILL');
    await gateway.exited;
    await rotation;

    gateway = await site.start();
    const { token } = await gateway.token('*');
    upstream.answer('hello');
    assert.equal((await gateway.call('chat', { message: 'x' }, { token })).status, 200);
    const { body } = await gateway.admin('GET', '/admin/v1/secrets');
    assert.equal(body.data.length, names.length + 1);
    assert.ok(body.data.every(({ opens }) => opens));
    assert.equal((await gateway.admin('POST', '/admin/v1/secrets/rotate', {})).status, 200);
    const end = (await gateway.admin('GET', '/admin/v1/secrets')).body.data;
    assert.equal(new Set(end.map(({ key_id }) => key_id)).size, 1);
    assert.ok(end.every(({ opens }) => opens));
    const file = await readFile(site.keyFile, 'utf8');
    assert.equal(file.split('\n').filter((line) => /^[^#]/.test(line)).length, 1);
    assert.equal((await gateway.stop()).code, 0);
    await site.remove();
  });
});

test('help names the commands, and none takes a value', async () => {
  const { stdout } = await pinion(['secret', '--help']);
  for (const word of ['set', 'list', 'delete', 'rotate']) assert.match(stdout, new RegExp(`secret ${word}`));
  assert.doesNotMatch((await pinion(['secret', 'set', '--help'])).stdout, /--value/);
});
