// Events reach those who are to be told of them: signed, at least once, under the same id whatever happens,
// and without holding up anybody.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { settings, startGateway } from './support/gateway.js';
import { signedWith, startReceiver } from './support/receiver.js';
import { startUpstream } from './support/upstream.js';

// The harness looks for this in every line.
const secret = 'sk-test-canary-of-a-hook';
const other = 'sk-test-canary-of-another-hook';

const hook = (name, receiver, events, more = '') =>
  `  - {name: ${name}, url: "${receiver.url ?? receiver}", secret: "\${env:HOOK_SECRET}", events: [${events}], allow_http: true${more}}\n`;
const here = ', allow_private: true';
const watched =
  'provider: upstream\nmodel: gpt-4.1-mini\nsystem: s\nparams: {max_tokens: 100}\nretry: {times: 0}\nbudget: {monthly_usd: 0.01, warn_at: [1]}\n';
const env = { HOOK_SECRET: secret, HOOK_OTHER: other };

let upstream;
before(async () => (upstream = await startUpstream()));
after(() => upstream.stop());

async function start(webhooks, more = {}) {
  const yaml = settings(upstream.url, `webhooks:\n${webhooks}`);
  return startGateway({ files: { 'pinion.yaml': yaml, 'endpoints/watched.yaml': watched }, env, ...more });
}
const ended = async (gateway, ...receivers) => {
  const end = await gateway.stop();
  for (const receiver of receivers) await receiver.stop();
  assert.equal(end.code, 0, end.stderr());
};
const make = (gateway, name) => gateway.admin('POST', '/admin/v1/tokens', { scopes: ['none'], name });
const list = async (gateway) => (await gateway.admin('GET', '/admin/v1/webhooks')).body.data;
const of = (action) => ({ event }) => event.data.event === `audit.${action}`;

describe('a receiver that takes what it gets', () => {
  let gateway, receiver, token;
  before(async () => {
    receiver = await startReceiver({ secret });
    gateway = await start(hook('ops', receiver, 'budget, reload, rollback', here));
    ({ token } = await gateway.token('*'));
  });
  after(() => ended(gateway, receiver));

  test('a budget that comes near its limit is told, just as the log says it', async () => {
    upstream.answer('ok', { usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 } });
    const response = await gateway.call('watched', { message: 'x' }, { token });
    assert.equal(response.status, 200, await response.text());
    const [{ event, headers, url }] = await receiver.took(({ event }) => event.type === 'budget');
    assert.equal(url, '/hook');
    assert.match(event.id, /^evt_[0-9a-z]{26}$/);
    assert.match(event.created, /^\d{4}-\d\d-\d\dT/);
    assert.equal(headers['pinion-attempt'], '1');
    assert.match(headers['pinion-signature'], /^t=\d{10},v1=[0-9a-f]{64}$/);
    assert.deepEqual(event.data, await gateway.logged((line) => line.event === 'budget'));
  });

  test('so is a configuration that is refused, and what it was not subscribed to is not', async () => {
    const file = path.join(gateway.folder, 'endpoints/watched.yaml');
    await writeFile(file, watched.replace('provider: upstream', 'provider: nobody'));
    assert.equal((await gateway.cli('reload')).code, 3);
    const [{ event }] = await receiver.took(({ event }) => event.type === 'reload');
    assert.match(event.data.report, /there is no provider "nobody"/);
    await writeFile(file, watched);
    await make(gateway, 'unheard');
    assert.deepEqual(receiver.got.map(({ event }) => event.type), ['budget', 'reload']);
  });

  test('what is known of it is shown without a secret', async () => {
    while ((await list(gateway))[0].delivered < 2) await new Promise(setImmediate);
    const [one, ...more] = await list(gateway);
    assert.deepEqual(more, []);
    assert.deepEqual(
      { ...one, last_at: undefined },
      {
        name: 'ops', url: receiver.url, events: ['budget', 'reload', 'rollback'], state: 'ok', waiting: 0, dead: 0,
        delivered: 2, failed: 0, last_at: undefined, last_status: 200, last_reason: null,
      },
    );
    const { stdout } = await gateway.cli('webhooks', 'list');
    assert.match(stdout, /^webhook +state +waiting +dead +delivered +url\nops +ok +0 +0 +2 +http:/);
    const resolved = await gateway.cli('check', '--resolved');
    assert.doesNotMatch(resolved.stdout, /sk-test-canary/);
    assert.match(resolved.stdout, /"webhooks"|webhooks:/);
  });

  test('a test event is sent at once, and what came of it is said', async () => {
    const good = await gateway.cli('webhooks', 'test', 'ops');
    assert.equal(good.code, 0, good.stderr);
    assert.match(good.stdout, /^ops has taken a test event: status 200 after \d+ ms\n$/);
    await receiver.took(({ event }) => event.type === 'test');
    receiver.on.answer = () => [200, {}, 'thanks '.repeat(400000)]; // of which nothing is wanted but the status
    assert.equal((await gateway.cli('webhooks', 'test', 'ops')).code, 0);
    receiver.on.answer = () => 500;
    const bad = await gateway.cli('webhooks', 'test', 'ops');
    assert.deepEqual([bad.code, bad.stderr], [1, 'ops has not taken a test event: status 500\n']);
    receiver.on.answer = () => 200;
    const none = await gateway.cli('webhooks', 'test', 'nobody');
    assert.equal(none.code, 5);
    assert.match(none.stderr, /there is no webhook 'nobody'/);
    assert.equal((await gateway.cli('webhooks', 'test', '../tokens')).code, 2);
    assert.ok(await gateway.logged((line) => line.event === 'audit.webhook.test' && line.object === 'ops'));
  });

  test('while a secret is replaced both sign', async () => {
    const file = path.join(gateway.folder, 'pinion.yaml');
    const yaml = settings(upstream.url, `webhooks:\n${hook('ops', receiver, 'budget', here)}`);
    await writeFile(file, yaml.replace('"${env:HOOK_SECRET}"', '["${env:HOOK_OTHER}", "${env:HOOK_SECRET}"]'));
    assert.equal((await gateway.cli('reload')).code, 0);
    assert.equal((await gateway.cli('webhooks', 'test', 'ops')).code, 0);
    const one = receiver.got.at(-1);
    assert.match(one.headers['pinion-signature'], /^t=\d{10}(,v1=[0-9a-f]{64}){2}$/);
    assert.ok(signedWith(secret, one.headers['pinion-signature'], one.text));
    assert.ok(signedWith(other, one.headers['pinion-signature'], one.text));
    assert.ok(!signedWith(other, one.headers['pinion-signature'], `${one.text} `));
    assert.ok(!signedWith(other, one.headers['pinion-signature'], one.text, Date.now() + 600000));
  });
});

