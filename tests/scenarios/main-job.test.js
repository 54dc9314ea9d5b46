// POST /sum with a scoped token -> rendered prompt -> provider -> validated output.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scene } from './support/scene.js';
import { completion } from './support/upstream.js';

const on = scene();

test('a slug answers with validated output, and the provider sees the pinned prompt', async () => {
  on.upstream.answer({ sum: 4 });
  const response = await on.gateway.call('sum', { a: 2, b: 2, style: 'Be exact.' }, on);
  const body = await response.json();

  assert.equal(response.status, 200);
  assert.deepEqual(body.output, { sum: 4 });
  assert.equal(body.content, '{"sum":4}');
  assert.equal(body.ok, true);
  assert.equal(body.finish_reason, 'stop');
  assert.equal(body.model, 'gpt-4.1-mini-2025-04-14');
  assert.deepEqual(
    [body.usage.prompt_tokens, body.usage.completion_tokens, body.usage.total_tokens],
    [24, 8, 32],
  );
  assert.equal(body.meta.endpoint, 'sum');
  assert.equal(body.meta.route, 'default');
  assert.equal(body.meta.attempts, 1);
  assert.equal(body.meta.request_id, response.headers.get('x-request-id'));
  // 24 x 0.40 + 8 x 1.60 dollars a million.
  assert.equal(body.meta.cost_usd, '0.000022400');

  const call = on.upstream.calls.at(-1);
  assert.equal(call.path, '/v1/chat/completions');
  assert.equal(call.headers.authorization, 'Bearer sk-test-canary');
  assert.deepEqual(call.body.messages, [
    { role: 'system', content: 'You add numbers. Be exact.' },
    { role: 'user', content: 'What is 2 + 2?' },
  ]);
  assert.equal(call.body.model, 'gpt-4.1-mini');
  assert.equal(call.body.temperature, 0);
  assert.equal(call.body.max_tokens, 50);
  assert.equal(call.body.response_format.type, 'json_schema');
  assert.deepEqual(call.body.response_format.json_schema.schema.required, ['sum']);
});

test('headers tell what happened', async () => {
  on.upstream.answer({ sum: 4 });
  const { headers } = await on.gateway.call('sum', { a: 2, b: 2 }, on);

  assert.match(headers.get('x-request-id'), /^req_[0-9a-hjkmnp-tv-z]{26}$/);
  assert.equal(headers.get('pinion-endpoint'), 'sum');
  assert.equal(headers.get('pinion-version'), '1');
  assert.equal(headers.get('pinion-route'), 'default');
  assert.equal(headers.get('pinion-provider'), 'upstream');
  assert.equal(headers.get('pinion-model'), 'gpt-4.1-mini');
  assert.equal(headers.get('pinion-attempts'), '1');
  assert.equal(headers.get('pinion-cost-usd'), '0.000022400');
  assert.equal(headers.get('cache-control'), 'no-store');
  for (const part of ['pinion', 'render', 'upstream', 'validate'])
    assert.match(headers.get('server-timing'), new RegExp(`${part};dur=[0-9.]+`));
});

test('a request id of the client is kept, a malformed one is not', async () => {
  on.upstream.answer({ sum: 4 });
  on.upstream.answer({ sum: 4 });
  const own = await on.gateway.call('sum', { a: 2, b: 2 }, { ...on, headers: { 'x-request-id': 'my.id-1' } });
  const bad = await on.gateway.call('sum', { a: 2, b: 2 }, { ...on, headers: { 'x-request-id': 'my id' } });

  assert.equal(own.headers.get('x-request-id'), 'my.id-1');
  assert.match(bad.headers.get('x-request-id'), /^req_/);
});

test('one journal line a request, with tokens and cost and without content or secrets', async () => {
  on.upstream.answer({ sum: 777 });
  const response = await on.gateway.call('sum', { a: 770, b: 7, style: 'canary-prompt' }, on);
  const line = await on.gateway.journal(response);

  assert.equal(line.status, 200);
  assert.equal(line.endpoint, 'sum');
  assert.equal(line.surface, 'slug');
  assert.equal(line.rule, 'default');
  assert.equal(line.provider, 'upstream');
  assert.equal(line.attempts, 1);
  assert.equal(line.input_tokens, 24);
  assert.equal(line.output_tokens, 8);
  assert.equal(line.usage, 'reported');
  assert.equal(line.cost_usd, '0.000022400');
  assert.equal(line.finish_reason, 'stop');
  assert.ok(line.token_id.startsWith('tok_'));
  assert.ok(line.duration_ms > 0 && line.upstream_ms > 0 && line.overhead_us >= 0);
  for (const secret of ['canary-prompt', '777', 'sk-test-canary', on.token])
    assert.ok(!JSON.stringify(line).includes(secret), secret);
});

test('the bare output on request', async () => {
  on.upstream.json(completion('  {"sum": 4}\n'));
  const response = await on.gateway.call('sum', { a: 2, b: 2 }, { ...on, headers: { prefer: 'return=output' } });

  assert.equal(await response.text(), '{"sum": 4}');
});

test('the default project has a longer path, and an endpoint without schemas takes text', async () => {
  on.upstream.answer('Hello.');
  const response = await on.gateway.call('api/default/chat', { message: 'Say {{hello}}' }, on);
  const body = await response.json();

  assert.equal(body.content, 'Hello.');
  assert.ok(!('output' in body));
  assert.deepEqual(on.upstream.calls.at(-1).body.messages, [
    { role: 'system', content: 'You are brief.' },
    { role: 'user', content: 'Say {{hello}}' },
  ]);
  assert.ok(!('response_format' in on.upstream.calls.at(-1).body));
});
