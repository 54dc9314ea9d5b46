// Why a call goes where it goes: `pinion explain`, the admin listener's /explain, Pinion-Explain in replies
// and the row of the request log say the same, and what they say is what then happens.
import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import { chat } from './support/files.js';
import { events, settings, writeFiles } from './support/gateway.js';
import { scene } from './support/scene.js';
import { streamed } from './support/upstream.js';

const night = `  - name: at night
    when: {time_of_day: "22:00-06:00", timezone: Europe/Berlin}
    use: {model: gpt-4o}
`;
const rules = (more = '') => `routing:
${more}  - name: gold
    when: {any: [{header: {x-tier: gold}}, {caller: {tags: {tier: gold}}}]}
    use: {model: gpt-4.1}
  - name: large sums
    when: {input: {/a: ">= 100"}, not: {caller: {name: [nightly]}}}
    use: {model: gpt-4.1-nano}
  - {name: canary, when: {percent: 0, sticky: caller}, use: {model: gpt-5-mini}}
failover: [{provider: upstream, model: gpt-4o-mini, on: [error, invalid]}]
`;
// `nights` is only asked about, at times that are given.
const sums = (slug, more) =>
  `${chat.replace('slug: chat', `slug: ${slug}`)}${rules(more)}input_schema: schemas/sum.in.json\noutput_schema: schemas/sum.out.json\nstream: validated\n`;
const on = scene((upstream) => ({
  'pinion.yaml': settings(upstream.url, 'routing_headers: [x-tier]\n'),
  'endpoints/sums.yaml': sums('sums'),
  'endpoints/nights.yaml': sums('nights', night),
  'endpoints/spend.yaml': `${chat.replace('slug: chat', 'slug: spend')}params: {max_tokens: 10}
budget: {monthly_usd: 0.0001}
routing: [{name: careful, when: {monthly_spend_pct: ">= 20"}, use: {model: gpt-4.1-nano}}]\n`,
  'endpoints/talk.yaml': `${chat.replace('slug: chat', 'slug: talk')}session: {ttl: 30m}
routing: [{name: long talks, when: {session_messages: ">= 2"}, use: {model: gpt-4.1-nano}}]\n`,
  'endpoints/guarded.yaml': `${chat.replace('slug: chat', 'slug: guarded')}guardrails: {secrets: block, pii: mask}
input_schema: {type: string}
routing: [{name: masked, when: {input: {"": "!= someone@example.com"}}, use: {model: gpt-4.1}}]\n`,
  'endpoints/drawn.yaml': `${chat.replace('slug: chat', 'slug: drawn')}routing: [{name: half, when: {percent: 50, sticky: caller}, use: {model: gpt-4.1-nano}}]\n`,
  'endpoints/kept.yaml': `${sums('kept')}log: {content: redacted, retention: 1h}\n`,
  'endpoints/many.yaml': `${chat.replace('slug: chat', 'slug: many')}routing:
${Array.from({ length: 200 }, (_, i) => `  - {name: "number ${i} of many rules", when: {input_tokens: ">= ${i === 150 ? 0 : 100000 + i}"}, use: {model: gpt-4.1-nano}}`).join('\n')}\n`,
  'small.json': { a: 2, b: 3 },
  'large.json': { a: 200, b: 3, style: 'Secret style.' },
  'hi.txt': 'hi',
}));
const at = (name) => path.join(on.gateway.folder, name);
const day = ['--at', '2026-11-27T12:00:00+01:00'];
const cli = (...words) => on.gateway.cli('explain', ...words);
const create = async (more) => (await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['*'], ...more })).body;

let explainer, gold;
test('two tokens: one that may ask why, one with a tag', async () => {
  explainer = await create({ verbs: ['call', 'explain'] });
  gold = await create({ name: 'golden', tags: { tier: 'gold' } });
  assert.deepEqual(explainer.verbs, ['call', 'explain']);
});

