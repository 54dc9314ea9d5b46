// `pinion providers`: how providers fare, as an operator of the running server sees it.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pinion, startGateway } from './support/gateway.js';
import { startUpstream } from './support/upstream.js';

const provider = (url, keys, breaker) => `{kind: openai, base_url: "${url}", key: ${keys}, allow_http: true, allow_private: true, breaker: ${breaker}}`;
const endpoint = (name, model) => `provider: ${name}\nmodel: ${model}\nsystem: s\nparams: {max_tokens: 100}\n`;
const words = (line) => line.trim().split(/ {2,}/);

describe('pinion providers', () => {
  let gateway, good, bad;
  const values = { GOOD_KEY_1: 'sk-value-of-one', GOOD_KEY_2: 'sk-value-of-two', BAD_KEY: 'sk-value-of-three' };
  const outputs = [];
  const cli = async (...given) => {
    const result = await gateway.cli('providers', ...given);
    outputs.push(result.stdout + result.stderr);
    return result;
  };
  const table = async (...given) => {
    const { code, stdout, stderr } = await cli(...given);
    assert.equal(code, 0, stderr);
    return { rows: stdout.trimEnd().split('\n').map(words), stderr };
  };
  const credential = async (...verbs) => {
    const { status, body } = await gateway.admin('POST', '/admin/v1/tokens', { kind: 'admin', verbs, name: verbs.join('-') });
    assert.equal(status, 201, JSON.stringify(body));
    const file = path.join(gateway.folder, `${verbs.join('-')}.credential`);
    await writeFile(file, body.token);
    return file;
  };

  before(async () => {
    [good, bad] = [await startUpstream(), await startUpstream()];
    gateway = await startGateway({
      env: values,
      files: {
        'pinion.yaml': `listen: 127.0.0.1:0\nworkers: 1\nproviders:\n  good: ${provider(good.url, '["${env:GOOD_KEY_1}", "${env:GOOD_KEY_2}"]', '{}')}\n  bad: ${provider(bad.url, '"${env:BAD_KEY}"', '{faults_in_row: 1, open: 300s}')}\n  idle: ${provider(bad.url, '"${env:BAD_KEY}"', '{}')}\n`,
        'endpoints/first.yaml': endpoint('good', 'gpt-4.1-mini'),
        'endpoints/second.yaml': `${endpoint('bad', 'gpt-4.1')}failover: [{provider: good, model: gpt-4.1-mini}]\nretry: {times: 0}\n`,
        'endpoints/third.yaml': endpoint('good', 'a-model-of-our-own'),
      },
    });
    const { token } = await gateway.token('*');
    good.answer('Fine.');
    good.answer('Fine.');
    bad.next((response) => response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{"message":"broken"}}'));
    for (const slug of ['first', 'second']) {
      const response = await gateway.call(slug, { message: 'hi' }, { token });
      assert.equal(response.status, 200, await response.text());
    }
  });
  after(async () => {
    const end = await gateway?.stop();
    await Promise.all([good?.stop(), bad?.stop()]);
    assert.equal(end?.code, 0, end?.stderr());
    for (const output of outputs) for (const value of Object.values(values)) assert.ok(!output.includes(value), output);
  });

  test('a line of each, as pinion.yaml has them, says how it fares', async () => {
    const { rows } = await table();
    assert.deepEqual(rows[0], ['provider', 'state', 'breakers', 'calls', 'failed', 'p50_ms', 'p95_ms', 'keys', 'prices']);
    const [good, bad, idle] = rows.slice(1);
    assert.equal(rows.length, 4);
    assert.deepEqual([...good.slice(0, 5), ...good.slice(7)], ['good', 'up', 'closed', '2', '0.0 %', '2 ready', '1 of 2 known']);
    assert.ok(Number(good[5]) > 0 && Number(good[6]) >= Number(good[5]), good);
    // What it failed at another has answered, and it counts all the same.
    assert.deepEqual([...bad.slice(0, 5), ...bad.slice(7)], ['bad', 'down', 'open', '1', '100.0 %', '1 ready', 'known']);
    assert.deepEqual(idle, ['idle', 'up', '-', '0', '-', '-', '-', '1 ready', '-']);
  });

  test('of one, its keys by their names, its models and who uses them', async () => {
    const { stdout } = await cli('good');
    assert.match(stdout, /^provider {3}good\nkind {7}openai\norigin {5}http:\/\/127\.0\.0\.1:\d+\nstate {6}up\nlast hour {2}2 sent, 0 failed \(0\.0 %\), p50 [\d.]+ ms, p95 [\d.]+ ms\n/);
    assert.match(stdout, /^keys {7}\$\{env:GOOD_KEY_1\}: ready, (used|not used yet)\n {11}\$\{env:GOOD_KEY_2\}: ready, (used|not used yet)\n/m);
    const models = stdout.split('\n\n')[1].trimEnd().split('\n').slice(1).map(words);
    const by = Object.fromEntries(models.map((row) => [row[0], row]));
    assert.deepEqual(by['a-model-of-our-own'], ['a-model-of-our-own', 'closed', '-', '-', '-', '-', 'third']);
    const known = by['gpt-4.1-mini'];
    assert.deepEqual([known[1], ...known.slice(3)], ['closed', '-', '0.40', '1.60', 'first, second']);
    assert.ok(Number(known[2]) > 0);
    assert.match((await cli('bad')).stdout, /^gpt-4\.1 +open +/m);
    assert.match((await cli('idle')).stdout, /^last hour {2}nothing was sent to it\n[^]*^models {5}nothing has used it/m);
  });

  test('as JSON it is what the admin API tells, with the last hour', async () => {
    const { data } = JSON.parse((await cli('--json')).stdout);
    const { body } = await gateway.admin('GET', '/admin/v1/providers');
    const still = (rows) => rows.map(({ last_hour, models, ...row }) => ({ ...row, models: models.map(({ rests_ms, answered_at, ...model }) => model) }));
    assert.deepEqual(still(data), still(body.data));
    assert.deepEqual(data.map(({ last_hour: { calls, errors } }) => [calls, errors]), [[2, 0], [1, 1], [0, 0]]);
    assert.equal(data[2].last_hour.p50_ms, null);
    const one = JSON.parse((await cli('bad', '--json')).stdout);
    assert.deepEqual([one.id, one.last_hour], ['bad', data[1].last_hour]);
  });

  test('a name that there is not is 5, with the nearest', async () => {
    const near = await cli('goood');
    assert.deepEqual([near.code, near.stdout], [5, '']);
    assert.match(near.stderr, /there is no provider 'goood'\n {2}help: did you mean 'good'\?/);
    const far = await cli('something-else', '--json');
    assert.deepEqual([far.code, far.stdout], [5, '']);
    assert.equal(JSON.parse(far.stderr).error.hint, "'pinion providers' lists them");
  });

  test('a credential sees what its verbs cover', async () => {
    const file = await credential('config');
    const { rows, stderr } = await table('--token-file', file);
    assert.deepEqual(rows[1].slice(0, 7), ['good', 'up', 'closed', '-', '-', '-', '-']);
    assert.match(stderr, /verb 'usage'/);
    assert.equal(JSON.parse((await cli('good', '--json', '--token-file', file)).stdout).last_hour, null);
    const refused = await cli('--token-file', await credential('usage'));
    assert.deepEqual([refused.code, refused.stdout], [4, '']);
  });

  test('without a server it is 7', async () => {
    const { code, stdout } = await pinion(['providers', '--config', gateway.folder, '--admin', `unix:${gateway.folder}/none.sock`]);
    assert.deepEqual([code, stdout], [7, '']);
  });
});
