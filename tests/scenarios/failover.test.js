// What happens when a target fails: the same again, another key, the next target, or an error that says
// what was tried. Two scripted providers, the first one down in every way a test wants.
import { after, before, beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { events, startGateway } from './support/gateway.js';
import { startUpstream } from './support/upstreams/index.js';
import { sumIn, sumOut } from './support/files.js';

const provider = (upstream, key = '"sk-one"') =>
  `{kind: openai, base_url: "${upstream.url}", key: ${key}, allow_http: true, allow_private: true, ` +
  'breaker: {faults_in_row: 0, faults_pct: 0}}';
const endpoint = (more, model = 'gpt-4.1-mini') => `
provider: first
model: ${model}
system: You are brief.
${more}`;
const next = (on) => `failover: [{provider: second, model: gpt-4.1, on: [${on}]}]\n`;
const sum = 'input_schema: schemas/in.json\noutput_schema: schemas/out.json\ntemplate: "{{a}} + {{b}}?"\n';

const on = {};
before(async () => {
  on.first = await startUpstream('openai-chat');
  on.second = await startUpstream('openai-chat');
  on.keyed = await startUpstream('openai-chat', { keys: ['sk-good'] });
  on.gateway = await startGateway({
    files: {
      'pinion.yaml': `
listen: 127.0.0.1:0
workers: 1
providers:
  first: ${provider(on.first)}
  second: ${provider(on.second)}
  keyed: ${provider(on.keyed, '["sk-bad", "sk-good"]')}
  fragile: {kind: openai, base_url: "${on.first.url}", key: "sk-x", allow_http: true, allow_private: true, breaker: {faults_in_row: 2, open: 100ms}}
`,
      'schemas/in.json': sumIn,
      'schemas/out.json': sumOut,
      'endpoints/alone.yaml': endpoint('retry: {times: 2}\n'),
      'endpoints/any.yaml': endpoint(next('error, timeout, rate_limit') + 'retry: {times: 1}\n'),
      'endpoints/rate.yaml': endpoint(next('rate_limit'), 'gpt-4.1-nano'),
      'endpoints/hasty.yaml': endpoint(next('timeout') + 'timeout: {first_token: 80ms}\n', 'gpt-4o'),
      'endpoints/halves.yaml': endpoint(next('timeout') + 'timeout: {total: 1s}\n', 'gpt-4o'),
      'endpoints/long.yaml': endpoint(next('context_length')),
      'endpoints/keys.yaml': 'provider: keyed\nmodel: gpt-4.1-mini\nsystem: s\n',
      'endpoints/fragile.yaml': 'provider: fragile\nmodel: gpt-4.1-mini\nsystem: s\nretry: {times: 0}\n',
      'endpoints/hedged.yaml': endpoint(next('error') + 'hedge: {after: 30ms}\n', 'gpt-4o-mini'),
      'endpoints/asked.yaml': endpoint(sum + 'on_invalid_output: {reask: 1, then: next, repair: true, early: false}\n' + next('invalid')),
      'endpoints/early.yaml': endpoint(sum + 'on_invalid_output: {reask: 1}\n'),
      'endpoints/valid.yaml': endpoint(sum + 'stream: validated\n'),
    },
  });
  on.token = (await on.gateway.token('*')).token;
});
after(async () => {
  const end = await on.gateway.stop();
  for (const upstream of [on.first, on.second, on.keyed]) {
    upstream.check();
    await upstream.stop();
  }
  assert.equal(end.code, 0, end.stderr());
});

let seen;
beforeEach(() => {
  seen = { first: on.first.calls.length, second: on.second.calls.length };
});
const asked = (name) => on[name].calls.length - seen[name];
const call = (slug, body = { message: 'When?' }) => on.gateway.call(slug, body, on);

async function answered(response, content, calls) {
  const body = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body));
  assert.equal(body.content, content);
  assert.equal(response.headers.get('pinion-attempts'), String(calls));
  assert.equal(body.meta.attempts, calls);
  return body;
}
const reasons = async (response) => (await response.json()).error.details.attempts.map(({ reason }) => reason);

test('a provider that stumbles is asked again, after a while', async () => {
  on.first.refuse({ kind: 'server' });
  on.first.answer('At nine.');
  await answered(await call('alone'), 'At nine.', 2);
});

