// Series: what came of requests and what it cost, over any span of time, from sums that are kept as
// requests end and never from rows.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { binary, makeFolder, startGateway } from './support/gateway.js';
import { chat, files, sum } from './support/files.js';
import { scene } from './support/scene.js';
import { completion } from './support/upstream.js';

const on = scene(() => ({
  'endpoints/limited.yaml': chat.replace('slug: chat', 'slug: limited') + 'limits: {per_minute: 1}\n',
  'endpoints/capped.yaml':
    chat.replace('slug: chat', 'slug: capped') + 'params: {max_tokens: 50}\nbudget: {monthly_usd: 0.000001}\n',
  'endpoints/cached.yaml': chat.replace('slug: chat', 'slug: cached') + 'cache: {ttl: 1h}\n',
  'endpoints/sum.yaml': sum,
}));
const nano = (usd) => BigInt(usd.replace('.', ''));
const ask = (query, gateway = on.gateway) => gateway.admin('GET', `/admin/v1/series?${query}`);
const series = async (query, gateway) => {
  const { status, body } = await ask(query, gateway);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
};
const points = async (query, gateway) =>
  Object.fromEntries((await series(query, gateway)).points.map((point) => [point.key, point]));
const call = async (slug, body, more = {}) => (await on.gateway.call(slug, body, { token: on.token, ...more })).text();

test('before anything was called there is nothing', async () => {
  const none = await series('by=endpoint');

  assert.deepEqual([none.object, none.by, none.step, none.points], ['series', 'endpoint', null, []]);
  assert.ok(Date.parse(none.to) - Date.parse(none.from) >= 24 * 3600e3);
});

test('each outcome is counted as what it was, also where nothing was sent', async () => {
  on.upstream.answer({ sum: 3 });
  await call('sum', { a: 1, b: 2 });
  await call('sum', { a: 1, b: 'two' }); // invalid input: nothing is sent
  on.upstream.answer({ sum: -3 });
  await call('sum', { a: 1, b: 2 });
  on.upstream.json({ error: { message: 'no', type: 'server_error' } }, { status: 500 });
  await call('sum', { a: 1, b: 2 });
  on.upstream.answer('Hello.');
  await call('limited', { message: 'Hi' });
  await call('limited', { message: 'Hi' });
  await call('capped', { message: 'Hi' }); // more than its budget
  await call('sum', { a: 1, b: 2 }, { token: null }); // 401, of an endpoint that there is
  await call('nothing', { message: 'Hi' }); // 404
  on.upstream.answer('Hello.');
  await call('cached', { message: 'Hi' });
  await call('cached', { message: 'Hi' });
  const by = await points('by=endpoint');
  const outcome = ({ calls, errors, invalid_output, invalid_input, limited, refused, cached }) => [
    calls, errors, invalid_output, invalid_input, limited, refused, cached,
  ];

  assert.deepEqual(Object.keys(by), ['cached', 'capped', 'limited', 'sum']);
  assert.deepEqual(outcome(by.sum), [5, 1, 1, 1, 0, 1, 0]);
  assert.deepEqual(outcome(by.limited), [2, 0, 0, 0, 1, 0, 0]);
  assert.deepEqual(outcome(by.capped), [1, 0, 0, 0, 1, 0, 0]);
  assert.deepEqual(outcome(by.cached), [2, 0, 0, 0, 0, 0, 1]);
  assert.equal(nano(by.sum.cost_usd), 2n * (24n * 400n + 8n * 1600n));
  assert.deepEqual([by.sum.input_tokens, by.sum.output_tokens], [48, 16]);
  assert.ok(by.sum.p50_ms > 0 && by.sum.p95_ms >= by.sum.p50_ms);

  const statuses = await points('by=status');
  assert.deepEqual(
    Object.entries(statuses).map(([key, it]) => [key, it.calls]),
    [['2xx', 4], ['4xx', 6], ['5xx', 1]],
  );
  assert.deepEqual(
    Object.entries(await points('by=status_code')).map(([key, it]) => [key, it.calls]),
    [['200', 4], ['401', 1], ['404', 1], ['422', 3], ['429', 1], ['502', 1]],
  );
  assert.deepEqual((await points('by=status&endpoint=sum'))['4xx'].calls, 3);
  assert.equal((await points('by=status_code&key=429'))['429'].calls, 1);
});