describe('a receiver that does not', () => {
  let gateway, receiver, fine, silent;
  before(async () => {
    receiver = await startReceiver({ secret });
    fine = await startReceiver({ secret });
    silent = await startReceiver({ secret, answer: () => undefined });
    gateway = await start(
      hook('broken', receiver, 'audit', here) + hook('fine', fine, 'audit', here) + hook('silent', silent, 'audit', here),
    );
  });
  after(() => ended(gateway, receiver, fine, silent));

  test('it is asked again, later and later, with the same event, until it takes it', async () => {
    receiver.on.answer = (one) => (of('token.create')(one) && Number(one.headers['pinion-attempt']) < 3 ? 503 : 204);
    await make(gateway, 'again');
    const tries = await receiver.took(of('token.create'), 3);
    assert.deepEqual(new Set(tries.map(({ event }) => event.id)).size, 1);
    assert.deepEqual(tries.map(({ headers }) => headers['pinion-attempt']), ['1', '2', '3']);
    assert.equal(new Set(tries.map(({ text }) => text)).size, 1);
    // A half of a second and of two at least.
    for (let i = 1; i < 3; i++) assert.ok(tries[i].at - tries[i - 1].at >= 500 * 2 ** (i - 1) - 20);
    const told = await gateway.logged((line) => line.event === 'webhook' && line.level === 'warn');
    assert.deepEqual([told.webhook, told.id, told.reason], ['broken', tries[0].event.id, 'status 503']);
    await gateway.logged((line) => line.event === 'webhook' && line.msg === 'events are taken again');
  });

  test('nobody else waits: neither another receiver nor a request', async () => {
    const [first] = await silent.took(() => true);
    assert.equal(first.status, undefined); // and so it hangs
    for (let i = 0; i < 20; i++) await make(gateway, `while ${i}`);
    await fine.took(of('token.create'), 1 + 20);
    assert.equal(silent.got.length, 1);
    const all = await list(gateway);
    assert.equal(all.find(({ name }) => name === 'fine').state, 'ok');
    assert.ok(all.find(({ name }) => name === 'silent').waiting >= 20);
  });

  test('one that wants no more of an event does not get it again, until somebody asks', async () => {
    receiver.on.answer = (one) => (one.event.data.event === 'audit.token.revoke' ? 410 : 200);
    const { body } = await make(gateway, 'gone');
    await gateway.admin('POST', `/admin/v1/tokens/${body.id}/revoke`, {});
    const [sent] = await receiver.took(of('token.revoke'));
    const told = await gateway.logged((line) => line.msg === 'an event was given up');
    assert.deepEqual([told.webhook, told.id], ['broken', sent.event.id]);
    const { data } = (await gateway.admin('GET', '/admin/v1/webhooks/dead?webhook=broken')).body;
    assert.deepEqual(
      data.map(({ id, webhook, type, tries, last_status, last_reason, event }) => [id, webhook, type, tries, last_status, last_reason, event]),
      [[sent.event.id, 'broken', 'audit', 1, 410, 'status 410', sent.event]],
    );
    // Acts are told to those who may see the audit log.
    const author = (await gateway.admin('POST', '/admin/v1/tokens', { kind: 'admin', verbs: ['config'], name: 'author' })).body.token;
    const less = (await gateway.admin('GET', '/admin/v1/webhooks/dead?webhook=broken', undefined, author)).body;
    assert.deepEqual(less.data.map(({ id, event }) => [id, event]), [[sent.event.id, null]], JSON.stringify(less));
    assert.match((await gateway.cli('webhooks', 'dead')).stdout, new RegExp(`  broken  ${sent.event.id}  audit  1 attempts, the last: status 410\n`));
    receiver.on.answer = () => 200;
    const again = await gateway.cli('webhooks', 'retry', 'broken', sent.event.id);
    assert.equal(again.stdout, '1 events are sent to broken again\n', again.stderr);
    const twice = await receiver.took(of('token.revoke'), 2);
    assert.equal(twice[1].text, sent.text);
    assert.equal((await gateway.admin('GET', '/admin/v1/webhooks/dead')).body.data.length, 0);
    await gateway.logged((line) => line.event === 'audit.webhook.retry' && line.object === `broken/${sent.event.id}`);
  });

  test('what cannot be a page of a list is refused', async () => {
    for (const path of ['/admin/v1/webhooks/dead', '/admin/v1/notes']) {
      const { status, body } = await gateway.admin('GET', `${path}?limit=1`);
      assert.deepEqual([status, body.object, body.data, body.has_more], [200, 'list', [], false]);
      for (const query of ['after=nowhere', 'after=ops:7:evt_', 'after=:1:x', 'limit=0', 'limit=201', 'other=1']) {
        const refused = await gateway.admin('GET', `${path}?${query}`);
        assert.deepEqual([refused.status, refused.body.error.code], [400, 'invalid_request'], query);
      }
    }
    assert.equal((await gateway.admin('POST', '/admin/v1/webhooks/broken/retry', { id: 7 })).status, 400);
    assert.equal((await gateway.admin('POST', '/admin/v1/webhooks/nobody/retry', {})).status, 404);
  });

  test('a redirect is not followed', async () => {
    receiver.on.answer = () => [307, { location: fine.url }];
    const { code, stderr } = await gateway.cli('webhooks', 'test', 'broken');
    assert.deepEqual([code, stderr], [1, 'broken has not taken a test event: status 307: redirects are not followed\n']);
    assert.ok(!fine.got.some(({ event }) => event.type === 'test'));
    receiver.on.answer = () => 200;
  });
});