test('for people: every rule, what each condition saw, and the targets in their order', async () => {
  const { code, stdout, stderr } = await cli('nights', '-i', at('large.json'), ...day);
  assert.equal(stderr, '');
  assert.equal(code, 0);
  assert.equal(
    stdout,
    `nights at 2026-11-27T11:00:00.000Z: route 'large sums'
  1. at night: did not hold -> upstream gpt-4o
     no   time_of_day 22:00-06:00 Europe/Berlin         12:00
  2. gold: did not hold -> upstream gpt-4.1
     no   any                                           0 of 2
     no   any: header x-tier == gold                    none
     no   any: caller tag tier == gold                  none
  3. large sums: held -> upstream gpt-4.1-nano
     yes  all                                           2 of 2
     yes  all: input /a >= 100                          200
     yes  all: not                                      0 of 1
     no   all: not: caller name == nightly              trial
  4. canary: not reached -> upstream gpt-5-mini
targets, in the order in which they are tried:
  1. upstream gpt-4.1-nano
  2. upstream gpt-4o-mini  on error, invalid
`,
  );
});

test('the time, headers and the token are those that are asked about', async () => {
  const route = async (...words) => JSON.parse((await cli('nights', '-i', at('small.json'), '--json', ...words)).stdout).explain.route;
  assert.equal(await route(...day), 'default');
  assert.equal(await route('--at', '2026-11-27T23:00:00+01:00'), 'at night');
  assert.equal(await route(...day, '--header', 'X-Tier: gold'), 'gold');
  assert.equal(await route(...day, '--token', 'golden'), 'gold');
});

test('the running server says the same, with what was spent', async () => {
  const spend = async (...words) => {
    const { stdout, stderr } = await cli('spend', '-i', at('hi.txt'), '--json', ...words);
    assert.equal(stderr, '');
    return JSON.parse(stdout).explain;
  };
  on.upstream.answer('hello');
  assert.equal((await spend('--running')).route, 'default');
  const response = await on.gateway.call('spend', { message: 'hi' }, on);
  assert.equal(response.status, 200, await response.text());
  const running = await spend('--running');
  assert.equal(running.route, 'careful');
  assert.equal(running.rules[0].outcome, 'held');
  assert.ok(Number(running.rules[0].conditions[0].actual) >= 20);
  assert.equal((await spend()).route, 'default');
  const [here, there] = await Promise.all([[], ['--running']].map(async (more) => (await cli('nights', '-i', at('large.json'), ...day, '--token', 'golden', ...more)).stdout));
  assert.match(here, /route 'gold'/);
  assert.equal(here, there);
});

test('a time to come is asked about without anything of it coming: what was spent stays spent', async () => {
  const ask = async (more) => (await on.gateway.admin('POST', '/admin/v1/explain', { endpoint: 'spend', body: { message: 'hi' }, ...more })).body.explain;
  const spent = (explained) => explained.rules[0].conditions[0].actual;
  const before = await ask();
  assert.deepEqual([before.route, (await ask({ at: '2099-01-01T00:00:00Z' })).route], ['careful', 'default']);
  assert.deepEqual(await ask(), before);
  assert.notEqual(spent(before), '0');
  on.upstream.answer('Fine.');
  const response = await on.gateway.call('spend', { message: 'hi' }, { token: on.token });
  assert.equal(response.headers.get('pinion-route') ?? (await response.json()).error.code, 'careful');
});

test('who is drawn is told before, and is drawn then', async () => {
  for (let i = 0; i < 4; i++) {
    const { id, token } = await create({});
    const told = await Promise.all([[], ['--running']].map(async (more) => JSON.parse((await cli('drawn', '-i', at('hi.txt'), '--json', '--token', id, ...more)).stdout).explain));
    on.upstream.answer('hello');
    const response = await on.gateway.call('drawn', { message: 'hi' }, { token });
    assert.equal(response.status, 200, await response.text());
    assert.deepEqual(told.map((one) => one.route), Array(2).fill(response.headers.get('pinion-route')));
    assert.equal(told[0].rules[0].conditions[0].actual, told[1].rules[0].conditions[0].actual);
  }
});

test('a turn of a session is explained with its history, and does not hold up the next turn', async () => {
  const { id, token } = await create({});
  const turn = async (session_id) => {
    on.upstream.answer('hello');
    const response = await on.gateway.call('talk', { message: 'hi', ...(session_id && { session_id }) }, { token });
    assert.equal(response.status, 200, await response.text());
    return [response.headers.get('pinion-route'), response.headers.get('pinion-session-id')];
  };
  const [first, session_id] = await turn();
  assert.equal(first, 'default');
  const ask = (more) => on.gateway.admin('POST', '/admin/v1/explain', { endpoint: 'talk', body: { message: 'hi', session_id }, token: id, ...more });
  const told = await ask();
  assert.equal(told.body.explain.route, 'long talks');
  assert.equal(told.body.explain.rules[0].conditions[0].actual, '2');
  assert.deepEqual([(await ask({ token: explainer.id })).status, (await turn(session_id))[0]], [404, 'long talks']);
  assert.equal((await ask()).body.explain.rules[0].conditions[0].actual, '4');
});