test('providers and models have attempts, and the money is the same by whatever it is summed', async () => {
  const { total } = await points('');
  const provider = (await points('by=provider')).upstream;

  assert.equal(total.calls, 11);
  assert.deepEqual([provider.calls, provider.errors], [5, 2]);
  for (const by of ['endpoint', 'provider', 'model', 'token', 'project', 'status', 'surface']) {
    const all = Object.values(await points(`by=${by}`));
    assert.equal(all.reduce((so_far, it) => so_far + nano(it.cost_usd), 0n), nano(total.cost_usd), by);
    assert.equal(all.reduce((so_far, it) => so_far + it.input_tokens, 0), total.input_tokens, by);
  }
  const [used] = (await on.gateway.admin('GET', '/admin/v1/usage')).body.data;
  assert.equal(used.cost_usd, total.cost_usd);
  assert.equal((await points('by=model&endpoint=sum'))['gpt-4.1-mini'].calls, 3);
  assert.equal((await points('by=provider&endpoint=cached')).upstream.calls, 1);
  assert.equal((await points('endpoint=sum')).sum.calls, 5);
});

test('a tag is summed by its values, and other tags are not mixed in', async () => {
  for (const [tag, times] of [['team=search', 2], ['team=ads', 1], ['env=prod', 1]])
    for (let i = 0; i < times; i++) {
      on.upstream.answer('Hello.');
      await call('chat', { message: 'Hi' }, { headers: { 'pinion-tag': tag } });
    }
  const teams = await points('by=tag:team');

  assert.deepEqual(Object.entries(teams).map(([key, it]) => [key, it.calls]), [['ads', 1], ['search', 2]]);
  assert.equal(nano(teams.search.cost_usd), 2n * (24n * 400n + 8n * 1600n));
  assert.deepEqual(await points('by=tag:none'), {});
  assert.deepEqual(
    Object.entries(await points('by=tag')).map(([key, it]) => [key, it.calls]),
    [['env', 1], ['team', 3]],
  );
});

test('the values that callers make up of a tag are told apart up to a bound, and none is lost', async () => {
  const calls = 260;
  for (let i = 0; i < calls; i++) on.upstream.answer('Hello.');
  for (let i = 0; i < calls; i += 20)
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        call('chat', { message: 'Hi' }, { headers: { 'pinion-tag': `user=u${i + n}` } }),
      ),
    );
  const { points: minutes } = await series('by=tag:user&step=minute');
  const day = (await series('by=tag:user&step=day')).points;

  assert.equal(minutes.reduce((so_far, it) => so_far + it.calls, 0), calls);
  for (const t of new Set(minutes.map((it) => it.t)))
    assert.ok(minutes.filter((it) => it.t === t).length <= 101, 'a minute has 100 of them, and the others');
  assert.equal(day.length, calls); // which may have 1,000
});

test('steps are the minutes, hours or days that had something', async () => {
  const now = Date.now();
  for (const [step, ms] of [['minute', 60e3], ['hour', 3600e3], ['day', 86400e3]]) {
    const got = await series(`by=endpoint&key=sum&step=${step}`);
    const total = got.points.reduce((so_far, it) => so_far + it.calls, 0);

    assert.equal(got.step, step);
    assert.equal(total, 5, step);
    for (const { t, key } of got.points) {
      assert.equal(key, 'sum');
      assert.equal(Date.parse(t) % ms, 0);
      assert.ok(now - Date.parse(t) < ms + 600e3);
    }
  }
  const [hour] = (await series('step=hour&endpoint=sum')).points;
  assert.equal(hour.key, 'sum');
  assert.equal((await series(`step=minute&to=${new Date(now - 3600e3).toISOString()}`)).points.length, 0);
});

