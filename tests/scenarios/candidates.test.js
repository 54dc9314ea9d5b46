// Another endpoint that answers some of the calls in place of one.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test, after, before } from 'node:test';
import { files, sum } from './support/files.js';
import { makeFolder, settings, startGateway, writeFiles } from './support/gateway.js';
import { startUpstream } from './support/upstream.js';

const rules = (watch) => `
routing:
  - name: canary
    when: {input: {/style: canary}}
    use: {endpoint: sum-next}
${watch ? `    watch: {${watch}}\n` : ''}`;
const next = sum
  .replace('slug: sum', 'slug: sum-next')
  .replace('You add numbers.', 'You add numbers anew.')
  .replace('model: gpt-4.1-mini', 'model: gpt-4.1');

const picky = (slug, more) => `slug: ${slug}\nsystem: s\nretry: {times: 0}\n${more}`;
const fragile = (url) =>
  `  fragile: {kind: openai, base_url: "${url}", key: "sk-x", allow_http: true, allow_private: true, breaker: {faults_in_row: 2, open: 60s}}\n`;

let upstream, gateway, folder, store, token;
before(async () => {
  upstream = await startUpstream();
  folder = await makeFolder(files(upstream, {
    'endpoints/sum.yaml': sum + rules(),
    'endpoints/sum-next.yaml': next,
    'pinion.yaml': settings(upstream.url, fragile(upstream.url)),
    'endpoints/picky.yaml': picky('picky', `provider: upstream\nmodel: gpt-4.1-mini
routing: [{name: canary, when: {provider_health: up}, use: {endpoint: picky-next}}]\n`),
    'endpoints/picky-next.yaml': picky('picky-next', 'provider: fragile\nmodel: gpt-4o\n'),
  }));
  store = await mkdtemp(path.join(os.tmpdir(), 'pinion-store-'));
  gateway = await startGateway({ folder, store });
  token = (await gateway.token('*')).token;
});
after(async () => {
  const end = await gateway.stop();
  await upstream.stop();
  await rm(folder, { recursive: true });
  assert.equal(end.code, 0, end.stderr());
});

const reload = async (more) => {
  await writeFiles(folder, more);
  const { code, stderr } = await gateway.cli('reload');
  assert.equal(code, 0, stderr);
};

async function call(style, answer = { sum: 4 }, more) {
  upstream.answer(answer, more);
  const response = await gateway.call('sum', { a: 2, b: 2, style }, { token });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
const listed = async () => (await gateway.admin('GET', '/admin/v1/canaries?endpoint=sum')).body.data[0];

test('the candidate is asked in its own words, and what the caller sees is the endpoint he has called', async () => {
  const { status, headers, body } = await call('canary');
  assert.equal(status, 200);
  assert.deepEqual(body.output, { sum: 4 });
  assert.deepEqual([body.meta.endpoint, body.meta.route, body.meta.candidate], ['sum', 'canary', 'sum-next']);
  assert.deepEqual([headers.get('pinion-endpoint'), headers.get('pinion-route'), headers.get('pinion-model')], ['sum', 'canary', 'gpt-4.1']);
  assert.deepEqual(
    [upstream.calls.at(-1).body.messages[0].content, upstream.calls.at(-1).body.model],
    ['You add numbers anew. canary', 'gpt-4.1'],
  );
  const other = await call('plain');
  assert.equal(other.body.meta.candidate, undefined);
  assert.equal(upstream.calls.at(-1).body.messages[0].content, 'You add numbers. plain');
  const { data } = (await gateway.admin('GET', '/admin/v1/usage?by=endpoint')).body;
  assert.deepEqual(data.map((row) => row.endpoint), ['sum'], 'both are calls of the endpoint');
});

test('a watched candidate is switched off when its answers are refused, and is another one when it is changed', async () => {
  await reload({ 'endpoints/sum.yaml': sum + rules('max_422_pct: 5, min_calls: 10') });
  for (let i = 0; i < 30 && (await listed()).state === 'on'; i++) assert.equal((await call('canary', { sum: 'four' })).status, 422);
  assert.equal((await listed()).state, 'off');
  const { body, headers } = await call('canary');
  assert.deepEqual([headers.get('pinion-route'), body.meta.candidate], ['default', undefined]);
  await reload({ 'endpoints/chat.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: Another.\n' });
  assert.equal((await call('canary')).headers.get('pinion-route'), 'default');
  await reload({ 'endpoints/sum-next.yaml': next.replace('anew', 'afresh') });
  assert.equal((await call('canary')).headers.get('pinion-route'), 'canary');
  assert.equal(upstream.calls.at(-1).body.messages[0].content, 'You add numbers afresh. canary');
});

test('a rule that looks at how its target fares looks at the candidate’s', async () => {
  const route = async () => {
    const response = await gateway.call('picky', { message: 'Hi.' }, { token });
    await response.text();
    return [response.status, response.headers.get('pinion-route')];
  };
  upstream.next((response) => response.writeHead(500).end('{}'));
  upstream.next((response) => response.writeHead(500).end('{}'));
  assert.deepEqual(await route(), [502, 'canary']);
  assert.deepEqual(await route(), [502, 'canary']);
  upstream.answer('Hello.');
  assert.deepEqual(await route(), [200, 'default']);
  assert.equal(upstream.calls.at(-1).body.model, 'gpt-4.1-mini');
});

test('a call that names a version gets that version, and not its canary', async () => {
  await reload({ 'endpoints/sum.yaml': sum + rules() });
  const { token: versions } = await gateway.token('sum@*');
  const { data } = (await gateway.admin('GET', '/admin/v1/endpoints/sum/versions')).body;
  upstream.answer({ sum: 4 });
  const response = await gateway.call(`sum@${data.at(-1).version}`, { a: 2, b: 2, style: 'canary' }, { token: versions });
  const { meta } = await response.json();
  assert.deepEqual([response.status, meta.candidate], [200, undefined]);
  assert.equal(upstream.calls.at(-1).body.messages[0].content, 'You add numbers. canary');
});

test('an old version that is in force again has its canary, as the other endpoint is today', async () => {
  await reload({ 'endpoints/sum.yaml': sum, 'endpoints/sum-next.yaml': next.replace('anew', 'once more') });
  assert.equal((await call('canary')).headers.get('pinion-route'), 'default');
  const { code, stderr } = await gateway.cli('rollback', 'sum@1');
  assert.equal(code, 0, stderr);
  assert.equal((await call('canary')).body.meta.candidate, 'sum-next');
  assert.equal(upstream.calls.at(-1).body.messages[0].content, 'You add numbers once more. canary');
  await writeFiles(folder, { 'endpoints/sum-next.yaml': next.replace('schemas/sum.in.json', '{type: object}') });
  const refused = await gateway.cli('reload');
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /error\[E0406\]: endpoint "sum-next" takes another input than "sum", in whose place it would answer\n +--> sum@\d+:endpoints\/sum\.yaml/);
});
