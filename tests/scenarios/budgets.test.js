// Budgets: nothing is sent that they do not cover, and what was spent is what the provider charges.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startGateway, settings } from './support/gateway.js';
import { cost, nanoOf, usd } from './support/invoice.js';
import { chunk, completion, data, startUpstream, streamed } from './support/upstream.js';

const price = { input: '0.4', output: '1.6', cached_input: '0.1' };
const endpoint = (budget, more = '') => `
provider: upstream
model: gpt-4.1-mini
params: {max_tokens: 100}
system: Be brief.
retry: {times: 0}
budget: ${budget}
${more}`;
const files = (upstream) => ({
  'pinion.yaml': settings(
    upstream.url,
    'timezone: Europe/Berlin\nprojects: {default: {markup_percent: 25, budget: {monthly_usd: 1000}}}\n',
  ),
  'endpoints/poor.yaml': endpoint('{monthly_usd: 0}'),
  'endpoints/daily.yaml': endpoint('{daily_usd: 0}'),
  'endpoints/capped.yaml': endpoint('{request_tokens: 150}'),
  'endpoints/many.yaml': endpoint('{monthly_usd: 0}'),
  'endpoints/watched.yaml': endpoint('{daily_usd: 0.0005, warn_at: [10, 90]}'),
  'endpoints/checked.yaml': endpoint(
    '{monthly_usd: 0}',
    'output_schema: {type: object, properties: {n: {type: integer}}, required: [n], additionalProperties: false}\non_invalid_output: {reask: 1}\n',
  ),
  'endpoints/free.yaml': 'provider: demo\nmodel: demo\nsystem: s\nbudget: {monthly_usd: 0}\n',
});

const on = {};
before(async () => {
  on.upstream = await startUpstream();
  on.store = await mkdtemp(path.join(os.tmpdir(), 'pinion-budgets-'));
  on.gateway = await startGateway({ files: files(on.upstream), store: on.store });
  on.token = (await on.gateway.token('*')).token;
});
after(async () => {
  const end = await on.gateway?.stop();
  await on.upstream?.stop();
  await rm(on.store, { recursive: true, force: true });
  assert.deepEqual(on.upstream.unexpected, [], 'calls that no budget covers');
  assert.equal(end?.code, 0, end?.stderr());
});

const call = (slug, body = { message: 'hi' }) => on.gateway.call(slug, body, on);
const budget = async (id, gateway = on.gateway) => {
  const { status, body } = await gateway.admin('GET', '/admin/v1/budgets');
  assert.equal(status, 200);
  return body.data.find((row) => row.id === id);
};
const refusal = async (response) => {
  assert.equal(response.status, 422);
  assert.equal(response.headers.get('x-should-retry'), 'false');
  return (await response.json()).error;
};
// What a call can cost at worst, as a budget of nothing says.
const needed = async () => nanoOf((await refusal(await call('poor'))).details.budget.needed_usd);
const configure = async (slug, text) => {
  await writeFile(path.join(on.gateway.folder, `endpoints/${slug}.yaml`), text);
  const { body } = await on.gateway.admin('POST', '/admin/v1/reload');
  assert.equal(body.ok, true, JSON.stringify(body));
};
const usage = (prompt_tokens, completion_tokens, cached_tokens = 0) => ({
  prompt_tokens,
  completion_tokens,
  total_tokens: prompt_tokens + completion_tokens,
  prompt_tokens_details: { cached_tokens },
  completion_tokens_details: { reasoning_tokens: 0 },
});