test('the admin listener: an input or a body, and nothing is sent, counted or logged', async () => {
  const calls = on.upstream.calls.length;
  const ask = (order) => on.gateway.admin('POST', '/admin/v1/explain', order);
  const told = await ask({ endpoint: 'sums', input: { a: 100, b: 1 }, at: '2026-11-27T12:00:00Z', headers: { 'X-Tier': 'silver' }, token: gold.id });
  assert.equal(told.status, 200);
  assert.equal(told.body.at, '2026-11-27T12:00:00.000Z');
  assert.equal(told.body.explain.route, 'gold');
  assert.deepEqual(told.body.explain.rules[0].conditions.map((one) => [one.condition, one.actual, one.held]), [
    ['any', '1 of 2', true],
    ['any: header x-tier == gold', 'silver', false],
    ['any: caller tag tier == gold', 'gold', true],
  ]);
  for (const [order, status, code, param] of [
    [{ endpoint: 'sums', body: { a: 'x', b: 1 } }, 422, 'input_schema_violation', '/a'],
    [{ endpoint: 'summs', body: { a: 1, b: 2 } }, 404, 'endpoint_not_found', null],
    [{ endpoint: 'sums', body: {}, token: 'tok_none' }, 404, 'token_not_found', '/token'],
    [{ endpoint: 'sums', body: {}, input: 3 }, 400, 'invalid_request', '/body'],
    [{ endpoint: 'sums', inptu: 3 }, 400, 'unknown_field', '/inptu'],
    [{ endpoint: 'sums', input: 3, at: 'noon' }, 400, 'invalid_request', '/at'],
    [{ endpoint: 'sums', input: 3, headers: [] }, 400, 'invalid_request', '/headers'],
    [[], 400, 'invalid_request', null],
  ]) {
    const refused = await ask(order);
    assert.deepEqual([refused.status, refused.body.error.code, refused.body.error.param], [status, code, param], JSON.stringify(refused.body));
    assert.equal(refused.body.explain, undefined);
  }
  const blocked = await ask({ endpoint: 'guarded', input: 'AKIAIOSFODNN7EXAMPLE' });
  assert.deepEqual([blocked.status, blocked.body.error.code, blocked.body.error.details.kind], [422, 'guardrail_blocked', 'secrets']);
  assert.equal((await ask({ endpoint: 'guarded', input: 'someone@example.com' })).body.explain.route, 'masked');
  assert.equal(on.upstream.calls.length, calls);
  const metrics = await (await fetch(`${on.gateway.url}/metrics`)).text();
  for (const name of ['pinion_route_decisions_total{', 'pinion_schema_violations_total{', 'pinion_requests_total{'])
    assert.ok(!metrics.includes(`${name}endpoint="sums"`), metrics);
});

test('Pinion-Explain needs its verb, and is 1 or nothing', async () => {
  const call = async (token, value) => {
    const response = await on.gateway.call('sums', { a: 1, b: 2 }, { token, headers: { 'Pinion-Explain': value } });
    return [response.status, (await response.json()).error.code];
  };
  assert.deepEqual(await call(on.token, '1'), [403, 'scope_denied']);
  assert.deepEqual(await call(explainer.token, 'yes'), [400, 'invalid_request']);
});

test('a reply explains itself, as the command does', async () => {
  on.upstream.answer({ sum: 203 });
  const headers = { 'Pinion-Explain': '1', 'X-Tier': 'gold' };
  const response = await on.gateway.call('sums', { a: 200, b: 3 }, { token: explainer.token, headers });
  const { meta } = await response.json();
  assert.equal(meta.route, 'gold');
  assert.equal(meta.explain.route, 'gold');
  assert.equal(meta.explain.rules[0].conditions[1].actual, 'gold');
  assert.deepEqual(meta.explain.chain, [
    { provider: 'upstream', model: 'gpt-4.1' },
    { provider: 'upstream', model: 'gpt-4o-mini', on: ['error', 'invalid'] },
  ]);
  assert.equal(on.upstream.calls.at(-1).body.model, 'gpt-4.1');
  on.upstream.answer({ sum: 203 });
  const plain = await on.gateway.call('sums', { a: 200, b: 3 }, on);
  assert.equal((await plain.json()).meta.explain, undefined);
});

