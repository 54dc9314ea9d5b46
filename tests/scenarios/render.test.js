// `pinion render`: the messages of a call and the request that its provider would get, without sending
// anything; what it shows is what a call then sends.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { binary, pinion } from './support/gateway.js';
import { scene } from './support/scene.js';

const on = scene(() => ({
  'in.json': { a: 2, b: 3, style: 'Be quick.' },
  'wrong.json': { a: 'two', b: 3 },
  'broken.json': '{"a": 2,',
  'words.txt': 'How high is the \u001b[31mtower?\n',
  'endpoints/routed.yaml': `
provider: upstream
model: gpt-4.1
system: s
routing:
  - {name: nights, when: {time_of_day: "22:00-06:00"}, use: {model: gpt-4.1-nano}}
  - {name: gold, when: {caller: {tags: {tier: gold}}}, use: {model: gpt-4.1}}
`,
}));
const render = (...words) => on.gateway.cli('render', ...words);
const at = (name) => path.join(on.gateway.folder, name);

test('messages with their roles, the target and an estimate, for people', async () => {
  const { code, stdout, stderr } = await render('sum', '-i', at('in.json'));
  assert.equal(stderr, '');
  assert.equal(code, 0);
  assert.match(stdout, /^endpoint +sum [0-9a-f]{12}\nroute +default\ntarget +upstream gpt-4\.1-mini\n/);
  assert.match(stdout, /\nparams +temperature 0, max_tokens 50\n/);
  assert.match(stdout, /\nprompt +about \d+ tokens, estimated; at most \$0\.\d{9} with the answer\n/);
  assert.ok(stdout.endsWith('\nsystem\n    You add numbers. Be quick.\n\nuser\n    What is 2 + 3?\n'), stdout);
});

test('as JSON: the neutral messages, and the very request that a call then sends', async () => {
  const { code, stdout } = await render('sum', '-i', at('in.json'), '--provider-body', '--json');
  const shown = JSON.parse(stdout);
  assert.equal(code, 0);
  assert.deepEqual(shown.messages, [
    { role: 'system', content: 'You add numbers. Be quick.' },
    { role: 'user', content: 'What is 2 + 3?' },
  ]);
  assert.equal(shown.provider, 'upstream');
  assert.deepEqual(shown.params, { temperature: 0, max_tokens: 50 });
  assert.ok(shown.estimate.prompt_tokens > 0 && Number(shown.estimate.worst_cost_usd) > 0);
  assert.equal(shown.request.headers.Authorization, 'Bearer ***');
  assert.ok(!stdout.includes('sk-test-canary'));
  assert.equal(on.upstream.calls.length, 0);
  on.upstream.answer({ sum: 5 });
  const { token } = await on.gateway.token('*');
  assert.equal((await on.gateway.call('sum', { a: 2, b: 3, style: 'Be quick.' }, { token })).status, 200);
  const [sent] = on.upstream.calls;
  assert.deepEqual(shown.request.body, sent.body);
  assert.equal(new URL(shown.request.url).pathname, sent.path);
});

test('the provider\'s bytes alone, credentials starred', async () => {
  const { code, stdout } = await render('sum', '-i', at('in.json'), '--provider-body');
  const [head, body] = stdout.split('\n\n');
  assert.equal(code, 0);
  assert.match(head, /^POST http:\/\/127\.0\.0\.1:\d+\/v1\/chat\/completions\nAuthorization: Bearer \*\*\*\nContent-Type: application\/json$/);
  assert.equal(JSON.parse(body).model, 'gpt-4.1-mini');
});

test('an input that the endpoint refuses is told as a caller is told, exit 1', async () => {
  const { code, stdout, stderr } = await render('sum', '-i', at('wrong.json'));
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /^pinion: error: the input does not satisfy the endpoint's schema: .* \[422 input_schema_violation\]\n  at \/a: /);
  const told = await render('sum', '-i', at('wrong.json'), '--json');
  const { error } = JSON.parse(told.stderr);
  assert.equal(error.code, 'input_schema_violation');
  assert.deepEqual(error.details.violations.map((one) => one.instance_path), ['/a']);
  assert.equal(told.stdout, '');
  assert.match((await render('sum', '-i', at('broken.json'))).stderr, /invalid_json/);
});

test('a text is the input of an endpoint that takes text, and steers no terminal', async () => {
  const { code, stdout } = await render('chat', '-i', at('words.txt'));
  assert.equal(code, 0);
  assert.match(stdout, /\n    How high is the \\u001b\[31mtower\?\n/);
});

test('standard input, and what is wrong with the command line', async () => {
  const child = spawn(binary, ['render', 'sum', '-i', '-', '--config', on.gateway.folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end('{"a": 40, "b": 2}');
  let stdout = '';
  for await (const piece of child.stdout) stdout += piece;
  assert.match(stdout, /What is 40 \+ 2\?/);
  assert.equal((await render('sum')).code, 2);
  assert.equal((await render('sum', '-i', at('nothing.json'))).code, 5);
  assert.equal((await render('sum', '-i', at('in.json'), '--at', 'tomorrow')).code, 2);
  assert.equal((await render('sum', '-i', at('in.json'), '--header', 'no field')).code, 2);
  const lost = await render('sun', '-i', at('in.json'));
  assert.equal(lost.code, 5);
  assert.match(lost.stderr, /there is no endpoint 'sun'\n  help: did you mean 'sum'\?/);
});

test('the time and the caller decide the route', async () => {
  const route = async (...words) => JSON.parse((await render('routed', '-i', at('words.txt'), '--json', ...words)).stdout).route;
  const noon = ['--at', '2026-11-27T12:00:00Z'];
  assert.equal(await route(...noon), 'default');
  assert.equal(await route('--at', '2026-11-27T23:30:00+01:00'), 'nights');
  const made = await on.gateway.admin('POST', '/admin/v1/tokens', {
    name: 'shop', scopes: ['routed'], models: ['gpt-4.1'], tags: { tier: 'gold' }, addresses: ['192.0.2.1'],
  });
  assert.equal(await route(...noon, '--token', 'shop'), 'gold');
  assert.equal(await route(...noon, '--token', made.body.id), 'gold');
  const nights = await render('routed', '-i', at('words.txt'), '--at', '2026-11-27T22:30:00Z', '--token', 'shop');
  assert.equal(nights.code, 4);
  assert.match(nights.stderr, /this token may not use the model 'gpt-4\.1-nano' \[403 scope_denied\]/);
  const outside = await render('sum', '-i', at('in.json'), '--token', 'shop');
  assert.equal(outside.code, 4);
  assert.match(outside.stderr, /scope_denied/);
  const nobody = await render('sum', '-i', at('in.json'), '--token', 'nobody');
  assert.equal(nobody.code, 5);
  assert.match(nobody.stderr, /there is no token 'nobody'/);
});

test('nothing is left of it, and a store that is not there is not made', async () => {
  const where = await mkdtemp(path.join(os.tmpdir(), 'pinion-render-'));
  const env = { ...process.env, TMPDIR: where };
  const words = ['render', 'sum', '-i', at('in.json'), '--config', on.gateway.folder, '--store', path.join(where, 'store')];
  assert.equal((await pinion(words, { env })).code, 0);
  assert.equal((await pinion([...words, '--token', 'shop'], { env })).code, 5);
  assert.deepEqual(await readdir(where), []);
  await rm(where, { recursive: true });
});
