// What the log knows of one request: GET /admin/v1/logs/{id}, and `pinion logs show`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chat } from './support/files.js';
import { scene } from './support/scene.js';

const on = scene(() => ({
  'endpoints/kept.yaml': chat.replace('slug: chat', 'slug: kept') + 'log: {content: full, retention: 1h}\n',
  'endpoints/redacted.yaml': chat.replace('slug: chat', 'slug: redacted') + 'log: {content: redacted, retention: 1h}\n',
  'endpoints/again.yaml': chat
    .replace('slug: chat', 'slug: again')
    .replace('retry: {times: 0}', 'failover: [{provider: upstream, model: gpt-4.1, on: [error]}]\nretry: {times: 0}'),
}));

async function ask(slug, body = { message: 'Hello?' }, { answer = 'Hello.', ...more } = {}) {
  if (answer !== null) on.upstream.answer(answer, more);
  const response = await on.gateway.call(slug, body, on);
  await response.text();
  const { status, body: row } = await on.gateway.admin('GET', `/admin/v1/logs/${response.headers.get('x-request-id')}`);
  assert.equal(status, 200);
  return row;
}

test('each stage that took time is told, in order, within the request', async () => {
  const { stages, stage_us, duration_ms, upstream_ms } = await ask('chat');
  const names = stages.map(({ name }) => name);

  assert.ok(names.includes('call') && names.includes('authenticate'), names.join());
  assert.deepEqual(
    names,
    ['authenticate', 'limit', 'idempotency', 'fetch', 'read', 'guard', 'check_input', 'recall', 'route', 'render', 'cache', 'meter', 'reserve', 'claim', 'call', 'check_output', 'share', 'guard_output', 'remember', 'settle', 'file', 'journal'].filter((name) => names.includes(name)),
    'in the order in which they ran',
  );
  let at = 0;
  for (const { name, started_us, duration_us } of stages) {
    assert.ok(started_us >= at, `${name} began before the one before it had ended`);
    assert.ok(duration_us > 0);
    assert.deepEqual(stage_us[name], [started_us, duration_us]);
    at = started_us + duration_us;
  }
  assert.ok(at <= duration_ms * 1000 + 1, 'none ends after the request');
  assert.ok(stages.find(({ name }) => name === 'call').duration_us >= upstream_ms * 1000 - 1, 'waiting is part of it');
});

test('what of the cost was for what adds up to it, to the last nano', async () => {
  const row = await ask('chat');
  const nano = (usd) => BigInt(usd.replace('.', ''));

  assert.deepEqual(
    Object.entries(row.cost_split).map(([kind, { tokens }]) => [kind, tokens]),
    [['input', 24], ['output', 8]],
  );
  assert.equal(Object.values(row.cost_split).reduce((sum, { cost_usd }) => sum + nano(cost_usd), 0n), nano(row.cost_usd));
});

test('attempts have their times, tokens and cost', async () => {
  on.upstream.json({ error: { message: 'no', type: 'server_error' } }, { status: 500 });
  const row = await ask('again');
  const [first, second] = row.attempt_list;

  assert.equal(row.attempt_list.length, 2);
  assert.ok(first.started_us > 0 && second.started_us >= first.started_us + first.ms * 1000 - 1);
  assert.equal(first.input_tokens, undefined, 'nothing was bought');
  assert.deepEqual([second.input_tokens, second.output_tokens], [24, 8]);
  assert.ok(second.ttft_ms >= 0);
  assert.equal(second.cost_usd, row.cost_usd);
});

test('what a schema was not satisfied with is told by the schema, and by its place in the answer', async () => {
  const row = await ask('sum', { a: 2, b: 2 }, { answer: { sum: -4, zebra: 'x' } });

  assert.equal(row.code, 'output_schema_violation');
  const low = row.violations.find(({ keyword }) => keyword === 'minimum');
  assert.equal(low.schema_path, '#/properties/sum/minimum');
  assert.ok(low.line === 1 && low.column > 1 && low.byte > 0);
  assert.equal(row.violations.length, 2);
  assert.equal(JSON.stringify(row).includes('zebra'), false, 'a name that the model made up');
});

test('the input is kept where what was said is, redacted alike, and nowhere else', async () => {
  const full = await ask('kept', { message: 'Write to ann@example.com.' });
  assert.equal(full.content.input, 'Write to ann@example.com.');
  const redacted = await ask('redacted', { message: 'Write to ann@example.com.' });
  assert.equal(typeof redacted.content.input, 'string');
  assert.equal(JSON.stringify(redacted).includes('ann@example.com'), false);
  const plain = await ask('chat', { message: 'Write to ann@example.com.' });
  assert.equal(JSON.stringify(plain).includes('ann@'), false);
});

test('logs show prints all of it', async () => {
  const { request_id } = await ask('chat');
  const { code, stdout } = await on.gateway.cli('logs', 'show', request_id);
  assert.equal(code, 0);
  assert.match(stdout, /^stages +\n(  name \w+  started_us \d+  duration_us \d+ \n)+/m);
  assert.match(stdout, /^cost_split +\{"input":\{"tokens":24,"cost_usd":"/m);
  assert.doesNotMatch(stdout, /stage_us/);
});