test('what was written is sent whatever happens to the process, under the same id', async () => {
  const receiver = await startReceiver({ secret, answer: () => 503 });
  let gateway = await start(hook('ops', receiver, 'audit', here));
  const ids = [];
  for (let i = 0; i < 10; i++) await make(gateway, `kept ${i}`);
  // Each act is durable before it is answered, and its event as soon as the store has turned to it.
  const told = () => gateway.lines.filter(({ event }) => event.startsWith('audit.'));
  while (told().filter(({ event }) => event === 'audit.token.create').length < 10 || (await list(gateway))[0].waiting < told().length)
    await new Promise(setImmediate);
  const [{ waiting }] = await list(gateway);
  gateway.child.kill('SIGKILL');
  await gateway.exited;
  for (const { event } of receiver.got) ids.push(event.id);
  receiver.on.answer = () => 200;
  gateway = await startGateway({ folder: gateway.folder, store: gateway.store, env });
  const taken = () => receiver.got.filter(({ status }) => status === 200);
  await receiver.took(({ status, event }) => status === 200 && event.data.event === 'audit.token.create', 10);
  for (const id of ids) await receiver.took(({ status, event }) => status === 200 && event.id === id);
  const all = new Set(taken().map(({ event }) => event.id));
  assert.ok(all.size >= waiting);
  assert.equal(new Set(taken().filter(of('token.create')).map(({ event }) => event.data.object)).size, 10);
  await ended(gateway, receiver);
  await rm(gateway.folder, { recursive: true, force: true });
});

test('a name that leads to this machine is not called, unless that is allowed', async () => {
  const receiver = await startReceiver({ secret });
  const inside = `http://${os.hostname()}:${receiver.port}/`;
  const gateway = await start(hook('inside', inside, 'audit'));
  const { code, stderr } = await gateway.cli('webhooks', 'test', 'inside');
  assert.deepEqual(
    [code, stderr],
    [1, 'inside has not taken a test event: no answer: its name leads to a private or loopback address, which is not allowed\n'],
  );
  await ended(gateway, receiver);
  assert.deepEqual(receiver.got, []);
});

test('whoever comes with a reload is told from then on, and who is gone no more', async () => {
  const [first, second] = [await startReceiver({ secret }), await startReceiver({ secret })];
  const gateway = await start(hook('first', first, 'audit', here));
  await make(gateway, 'one');
  await first.took(of('token.create'));
  await writeFile(
    path.join(gateway.folder, 'pinion.yaml'),
    settings(upstream.url, `webhooks:\n${hook('second', second, 'audit', here)}`),
  );
  assert.equal((await gateway.cli('reload')).code, 0);
  const before_ = first.got.length;
  await make(gateway, 'two');
  await second.took(of('token.create'));
  assert.equal(first.got.length, before_);
  assert.deepEqual((await list(gateway)).map(({ name }) => name), ['second']);
  await ended(gateway, first, second);
});