test('a call that the budget does not cover is refused before the provider hears of it', async () => {
  const calls = on.upstream.calls.length;
  const monthly = await refusal(await call('poor'));
  assert.equal(monthly.code, 'monthly_budget_exceeded');
  assert.equal(monthly.type, 'budget_error');
  assert.match(monthly.message, /^the monthly budget of this endpoint does not cover this call, which can cost up to 0\.\d{9} USD$/);
  assert.equal(monthly.details.budget.of, 'endpoint');
  assert.equal(monthly.details.budget.limit_usd, undefined, 'what others may spend is not the caller\'s business');
  assert.match(monthly.details.budget.resets_at, /^\d{4}-\d{2}-\d{2}T2[23]:00:00\.000Z$/, 'midnight in Berlin');
  assert.equal((await refusal(await call('daily'))).code, 'daily_budget_exceeded');
  assert.equal(on.upstream.calls.length, calls);
  const metrics = await (await fetch(`${on.gateway.url}/metrics`)).text();
  assert.match(metrics, /pinion_budget_rejected_total\{endpoint="poor",policy="endpoint_monthly"\} 1\n/);
});

test('limits and what was spent of them are metrics of each endpoint', async () => {
  const metrics = await (await fetch(`${on.gateway.url}/metrics`)).text();
  assert.match(metrics, /^pinion_budget_limit_usd\{endpoint="watched",period="daily"\} 0\.000500000$/m);
  assert.match(metrics, /^pinion_budget_spent_usd\{endpoint="watched",period="daily"\} 0\.000000000$/m);
  assert.doesNotMatch(metrics, /pinion_budget_limit_usd\{endpoint="capped"/, 'it has no limit');
});

test('a model that costs nothing needs no budget', async () => {
  assert.equal((await call('free')).status, 200);
});

test('a call over the cap on its tokens is refused', async () => {
  const error = await refusal(await call('capped', { message: 'word '.repeat(60) }));
  assert.equal(error.code, 'request_token_cap_exceeded');
  assert.match(error.message, /^the call takes about \d+ tokens, of them 100 for the answer; the most that the endpoint allows is 150$/);
  on.upstream.answer('ok');
  assert.equal((await call('capped')).status, 200);
});

test('of a thousand calls at once against a budget for exactly K, K are sent, and the ledger is the invoice', { timeout: 120000 }, async () => {
  const K = 137;
  const worst = await needed();
  const before = on.upstream.calls.length;
  const spentBefore = nanoOf((await budget('organisation/monthly')).spent_usd);
  const projectBefore = nanoOf((await budget('project/default/monthly')).spent_usd);
  let invoice = 0n;
  let marked = 0n;
  let open;
  const gate = new Promise((resolve) => (open = resolve));
  for (let i = 0; i < K; i++) {
    const used = usage(7 + (i % 5), 1 + ((i * 37) % 100), i % 3);
    const charged = cost(price, used);
    invoice += charged;
    marked += (charged * 125n + 99n) / 100n;
    on.upstream.next(async (response) => {
      await gate; // while every other call is being decided
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('ok', { usage: used })));
    });
  }
  await configure('many', endpoint(`{monthly_usd: ${usd(worst * BigInt(K))}}`));
  let refused = 0;
  const answers = await Promise.all(
    Array.from({ length: 1000 }, async () => {
      const response = await call('many');
      if (response.status === 422 && ++refused === 1000 - K) open();
      return { status: response.status, body: await response.json() };
    }),
  );
  assert.equal(answers.filter(({ status }) => status === 200).length, K);
  assert.equal(answers.filter(({ body }) => body.error?.code === 'monthly_budget_exceeded').length, 1000 - K);
  assert.equal(on.upstream.calls.length - before, K);

  const row = await budget('endpoint/many/monthly');
  assert.equal(row.spent_usd, usd(invoice));
  assert.equal(row.reserved_usd, '0.000000000');
  assert.equal(nanoOf((await budget('organisation/monthly')).spent_usd) - spentBefore, invoice);
  assert.equal(nanoOf((await budget('project/default/monthly')).spent_usd) - projectBefore, marked, 'marked up, each call rounded up');
  const charged = answers.reduce((sum, { body }) => sum + nanoOf(body.meta?.cost_usd ?? '0'), 0n);
  assert.equal(charged, invoice);

  on.upstream.answer('there is room again, for calls cost less than they might');
  assert.equal((await call('many')).status, 200);
});

