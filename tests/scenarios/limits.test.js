// How often, how much and how many at once: what a caller over a limit is told, and that a limit is exact.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chat } from './support/files.js';
import { settings } from './support/gateway.js';
import { scene } from './support/scene.js';

const named = (slug, more) => `${chat.replace('slug: chat', `slug: ${slug}`)}${more}\n`;
const on = scene((upstream) => ({
  'pinion.yaml': settings(upstream.url, 'limits: {callers: {per_hour: 5000}}\nprojects: {default: {limits: {concurrent: 1500}}}\n'),
  'endpoints/crowded.yaml': named('crowded', 'limits: {per_hour: 137}'),
  'endpoints/minute.yaml': named('minute', 'limits: {per_minute: 1, per_hour: 100}'),
  'endpoints/spent.yaml': named('spent', 'limits: {per_minute: 2, per_hour: 1}'),
  'endpoints/wordy.yaml': named('wordy', 'params: {max_tokens: 400}\nlimits: {tokens_per_minute: 1000}'),
  'endpoints/essay.yaml': named('essay', 'params: {max_tokens: 5000}\nlimits: {tokens_per_minute: 1000}'),
  'endpoints/plain.yaml': named('plain', ''),
}));
const call = (slug, headers) => on.gateway.call(slug, { message: 'x' }, { token: on.token, headers });
const used = (input, output) => ({ usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output } });
const refusal = async (response) => {
  const { error } = await response.json();
  assert.equal(response.status, 429, JSON.stringify(error));
  return error;
};

test('of a thousand calls at once exactly as many pass as the limit says', async () => {
  for (let i = 0; i < 137; i++) on.upstream.answer('x');
  const before = on.upstream.calls.length;
  const answers = await Promise.all(
    Array.from({ length: 1000 }, async () => {
      const response = await call('crowded');
      return { status: response.status, wait: Number(response.headers.get('retry-after')), body: await response.json() };
    }),
  );
  const refused = answers.filter(({ status }) => status !== 200);
  assert.equal(answers.length - refused.length, 137);
  assert.equal(on.upstream.calls.length - before, 137);
  for (const { status, wait, body } of refused) {
    assert.deepEqual([status, body.error.code, body.error.details.scope], [429, 'rate_limit_exceeded', 'endpoint']);
    assert.ok(wait >= 1 && wait <= 27 && body.error.details.retry_after === wait);
  }
});

test('a refusal says whose limit it was, which, and when to come back', async () => {
  on.upstream.answer('x');
  const first = await call('minute');
  assert.equal(first.headers.get('ratelimit-policy'), '"min";q=1;w=60, "hour";q=100;w=3600');
  assert.match(first.headers.get('ratelimit'), /^"min";r=0;t=60, "hour";r=99;t=36$/);
  const response = await call('minute');
  const wait = Number(response.headers.get('retry-after'));
  assert.ok(wait > 50 && wait <= 60);
  assert.equal(response.headers.get('retry-after-ms'), String(wait * 1000));
  assert.equal(response.headers.get('x-should-retry'), 'true');
  assert.match(response.headers.get('ratelimit'), /"hour";r=99;/);
  const error = await refusal(response);
  assert.equal(error.message, 'more than 1 calls of this token at this endpoint a minute');
  assert.deepEqual(error.details, { scope: 'endpoint', limit: 'per_minute', quota: 1, retry_after: wait });
});

test('of two limits that are spent the longer wait is told, and it is too long to be tried again', async () => {
  on.upstream.answer('x');
  await call('spent');
  await call('spent');
  const response = await call('spent', { accept: 'application/problem+json' });
  assert.equal(response.headers.get('x-should-retry'), 'false');
  assert.ok(Number(response.headers.get('retry-after')) > 3500);
  const problem = await response.json();
  assert.equal(problem.details.limit, 'per_hour');
  assert.deepEqual(problem['violated-policies'], ['hour']);
});

test('an endpoint that says nothing has the limits of all', async () => {
  on.upstream.answer('x');
  const response = await call('plain');
  assert.equal(response.headers.get('ratelimit-policy'), '"hour";q=5000;w=3600');
});

test('a token has its own limits, wherever it calls, beside those of the endpoints', async () => {
  const order = { scopes: ['plain', 'minute'], limits: { per_hour: 2, tokens_per_minute: 100000 } };
  const { body, status } = await on.gateway.admin('POST', '/admin/v1/tokens', order);
  assert.equal(status, 201, JSON.stringify(body));
  const ask = (slug) => on.gateway.call(slug, { message: 'x' }, { token: body.token });
  for (const slug of ['plain', 'minute']) {
    on.upstream.answer('x');
    assert.equal((await ask(slug)).status, 200);
  }
  const response = await ask('plain');
  assert.equal(response.headers.get('ratelimit-policy'), '"hour";q=5000;w=3600, "token-hour";q=2;w=3600');
  const error = await refusal(response);
  assert.equal(error.message, 'more than 2 calls of this token an hour');
  const { retry_after: wait, ...rest } = error.details;
  assert.deepEqual(rest, { scope: 'token', limit: 'per_hour', quota: 2 });
  assert.ok(wait > 1700 && wait <= 1800);
  const both = await refusal(await ask('minute')); // it is over both, and the token's wait is the longer one
  assert.equal(both.details.scope, 'token');
});

test('tokens are taken as a call may use them, and given back as it has not', async () => {
  for (let i = 0; i < 3; i++) {
    on.upstream.answer('x', used(100, 180));
    assert.equal((await call('wordy')).status, 200); // each may use 400 and its prompt
  }
  const response = await call('wordy'); // 160 are left, and what has come back since
  const error = await refusal(response);
  assert.equal(error.code, 'rate_limit_exceeded');
  assert.equal(error.details.limit, 'tokens_per_minute');
  assert.ok(error.details.retry_after >= 1 && error.details.retry_after <= 60);
  assert.equal(response.headers.get('pinion-attempts'), null);
});

test('tokens of calls that bought nothing are given back', async () => {
  const { token } = await on.gateway.token('wordy');
  for (let i = 0; i < 5; i++) {
    on.upstream.json({ error: { message: 'no', type: 'invalid_request_error', code: null, param: null } }, { status: 400 });
    const response = await on.gateway.call('wordy', { message: 'x' }, { token });
    assert.equal(response.status, 400, await response.text());
  }
  on.upstream.answer('x', used(1, 1));
  assert.equal((await on.gateway.call('wordy', { message: 'x' }, { token })).status, 200);
});

test('a call that may use more than a minute has passes once, alone', async () => {
  on.upstream.answer('x', used(100, 3000));
  assert.equal((await call('essay')).status, 200);
  const error = await refusal(await call('essay'));
  assert.ok(error.details.retry_after > 100, JSON.stringify(error));
});

test('limits are counted by the endpoint and the policy that refuse', async () => {
  const text = await (await fetch(`${on.gateway.url}/metrics`)).text();
  const counted = text.split('\n').filter((line) => line.startsWith('pinion_rate_limited_total{'));
  assert.ok(counted.includes('pinion_rate_limited_total{endpoint="crowded",policy="hour"} 863'), counted.join('\n'));
  assert.ok(counted.includes('pinion_rate_limited_total{endpoint="wordy",policy="tokens"} 1'), counted.join('\n'));
});
