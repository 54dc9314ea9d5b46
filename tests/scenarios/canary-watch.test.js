// A rule whose calls fare worse than the rest is switched off by itself, for good, and until then
// everything is counted exactly.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { files, sum } from './support/files.js';
import { startGateway } from './support/gateway.js';
import { startUpstream } from './support/upstream.js';

const rule = (model, watch) => `
  - name: the new model
    when: {input: {/style: new}}
    use: {model: ${model}}
    watch: {${watch}}
`;
const endpoint = (slug, model, watch) =>
  `${sum.replace('slug: sum', `slug: ${slug}`)}routing:${rule(model, watch)}`;
const content = {
  'endpoints/refused.yaml': endpoint('refused', 'gpt-4.1-nano', 'max_422_pct: 5, min_calls: 10'),
  'endpoints/alike.yaml': endpoint('alike', 'gpt-4.1-nano', 'max_422_pct: 5, min_calls: 10'),
  'endpoints/dear.yaml': endpoint('dear', 'gpt-4.1', 'max_cost_ratio: 2, min_calls: 10'),
  'endpoints/many.yaml': endpoint('many', 'gpt-4.1-nano', 'max_422_pct: 50, max_cost_ratio: 2'),
};

let upstream, gateway, token;

before(async () => {
  upstream = await startUpstream();
  gateway = await startGateway({ files: files(upstream, content) });
  ({ token } = await gateway.token('*'));
});
after(async () => {
  const end = await gateway?.stop();
  await upstream.stop();
  if (!end) return;
  assert.deepEqual(upstream.wrong, []);
  assert.deepEqual(upstream.unexpected, []);
  assert.equal(end.code, 0, end.stderr());
});

const call = async (slug, style, answer) => {
  upstream.answer(answer);
  const response = await gateway.call(slug, { a: 1, b: 2, style }, { token });
  await response.text();
  await gateway.journal(response);
  return { status: response.status, route: response.headers.get('pinion-route') };
};
const times = async (count, slug, style, answer) => {
  const got = [];
  for (let i = 0; i < count; i++) got.push(await call(slug, style, answer));
  return got;
};
const good = { sum: 3 };
const bad = { sum: 'three' };
const seen = async (slug) => (await gateway.admin('GET', `/admin/v1/canaries?endpoint=${slug}`)).body.data[0];
const metric = async (name) =>
  (await (await fetch(`${gateway.url}/metrics`)).text()).split('\n').filter((line) => line.startsWith(name));

test('what is counted is exact, however many calls run at once', async () => {
  const calls = [];
  for (let i = 0; i < 60; i++) {
    upstream.answer(good);
    calls.push(gateway.call('many', { a: 1, b: 2, style: i % 2 ? 'new' : 'old' }, { token }));
  }
  for (const response of await Promise.all(calls)) {
    await response.text();
    await gateway.journal(response);
  }
  const { state, taken, rest, watch } = await seen('many');
  assert.equal(state, 'on');
  assert.deepEqual([taken.calls, taken.refused, rest.calls, rest.refused], [30, 0, 30, 0]);
  assert.deepEqual(watch, { max_422_pct: 50, max_cost_ratio: 2, min_calls: 50, window_ms: 600000 });
  // 24 and 8 tokens at the prices of the two models.
  assert.equal(taken.mean_cost_usd, '0.000005600');
  assert.equal(rest.mean_cost_usd, '0.000022400');
});

test('a rule whose answers are refused is off from the next call on', async () => {
  await times(10, 'refused', 'old', good);
  const before_ = await times(9, 'refused', 'new', bad);
  assert.ok(before_.every(({ status, route }) => status === 422 && route === 'the new model'));
  assert.equal((await seen('refused')).state, 'on'); // of nine calls nothing is concluded
  await call('refused', 'new', bad);
  const line = await gateway.logged((one) => one.event === 'canary');
  assert.equal(line.level, 'warn');
  assert.deepEqual([line.endpoint, line.rule, line.reason], ['refused', 'the new model', '422']);
  assert.equal(line.why, '10 of 10 calls (100.0 %) were answered with a 422, of 10 others 0 (0.0 %)');
  const told = await gateway.logged((one) => one.event === 'audit.canary.off');
  assert.deepEqual([told.actor, told.object], ['system', 'refused/the new model']);
  assert.deepEqual(await call('refused', 'new', good), { status: 200, route: 'default' });
  assert.equal(upstream.calls.at(-1).body.model, 'gpt-4.1-mini');
  assert.deepEqual(await metric('pinion_canary_trips_total'), [
    'pinion_canary_trips_total{endpoint="refused",rule="the new model",reason="422"} 1',
  ]);
  assert.ok(
    (await metric('pinion_canary_off')).includes('pinion_canary_off{endpoint="refused",rule="the new model"} 1'),
  );
});

