// Log lines at a terminal: for people, with colour where it is wanted; and JSON everywhere else.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { binary, makeFolder } from './support/gateway.js';

const environment = { ...process.env, TERM: 'xterm', TZ: 'UTC', NO_COLOR: '' };
const running = new Set(); // a test that fails leaves none behind: the runner would wait for it
after(() => running.forEach((pid) => process.kill(pid, 'SIGKILL')));

// The server with a terminal of its own (script(1)), or with a pipe; one call; all that it wrote.
async function run({ yaml = '', args = [], env = {}, terminal = true }) {
  const folder = await makeFolder({ 'pinion.yaml': `listen: 127.0.0.1:0\nworkers: 1\n${yaml}` });
  const store = await mkdtemp(path.join(os.tmpdir(), 'pinion-store-'));
  const command = [binary, 'serve', '--config', folder, '--store', store, '--listen', '127.0.0.1:0', ...args];
  const options = { env: { ...environment, ...env }, stdio: ['ignore', 'pipe', 'ignore'] };
  const child = terminal
    ? spawn('script', ['-qefc', `echo "pid=$$."; exec ${command.join(' ')} 2>/dev/null`, '/dev/null'], options)
    : spawn(command[0], command.slice(1), options);
  const exited = new Promise((resolve) => child.on('close', resolve));
  let out = '';
  let look = () => {};
  const told = (pattern) =>
    new Promise((resolve) => {
      look = () => pattern.test(out) && resolve(pattern.exec(out)[1]);
      look();
    });

  child.stdout.setEncoding('utf8').on('data', (piece) => ((out += piece), look()));
  const pid = terminal ? Number(await told(/pid=(\d+)\./)) : child.pid;
  running.add(pid);
  const address = await told(/address"?[=:](?:\x1b\[0m)?"?(127\.0\.0\.1:\d+)(?=[\s"])/);
  await (await fetch(`http://${address}/%1b%5b2J`, { method: 'POST' })).text();
  process.kill(pid, 'SIGTERM');
  const code = await exited;
  running.delete(pid);
  await rm(folder, { recursive: true });
  await rm(store, { recursive: true });
  assert.equal(code, 0, out);
  return { out, lines: out.split(/\r?\n/).filter((line) => line && !line.startsWith('pid=')) };
}
const plain = /^\d\d:\d\d:\d\d\.\d{3} (DEBUG|INFO |WARN |ERROR) \S/;
const request = /^\d\d:\d\d:\d\d\.\d{3} INFO  404 POST \/%1b%5b2J  \w+  \d+\.\d ms  .*req_[0-9a-z]{26}  there is nothing at this path$/;
const bare = (line) => line.replaceAll(/\x1b\[\d+m/g, '');

test('at a terminal a line is for people, in colours', async () => {
  const { lines } = await run({});
  assert.ok(lines.length > 3);
  for (const line of lines) {
    assert.match(line, /^\x1b\[2m/);
    assert.match(bare(line), plain);
    assert.doesNotMatch(bare(line), /[\x00-\x1f\x7f]/);
  }
  assert.ok(lines.some((line) => request.test(bare(line))), lines.join('\n'));
  assert.ok(lines.some((line) => line.includes('\x1b[33m404\x1b[0m')));
  assert.match(bare(lines.at(-1)), /^\S+ INFO  stop  stopped$/);
});

for (const [name, how] of Object.entries({
  '--no-color': { args: ['--no-color'] },
  NO_COLOR: { env: { NO_COLOR: '1' } },
  'TERM=dumb': { env: { TERM: 'dumb' } },
}))
  test(`without colours: ${name}`, async () => {
    const { out, lines } = await run(how);
    assert.doesNotMatch(out, /\x1b/);
    for (const line of lines) assert.match(line, plain);
    assert.ok(lines.some((line) => request.test(line)));
  });

test('JSON at a terminal, where that is said, and in a pipe', async () => {
  for (const how of [{ yaml: 'log: {format: json}\n' }, { terminal: false }]) {
    const { lines } = await run(how);
    const events = lines.map((line) => JSON.parse(line).event);
    assert.ok(events.includes('request') && events.includes('stop'));
  }
});

test('for people in a pipe, where that is said, but never in colours', async () => {
  const { out, lines } = await run({ yaml: 'log: {format: console}\n', terminal: false });
  assert.doesNotMatch(out, /\x1b/);
  for (const line of lines) assert.match(line, plain);
  assert.ok(lines.some((line) => request.test(line)));
});
