// Usage: what was bought, of whom and for whom, to the nano-dollar of the provider's own count.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder, settings, startGateway } from './support/gateway.js';
import { chat, files } from './support/files.js';
import { scene } from './support/scene.js';
import { completion } from './support/upstream.js';

const on = scene((upstream) => ({
  'pinion.yaml': settings(upstream.url, 'projects: {default: {markup_percent: 12.5}}'),
  'endpoints/other.yaml': chat.replace('slug: chat', 'slug: other').replace('gpt-4.1-mini', 'gpt-4.1'),
}));
const usage = async (query = '') => (await on.gateway.admin('GET', `/admin/v1/usage${query}`)).body;
const today = new Date().toISOString().slice(0, 10);

async function ask(slug, more = {}) {
  on.upstream.json(more.answer ?? completion('Hello.'), more.how);
  const response = await on.gateway.call(slug, { message: 'Hi' }, on);
  await response.text();
  return response;
}

const nano = (usd) => BigInt(usd.replace('.', ''));
const tokens = (prompt, cached, output, reasoning) => ({
  usage: {
    prompt_tokens: prompt,
    completion_tokens: output,
    total_tokens: prompt + output,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
  },
});

test('before anything was called there is a total of nothing', async () => {
  const list = await usage();

  assert.deepEqual([list.object, list.data, list.has_more], ['list', [], false]);
  assert.equal(list.from, `${today.slice(0, 8)}01`);
  assert.equal(list.to, today);
});

test('input, cached input, output and reasoning are kept apart, and the sum is the invoice', async () => {
  let invoice = 0n;
  for (let i = 1; i <= 5; i++) {
    await ask('chat', { answer: completion('Hello.', tokens(100 * i, 40 * i, 7 * i, 3 * i)) });
    // gpt-4.1-mini: 0.40 dollars a million, 0.10 cached, 1.60 output.
    invoice += BigInt(60 * i * 400 + 40 * i * 100 + 7 * i * 1600);
  }
  const [total] = (await usage()).data;

  assert.deepEqual(
    [total.calls, total.errors, total.input_tokens, total.cached_tokens, total.output_tokens, total.reasoning_tokens],
    [5, 0, 1500, 600, 105, 45],
  );
  assert.equal(nano(total.cost_usd), invoice);
  assert.equal(total.estimated.calls, 0);
  assert.equal(total.estimated.cost_usd, '0.000000000');
});

test('the markup is on each call, a broken nano-dollar charged as a whole one', async () => {
  const before = (await usage('?by=endpoint')).data.find((it) => it.endpoint === 'chat');
  await ask('chat', { answer: completion('Hello.', tokens(1, 0, 1, 0)) }); // 400 + 1600 nano
  await ask('chat', { answer: completion('Hello.', tokens(3, 1, 1, 0)) }); // 2 x 400 + 100 + 1600
  const after = (await usage('?by=endpoint')).data.find((it) => it.endpoint === 'chat');

  assert.equal(nano(after.cost_usd) - nano(before.cost_usd), 4500n);
  assert.equal(nano(after.billed_usd) - nano(before.billed_usd), 2250n + 2813n); // 2812.5
});

test('what the provider did not count is estimated, and told apart', async () => {
  const { usage: _, ...uncounted } = completion('Hello there, this is an answer.');
  await ask('other', { answer: uncounted });
  const [row] = (await usage('?by=model,endpoint&model=gpt-4.1')).data;

  assert.equal(row.id, 'other|gpt-4.1');
  assert.ok(row.output_tokens > 0);
  assert.equal(row.estimated.calls, 1);
  assert.equal(row.estimated.output_tokens, row.output_tokens);
  assert.equal(row.estimated.cost_usd, row.cost_usd);
});

test('a call that failed is counted, and cost nothing', async () => {
  await ask('other', { answer: { error: { message: 'no', type: 'server_error' } }, how: { status: 500 } });
  const [row] = (await usage('?by=endpoint&endpoint=other')).data;

  assert.deepEqual([row.calls, row.errors], [2, 1]);
});