test('it says so where people look: the command, the admin listener, explain', async () => {
  const { state, since, reason, why, durable } = await seen('refused');
  assert.deepEqual([state, reason, durable], ['off', '422', true]);
  assert.match(since, /^\d{4}-\d\d-\d\dT/);
  const shown = await gateway.cli('canary', 'refused');
  assert.equal(shown.code, 0, shown.stderr);
  assert.equal(
    shown.stdout,
    `refused: the new model -> upstream/gpt-4.1-nano, off\n  since  ${since}\n  why    ${why}\n`,
  );
  const input = path.join(gateway.folder, 'new.json');
  await writeFile(input, JSON.stringify({ a: 1, b: 2, style: 'new' }));
  const explained = await gateway.cli('explain', 'refused', '-i', input, '--running', '--json');
  assert.equal(explained.code, 0, explained.stderr);
  assert.ok(explained.stdout.includes(`no, since ${since}: ${why}`), explained.stdout);
});

test('it is off after a restart, too', async () => {
  gateway.child.kill('SIGTERM');
  assert.equal((await gateway.exited).code, 0);
  gateway = await startGateway({ folder: gateway.folder, store: gateway.store });
  assert.equal((await seen('refused')).state, 'off');
  assert.deepEqual(await call('refused', 'new', good), { status: 200, route: 'default' });
});

test('an operator switches it on again, and it is watched from the beginning', async () => {
  const unknown = await gateway.cli('canary', 'rearm', 'refused', 'the old model');
  assert.equal(unknown.code, 5);
  assert.match(unknown.stderr, /endpoint 'refused' has no rule 'the old model' that is watched/);
  const done = await gateway.cli('canary', 'rearm', 'refused', 'the new model');
  assert.equal(done.code, 0, done.stderr);
  assert.equal(done.stdout, "rule 'the new model' of refused is switched on again, and watched from the beginning\n");
  const told = await gateway.logged((one) => one.event === 'audit.canary.rearm');
  assert.equal(told.object, 'refused/the new model');
  assert.equal(
    (await gateway.cli('canary', 'rearm', 'refused', 'the new model')).stdout,
    "rule 'the new model' of refused was on already\n",
  );
  assert.deepEqual(await call('refused', 'new', bad), { status: 422, route: 'the new model' });
  const { state, taken } = await seen('refused');
  assert.deepEqual([state, taken.calls, taken.refused], ['on', 1, 1]);
});

test('where the rest fares as badly, the rule is not at fault', async () => {
  await times(10, 'alike', 'old', bad);
  await times(20, 'alike', 'new', bad);
  const { state, taken, rest } = await seen('alike');
  assert.deepEqual([state, taken.refused, rest.refused], ['on', 20, 10]);
});

test('a rule whose calls cost too much is off; once its content changes it is another', async () => {
  await times(10, 'dear', 'old', good);
  await times(10, 'dear', 'new', good);
  const line = await gateway.logged((one) => one.event === 'canary' && one.endpoint === 'dear');
  assert.equal(line.reason, 'cost');
  assert.match(line.why, /^a call cost 0\.\d{6} USD on average of 10, and 0\.\d{6} of 10 others \(5\.00 times as much\)$/);
  assert.equal((await call('dear', 'new', good)).route, 'default');
  const file = path.join(gateway.folder, 'endpoints/dear.yaml');
  await writeFile(file, endpoint('dear', 'gpt-4.1', 'max_cost_ratio: 6, min_calls: 10'));
  assert.equal((await gateway.cli('reload')).code, 0);
  assert.equal((await seen('dear')).state, 'on');
  assert.equal((await call('dear', 'new', good)).route, 'the new model');
  await writeFile(file, endpoint('dear', 'gpt-4.1', 'max_cost_ratio: 2, min_calls: 10'));
  assert.equal((await gateway.cli('reload')).code, 0);
  assert.equal((await seen('dear')).state, 'off'); // what was bad once is still bad
});