test('what was spent is still known after a restart, and nothing was recovered', async () => {
  const rows = (await on.gateway.admin('GET', '/admin/v1/budgets')).body.data;
  on.gateway.child.kill('SIGTERM');
  assert.equal((await on.gateway.exited).code, 0);
  await rm(on.gateway.folder, { recursive: true });
  on.gateway = await startGateway({ files: files(on.upstream), store: on.store });
  on.token = (await on.gateway.token('*')).token;
  const metrics = await (await fetch(`${on.gateway.url}/metrics`)).text();
  const many = rows.find(({ id }) => id === 'endpoint/many/monthly');
  assert.ok(metrics.includes(`pinion_budget_spent_usd{endpoint="many",period="monthly"} ${many.spent_usd}\n`), 'before the first call');
  for (const before of rows) {
    const now = await budget(before.id);
    assert.equal(now.spent_usd, before.spent_usd, before.id);
    assert.equal(now.recovered_usd, '0.000000000');
  }
});

test('a re-ask is made only if it is covered; the answer that was paid for is told with its violations', async () => {
  const worst = await needed();
  await configure('checked', files(on.upstream)['endpoints/checked.yaml'].replace('monthly_usd: 0', `monthly_usd: ${usd(worst * 2n)}`));
  const calls = on.upstream.calls.length;
  on.upstream.answer('{"n": "not a number"}', { usage: usage(50, 100) });
  const error = await refusal(await call('checked'));
  assert.equal(error.code, 'output_schema_violation');
  assert.equal(on.upstream.calls.length, calls + 1);
  assert.equal((await budget('endpoint/checked/monthly')).spent_usd, usd(cost(price, usage(50, 100))));
});

test('a part of the limit that is reached is told once', async () => {
  const told = () => on.gateway.lines.filter((line) => line.event === 'budget' && line.budget?.startsWith('endpoint/watched/'));
  on.upstream.answer('ok', { usage: usage(10, 20) });
  assert.equal((await call('watched')).status, 200);
  assert.equal(told().length, 0);
  on.upstream.answer('ok', { usage: usage(10, 20) });
  await call('watched');
  const line = await on.gateway.logged((line) => line.event === 'budget' && line.budget?.startsWith('endpoint/watched/'));
  assert.equal(line.percent, '10');
  assert.equal(line.spent_usd, usd(cost(price, usage(10, 20)) * 2n));
  on.upstream.answer('ok', { usage: usage(10, 20) });
  await call('watched');
  assert.equal(told().length, 1);
});

test('streams are counted as the provider reports them, and those that break off by what came', async () => {
  await configure('many', endpoint('{monthly_usd: 10}'));
  const spent = async () => nanoOf((await budget('endpoint/many/monthly')).spent_usd);
  const first = await spent();
  on.upstream.stream(streamed(['At', ' nine.']));
  await (await call('many', { message: 'hi', stream: true })).text();
  const second = await spent();
  assert.equal(second - first, cost(price, usage(24, 3)));
  on.upstream.stream([data(chunk({ content: 'x'.repeat(400) }))], { cut: true });
  const response = await call('many', { message: 'hi', stream: true });
  assert.match(await response.text(), /"error"/);
  assert.equal((await on.gateway.journal(response)).usage, 'estimated');
  assert.equal((await spent()) - second, nanoOf((await on.gateway.journal(response)).cost_usd));
});

