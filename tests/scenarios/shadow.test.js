// Copies of answered calls go to another model or endpoint: who called neither waits for them nor sees
// them, and how they compare is counted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chat, sum } from './support/files.js';
import { writeFiles } from './support/gateway.js';
import { scene } from './support/scene.js';
import { completion } from './support/upstream.js';

const shadow = (more = '') => `shadow: {model: gpt-4.1-nano, percent: 100, daily_usd: 1${more}}\n`;
const named = (file, from, to) => file.replace(`slug: ${from}`, `slug: ${to}`);
const toNext = 'shadow: {endpoint: asked-next, percent: 100, daily_usd: 1}\n';
const asked = named(sum, 'sum', 'asked');
// Its failover and its shadow are its own.
const next = (words) =>
  `${named(sum, 'sum', 'asked-next')}failover: [{model: gpt-4.1}]\n${toNext.replace('asked-next', 'asked')}`
    .replace('You add numbers.', `You add numbers ${words}.`)
    .replace('model: gpt-4.1-mini', 'model: gpt-4.1-nano')
    .replace('temperature: 0,', 'temperature: 0.5,');
const capped = (file) => `${file}params: {max_tokens: 50}\n`;
const on = scene(() => ({
  'endpoints/sum.yaml': sum + shadow(),
  'endpoints/chat.yaml': capped(chat) + shadow(),
  'endpoints/turns.yaml': `${capped(named(chat, 'chat', 'turns'))}session: {ttl: 5m}\n${shadow()}`,
  'endpoints/tool.yaml': `${named(sum, 'sum', 'tool')}mcp: true\n${shadow()}`,
  'endpoints/words.yaml': `${capped(named(chat, 'chat', 'words'))}mcp: true\n${shadow()}`,
  'endpoints/one.yaml': `${named(sum, 'sum', 'one')}${shadow(', max_concurrent: 1')}`,
  'endpoints/passing.yaml': named(sum, 'sum', 'passing') + shadow(),
  'endpoints/poor.yaml': `${named(sum, 'sum', 'poor')}${shadow().replace('daily_usd: 1', 'daily_usd: 0.00004')}`,
  'endpoints/limited.yaml': `${named(sum, 'sum', 'limited')}limits: {per_minute: 2}\n${shadow()}`,
  'endpoints/asked.yaml': asked + toNext,
  'endpoints/asked-next.yaml': next('anew'),
  'endpoints/ruled.yaml': `${named(sum, 'sum', 'ruled')}${toNext}
routing: [{name: canary, when: {input: {/style: canary}}, use: {endpoint: asked}}]\n`,
  'endpoints/seldom.yaml': `${named(sum, 'sum', 'seldom')}${shadow().replace('percent: 100', 'percent: 0')}`,
}));

const ask = async (slug, body) => {
  const response = await on.gateway.call(slug, body, on);
  const text = await response.text();
  return { status: response.status, id: response.headers.get('x-request-id'), headers: response.headers, body: JSON.parse(text) };
};
const copyOf = (id) => on.gateway.logged((line) => line.event === 'request' && line.shadow_of === id);
// The call, and then its copy.
const both = async (slug, body, answered, copied) => {
  on.upstream.answer(answered);
  on.upstream.answer(copied);
  const call = await ask(slug, body);
  return { call, copy: await copyOf(call.id) };
};
const seen = async (slug) => (await on.gateway.admin('GET', `/admin/v1/shadows?endpoint=${slug}`)).body.data[0];
const two = { a: 1, b: 2 };

test('a copy goes to the other model, and is written down as one', async () => {
  const { call, copy } = await both('sum', two, { sum: 3 }, '{ "sum": 3.0 }');
  assert.equal(call.status, 200);
  assert.equal(call.headers.get('pinion-model'), 'gpt-4.1-mini');
  const [first, second] = on.upstream.calls.slice(-2).map((one) => one.body);
  assert.deepEqual([first.model, second.model], ['gpt-4.1-mini', 'gpt-4.1-nano']);
  assert.deepEqual(second.messages, first.messages);
  assert.deepEqual(
    [copy.surface, copy.endpoint, copy.rule, copy.model, copy.shadow_result, copy.status],
    ['shadow', 'sum', 'shadow', 'gpt-4.1-nano', 'same', 200],
  );
  assert.equal(copy.token_id, undefined);
  assert.equal(copy.billed_usd ?? '0.000000000', '0.000000000');
  assert.equal((await on.gateway.journal({ headers: call.headers })).shadow_of, undefined);
});