test('and no more often than the endpoint says', async () => {
  for (let i = 0; i < 3; i++) on.first.refuse({ kind: 'server' });
  const response = await call('alone');
  assert.equal(response.status, 502);
  assert.deepEqual(await reasons(response), ['server_error', 'server_error', 'server_error']);
  assert.equal(response.headers.get('pinion-attempts'), '3');
});

test('the next target answers for one that is down', async () => {
  on.first.refuse({ kind: 'server' });
  on.first.refuse({ kind: 'server' });
  on.second.answer('At nine.');
  const response = await call('any');
  const body = await answered(response, 'At nine.', 3);
  assert.equal(response.headers.get('pinion-provider'), 'second');
  assert.equal(response.headers.get('pinion-model'), 'gpt-4.1');
  assert.equal(body.meta.provider, 'second');
  const line = await on.gateway.logged((it) => it.event === 'failover' && it.request_id === response.headers.get('x-request-id'));
  assert.equal(line.from, 'first/gpt-4.1-mini');
  assert.equal(line.to, 'second/gpt-4.1');
  assert.equal(line.reason, 'server_error');
});

test('one that is full is not waited for where another can answer', async () => {
  on.first.refuse({ kind: 'rate_limit', retryAfter: 20 });
  on.second.answer('At nine.');
  await answered(await call('rate'), 'At nine.', 2);
  on.second.answer('At ten.');
  await answered(await call('rate'), 'At ten.', 1);
  assert.equal(asked('first'), 1, 'it asked to be left alone');
});

test('a condition that is not listed goes on to nobody', async () => {
  on.first.refuse({ kind: 'context_length' });
  const response = await call('any');
  assert.equal(response.status, 400);
  assert.equal((await response.json()).error.code, 'context_length_exceeded');
  assert.equal(asked('second'), 0);
  on.first.refuse({ kind: 'context_length' });
  on.second.answer('At nine.');
  await answered(await call('long'), 'At nine.', 2);
});

test('a bad request is made once', async () => {
  on.first.refuse({ kind: 'bad_request' });
  const response = await call('any');
  assert.equal(response.status, 400);
  assert.deepEqual(await reasons(response), ['bad_request']);
});

test('one that does not begin in time loses to the next', async () => {
  const held = on.first.answer('Too late.', { wait: true });
  on.second.answer('At nine.');
  await answered(await call('hasty'), 'At nine.', 2);
  assert.equal(await (await held.called).closed, false, 'the slow call was cancelled');
});

test('a whole answer that does not come leaves half of the time to the next target', async () => {
  const held = on.first.answer('Too late.', { wait: true });
  on.second.answer('At nine.');
  await answered(await call('halves'), 'At nine.', 2);
  assert.equal(await (await held.called).closed, false);
});

test('a stream fails over until its first content', async () => {
  on.first.answer('x', { error: { kind: 'overload', at: 'first' } });
  on.second.answer({ text: ['At', ' nine.'] });
  const response = await call('any', { message: 'When?', stream: true });
  let text = '';
  for await (const event of events(response)) text += event.choices?.[0]?.delta.content ?? '';
  assert.equal(text, 'At nine.');
  assert.equal(response.headers.get('pinion-provider'), 'second');
});

test('what a client has begun to receive is never started again', async () => {
  on.first.answer({ text: ['At', ' nine.'] }, { cut: { events: 2, then: 'reset' } });
  const got = [];
  for await (const event of events(await call('any', { message: 'When?', stream: true }))) got.push(event);
  assert.equal(got.at(-1).error.code, 'upstream_truncated', JSON.stringify(got.at(-1)));
  assert.equal(asked('second'), 0);
});

test('a key that is refused is left out, and told of once', async () => {
  for (let i = 0; i < 4; i++) on.keyed.answer('At nine.');
  for (let i = 0; i < 4; i++) assert.equal((await (await call('keys')).json()).content, 'At nine.');
  assert.equal(on.keyed.calls.filter(({ key }) => key === 'sk-bad').length, 1);
  const lost = on.gateway.lines.filter(({ event }) => event === 'provider_key');
  assert.equal(lost.length, 1);
  assert.equal(lost[0].key, '1');
  assert.ok(!JSON.stringify(on.gateway.lines).includes('sk-bad'));
});