test('what is asked for wrongly is said', async () => {
  for (const [query, param] of [
    ['by=colour', 'by'],
    ['by=tag:', 'by'],
    ['by=project&endpoint=sum', 'endpoint'],
    ['by=tag:team&endpoint=sum', 'endpoint'],
    ['by=token&endpoint=sum&step=minute', 'step'],
    ['key=sum', 'key'],
    ['step=week', 'step'],
    ['from=yesterday', 'from'],
    ['from=2026-02-01&to=2026-01-01', 'from'],
    ['step=minute&from=2020-01-01', 'from'],
    ['step=hour&from=2020-01-01', 'from'],
    ['colour=red', 'query'],
    ['format=xml', 'format'],
  ]) {
    const { status, body } = await ask(query);
    assert.deepEqual([status, body.error.param], [400, param], query);
  }
  assert.deepEqual((await series('from=2020-01-01&to=2020-12-31')).points, []);
});

test('it comes as a file, which is recorded', async () => {
  const csv = await ask('by=endpoint&format=csv');
  const lines = csv.body.trimEnd().split('\r\n');
  const jsonl = await ask('by=endpoint&step=hour&format=jsonl');
  const rows = jsonl.body.trimEnd().split('\n').map((line) => JSON.parse(line));
  const audit = (await on.gateway.admin('GET', '/admin/v1/audit?action=usage.export&limit=200')).body.data;

  assert.match(csv.type, /^text\/csv/);
  assert.match(lines[0], /^key,calls,errors,invalid_output,.*cost_usd,billed_usd,p50_ms,p95_ms$/);
  assert.deepEqual(lines.slice(1).map((line) => line.split(',')[0]), ['cached', 'capped', 'chat', 'limited', 'sum']);
  assert.deepEqual(rows.map((row) => row.key).sort(), ['cached', 'capped', 'chat', 'limited', 'sum']);
  assert.equal(audit.length, 2);
});

test('the command line asks for it where days do not answer', async () => {
  const cli = (...words) => on.gateway.cli('usage', ...words);
  const lines = ({ stdout }) => stdout.trimEnd().split('\n');
  const json = async (...words) => lines(await cli(...words, '--json')).map((line) => JSON.parse(line));
  const [head, ...rows] = lines(await cli('--by', 'endpoint', '--from', '2h'));
  const hours = await json('--by', 'hour,endpoint', '--endpoint', 'sum');
  const [team] = await json('--by', 'tag:team', '--from', '2h');
  const today = new Date().toISOString().slice(0, 10);

  assert.match(head, /^endpoint +calls +errors +invalid +limited +input +output +cost_usd +p50_ms +p95_ms$/);
  assert.match(rows.at(-1), /^sum +5 +1 +2 +0 +48 +16 +0\.000044800 +\d+\.\d+ +\d+\.\d+$/);
  assert.deepEqual(hours.map((it) => [it.key, it.calls]), [['sum', 5]]);
  assert.deepEqual([team.key, team.calls], ['ads', 1]);
  assert.deepEqual((await json('--by', 'hour', '--model', 'gpt-4.1-mini')).map((it) => it.key), ['gpt-4.1-mini']);
  assert.equal((await json('--by', 'status', '--endpoint', 'sum')).find((it) => it.key === '5xx').calls, 1);
  assert.ok((await json('--by', 'hour', '--from', today, '--to', today)).length > 0, 'a day is counted');
  assert.equal(
    (await cli('--by', 'endpoint', '--from', '2h', '--csv')).stdout,
    (await ask(`by=endpoint&format=csv&from=${new Date(Date.now() - 2 * 3600e3).toISOString()}`)).body,
  );
  for (const [words, flag] of [
    [['--by', 'endpoint,hour,token'], '--by'],
    [['--by', 'hour,minute'], '--by'],
    [['--by', 'hour', '--model', 'x', '--token', 'y'], '--token'],
    [['--by', 'colour,hour'], '--by'],
    [['--by', 'hour', '--from', 'soon'], '--from'],
  ]) {
    const { code, stderr } = await cli(...words);
    assert.equal(code, 2, words.join(' '));
    assert.ok(stderr.includes(`--> ${flag}`), stderr);
  }
});