test('how both came out is compared', async () => {
  const result = async (answered, copied) => (await both('sum', two, answered, copied)).copy.shadow_result;
  assert.equal(await result({ sum: 3 }, { sum: 4 }), 'different');
  assert.equal(await result({ sum: 3 }, { sum: 'three' }), 'only_answered');
  assert.equal(await result({ sum: 'three' }, { sum: 3 }), 'only_shadow');
  assert.equal(await result({ sum: 'three' }, 'no JSON'), 'both_refused');
  on.upstream.answer({ sum: 3 });
  on.upstream.next((response) => response.writeHead(500).end('{}'));
  const call = await ask('sum', two);
  const failed = await copyOf(call.id);
  assert.deepEqual([call.status, failed.shadow_result, failed.status], [200, 'failed', 502]);

  const shown = await seen('sum');
  assert.deepEqual(shown.results, {
    same: 1, different: 1, only_answered: 1, only_shadow: 1, both_refused: 1, failed: 1, over_budget: 0, dropped: 0,
  });
  assert.deepEqual([shown.compared, shown.agreement, shown.cost_ratio, shown.token_ratio], [5, 0.4, 0.25, 1]);
  assert.deepEqual(
    shown.disagreements.map((one) => one.result),
    ['only_shadow', 'only_answered', 'different'],
  );
  for (const { request_id, shadow_id } of shown.disagreements)
    assert.equal((await copyOf(request_id)).request_id, shadow_id);
  const cli = await on.gateway.cli('shadow', 'sum');
  assert.equal(cli.code, 0, cli.stderr);
  assert.match(cli.stdout, /^sum -> upstream\/gpt-4.1-nano, 100 % of the calls\n {2}compared 5, agree 40.0 %, cost times 0.25, time times /);
});

test('what counts the calls of an endpoint does not count copies', async () => {
  const text = await (await fetch(`${on.gateway.url}/metrics`)).text();
  assert.match(text, /^pinion_requests_total\{endpoint="sum",status="200",code=""\} 4$/m);
  assert.match(text, /^pinion_shadow_total\{endpoint="sum",result="same"\} 1$/m);
  assert.match(text, /^pinion_shadow_total\{endpoint="sum",result="failed"\} 1$/m);
  assert.match(text, /^pinion_schema_violations_total\{endpoint="sum",stage="output"\} 2$/m);
});

test('texts are compared as they are', async () => {
  assert.equal((await both('chat', { message: 'Hi.' }, 'Hello.', 'Hello.')).copy.shadow_result, 'same');
  assert.equal((await both('chat', { message: 'Hi.' }, 'Hello.', 'Hello!')).copy.shadow_result, 'different');
});

test('a call of a tool is copied with its arguments alone', async () => {
  for (const [name, input, answered] of [['tool', two, { sum: 3 }], ['words', { input: 'Hi.' }, 'Hello.']]) {
    on.upstream.answer(answered);
    on.upstream.answer(answered);
    const response = await fetch(`${on.gateway.url}/mcp`, {
      method: 'POST',
      headers: { authorization: `Bearer ${on.token}`, 'content-type': 'application/json', 'mcp-protocol-version': '2025-06-18' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: input } }),
    });
    assert.ok(!(await response.json()).result.isError);
    assert.equal((await copyOf(response.headers.get('x-request-id'))).shadow_result, 'same');
    const [first, second] = on.upstream.calls.slice(-2).map((one) => one.body);
    assert.deepEqual(second.messages, first.messages);
  }
});

test('nobody waits for a copy, and of too many at once one is dropped', async () => {
  let release, begin;
  const held = new Promise((resolve) => (release = resolve));
  const begun = new Promise((resolve) => (begin = resolve));
  on.upstream.answer({ sum: 3 });
  on.upstream.next(async (response) => {
    begin();
    await held;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('{"sum": 3}')));
  });
  const first = await ask('one', two); // answered, though the copy is not
  await begun;
  on.upstream.answer({ sum: 3 });
  assert.equal((await ask('one', two)).status, 200);
  const { results, running } = await seen('one');
  assert.deepEqual([results.dropped, running], [1, 1]);
  release();
  assert.equal((await copyOf(first.id)).shadow_result, 'same');
});

