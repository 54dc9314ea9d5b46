// check, reload by signal and by command, and what stays when a new configuration is bad.
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { chat, files } from './support/files.js';
import { makeFolder, pinion, startGateway, writeFiles } from './support/gateway.js';
import { scene } from './support/scene.js';

const on = scene();
const broken = chat.replace('system:', 'sytem:');

test('check says everything that is wrong, with a frame and a suggestion', async () => {
  const folder = await makeFolder(
    files(on.upstream, {
      'endpoints/chat.yaml': broken,
      'endpoints/sum.yaml': 'provider: upstraem\nmodel: m\nsystem: "{{nmae}}"\ninput_schema: {type: object, properties: {name: {type: string}}, additionalProperties: false}\n',
    }),
  );
  const human = await pinion(['check', '--config', folder]);
  assert.equal(human.code, 3);
  assert.match(human.stdout, /error\[E0102\]: unknown key "sytem"/);
  assert.match(human.stdout, /endpoints\/chat\.yaml:6:1/);
  assert.match(human.stdout, /did you mean "?system/);
  assert.match(human.stdout, /\n\s*\|\s*\^+/);
  assert.match(human.stdout, /upstraem/);
  assert.match(human.stdout, /nmae/);

  const short = await pinion(['check', '--config', folder, '--format', 'short']);
  assert.match(short.stdout, /^endpoints\/chat\.yaml:6:1: error: .* \[E0102\]$/m);
  const json = JSON.parse((await pinion(['check', '--config', folder, '--format', 'json'])).stdout);
  assert.equal(json.valid, false);
  assert.ok(json.error_count >= 3);
  await rm(folder, { recursive: true });
});

test('check of a good folder is silent but for one line', async () => {
  const { code, stdout, stderr } = await pinion(['check', '--config', on.gateway.folder]);
  assert.equal(code, 0, stdout);
  assert.equal(stdout, '');
  assert.match(stderr, /^ok: 2 endpoints/);
});

test('reload puts a changed file in force, by command and by signal', async () => {
  await writeFiles(on.gateway.folder, { 'endpoints/chat.yaml': chat.replace('brief', 'verbose') });
  const { code, stderr } = await on.gateway.cli('reload');
  assert.equal(code, 0, stderr);
  on.upstream.answer('x');
  await (await on.gateway.call('chat', { message: 'x' }, on)).json();
  assert.equal(on.upstream.calls.at(-1).body.messages[0].content, 'You are verbose.');

  assert.ok(!on.gateway.lines.some(({ msg }) => /restart is needed/.test(msg)), 'flags are no change of the file');

  await writeFiles(on.gateway.folder, { 'endpoints/fresh.yaml': chat.replace('slug: chat', 'slug: fresh') });
  const count = on.gateway.lines.filter(({ event }) => event === 'reload').length;
  on.gateway.child.kill('SIGHUP');
  await on.gateway.logged(
    (line) => line.event === 'reload' && on.gateway.lines.filter(({ event }) => event === 'reload').length > count,
  );
  on.upstream.answer('x');
  assert.equal((await on.gateway.call('fresh', { message: 'x' }, on)).status, 200);
});

test('a bad configuration changes nothing and is told with its place', async () => {
  const good = await readFile(path.join(on.gateway.folder, 'endpoints/chat.yaml'), 'utf8');
  await writeFiles(on.gateway.folder, { 'endpoints/chat.yaml': broken });
  const { code, stderr } = await on.gateway.cli('reload');
  assert.equal(code, 3);
  assert.match(stderr, /endpoints\/chat\.yaml:6:1/);
  assert.match(stderr, /the old configuration stays in force/);
  on.upstream.answer('x');
  assert.equal((await on.gateway.call('chat', { message: 'x' }, on)).status, 200);
  const ready = await (await fetch(`${on.gateway.url}/readyz?verbose`)).json();
  assert.equal(ready.status, 'ready');
  assert.equal(ready.checks.last_reload, false);
  const metrics = await (await fetch(`${on.gateway.url}/metrics`)).text();
  assert.match(metrics, /^pinion_config_last_reload_success 0$/m);
  await writeFiles(on.gateway.folder, { 'endpoints/chat.yaml': good });
  assert.equal((await on.gateway.cli('reload')).code, 0);
});

test('a request in flight finishes on the configuration it began with', async () => {
  let answer;
  const asked = on.upstream.calls.length;
  on.upstream.next((response) => (answer = () => response.end(JSON.stringify({
    id: 'x', object: 'chat.completion', model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: '{"sum":4}' }, finish_reason: 'stop' }],
  }))));
  const pending = on.gateway.call('sum', { a: 2, b: 2 }, on);
  await on.upstream.called(asked + 1);
  await rm(path.join(on.gateway.folder, 'endpoints/sum.yaml'));
  assert.equal((await on.gateway.cli('reload')).code, 0);
  answer();
  assert.deepEqual((await (await pending).json()).output, { sum: 4 });
  assert.equal((await on.gateway.call('sum', { a: 2, b: 2 }, on)).status, 404);
});

test('serve --dev takes up changed files by itself', async () => {
  const folder = await makeFolder({ 'endpoints/echo.yaml': 'provider: demo\nmodel: demo\nsystem: x\n' });
  const gateway = await startGateway({ folder, args: ['--dev'] });
  const { token } = await gateway.token('*');
  await writeFiles(folder, { 'endpoints/later.yaml': 'provider: demo\nmodel: demo\nsystem: x\n' });
  await gateway.logged(({ event }) => event === 'reload');
  assert.equal((await gateway.call('later', { message: 'Hello there.' }, { token })).status, 200);
  assert.match(gateway.stderr(), /token: pin_test_/);
  assert.equal((await gateway.stop()).code, 0);
  await rm(folder, { recursive: true });
});

test('serve refuses a bad folder with exit code 3, and a second process on the same store', async () => {
  const folder = await makeFolder({ 'endpoints/chat.yaml': broken });
  const bad = await pinion(['serve', '--config', folder]);
  assert.equal(bad.code, 3);
  const second = await pinion(['serve', '--config', on.gateway.folder, '--store', on.gateway.store, '--listen', '127.0.0.1:0']);
  assert.equal(second.code, 1);
  assert.match(second.stderr, new RegExp(String(on.gateway.child.pid)));
  await rm(folder, { recursive: true });
});
