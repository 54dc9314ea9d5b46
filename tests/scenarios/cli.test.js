// The command line: help, usage errors that say what to do next, exit codes, tokens without a server.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pinion, makeFolder, settings, startGateway } from './support/gateway.js';
import { chat } from './support/files.js';

const files = {
  'pinion.yaml': settings('http://127.0.0.1:9/v1'),
  'endpoints/chat.yaml': chat,
};
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PINION_')));
let folder;
let store;
// On the folder, with a store of its own, while no server runs.
const cli = (...words) => pinion([...words, '--config', folder], { env: { ...clean, PINION_STORE: store } });

before(async () => {
  folder = await makeFolder(files);
  store = await mkdtemp(path.join(os.tmpdir(), 'pinion-store-'));
});
after(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(store, { recursive: true, force: true });
});

test('help shows usage, two examples, flags and what else to see, on stdout', async () => {
  const all = await pinion(['--help'], { env: clean });
  assert.equal(all.code, 0);
  assert.equal(all.stderr, '');
  for (const word of ['serve', 'check', 'reload', 'ping', 'schema check', 'token create', 'token list', 'token revoke'])
    assert.match(all.stdout, new RegExp(`^  ${word}  +[A-Z]`, 'm'));
  for (const words of [['serve'], ['check'], ['reload'], ['ping'], ['schema', 'check'], ['token', 'create'], ['token', 'revoke']]) {
    const { code, stdout, stderr } = await pinion([...words, '--help'], { env: clean });
    assert.equal(code, 0);
    assert.equal(stderr, '');
    assert.match(stdout, new RegExp(`^Usage: pinion ${words.join(' ')}`));
    assert.match(stdout, /^Examples:\n {2}pinion .+\n {2}pinion /m);
    assert.match(stdout, /^Global flags:$/m);
    assert.match(stdout, /^See also: pinion /m);
  }
  assert.match((await pinion(['token', '--help'], { env: clean })).stdout, /^Usage: pinion token <subcommand>/);
  assert.match((await pinion(['--version'], { env: clean })).stdout, /^pinion \d+\.\d+\.\d+\n$/);
});

test('a mistake is exit 2, says what is wrong and what was perhaps meant', async () => {
  for (const [words, message, help] of [
    [[], /a command is missing/, /pinion --help/],
    [['nonsense'], /unknown command 'nonsense'/, /pinion --help/],
    [['serv'], /unknown command 'serv'/, /did you mean 'pinion serve'\?/],
    [['token'], /'pinion token' needs a subcommand/, /pinion token --help/],
    [['token', 'creat'], /no subcommand 'creat'/, /did you mean 'pinion token create'\?/],
    [['check', '--fromat', 'short'], /unknown flag '--fromat'/, /did you mean '--format'\?/],
    [['check', '--format', 'xml'], /cannot be 'xml'/, /human\|short\|json\|sarif\|github\|junit/],
    [['check', 'extra'], /unexpected argument 'extra'/, /pinion check --help/],
    [['check', '--listen', 'x'], /does not take '--listen'/, /pinion check --help/],
    [['check', '--format'], /needs a value FORM/, null],
    [['token', 'revoke'], /needs ID/, /pinion token revoke --help/],
    [['serve', '--workers', 'many'], /must be a whole number, found 'many'/, null],
  ]) {
    const { code, stdout, stderr } = await pinion(words, { env: clean });
    assert.equal(code, 2, words.join(' '));
    assert.equal(stdout, '', words.join(' '));
    assert.match(stderr, message);
    if (help) assert.match(stderr, help);
  }
});

test('with --json a mistake is the error envelope on stderr', async () => {
  const { code, stdout, stderr } = await pinion(['nonsense', '--json'], { env: clean });
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.equal(JSON.parse(stderr).error.code, 'invalid_request');
});

