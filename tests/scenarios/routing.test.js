// First match wins; the rule's name is in the header and the journal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chat, files } from './support/files.js';
import { settings, startGateway, writeFiles } from './support/gateway.js';
import { scene } from './support/scene.js';

// The same endpoint under another slug, with more behind it.
const endpoint = (slug, more) => ({ [`endpoints/${slug}.yaml`]: `${chat.replace('slug: chat', `slug: ${slug}`)}${more}` });
const rule = (when, name = 'other way') => `routing: [{name: ${name}, when: ${when}, use: {model: gpt-4.1-nano}}]\n`;
const canary = (percent) => endpoint('canary', rule(`{percent: ${percent}, sticky: caller}`, 'canary'));
const fragile = (url) =>
  `  fragile: {kind: openai, base_url: "${url}", key: "sk-x", allow_http: true, allow_private: true, breaker: {faults_in_row: 2, open: 60s}}\n`;
const spend = 'params: {max_tokens: 10}\nbudget: {daily_usd: 0.0001}\n' + rule('{daily_spend_pct: ">= 20"}');

const on = scene((upstream) => ({
  'pinion.yaml': settings(upstream.url, `${fragile(upstream.url)}routing_headers: [x-tier]\n`),
  ...canary(30),
  ...endpoint('turns', `session: {ttl: 30m}\n${rule('{percent: 50, sticky: session}')}`),
  ...endpoint('tiers', rule('{any: [{header: {x-tier: gold}}, {caller: {tags: {tier: gold}}}]}')),
  ...endpoint('jobs', rule('{caller: {name: nightly, project: default}}')),
  ...endpoint('shapes', `input_schema: schemas/sum.in.json\n${rule('{input: {/a: ">= 10", /style: [short, long]}}')}`),
  ...endpoint('spend', spend),
  'endpoints/fragile.yaml': `provider: fragile\nmodel: gpt-4o\nsystem: s\nretry: {times: 0}
routing: [{name: somewhere else, when: {provider_health: {fragile: down}}, use: {provider: upstream, model: gpt-4.1-nano}}]\n`,
  'endpoints/chat.yaml': `${chat}routing: routing/chat.yaml\n`,
  'endpoints/nightly.yaml': `${chat.replace('slug: chat', 'slug: nightly')}
routing:
  - name: always open
    when: {any: [{time_of_day: "00:00-12:00"}, {time_of_day: "12:00-00:00"}]}
    use: {model: gpt-4.1-nano}
`,
  'endpoints/shaped.yaml': `${chat.replace('slug: chat', 'slug: shaped')}
output_schema: {type: object}
routing:
  - {name: shaped answers, when: {has_output_schema: true}, use: {model: gpt-4o}}
`,
  'routing/chat.yaml': `
rules:
  - name: streams
    when: {streaming: true}
    use: {model: gpt-4o-mini}
  - name: long documents
    when: {input_tokens: ">= 1000"}
    use: {model: gpt-4.1}
  - name: also long
    when: {input_tokens: ">= 500"}
    use: {model: gpt-4o}
`,
}));
const model_of = async (slug, body) => {
  on.upstream.answer('{}');
  const response = await on.gateway.call(slug, body, on);
  await response.text();
  const line = await on.gateway.journal(response);
  assert.equal(line.rule, response.headers.get('pinion-route'));
  assert.equal(line.model, on.upstream.calls.at(-1).body.model);
  return [response.headers.get('pinion-route'), line.model];
};

test('no rule holds: the endpoint’s own model', async () => {
  assert.deepEqual(await model_of('chat', { message: 'short' }), ['default', 'gpt-4.1-mini']);
});
test('the first rule that holds wins', async () => {
  assert.deepEqual(await model_of('chat', { message: 'word '.repeat(2000) }), ['long documents', 'gpt-4.1']);
  assert.deepEqual(await model_of('chat', { message: 'word '.repeat(500) }), ['also long', 'gpt-4o']);
});
test('streaming, time of day and output schema are conditions', async () => {
  assert.deepEqual(await model_of('chat', { message: 'short', stream: true }), ['streams', 'gpt-4o-mini']);
  assert.deepEqual(await model_of('nightly', { message: 'short' }), ['always open', 'gpt-4.1-nano']);
  assert.deepEqual(await model_of('shaped', { message: 'short' }), ['shaped answers', 'gpt-4o']);
});