test('a breaker opens after faults in a row, refuses without calling, and closes after a good probe', async () => {
  on.first.refuse({ kind: 'server' });
  on.first.refuse({ kind: 'server' });
  assert.equal((await call('fragile')).status, 502);
  assert.equal((await call('fragile')).status, 502);
  const refused = await call('fragile');
  assert.equal(refused.status, 503);
  assert.ok(Number(refused.headers.get('retry-after')) >= 1);
  assert.equal(refused.headers.get('pinion-attempts'), null);
  assert.deepEqual(await reasons(refused), ['circuit_open']);
  assert.equal(asked('first'), 2);
  on.first.answer('Back.');
  let response;
  do response = await call('fragile');
  while (response.status === 503);
  assert.equal((await response.json()).content, 'Back.');
});

test('a hedge answers for one that is slow to begin', async () => {
  const held = on.first.answer('Too late.', { wait: true });
  on.second.answer('At nine.');
  const body = await answered(await call('hedged'), 'At nine.', 2);
  assert.equal(body.meta.provider, 'second');
  assert.equal(await (await held.called).closed, false, 'the loser was cancelled');
});

test('an answer that does not fit is asked for again, with what was wrong', async () => {
  on.first.answer({ json: { sum: '4' } });
  on.first.answer({ json: { sum: 4 } });
  const body = await answered(await call('asked', { a: 2, b: 2 }), '{"sum":4}', 2);
  assert.deepEqual(body.output, { sum: 4 });
  const { messages } = on.first.calls.at(-1).asked;
  assert.deepEqual(messages.map(({ role }) => role), ['user', 'assistant', 'user']);
  assert.match(messages.at(-1).text, /- \/sum: must be an integer, found a string/);
  assert.ok(body.usage.prompt_tokens > 0);
});

test('then the next target is asked, as if for the first time, and then it is refused', async () => {
  on.first.answer({ json: { sum: '4' } });
  on.first.answer({ json: { sum: '5' } });
  on.second.answer({ json: { sum: 4 } });
  await answered(await call('asked', { a: 2, b: 2 }), '{"sum":4}', 3);
  assert.equal(on.second.calls.at(-1).asked.messages.length, 1);
  for (const upstream of [on.first, on.first, on.second, on.second]) upstream.answer({ json: { sum: '6' } });
  const response = await call('asked', { a: 2, b: 2 });
  const { error } = await response.json();
  assert.equal(response.status, 422);
  assert.equal(error.code, 'output_schema_violation');
  assert.deepEqual(error.details.attempts.map(({ reason }) => reason), Array(4).fill('invalid_output'));
  assert.ok(error.details.attempts.every(({ cost_usd }) => Number(cost_usd) > 0));
});

test('a slip of JSON is mended, and said to be', async () => {
  on.first.answer({ text: "{'sum': 4,}" });
  const body = await answered(await call('asked', { a: 2, b: 2 }), "{'sum': 4,}", 1);
  assert.deepEqual(body.output, { sum: 4 });
  assert.equal(body.meta.repaired, true);
  assert.deepEqual(body.meta.repairs.map(({ edit }) => edit).sort(), ['comma_removed', 'quotes', 'quotes'].sort().slice(0, body.meta.repairs.length));
});

test('an answer that can no longer fit is cancelled and asked for again at once', async () => {
  const doomed = on.first.answer({ text: ['{"sum": ', '"four', '", "and": "so on"}'] }, { hold: 3 });
  on.first.answer({ json: { sum: 4 } });
  await answered(await call('early', { a: 2, b: 2 }), '{"sum":4}', 2);
  assert.equal(await (await doomed.called).closed, false, 'it was not paid for to its end');
  assert.match(on.first.calls.at(-1).asked.messages.at(-1).text, /- \/sum: must be an integer/);
});

test('a validated stream passes what may still fit, and ends at the byte that cannot', async () => {
  on.first.answer({ text: ['{"su', 'm": ', '4}'] });
  let text = '';
  let last;
  for await (const event of events(await call('valid', { a: 2, b: 2, stream: true }))) {
    text += event.choices?.[0]?.delta.content ?? '';
    last = event;
  }
  assert.equal(text, '{"sum": 4}');
  assert.equal(last, '[DONE]');
  const doomed = on.first.answer({ text: ['{"su', 'm": "fo', 'ur"}'] }, { hold: 3 });
  const got = [];
  for await (const event of events(await call('valid', { a: 2, b: 2, stream: true }))) got.push(event);
  assert.equal(got.map((event) => event.choices?.[0]?.delta.content ?? '').join(''), '{"sum": ');
  assert.equal(got.at(-1).error.code, 'output_schema_violation');
  assert.equal(got.at(-1).error.details.violations[0].instance_path, '/sum');
  assert.equal(await (await doomed.called).closed, false);
});