test('a stream explains itself in its last chunk, a refused answer beside its error', async () => {
  on.upstream.stream(streamed(['{"sum":', ' 203}']));
  const headers = { 'Pinion-Explain': '1' };
  const stream = await on.gateway.call('sums', { a: 200, b: 3, stream: true }, { token: explainer.token, headers });
  const chunks = [];
  for await (const event of events(stream)) chunks.push(event);
  assert.equal(chunks.at(-2).pinion.explain.route, 'large sums');
  on.upstream.answer({ sum: -1 });
  const refused = await on.gateway.call('sums', { a: 200, b: 3 }, { token: explainer.token, headers });
  const body = await refused.json();
  assert.equal(refused.status, 422, JSON.stringify(body));
  assert.equal(body.error.code, 'output_schema_violation');
  assert.equal(body.explain.route, refused.headers.get('pinion-route'));
});

test('the log’s row says which rule and why; what a caller wrote is in no line', async () => {
  on.upstream.answer({ sum: 203 });
  const response = await on.gateway.call('sums', { a: 200, b: 3, style: 'Secret style.' }, { token: on.token, headers: { 'X-Tier': 'gold' } });
  assert.equal(response.status, 200, await response.text());
  const line = await on.gateway.journal(response);
  assert.equal(line.rule, response.headers.get('pinion-route'));
  assert.equal(line.why, undefined);
  const { stdout } = await on.gateway.cli('logs', 'show', response.headers.get('x-request-id'));
  assert.match(stdout, /^rule +gold$/m);
  assert.match(stdout, /^why +header x-tier == gold$/m);
  assert.ok(!stdout.includes('200,') && !stdout.includes('Secret'));
});

test('the row of one request has all rules as they were seen, but nothing that the caller wrote', async () => {
  on.upstream.answer({ sum: 203 });
  const response = await on.gateway.call('sums', { a: 200, b: 3 }, { token: on.token });
  assert.equal(response.status, 200, await response.text());
  const { routing } = (await on.gateway.admin('GET', `/admin/v1/logs/${response.headers.get('x-request-id')}`)).body;

  assert.equal(routing.route, 'large sums');
  assert.deepEqual(
    routing.rules.map(({ name, outcome, model }) => [name, outcome, model]),
    [['gold', 'did not hold', 'gpt-4.1'], ['large sums', 'held', 'gpt-4.1-nano'], ['canary', 'not reached', 'gpt-5-mini']],
  );
  assert.deepEqual(routing.rules[0].conditions, [
    { condition: 'any', actual: '0 of 2', held: false },
    { condition: 'any: header x-tier == gold', held: false },
    { condition: 'any: caller tag tier == gold', held: false },
  ]);
  assert.deepEqual(routing.rules[1].conditions, [
    { condition: 'all', actual: '2 of 2', held: true },
    { condition: 'all: input /a >= 100', held: true },
    { condition: 'all: not', actual: '0 of 1', held: true },
    { condition: 'all: not: caller name == nightly', held: false },
  ]);
  assert.deepEqual(routing.rules[2].conditions, []);
  assert.deepEqual(routing.chain, [
    { provider: 'upstream', model: 'gpt-4.1-nano' },
    { provider: 'upstream', model: 'gpt-4o-mini', on: ['error', 'invalid'] },
  ]);
});

