// A marked key from each source, environment, file and sealed, through everything that goes wrong: it
// reaches the provider, and is nowhere else to be found, in no form.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { binary, makeFolder, startGateway, writeFiles } from './support/gateway.js';
import { completion, streamed } from './support/upstream.js';

const sources = ['env', 'file', 'sealed'];
// The last four characters may be shown of a sealed one: they are no part of the mark.
const marks = Object.fromEntries(sources.map((source) => [source, `canary-${source}-${randomBytes(12).toString('hex')}`]));
const keys = Object.fromEntries(sources.map((source) => [source, `sk-${marks[source]}-end4`]));
const reference = (home) => ({
  env: '${env:PINION_CANARY}',
  file: `\${file:${home}/key}`,
  sealed: '${secret:canary}',
});
const master = randomBytes(32);

// The mark as it is, in capitals, as hex, and as base64 at each of the three alignments.
const forms = (mark) => [
  mark,
  mark.toUpperCase(),
  Buffer.from(mark).toString('hex'),
  encodeURIComponent(mark),
  ...[0, 1, 2].flatMap((shift) =>
    ['base64', 'base64url'].map((form) => Buffer.from(`${'x'.repeat(shift)}${mark}`).toString(form).slice(4, -4)),
  ),
];
const hunted = [
  ...sources.flatMap((source) => forms(marks[source])),
  master.toString('hex'),
  master.toString('base64'),
  master.toString('latin1'),
];

// What a provider does to a call; it repeats the key wherever it can.
const ways = {
  unauthorized: (response, key) =>
    response
      .writeHead(401, { 'content-type': 'application/json', 'x-your-key': key, 'www-authenticate': `Bearer ${key}` })
      .end(
        JSON.stringify({
          error: { message: `Incorrect API key provided: ${key}`, type: key, code: 'invalid_api_key', param: key },
        }),
      ),
  refused: (response, key) =>
    response
      .writeHead(400, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: { message: key, type: 'invalid_request_error', code: key, param: key } })),
  limited: (response, key) =>
    response
      .writeHead(429, { 'content-type': 'application/json', 'retry-after': '0', 'x-ratelimit-reset': key })
      .end(JSON.stringify({ error: { message: key, code: 'insufficient_quota' } })),
  broken: (response, key) => response.writeHead(500, { 'content-type': 'text/plain' }).end(`panic: ${key}`),
  garbled: (response, key) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(`{"choices": [${key}`),
  redirected: (response, key) => response.writeHead(307, { location: `http://127.0.0.1:1/${key}` }).end(key),
  reset: (response) => response.destroy(),
  protocol: (response, key) => response.socket.end(`HTTP/1.1 200 ${key}\r\ncontent-length: ${key}\r\n\r\n`),
  cut: (response, key) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(streamed(['Hel'])[1]);
    response.end(`data: {"error": {"message": "${key}", "code": "${key}"}}\n\n`);
  },
  fine: (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('hi'))),
};

let home, folder, server, gateway, env, token;
const got = []; // where, and what came out there
const heard = new Map(); // way and source: the key that the provider was sent
const collect = (where, text) => got.push([where, text]);

const slug = (source, way) => `${source}-${way}`;
const endpoint = (provider, way) => `provider: ${provider}\nmodel: ${way}\nsystem: x\nstream: raw\n`;

function files(port) {
  const refer = reference(home);
  const all = {};
  let providers = '';
  for (const source of sources) {
    const key = `key: "${refer[source]}"`;
    const open = 'allow_http: true, allow_private: true';
    providers += `  ${source}: {kind: openai, base_url: "http://127.0.0.1:${port}/${source}", ${key}, ${open}}\n`;
    providers += `  ${source}-tls: {kind: openai, base_url: "https://127.0.0.1:${port}/v1", ${key}, allow_private: true}\n`;
    providers += `  ${source}-dns: {kind: openai, base_url: "https://nowhere.invalid/v1", ${key}}\n`;
    providers += `  ${source}-down: {kind: openai, base_url: "http://127.0.0.1:1/v1", ${key}, ${open}}\n`;
    for (const way of Object.keys(ways)) all[`endpoints/${slug(source, way)}.yaml`] = endpoint(source, way);
    for (const way of ['tls', 'dns', 'down'])
      all[`endpoints/${slug(source, way)}.yaml`] = endpoint(`${source}-${way}`, way);
  }
  return { 'pinion.yaml': `listen: 127.0.0.1:0\nworkers: 2\nproviders:\n${providers}`, ...all };
}

const cli = (words, input = '') =>
  new Promise((resolve) => {
    const child = execFile(
      binary,
      [...words, '--config', folder, '--store', path.join(home, 'store')],
      { env: { ...process.env, ...env } },
      (error, stdout, stderr) => {
        collect(`pinion ${words.join(' ')}`, stdout + stderr);
        resolve({ code: error?.code ?? 0, stdout, stderr });
      },
    );
    child.stdin.on('error', () => {}).end(input);
  });

before(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'pinion-canary-'));
  await writeFile(path.join(home, 'key'), `${keys.file}\n`, { mode: 0o600 });
  env = {
    XDG_CONFIG_HOME: path.join(home, 'config'),
    PINION_CANARY: keys.env,
    PINION_MASTER_KEY: master.toString('hex'),
  };
  server = http.createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const source = request.url.split('/')[1];
    const way = JSON.parse(Buffer.concat(pieces)).model;
    heard.set(slug(source, way), request.headers.authorization);
    ways[way](response, request.headers.authorization.slice('Bearer '.length));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  folder = await makeFolder(files(server.address().port));
  const set = await cli(['secret', 'set', 'canary', '-v'], keys.sealed);
  assert.equal(set.code, 0, set.stderr);
  gateway = await startGateway({ folder, store: path.join(home, 'store'), env, args: ['-v'] });
  ({ token } = await gateway.token('*'));
});