test('it is added up by what is asked for, and the parts are the whole', async () => {
  const [total] = (await usage()).data;
  const second = await on.gateway.token('chat');
  on.upstream.answer('Hello.');
  await (await on.gateway.call('chat', { message: 'Hi' }, { token: second.token })).text();
  const by = (await usage('?by=day,project,endpoint,provider,model,token')).data;
  const mine = (await usage(`?by=token&token=${second.id}`)).data;
  const [now] = (await usage()).data;

  assert.equal(by.length, 3);
  assert.equal(by.reduce((sum, row) => sum + nano(row.cost_usd), 0n), nano(now.cost_usd));
  assert.equal(by.reduce((sum, row) => sum + row.calls, 0), now.calls);
  assert.equal(now.calls, total.calls + 1);
  assert.deepEqual(by.map((row) => [row.day, row.project, row.provider]), Array(3).fill([today, 'default', 'upstream']));
  assert.equal(mine.length, 1);
  assert.deepEqual([mine[0].token, mine[0].calls, mine[0].cost_usd], [second.id, 1, '0.000022400']);
  assert.deepEqual((await usage('?from=2020-01-01&to=2020-12-31')).data, []);
});

test('pages hold every sum once', async () => {
  const all = (await usage('?by=endpoint,token')).data.map((row) => row.id);
  const seen = [];
  let after = '';
  for (let more = true; more; ) {
    const page = await usage(`?by=endpoint,token&limit=1${after && `&after=${encodeURIComponent(after)}`}`);
    seen.push(...page.data.map((row) => row.id));
    more = page.has_more;
    after = page.last_id;
  }
  assert.equal(all.length, 3);
  assert.deepEqual(seen, all);
});

test('the sums are those of the rows of the log', async () => {
  const { body } = await on.gateway.admin('GET', '/admin/v1/logs?format=jsonl');
  const rows = body.trimEnd().split('\n').map((line) => JSON.parse(line)).filter((row) => row.cost_usd);
  const [total] = (await usage()).data;
  const sum = (member) => rows.reduce((so_far, row) => so_far + nano(row[member] ?? row.cost_usd), 0n);

  assert.equal(sum('cost_usd'), nano(total.cost_usd));
  assert.equal(sum('billed_usd'), nano(total.billed_usd));
});

test('it comes as a table, too, and from the command line', async () => {
  const csv = await on.gateway.admin('GET', '/admin/v1/usage?by=endpoint&format=csv');
  const [head, ...rows] = csv.body.trimEnd().split('\r\n').map((line) => line.split(','));
  const list = (await usage('?by=endpoint')).data;
  const cli = await on.gateway.cli('usage', '--by', 'endpoint');
  const json = await on.gateway.cli('usage', '--by', 'endpoint', '--json');
  const table = await on.gateway.cli('usage', '--by', 'endpoint', '--csv');

  assert.match(csv.type, /^text\/csv/);
  assert.deepEqual(head.slice(0, 3), ['endpoint', 'calls', 'errors']);
  assert.deepEqual(rows.map((row) => [row[0], Number(row[1])]), list.map((row) => [row.endpoint, row.calls]));
  assert.match(cli.stdout, /^endpoint +calls +errors/);
  assert.match(cli.stdout, new RegExp(`^chat +${list[0].calls} +0 .*${list[0].cost_usd}`, 'm'));
  assert.deepEqual(json.stdout.trimEnd().split('\n').map((line) => JSON.parse(line)), list);
  assert.equal(table.stdout, csv.body);
});