test('killed at any moment, the sums are those of usage and of the rows', { timeout: 120000 }, async () => {
  const folder = await makeFolder(files(on.upstream));
  const store = await mkdtemp(path.join(os.tmpdir(), 'pinion-store-'));

  for (let round = 0; round < 3; round++) {
    const gateway = await startGateway({ folder, store });
    const { token } = await gateway.token('*');
    const { body } = await gateway.admin('GET', '/admin/v1/usage?by=endpoint');
    const [used] = body.data;
    const by = await points('by=endpoint', gateway);
    const minutes = (await series('by=token&step=minute', gateway)).points;
    const rows = ((await gateway.admin('GET', '/admin/v1/logs?format=jsonl')).body ?? '').split('\n').filter(Boolean);

    if (round > 0) {
      assert.ok(used.calls >= 40, `${used.calls}`);
      assert.equal(by.chat.cost_usd, used.cost_usd, `round ${round}`);
      assert.equal(by.chat.calls, rows.length, `round ${round}`);
      assert.equal(minutes.reduce((so_far, it) => so_far + nano(it.cost_usd), 0n), nano(used.cost_usd));
    }
    let answered = 0;
    await new Promise((resolve) => {
      for (let i = 0; i < 60; i++) {
        on.upstream.json(completion('Hello.'));
        gateway
          .call('chat', { message: 'Hi' }, { token })
          .then((response) => response.text())
          .then(() => ++answered === 40 && gateway.admin('GET', '/admin/v1/usage').then(resolve))
          .catch(() => {});
      }
    });
    gateway.child.kill('SIGKILL');
    await gateway.exited;
  }
  await rm(folder, { recursive: true });
  await rm(store, { recursive: true });
});

const fill = path.join(path.dirname(binary), 'tests/store/store_fill_day');
const requests = Number(process.env.PINION_SERIES_REQUESTS ?? 5000);

test(`a day of ${requests} requests`, { timeout: 300000, skip: !existsSync(fill) }, async () => {
  const folder = await makeFolder(files(on.upstream));
  const store = await mkdtemp(path.join(os.tmpdir(), 'pinion-store-'));
  const made = JSON.parse(execFileSync(fill, [store, String(requests)], { encoding: 'utf8' }));
  const gateway = await startGateway({ folder, store });
  const took = {};

  for (const query of [
    'by=endpoint', 'by=provider', 'by=model', 'by=token', 'by=project', 'by=tag:team', 'by=status', 'by=surface',
    'by=endpoint&step=hour', 'step=minute', 'by=token&endpoint=summarize',
  ]) {
    const began = performance.now();
    const { points: got } = await series(`${query}&from=${new Date(Date.now() - 25 * 3600e3).toISOString()}`, gateway);
    took[query] = Math.round(performance.now() - began);
    const cost = got.reduce((so_far, it) => so_far + nano(it.cost_usd), 0n);
    const calls = got.reduce((so_far, it) => so_far + it.calls, 0);

    if (query.includes('endpoint=')) continue;
    assert.equal(cost, BigInt(made.cost_nano), query);
    if (!/provider|model/.test(query)) assert.equal(calls, requests, query);
  }
  console.log(JSON.stringify({ ...made, took_ms: took }));
  gateway.child.kill('SIGTERM');
  await gateway.exited;
  await rm(folder, { recursive: true });
  await rm(store, { recursive: true });
});