after(async () => {
  await gateway?.stop();
  server.closeAllConnections();
  server.close();
  await rm(home, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

for (const source of sources)
  for (const way of [...Object.keys(ways), 'tls', 'dns', 'down'])
    test(`${source}: ${way}`, async () => {
      for (const stream of [false, true]) {
        const response = await gateway.call(slug(source, way), { message: 'x', stream }, { token });
        const headers = [...response.headers].flat().join('\n');
        collect(`answer of ${slug(source, way)}`, `${headers}\n${await response.text().catch(String)}`);
        if (way !== 'fine' && way !== 'cut') assert.ok(response.status >= 400, `${response.status}`);
        await gateway.journal(response);
      }
      // The key was there to be found.
      if (way in ways) assert.equal(heard.get(slug(source, way)), `Bearer ${keys[source]}`);
    });

test('a key that is repeated would be found', () => {
  for (const source of sources)
    for (const before of ['', 'a', 'ab', 'Bearer '])
      for (const form of ['utf8', 'hex', 'base64', 'base64url']) {
        const repeated = Buffer.from(`${before}${keys[source]} and more`).toString(form);
        assert.ok(hunted.some((one) => repeated.includes(one)), repeated);
      }
});

test('it is in no answer of the listeners, no report of a reload and no output of a command', async () => {
  for (const where of ['/metrics', '/readyz?verbose', '/livez', '/nowhere'])
    collect(where, await (await fetch(gateway.url + where)).text());
  for (const [method, where, body] of [
    ['GET', '/admin/v1/secrets'],
    ['GET', '/admin/v1/tokens'],
    ['PUT', '/admin/v1/secrets/canary', { value: `${keys.sealed} with a space` }],
    ['PUT', '/admin/v1/secrets/Not-A-Name', { value: keys.sealed }],
    ['PUT', '/admin/v1/secrets/canary', { value: [keys.sealed] }],
    ['PUT', '/admin/v1/secrets/canary', { value: keys.sealed, [keys.sealed]: keys.sealed }],
    ['POST', '/admin/v1/reload', {}],
    ['DELETE', '/admin/v1/secrets/nobody'],
  ])
    collect(`${method} ${where}`, JSON.stringify((await gateway.admin(method, where, body)).body));
  const cut = await gateway.admin('POST', '/admin/v1/tokens', { name: 7 });
  collect('POST /admin/v1/tokens', JSON.stringify(cut.body));

  for (const form of ['human', 'short', 'json']) await cli(['check', '-v', '--format', form]);
  await cli(['secret', 'list', '-v']);
  await cli(['secret', 'list', '--json']);
  await cli(['secret', 'set', 'canary', '--json'], `${keys.sealed}\xff\0`);
  const yaml = await readFile(path.join(folder, 'pinion.yaml'), 'utf8');
  for (const wrong of [
    yaml.replaceAll('key: "${', 'key: "x y ${'),
    yaml.replaceAll('kind: openai', 'kind: opnai'),
    yaml.replaceAll('https://', 'https://${secret:canary}@'),
    yaml.replaceAll('https://127', 'gopher://${env:PINION_CANARY}'),
    yaml.replaceAll('allow_private: true', `ca_file: "\${file:${home}/key}"`),
  ]) {
    await writeFiles(folder, { 'pinion.yaml': wrong });
    for (const form of ['human', 'json']) assert.equal((await cli(['check', '--format', form])).code, 3);
    collect('reload', JSON.stringify((await gateway.admin('POST', '/admin/v1/reload', {})).body));
  }
  await writeFiles(folder, { 'pinion.yaml': yaml });
  assert.equal((await gateway.admin('POST', '/admin/v1/reload', {})).status, 200);
});

test('it is in no file of the store, and the master key is not in the environment', async () => {
  const store = path.join(home, 'store');
  for (const name of await readdir(store)) {
    if (name === 'admin.sock') continue;
    collect(`store/${name}`, (await readFile(path.join(store, name))).toString('latin1'));
  }
  collect('cmdline', await readFile(`/proc/${gateway.child.pid}/cmdline`, 'latin1'));
  const environment = await readFile(`/proc/${gateway.child.pid}/environ`, 'latin1');
  assert.ok(environment.includes('PINION_CANARY='), 'the environment can be read here');
  assert.ok(!environment.includes(master.toString('hex')));
});

test('the process leaves no core dump, and keys lie in memory that none would hold', async () => {
  const limits = await readFile(`/proc/${gateway.child.pid}/limits`, 'utf8');
  assert.match(limits, /^Max core file size +0 +0 /m);
  const maps = await readFile(`/proc/${gateway.child.pid}/smaps`, 'utf8');
  const kept = maps.match(/^VmFlags:.* wf dd.*$|^VmFlags:.* dd wf.*$/gm) ?? [];
  assert.ok(kept.length > 0, 'mappings left out of dumps and of children');
});

test('nothing of all this repeats a key, in whatever form', async () => {
  const { code, stderr } = await gateway.stop();
  collect('standard error', stderr());
  collect('standard output', gateway.lines.map((line) => JSON.stringify(line)).join('\n'));
  assert.equal(code, 0, stderr());
  assert.ok(got.length > 100);
  assert.ok(gateway.lines.length >= sources.length * (Object.keys(ways).length + 3) * 2);
  for (const [where, text] of got)
    for (const form of hunted) assert.ok(!text.includes(form), `${where} repeats a key:\n${text.slice(0, 2000)}`);
});