test('a copy that outlives its configuration ends as any other', async () => {
  let release, begin;
  const held = new Promise((resolve) => (release = resolve));
  const begun = new Promise((resolve) => (begin = resolve));
  on.upstream.answer({ sum: 3 });
  on.upstream.next(async (response) => {
    begin();
    await held;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('{"sum": 3}')));
  });
  const { id } = await ask('passing', two);
  await begun;
  await writeFiles(on.gateway.folder, { 'endpoints/passing.yaml': named(sum, 'sum', 'passing') });
  assert.equal((await on.gateway.cli('reload')).code, 0);
  for (let i = 0; i < 8; i++) assert.equal((await fetch(`${on.gateway.url}/livez`, { headers: { connection: 'close' } })).status, 200);
  release();
  assert.equal((await copyOf(id)).shadow_result, 'same');
  assert.equal(await seen('passing'), undefined);
});

test('a copy has the conversation that the call had, and adds nothing to it', async () => {
  const first = await both('turns', { message: 'One.' }, 'First.', 'Shadow of the first.');
  const session_id = first.call.headers.get('pinion-session-id');
  assert.equal(first.copy.session_id, undefined);
  await both('turns', { message: 'Two.', session_id }, 'Second.', 'Shadow of the second.');
  const [call, copy] = on.upstream.calls.slice(-2).map((one) => one.body.messages.map(({ content }) => content));
  assert.deepEqual(copy, call);
  assert.deepEqual(copy, ['You are brief.', 'One.', 'First.', 'Two.']);
  const { body } = await on.gateway.admin('GET', `/admin/v1/sessions/${session_id}`);
  assert.equal(JSON.stringify(body).includes('Shadow'), false);
});

test('copies take nothing of the caller’s limits', async () => {
  await both('limited', two, { sum: 3 }, { sum: 3 });
  const { call } = await both('limited', two, { sum: 3 }, { sum: 3 });
  assert.equal(call.status, 200);
  assert.equal((await ask('limited', two)).status, 429);
});

test('what copies may cost in a day is held exactly', async () => {
  const results = [];
  for (let i = 0; i < 8; i++) {
    // What a copy leaves of its script, the next call gets.
    on.upstream.answer({ sum: 3 });
    if (results.length === 0 || results.at(-1) === 'same') on.upstream.answer({ sum: 3 });
    const asked = on.upstream.calls.length;
    const call = await ask('poor', two);
    assert.equal(call.status, 200);
    const { shadow_result } = await copyOf(call.id);
    results.push(shadow_result);
    assert.equal(on.upstream.calls.length - asked, shadow_result === 'same' ? 2 : 1);
    if (shadow_result === 'over_budget') break;
  }
  assert.equal(results[0], 'same');
  assert.equal(results.at(-1), 'over_budget');
  const { body } = await on.gateway.admin('GET', '/admin/v1/budgets?of=shadow');
  const row = body.data.find(({ id }) => id === 'shadow/poor/daily');
  assert.ok(Number(row.spent_usd) > 0 && Number(row.spent_usd) <= 0.00004, JSON.stringify(row));
  assert.equal((await ask('seldom', two)).status, 200); // takes what the last copy was scripted
});

test('of no percent of the calls there is no copy', async () => {
  on.upstream.answer({ sum: 3 });
  assert.equal((await ask('seldom', two)).status, 200);
  const { compared, results } = await seen('seldom');
  assert.deepEqual([compared, results.dropped], [0, 0]);
});

// What the call and its copy were asked.
const words = () => on.upstream.calls.slice(-2).map(({ body }) => [body.model, body.messages[0].content.trim(), body.temperature]);
const reload = async (more) => {
  await writeFiles(on.gateway.folder, more);
  const { code, stderr } = await on.gateway.cli('reload');
  assert.equal(code, 0, stderr);
};