test('a token that may sees its own use, its caps and the markup, and nothing of others', async () => {
  const created = await on.gateway.admin('POST', '/admin/v1/tokens', {
    scopes: ['*'],
    verbs: ['call', 'usage'],
    budget: { monthly_usd: 2, daily_usd: 0.5 },
  });
  const own = async (token) => fetch(`${on.gateway.url}/v1/usage`, { headers: { authorization: `Bearer ${token}` } });

  assert.equal(created.status, 201, JSON.stringify(created.body));
  on.upstream.answer('Hello.');
  await (await on.gateway.call('chat', { message: 'Hi' }, { token: created.body.token })).text();
  await usage(); /* after which it is stored */
  const response = await own(created.body.token);
  const body = await response.json();

  assert.equal(response.status, 200);
  assert.deepEqual([body.object, body.token, body.project, body.markup_percent], ['usage', created.body.id, 'default', 12.5]);
  for (const [name, period, cap, left] of [
    ['today', today, '0.500000000', '0.499974800'],
    ['month', today.slice(0, 7), '2.000000000', '1.999974800'],
  ]) {
    const it = body[name];
    assert.deepEqual([it.period, it.calls, it.cost_usd, it.billed_usd], [period, 1, '0.000022400', '0.000025200'], name);
    assert.deepEqual([it.cap_usd, it.left_usd, it.estimated.calls], [cap, left, 0], name);
  }
  const refused = await own(on.token);
  assert.equal(refused.status, 403, 'a token without the verb');
  assert.equal((await refused.json()).error.code, 'scope_denied');
  assert.equal((await fetch(`${on.gateway.url}/v1/usage`)).status, 401);
});

test('what is asked wrongly is said', async () => {
  for (const [query, param] of [
    ['?by=colour', 'by'],
    ['?from=2026-13-01', 'from'],
    ['?from=2026-02-01&to=2026-01-01', 'from'],
    ['?limit=x', 'limit'],
  ]) {
    const { status, body } = await on.gateway.admin('GET', `/admin/v1/usage${query}`);
    assert.deepEqual([status, body.error.param], [400, param], query);
  }
});

test('killed at any moment, what was used is what was settled, to the nano-dollar', async () => {
  const folder = await makeFolder(files(on.upstream, {
    'endpoints/chat.yaml': chat + 'params: {max_tokens: 50}\nbudget: {monthly_usd: 100}\n',
  }));
  const store = await mkdtemp(path.join(os.tmpdir(), 'pinion-store-'));
  let calls = 0;

  for (let round = 0; round < 4; round++) {
    const gateway = await startGateway({ folder, store });
    const { token } = await gateway.token('*');
    const [spent, used] = await Promise.all([
      gateway.admin('GET', '/admin/v1/budgets').then(({ body }) =>
        body.data
          .filter((it) => it.id === 'endpoint/chat/monthly')
          .reduce((sum, it) => sum + nano(it.spent_usd) - nano(it.recovered_usd), 0n),
      ),
      gateway.admin('GET', '/admin/v1/usage?by=endpoint&endpoint=chat').then(({ body }) => body.data),
    ]);

    assert.equal(spent, used.reduce((sum, it) => sum + nano(it.cost_usd), 0n), `round ${round}`);
    if (round > 0) assert.ok(used[0].calls > 0 && used[0].calls <= calls, `${used[0].calls} of ${calls}`);
    let answered = 0;
    const enough = new Promise((resolve) => {
      for (let i = 0; i < 60; i++) {
        on.upstream.json(completion('Hello.', tokens(100 + i, 0, 10, 0)));
        calls++;
        gateway
          .call('chat', { message: 'Hi' }, { token })
          .then((response) => response.text())
          .then(() => ++answered === 40 && resolve())
          .catch(() => {});
      }
    });
    await enough;
    await gateway.admin('GET', '/admin/v1/usage'); /* so that some of it is stored */
    gateway.child.kill('SIGKILL');
    await gateway.exited;
  }
  await rm(folder, { recursive: true });
  await rm(store, { recursive: true });
});

test('a restart loses nothing of what was used', async () => {
  const before = await usage('?by=endpoint,token');
  on.gateway.child.kill('SIGTERM');
  await on.gateway.exited;
  const again = await startGateway({ folder: on.gateway.folder, store: on.gateway.store });

  assert.deepEqual((await again.admin('GET', '/admin/v1/usage?by=endpoint,token')).body, before);
  again.child.kill('SIGTERM');
  await again.exited;
});