const route_of = async (slug, body, options = on) => {
  on.upstream.answer('{}');
  const response = await on.gateway.call(slug, body, { token: on.token, ...options });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return [response.headers.get('pinion-route'), response.headers.get('pinion-session-id')];
};
const made = async (more) => (await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['*'], ...more })).body;

test('a caller stays where it was drawn, and who was in is in when the share grows', async () => {
  const tokens = await Promise.all(Array.from({ length: 24 }, () => made({})));
  const round = async () => {
    const routes = [];
    for (const { token } of tokens) routes.push((await route_of('canary', { message: 'hi' }, { token }))[0]);
    return routes;
  };
  const before = await round();
  assert.deepEqual(await round(), before);
  await writeFiles(on.gateway.folder, canary(80));
  assert.equal((await on.gateway.cli('reload')).code, 0);
  const after = await round();
  for (const [i, route] of before.entries()) if (route === 'canary') assert.equal(after[i], 'canary');
  await writeFiles(on.gateway.folder, canary(100));
  assert.equal((await on.gateway.cli('reload')).code, 0);
  assert.deepEqual(new Set(await round()), new Set(['canary']));
  await writeFiles(on.gateway.folder, canary(0));
  assert.equal((await on.gateway.cli('reload')).code, 0);
  assert.deepEqual(new Set(await round()), new Set(['default']));
});

test('every turn of a session goes the same way', async () => {
  const seen = new Set();
  for (let i = 0; i < 40 && seen.size < 2; i++) {
    const [route, session_id] = await route_of('turns', { message: 'hi' });
    seen.add(route);
    for (let turn = 0; turn < 2; turn++)
      assert.equal((await route_of('turns', { message: 'again', session_id }))[0], route);
  }
  assert.deepEqual(seen, new Set(['default', 'other way']));
});

test('headers that are allowed, and the tags and the name of a token', async () => {
  const gold = await made({ tags: { tier: 'gold' } });
  const nightly = await made({ name: 'nightly' });
  const hi = { message: 'hi' };
  assert.equal((await route_of('tiers', hi))[0], 'default');
  assert.equal((await route_of('tiers', hi, { headers: { 'X-Tier': 'gold' } }))[0], 'other way');
  assert.equal((await route_of('tiers', hi, { headers: { 'X-Tier': 'Gold' } }))[0], 'default');
  assert.equal((await route_of('tiers', hi, gold))[0], 'other way');
  assert.equal((await route_of('jobs', hi, gold))[0], 'default');
  assert.equal((await route_of('jobs', hi, nightly))[0], 'other way');
});

test('values of the checked input', async () => {
  assert.equal((await route_of('shapes', { a: 10, b: 1, style: 'long' }))[0], 'other way');
  assert.equal((await route_of('shapes', { a: 9, b: 1, style: 'long' }))[0], 'default');
  assert.equal((await route_of('shapes', { a: 10, b: 1 }))[0], 'default');
});

test('what was spent, also by the process before', async () => {
  assert.equal((await route_of('spend', { message: 'hi' }))[0], 'default');
  assert.equal((await route_of('spend', { message: 'hi' }))[0], 'other way');
  const again = await startGateway({ files: { ...files(on.upstream), ...endpoint('spend', spend) } });
  const { token } = await again.token('*');
  const call = async (gateway) => {
    on.upstream.answer('{}');
    const response = await gateway.call('spend', { message: 'hi' }, { token });
    assert.equal(response.status, 200, await response.text());
    return response.headers.get('pinion-route');
  };
  assert.equal(await call(again), 'default');
  again.child.kill('SIGTERM');
  await again.exited;
  const third = await startGateway({ folder: again.folder, store: again.store });
  assert.equal(await call(third), 'other way');
  await third.stop();
  await again.stop();
});

test('a provider that is down is gone round, until it is tried again', async () => {
  const failed = async () => {
    on.upstream.json({ error: { message: 'down', type: 'server_error' } }, { status: 500 });
    const response = await on.gateway.call('fragile', { message: 'hi' }, on);
    assert.equal(response.status, 502, await response.text());
    return response.headers.get('pinion-route');
  };
  assert.equal(await failed(), 'default');
  assert.equal(await failed(), 'default');
  assert.equal((await route_of('fragile', { message: 'hi' }))[0], 'somewhere else');
});