test('a new prompt is asked what the old one was', async () => {
  const { call, copy } = await both('asked', two, { sum: 3 }, { sum: 4 });
  assert.deepEqual([call.status, call.body.output, call.body.meta.candidate], [200, { sum: 3 }, undefined]);
  assert.deepEqual(words(), [
    ['gpt-4.1-mini', 'You add numbers.', 0],
    ['gpt-4.1-nano', 'You add numbers anew.', 0.5],
  ]);
  assert.deepEqual(
    [copy.surface, copy.endpoint, copy.rule, copy.model, copy.shadow_result, copy.status],
    ['shadow', 'asked', 'shadow', 'gpt-4.1-nano', 'different', 200],
  );
  on.upstream.answer({ sum: 3 });
  on.upstream.next((response) => response.writeHead(500).end('{}')); // and nobody else is asked
  assert.equal((await copyOf((await ask('asked', two)).id)).shadow_result, 'failed');

  const shown = await seen('asked');
  assert.deepEqual([shown.candidate, shown.model, shown.compared, shown.results.failed], ['asked-next', 'gpt-4.1-nano', 1, 1]);
  const cli = await on.gateway.cli('shadow', 'asked');
  assert.match(cli.stdout, /^asked -> asked-next: upstream\/gpt-4.1-nano, 100 % of the calls\n {2}compared 1, agree 0.0 %/);
  const { data } = (await on.gateway.admin('GET', '/admin/v1/budgets?of=shadow')).body;
  assert.ok(Number(data.find(({ id }) => id === 'shadow/asked/daily').spent_usd) > 0);
});

test('what a rule had another endpoint answer is copied as well', async () => {
  const { call, copy } = await both('ruled', { ...two, style: 'canary' }, { sum: 3 }, { sum: 3 });
  assert.deepEqual([call.body.meta.candidate, copy.endpoint, copy.shadow_result], ['asked', 'ruled', 'same']);
  assert.deepEqual(words(), [
    ['gpt-4.1-mini', 'You add numbers. canary', 0],
    ['gpt-4.1-nano', 'You add numbers anew. canary', 0.5],
  ]);
});

test('of a call that names another version than the one in force no copy goes to another endpoint', async () => {
  await reload({ 'endpoints/asked.yaml': asked + toNext.replace('daily_usd: 1', 'daily_usd: 2') });
  const { token } = await on.gateway.token('asked@*');
  on.upstream.answer({ sum: 3 });
  const response = await on.gateway.call('asked@1', two, { token });
  assert.equal(response.status, 200);
  await both('asked', two, { sum: 3 }, { sum: 3 });
  assert.equal(on.gateway.lines.some((line) => line.shadow_of === response.headers.get('x-request-id')), false);
});

test('a prompt that was changed is compared from the beginning', async () => {
  await reload({ 'endpoints/chat.yaml': `${capped(chat)}${shadow()}description: Another.\n`.replace('description: Free text.\n', '') });
  assert.equal((await seen('asked')).compared, 1);
  await reload({ 'endpoints/asked-next.yaml': next('afresh') });
  assert.equal((await seen('asked')).compared, 0);
  await both('asked', two, { sum: 3 }, { sum: 3 });
  assert.equal(words()[1][1], 'You add numbers afresh.');
});

test('an old version that is in force again has its shadow, as the other endpoint is today', async () => {
  await reload({ 'endpoints/asked.yaml': asked, 'endpoints/asked-next.yaml': next('once more') });
  assert.equal(await seen('asked'), undefined);
  const { code, stderr } = await on.gateway.cli('rollback', 'asked@1');
  assert.equal(code, 0, stderr);
  assert.equal((await both('asked', two, { sum: 3 }, { sum: 3 })).copy.shadow_result, 'same');
  assert.equal(words()[1][1], 'You add numbers once more.');
  await writeFiles(on.gateway.folder, { 'endpoints/asked-next.yaml': next('once more').replace('schemas/sum.in.json', '{type: object}') });
  const refused = await on.gateway.cli('reload');
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /error\[E0406\]: endpoint "asked-next" takes another input than "asked", in whose place it would answer\n +--> asked@\d+:endpoints\/asked\.yaml/);
});

test('one that is still under way holds up no end', async () => {
  let begin;
  const begun = new Promise((resolve) => (begin = resolve));
  on.upstream.answer({ sum: 3 });
  on.upstream.next(() => begin()); // and never answers
  assert.equal((await ask('one', two)).status, 200);
  await begun; // the scene stops the gateway now, and looks at how it ended
});