test('a token has a budget of its own, with its project\'s markup, which it is told about', async () => {
  const worst = await needed();
  const monthly = (worst * 3n) / 2n; // one call at worst, marked up by a quarter
  const made = await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['many'], budget: { monthly_usd: Number(usd(monthly)) } });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const token = { token: made.body.token };
  on.upstream.answer('ok', { usage: usage(50, 90) });
  assert.equal((await on.gateway.call('many', { message: 'hi' }, token)).status, 200);
  const error = await refusal(await on.gateway.call('many', { message: 'hi' }, token));
  const charged = (cost(price, usage(50, 90)) * 125n + 99n) / 100n;
  assert.match(error.message, /^the monthly budget of this token does not cover this call/);
  assert.deepEqual(
    [error.details.budget.of, error.details.budget.limit_usd, error.details.budget.spent_usd, error.details.budget.reserved_usd],
    ['token', usd(monthly), usd(charged), '0.000000000'],
  );
  assert.equal(error.details.budget.needed_usd, usd((worst * 125n + 99n) / 100n));
  assert.equal((await budget(`token/${made.body.id}/monthly`)).spent_usd, usd(charged));
  // Raised, it counts with the next call; rotated, it is the same budget.
  const changed = await on.gateway.admin('PATCH', `/admin/v1/tokens/${made.body.id}`, { budget: { monthly_usd: Number(usd(monthly * 4n)) } });
  assert.equal(changed.status, 200, JSON.stringify(changed.body));
  const rotated = await on.gateway.admin('POST', `/admin/v1/tokens/${made.body.id}/rotate`);
  on.upstream.answer('ok', { usage: usage(50, 90) });
  assert.equal((await on.gateway.call('many', { message: 'hi' }, { token: rotated.body.token })).status, 200);
  assert.equal((await budget(`token/${made.body.id}/monthly`)).spent_usd, usd(charged * 2n));
});

test('the command line shows the same', async () => {
  const all = await on.gateway.cli('budget', '--json');
  assert.equal(all.code, 0, all.stderr);
  assert.deepEqual(JSON.parse(all.stdout), (await on.gateway.admin('GET', '/admin/v1/budgets')).body);
  const one = await on.gateway.cli('budget', '--of', 'endpoint', '--name', 'poor');
  assert.match(one.stdout, /^endpoint\/poor\/monthly +spent 0\.0000 of 0\.0000, until \d{4}-\d\d-\d\dT\d\d:\d\d\n$/);
  const history = await on.gateway.cli('budget', '--history', '--of', 'organisation');
  assert.match(history.stdout, /^organisation\/\d{4}-\d\d +spent 0\.\d+\norganisation\/\d{4}-\d\d-\d\d +spent 0\.\d+\n/);
  const page = await on.gateway.admin('GET', '/admin/v1/budgets?limit=2');
  assert.equal(page.body.has_more, true);
  const rest = await on.gateway.admin('GET', `/admin/v1/budgets?after=${encodeURIComponent(page.body.last_id)}`);
  const whole = await on.gateway.admin('GET', '/admin/v1/budgets');
  assert.deepEqual([...page.body.data, ...rest.body.data].map(({ id }) => id), whole.body.data.map(({ id }) => id));
});

test('killed in mid-call, what was reserved counts as spent: never less than the invoice, and the operator is told', async () => {
  const row = await budget('endpoint/many/monthly');
  const limit = nanoOf(row.limit_usd);
  const before = nanoOf(row.spent_usd);
  let waiting = 0;
  const asked = new Promise((resolve) => {
    for (let i = 0; i < 20; i++) on.upstream.next(() => ++waiting === 20 && resolve());
  });
  const calls = Array.from({ length: 20 }, () => call('many').catch(() => {}));
  await asked;
  on.gateway.child.kill('SIGKILL');
  await on.gateway.exited;
  await Promise.all(calls);
  await rm(on.gateway.folder, { recursive: true });
  const again = await startGateway({ files: files(on.upstream), store: on.store });
  on.gateway = again;
  on.token = (await again.token('*')).token;
  await configure('many', endpoint('{monthly_usd: 10}'));
  const told = await again.logged((line) => line.event === 'budget' && line.budget?.startsWith('endpoint/many/'));
  const after = await budget('endpoint/many/monthly');
  assert.equal(told.recovered_usd, after.recovered_usd);
  const recovered = nanoOf(after.recovered_usd);
  const worst = await needed();
  assert.ok(recovered >= worst * 20n, `${recovered} is less than 20 calls can cost`);
  assert.ok(recovered <= worst * 20n + (limit * 2n) / 100n + worst * 2n, `${recovered} is more than was held and leased`);
  assert.ok(nanoOf(after.spent_usd) >= before + recovered - 1n);
});
