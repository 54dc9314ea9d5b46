// What is written about what happens: which fields, where to, and that nobody waits for who reads it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { readExposition } from './support/exposition.js';
import { binary, makeFolder, repository } from './support/gateway.js';
import { scene } from './support/scene.js';
import { streamed } from './support/upstream.js';

const on = scene();

test('a line of a request has the fields that the page about them lists, and no other', async () => {
  on.upstream.answer({ sum: 4 });
  const good = await on.gateway.call('sum', { a: 2, b: 2 }, { ...on, headers: { 'x-request-id': 'fields-1' } });
  await good.text();
  on.upstream.stream(streamed(['At']));
  const stream = await on.gateway.call('chat', { message: 'x', stream: true }, on);
  await stream.text();
  const bad = await on.gateway.call('sum', { a: 2 }, on);
  await bad.text();
  const lines = await Promise.all([good, stream, bad].map((response) => on.gateway.journal(response)));
  const page = await readFile(path.join(repository, 'docs/logs.md'), 'utf8');
  const known = page.split('\n').filter((line) => /^\| `/.test(line)).flatMap((line) => line.split('|')[1].match(/\w+(?=`)/g));
  for (const line of lines) {
    for (const field of Object.keys(line)) assert.ok(known.includes(field), field);
    for (const field of ['ts', 'level', 'msg', 'event', 'request_id', 'trace_id', 'span_id', 'method', 'path', 'status', 'duration_ms'])
      assert.ok(field in line, field);
  }
  assert.deepEqual(lines.map(({ msg, level }) => [msg, level]), [['answered', 'info'], ['answered', 'info'], ['refused', 'info']]);
  assert.equal(lines[0].request_id, 'fields-1');
});

test('the page about lines lists every event that there is, and no other', async () => {
  const folder = path.join(repository, 'src');
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.c') && !name.endsWith('_test.c'));
  const sources = await Promise.all(files.map((name) => readFile(path.join(folder, name), 'utf8')));
  const words = sources.flatMap((source) => [...source.matchAll(/\b(?:log_event|server_log)\([^;]*?LOG_[A-Z]+,\s*"([a-z_.]+)"/g)].map(([, word]) => word));
  const page = await readFile(path.join(repository, 'docs/logs.md'), 'utf8');
  const table = page.slice(page.indexOf('## Everything else')).split('\n\n')[1];
  const known = table.split('\n').slice(2).flatMap((line) => line.split('|')[1].match(/[\w.*]+(?=`)/g));

  assert.ok(words.length > 30);
  assert.deepEqual(known.toSorted(), [...new Set(words.map((word) => word.replace(/^audit\..*/, 'audit.*')))].sort());
});

// A test that fails leaves none behind: the runner would wait for it.
const children = new Set();
after(() => children.forEach((child) => child.kill('SIGKILL')));

// The server with its own way out for the lines; ready when it says so on standard error.
async function serve(more, stdout) {
  const folder = await makeFolder({ 'pinion.yaml': `listen: 127.0.0.1:0\nworkers: 2\n${more}` });
  const store = await mkdtemp(path.join(os.tmpdir(), 'pinion-store-'));
  const child = spawn(binary, ['serve', '--config', folder, '--store', store, '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', stdout, 'pipe'],
  });
  children.add(child);
  let said = '';
  const waiting = new Set();
  child.stderr.setEncoding('utf8').on('data', (piece) => {
    said += piece;
    for (const look of waiting) look();
  });
  const exited = new Promise((resolve) => child.on('close', resolve));
  const tells = (pattern) =>
    new Promise((resolve) => {
      const look = () => pattern.test(said) && (waiting.delete(look), resolve(pattern.exec(said)));
      waiting.add(look);
      look();
    });
  const [, address] = await tells(/ready on (\S+)/);
  return {
    child,
    folder,
    url: `http://${address}`,
    port: Number(address.split(':').at(-1)),
    tells,
    async stop() {
      child.kill('SIGTERM');
      const code = await exited;
      await rm(folder, { recursive: true });
      await rm(store, { recursive: true });
      return { code, said };
    },
  };
}
const linesOf = (text) => text.split('\n').filter(Boolean).map((line) => JSON.parse(line));

test('lines go to a file, and after SIGHUP to a new one, and none is lost', async () => {
  const server = await serve('log: {file: pinion.log}\n', 'pipe');
  let out = '';
  server.child.stdout.setEncoding('utf8').on('data', (piece) => (out += piece));
  const file = path.join(server.folder, 'pinion.log');
  const until = async (name, marker) => {
    for (;;) if ((await readFile(name, 'utf8').catch(() => '')).includes(marker)) return;
  };
  await (await fetch(`${server.url}/before`)).text();
  await until(file, '"path":"/before"');
  await rename(file, `${file}.1`);
  server.child.kill('SIGHUP');
  await server.tells(/reloaded: /);
  for (let i = 0; i < 20; i++) await (await fetch(`${server.url}/behind-${i}`)).text();
  await until(file, '"path":"/behind-19"');
  const old = linesOf(await readFile(`${file}.1`, 'utf8'));
  const fresh = linesOf(await readFile(file, 'utf8'));
  assert.ok(!old.some(({ path }) => path?.startsWith('/behind')) && !fresh.some(({ path }) => path === '/before'));
  assert.equal(fresh.filter(({ path }) => path?.startsWith('/behind')).length, 20);
  const { code, said } = await server.stop();
  assert.equal(code, 0, said);
  assert.equal(out, '', 'nothing on standard output');
});

test('who does not read the lines holds nobody up: they are dropped and counted', async () => {
  const server = await serve('', 'pipe'); // nobody reads from it for now
  const calls = 9000;
  const socket = net.connect(server.port, '127.0.0.1');
  const request = `GET /${'x'.repeat(500)} HTTP/1.1\r\nHost: x\r\n\r\n`;
  let answers = 0;
  let asked = 0;
  await new Promise((resolve, reject) => {
    const ask = () => {
      const more = Math.min(100, calls - asked);
      asked += more;
      if (more > 0) socket.write(request.repeat(more));
    };
    socket.setEncoding('latin1').on('error', reject);
    socket.on('close', () => reject(new Error(`closed after ${answers} answers`)));
    let rest = '';
    socket.on('data', (piece) => {
      const parts = (rest + piece).split('HTTP/1.1 404');
      answers += parts.length - 1;
      rest = parts.at(-1).slice(-11);
      if (answers >= asked) ask();
      if (answers === calls) resolve();
    });
    ask();
  });
  socket.removeAllListeners('close').destroy();
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const dropped = readExposition(text).get('pinion_log_dropped_total').samples[0].value;
  assert.ok(dropped > 0 && dropped < calls, String(dropped));
  let out = '';
  server.child.stdout.setEncoding('utf8').on('data', (piece) => (out += piece));
  const { code, said } = await server.stop();
  assert.equal(code, 0, said);
  const requests = linesOf(out).filter(({ event }) => event === 'request');
  assert.equal(requests.length, calls - dropped, 'every line was written or counted');
});