test('what is looked at is a value of the caller’s only where that is kept, redacted as all of it', async () => {
  on.upstream.answer({ sum: 203 });
  const headers = { 'X-Tier': 'ann@example.com' };
  const response = await on.gateway.call('kept', { a: 200, b: 3 }, { token: on.token, headers });
  assert.equal(response.status, 200, await response.text());
  const id = response.headers.get('x-request-id');
  const { body: row } = await on.gateway.admin('GET', `/admin/v1/logs/${id}`);
  const seen = (routing) => routing.rules.flatMap(({ conditions }) => conditions).map(({ condition, actual }) => `${condition} (${actual})`);

  assert.ok(seen(row.content.routing).includes('all: input /a >= 100 (200)'), seen(row.content.routing).join());
  assert.ok(!JSON.stringify(row).includes('ann@example.com'));
  assert.ok(seen(row.routing).includes('all: input /a >= 100 (undefined)'));
  assert.equal((await on.gateway.admin('DELETE', `/admin/v1/logs/${id}`)).status, 200);
  const { body: erased } = await on.gateway.admin('GET', `/admin/v1/logs/${id}`);
  assert.deepEqual([erased.content, erased.routing], [null, row.routing]);
});

test('of many rules a row has as many as there is room for, and the one that decided', async () => {
  on.upstream.answer('Hello.');
  const response = await on.gateway.call('many', { message: 'hi' }, { token: on.token });
  assert.equal(response.status, 200, await response.text());
  const { routing } = (await on.gateway.admin('GET', `/admin/v1/logs/${response.headers.get('x-request-id')}`)).body;
  const [held, ...more] = routing.rules.filter(({ outcome }) => outcome === 'held');

  assert.deepEqual([held.name, more], ['number 150 of many rules', []]);
  assert.equal(held.conditions.length, 1);
  assert.equal(routing.rules.length + routing.rules_left_out, 200);
  assert.ok(routing.rules_left_out > 100 && JSON.stringify(routing).length < 10000);
});

test('a header that is not UTF-8 is told as far as it is', async () => {
  on.upstream.answer({ sum: 203 });
  const status = await new Promise((resolve, reject) => {
    const { hostname, port } = new URL(on.gateway.url);
    const body = JSON.stringify({ a: 200, b: 3 });
    const headers = { authorization: `Bearer ${on.token}`, 'content-type': 'application/json', 'x-tier': 'a\u00ffb', 'x-request-id': 'odd.1', 'content-length': body.length };
    http.request({ hostname, port, path: '/kept', method: 'POST', headers }, (response) => response.resume().on('end', () => resolve(response.statusCode))).on('error', reject).end(Buffer.from(body));
  });
  assert.equal(status, 200);
  const { body } = await on.gateway.admin('GET', '/admin/v1/logs/odd.1');
  assert.equal(body.content.routing.rules[0].conditions[1].actual, 'a\ufffdb');
});

test('a call that came to no rule has none, and neither has one of an endpoint without rules', async () => {
  const refused = await on.gateway.call('sums', { a: 'x' }, { token: on.token });
  assert.equal(refused.status, 422);
  on.upstream.answer('Hello.');
  const plain = await on.gateway.call('chat', { message: 'hi' }, { token: on.token });
  for (const response of [refused, plain]) {
    const { body } = await on.gateway.admin('GET', `/admin/v1/logs/${response.headers.get('x-request-id')}`);
    assert.equal(body.routing, undefined);
  }
});

test('a version that is no longer in force is asked about by its number', async () => {
  const old = (await on.gateway.admin('POST', '/admin/v1/explain', { endpoint: 'drawn', body: { message: 'hi' } })).body;
  await writeFiles(on.gateway.folder, { 'endpoints/drawn.yaml': `${chat.replace('slug: chat', 'slug: drawn')}routing: [{name: everybody, use: {model: gpt-4.1}}]\n` });
  assert.equal((await on.gateway.cli('reload')).code, 0);
  const ask = async (endpoint) => (await on.gateway.admin('POST', '/admin/v1/explain', { endpoint, body: { message: 'hi' } })).body;
  assert.equal((await ask('drawn')).explain.route, 'everybody');
  assert.deepEqual([(await ask('drawn@1')).explain, (await ask('drawn@1')).version], [old.explain, old.version]);
  assert.equal((await ask('drawn@9')).error.code, 'version_not_found');
});

test('an input that the endpoint refuses, and a slug that is not there', async () => {
  const refused = await cli('sums', '-i', at('hi.txt'));
  assert.equal(refused.code, 1);
  assert.equal(refused.stdout, '');
  assert.match(refused.stderr, /422 input_schema_violation/);
  const unknown = await cli('summs', '-i', at('small.json'));
  assert.equal(unknown.code, 5);
  assert.match(unknown.stderr, /did you mean 'sums'/);
});