test('check: 0 for a good folder, 3 for a bad one or none, in each form', async () => {
  assert.equal((await cli('check')).code, 0);
  const bad = await makeFolder({ ...files, 'endpoints/bad.yaml': 'provider: nobody\nmodel: m\nsystem: s\n' });
  const short = await pinion(['check', '--config', bad, '--format', 'short'], { env: clean });
  assert.equal(short.code, 3);
  assert.match(short.stdout, /^endpoints\/bad\.yaml:1:11: error: .+ \[E\d{4}\]$/m);
  const json = await pinion(['--json', 'check', `--config=${bad}`], { env: clean });
  assert.equal(json.code, 3);
  assert.equal(JSON.parse(json.stdout).valid, false);
  assert.equal(json.stderr, '');
  assert.equal((await pinion(['check', '--config', '/nowhere'], { env: clean })).code, 3);
  await rm(bad, { recursive: true });
});

test('serve: 3 for a bad folder, 2 for a bad address, 1 where it cannot listen', async () => {
  assert.equal((await pinion(['serve', '--config', '/nowhere'], { env: clean })).code, 3);
  const bad = await cli('serve', '--listen', 'nonsense');
  assert.equal(bad.code, 2);
  assert.match(bad.stderr, /--listen/);
  assert.equal((await cli('serve', '--workers', '999')).code, 2);
  const elsewhere = await cli('serve', '--listen', '192.0.2.1:80');
  assert.equal(elsewhere.code, 1);
  assert.match(elsewhere.stderr, /192\.0\.2\.1:80/);
});

test('ping and reload are exit 7 where no server runs', async () => {
  for (const command of ['ping', 'reload']) {
    const { code, stdout, stderr } = await cli(command);
    assert.equal(code, 7);
    assert.equal(stdout, '');
    assert.match(stderr, /no answer from/);
  }
});

test('tokens are made, listed and taken back without a server; the secret is shown once', async () => {
  const created = await cli('token', 'create', '--scope', 'chat', '--name', 'desk', '--expires', '90d');
  assert.equal(created.code, 0);
  assert.match(created.stdout, /^pin_live_\w+\n$/);
  const id = created.stderr.match(/created (tok_\w+)/)[1];
  const listed = await cli('token', 'list', '--json');
  assert.equal(listed.code, 0);
  assert.ok(!listed.stdout.includes(created.stdout.trim()));
  assert.deepEqual(JSON.parse(listed.stdout).data[0].scopes, ['chat']);
  assert.equal((await cli('token', 'revoke', id)).code, 0);
  assert.match((await cli('token', 'list')).stdout, new RegExp(`^${id}  revoked`));
  assert.equal((await cli('token', 'revoke', 'tok_00000000000000000000000000')).code, 5);
  assert.equal((await cli('token', 'revoke', 'pin_live_SECRET')).code, 2);
  assert.equal((await cli('token', 'create')).code, 2);
  assert.equal((await cli('token', 'create', '--scope', 'chat', '--expires', 'soon')).code, 2);
});

test('the command line does not replace a lost token key: it would end every token', async () => {
  await rm(path.join(store, 'token.key'));
  for (const words of [['list'], ['create', '--scope', 'chat'], ['revoke', 'tok_00000000000000000000000000']]) {
    const { code, stderr } = await cli('token', ...words);
    assert.equal(code, 1, words[0]);
    assert.match(stderr, /token\.key/);
  }
  assert.ok(!(await readdir(store)).includes('token.key'));
});

test('through a running server: its errors with their hints, and its exit codes', async () => {
  const gateway = await startGateway({ files });
  const revoked = await gateway.cli('token', 'revoke', 'tok_00000000000000000000000000');
  assert.equal(revoked.code, 5);
  assert.match(revoked.stderr, /^pinion: error: there is no token/);
  assert.equal((await gateway.cli('token', 'create')).code, 2);
  assert.equal((await gateway.cli('ping')).code, 0);
  assert.equal((await gateway.cli('reload')).code, 0);
  assert.equal((await gateway.stop()).code, 0);
});
