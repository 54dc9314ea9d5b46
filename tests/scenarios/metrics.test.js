// What Prometheus reads: every metric that is promised, in both formats, and exact.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { readExposition } from './support/exposition.js';
import { chat, sum } from './support/files.js';
import { repository, settings, startGateway } from './support/gateway.js';
import { scene } from './support/scene.js';
import { chunk, data, startUpstream, streamed } from './support/upstream.js';

const named = (slug, more = '') => `${chat.replace('slug: chat', `slug: ${slug}`)}${more}`;
const on = scene((upstream) => ({
  'pinion.yaml': settings(upstream.url, 'metrics: {per_token: true}\n'),
  'endpoints/helped.yaml': named('helped', 'failover: [{model: gpt-4.1}]\n'),
  'endpoints/rare.yaml': named('rare', 'limits: {per_minute: 1}\n'),
  'endpoints/poor.yaml': named('poor', 'budget: {monthly_usd: 0}\n'),
  'endpoints/talk.yaml': named('talk', 'session: {ttl: 1h}\n'),
  'endpoints/quiet.yaml': named('quiet', 'session: {ttl: 1h}\n'),
  'endpoints/again.yaml': named('again'),
  'endpoints/held.yaml': named('held'),
}));

const openmetrics = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1';
const fetchText = (headers = {}, gateway = on.gateway) => fetch(`${gateway.url}/metrics`, { headers });
const scrape = async (gateway = on.gateway) => readExposition(await (await fetchText({}, gateway)).text());
const valuesOf = (families, name, labels = {}) =>
  (families.get(name)?.samples ?? [])
    .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
    .map(({ value }) => value);
const only = (families, name, labels) => {
  const values = valuesOf(families, name, labels);
  assert.ok(values.length <= 1, `${name}: ${values}`);
  return values[0] ?? 0;
};
const call = async (slug, body, headers = {}) => {
  const response = await on.gateway.call(slug, body, { ...on, headers });
  return { status: response.status, text: await response.text() };
};

// name: [type, labels]
const promised = {
  pinion_requests_total: ['counter', 'endpoint status code'],
  pinion_request_duration_seconds: ['histogram', 'endpoint outcome'],
  pinion_overhead_seconds: ['histogram', 'endpoint'],
  pinion_stage_duration_seconds: ['histogram', 'stage'],
  pinion_upstream_attempts_total: ['counter', 'endpoint provider model result'],
  pinion_upstream_duration_seconds: ['histogram', 'provider model'],
  pinion_time_to_first_token_seconds: ['histogram', 'provider model'],
  pinion_tokens_total: ['counter', 'endpoint provider model direction'],
  pinion_cached_input_tokens_total: ['counter', 'endpoint provider model'],
  pinion_reasoning_output_tokens_total: ['counter', 'endpoint provider model'],
  pinion_cost_usd_total: ['counter', 'endpoint provider model'],
  pinion_token_cost_usd_total: ['counter', 'token'],
  pinion_schema_violations_total: ['counter', 'endpoint stage'],
  pinion_route_decisions_total: ['counter', 'endpoint rule'],
  pinion_failovers_total: ['counter', 'endpoint reason'],
  pinion_circuit_state: ['gauge', 'provider'],
  pinion_target_circuit_state: ['gauge', 'provider model'],
  pinion_rate_limited_total: ['counter', 'endpoint policy'],
  pinion_budget_rejected_total: ['counter', 'endpoint policy'],
  pinion_budget_limit_usd: ['gauge', 'endpoint period'],
  pinion_budget_spent_usd: ['gauge', 'endpoint period'],
  pinion_client_retries_total: ['counter', 'endpoint'],
  pinion_inflight_requests: ['gauge', 'endpoint'],
  pinion_open_streams: ['gauge', 'endpoint'],
  pinion_sessions: ['gauge', 'endpoint'],
  pinion_config_last_reload_success: ['gauge', ''],
  pinion_config_last_reload_timestamp_seconds: ['gauge', ''],
  pinion_endpoint_info: ['gauge', 'endpoint version provider model'],
  pinion_build_info: ['gauge', 'version revision'],
  pinion_store_bytes: ['gauge', ''],
  pinion_store_max_bytes: ['gauge', ''],
  pinion_log_dropped_total: ['counter', ''],
  pinion_otlp_export_failures_total: ['counter', ''],
  pinion_otlp_dropped_total: ['counter', ''],
  process_cpu_seconds_total: ['counter', ''],
  process_open_fds: ['gauge', ''],
  process_max_fds: ['gauge', ''],
  process_virtual_memory_bytes: ['gauge', ''],
  process_virtual_memory_max_bytes: ['gauge', ''],
  process_resident_memory_bytes: ['gauge', ''],
  process_start_time_seconds: ['gauge', ''],
  process_threads: ['gauge', ''],
};

async function work() {
  on.upstream.answer({ sum: 4 }, {
    usage: {
      prompt_tokens: 24,
      completion_tokens: 8,
      total_tokens: 32,
      prompt_tokens_details: { cached_tokens: 16 },
      completion_tokens_details: { reasoning_tokens: 5 },
    },
  });
  assert.equal((await call('sum', { a: 2, b: 2 })).status, 200);
  assert.equal((await call('sum', { a: 2, b: 'two' })).status, 422);
  on.upstream.answer({ sum: 'four' });
  assert.equal((await call('sum', { a: 3, b: 1 })).status, 422);
  on.upstream.next((response) => response.writeHead(500).end('{}'));
  on.upstream.answer('helped');
  assert.equal((await call('helped', { message: 'x' })).status, 200);
  on.upstream.answer('once');
  await call('rare', { message: '1' });
  assert.equal((await call('rare', { message: '2' })).status, 429);
  assert.equal((await call('poor', { message: 'x' })).status, 422);
  on.upstream.answer('hello');
  assert.equal((await call('talk', { message: 'x' })).status, 200);
  on.upstream.stream(streamed(['At', ' nine.']));
  assert.match((await call('chat', { message: 'x', stream: true })).text, /\[DONE\]/);
  on.upstream.answer('again');
  assert.equal((await call('again', { message: 'said so' }, { 'x-stainless-retry-count': '1' })).status, 200);
}

test('every metric that is promised is there after some work, with its labels and its type', async () => {
  await work();
  const families = await scrape();
  for (const [name, [type, labels]] of Object.entries(promised)) {
    const family = families.get(name);
    assert.equal(family?.type, type, name);
    assert.ok(family.samples.length > 0, `${name} has no sample`);
    for (const sample of family.samples)
      assert.deepEqual(Object.keys(sample.labels).filter((label) => label !== 'le'), labels.split(' ').filter(Boolean), name);
  }
  assert.equal(families.get('pinion_cache_write_input_tokens_total').type, 'counter');
  const stages = new Set(families.get('pinion_stage_duration_seconds').samples.map(({ labels }) => labels.stage));
  assert.deepEqual([...stages].sort(), ['auth', 'render', 'route', 'store', 'validate_in', 'validate_out']);
  const bounds = (name) => [...new Set(families.get(name).samples.map(({ labels }) => labels.le).filter(Boolean))].map(Number);
  assert.deepEqual(bounds('pinion_overhead_seconds'), [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, NaN]);
});

test('what is counted is exact', async () => {
  const families = await scrape();
  const target = { endpoint: 'sum', provider: 'upstream', model: 'gpt-4.1-mini' };
  assert.equal(only(families, 'pinion_requests_total', { endpoint: 'sum', status: '200' }), 1);
  assert.equal(only(families, 'pinion_requests_total', { endpoint: 'sum', code: 'input_schema_violation' }), 1);
  assert.equal(only(families, 'pinion_schema_violations_total', { endpoint: 'sum', stage: 'output' }), 1);
  assert.equal(only(families, 'pinion_cached_input_tokens_total', target), 16);
  assert.equal(only(families, 'pinion_reasoning_output_tokens_total', target), 5);
  assert.equal(only(families, 'pinion_failovers_total', { endpoint: 'helped' }), 1);
  assert.equal(only(families, 'pinion_budget_rejected_total', { endpoint: 'poor' }), 1);
  const { body } = await on.gateway.admin('GET', '/admin/v1/tokens');
  const all = valuesOf(families, 'pinion_cost_usd_total').reduce((a, b) => a + b, 0);
  const spent = only(families, 'pinion_token_cost_usd_total', { token: body.data[0].id });
  assert.ok(Math.abs(all - spent) < 1e-9 && spent > 0, `${all} ${spent}`);
  assert.equal(families.get('pinion_token_cost_usd_total').samples.length, 1);
  assert.match(families.get('pinion_build_info').samples[0].labels.revision, /^([0-9a-f]{12}|unknown)$/);
  assert.ok(Math.abs(only(families, 'process_start_time_seconds') - Date.now() / 1000) < 300);
});

test('OpenMetrics is written for who asks for it, with units and an end', async () => {
  const response = await fetchText({ accept: openmetrics });
  assert.equal(response.headers.get('content-type'), 'application/openmetrics-text; version=1.0.0; charset=utf-8');
  const families = readExposition(await response.text(), 'openmetrics');
  assert.equal(families.get('pinion_requests').type, 'counter');
  assert.equal(families.get('pinion_cost_usd').unit, 'usd');
  assert.equal(families.get('pinion_overhead_seconds').unit, 'seconds');
  assert.equal(families.get('process_resident_memory_bytes').unit, 'bytes');
  for (const accept of [undefined, '*/*', 'text/plain', 'text/plain, application/openmetrics-text;q=0.3', 'application/openmetrics-text;q=0'])
    assert.equal((await fetchText(accept ? { accept } : {})).headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
});

test('the admin listener has it too, and HEAD gives the head alone', async () => {
  const { body } = await on.gateway.admin('GET', '/metrics');
  assert.ok(readExposition(body).has('pinion_build_info'));
  const head = await fetch(`${on.gateway.url}/metrics`, { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), '');
});

describe('on a listener of their own', () => {
  const apart = scene((upstream) => ({ 'pinion.yaml': settings(upstream.url, 'metrics: {listen: "127.0.0.1:0"}\n') }));
  const at = async (path, options) => {
    const { metrics } = await apart.gateway.logged((line) => line.event === 'start' && line.metrics);
    return fetch(`http://${metrics}${path}`, options);
  };

  test('metrics are there without a token, and not where callers are', async () => {
    apart.upstream.answer('hello');
    assert.equal((await apart.gateway.call('chat', { message: 'x' }, apart)).status, 200);
    const response = await at('/metrics', { headers: { accept: openmetrics } });
    assert.equal(response.status, 200);
    assert.ok(readExposition(await response.text(), 'openmetrics').get('pinion_requests').samples.some(({ labels }) => labels.endpoint === 'chat'));
    assert.equal(only(await readExposition(await (await at('/metrics')).text()), 'pinion_circuit_state', { provider: 'upstream' }), 0);

    const there = await fetch(`${apart.gateway.url}/metrics`);
    assert.equal(there.status, 404);
    const { error } = await there.json();
    assert.deepEqual([error.code, error.hint], ['not_found', undefined]);
    assert.equal((await apart.gateway.admin('GET', '/metrics')).status, 200);
  });

  test('beside them a supervisor is told how it is, and nobody anything else', async () => {
    for (const path of ['/livez', '/readyz', '/healthz']) assert.equal((await at(path)).status, 200);
    const headers = { authorization: `Bearer ${apart.token}`, 'content-type': 'application/json' };
    for (const [method, path] of [['POST', '/chat'], ['POST', '/v1/chat/completions'], ['POST', '/mcp'], ['GET', '/v1/models'], ['GET', '/v1/usage'], ['GET', '/openapi.json'], ['GET', '/docs/'], ['GET', '/dashboard/'], ['GET', '/admin/v1/tokens'], ['GET', '/']]) {
      const response = await at(path, { method, headers, ...(method === 'POST' && { body: '{"message":"x"}' }) });
      assert.deepEqual([path, response.status, (await response.json()).error.code], [path, 404, 'not_found']);
    }
    assert.equal((await at('/metrics', { method: 'POST' })).status, 405);
    const rows = (await apart.gateway.admin('GET', '/admin/v1/logs?limit=200')).body.data;
    assert.deepEqual(rows.filter(({ path }) => path !== '/chat').map(({ path }) => path), ['/metrics'], 'what was asked for there is in no row');
    const { points } = (await apart.gateway.admin('GET', '/admin/v1/series?by=surface')).body;
    assert.equal(points.reduce((calls, point) => calls + point.calls, 0), rows.length, JSON.stringify(points));
  });

  test('where it is cannot change without a restart, which is said', async () => {
    await writeFile(path.join(apart.gateway.folder, 'pinion.yaml'), settings(apart.upstream.url));
    assert.equal((await apart.gateway.cli('reload')).code, 0);
    const line = await apart.gateway.logged(({ event, level }) => event === 'reload' && level === 'warn');
    assert.match(line.msg, /^listeners, .* a restart is needed for them$/);
    assert.equal((await fetch(`${apart.gateway.url}/metrics`)).status, 404);
    assert.equal((await at('/metrics')).status, 200);
  });
});

// The table that the program is built from: [{name, type, labels, help}].
async function namesOf() {
  const types = { COUNTER: 'counter', NANO: 'counter', TOTAL: 'counter', LEVEL: 'gauge', GAUGE: 'gauge', SECONDS: 'histogram', OVERHEAD: 'histogram' };
  const source = (await readFile(path.join(repository, 'src/journal/metric_names.h'), 'utf8')).replace(/\\\n/g, '').replace(/"\s+"/g, '');
  const rows = [...source.matchAll(/\bX\(\w+, (\w+), "(\w+)",\s*"([^"]*)",\s*([^()]*)\)/g)];
  return rows.map(([, kind, name, help, labels]) => ({ name, type: types[kind], labels: labels.match(/\w+(?=")/g) ?? [], help }));
}

test('the page about metrics lists exactly those that there are', async () => {
  const names = await namesOf();
  const families = await scrape();
  assert.deepEqual([...families.keys()].sort(), names.map(({ name }) => name).sort());
  for (const { name, type, help } of names) assert.deepEqual([families.get(name).type, families.get(name).help], [type, help]);
  const page = await readFile(path.join(repository, 'docs/metrics.md'), 'utf8');
  assert.deepEqual(
    page.split('\n').filter((line) => /^\| `(pinion|process)_/.test(line)),
    names.map(({ name, type, labels, help }) => `| \`${name}\` | ${type} | ${labels.join(', ') || '-'} | ${help} |`),
  );
});

test('the dashboard for Grafana asks for metrics and labels that there are', async () => {
  const names = new Map((await namesOf()).map((row) => [row.name, row]));
  const dashboard = JSON.parse(await readFile(path.join(repository, 'docs/grafana-dashboard.json'), 'utf8'));
  const asked = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  assert.ok(asked.length > 20);
  for (const expr of asked) {
    const found = [...expr.matchAll(/\b((?:pinion|process)_[a-z_]+)/g)].map(([, word]) => names.get(word) ?? names.get(word.replace(/_bucket$/, '')));
    assert.ok(found.length > 0 && found.every(Boolean), expr);
    const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) => list.split(', '));
    const matched = [...expr.matchAll(/[{,](\w+)[=!]/g)].map(([, label]) => label);
    for (const label of [...grouped, ...matched])
      assert.ok(found.some(({ type, labels }) => labels.includes(label) || (label === 'le' && type === 'histogram')), `${label} in ${expr}`);
  }
});

// tools/setup puts it there, where it is not installed.
const runs = (command) => new Promise((resolve) => execFile(command, ['--version'], (error) => resolve(!error && command)));
const promtool = (await runs(path.join(repository, 'build/promtool'))) || (await runs('promtool'));
test('promtool finds nothing to complain of', { skip: !promtool && 'promtool is not installed' }, async () => {
  const text = await (await fetchText()).text();
  const said = await new Promise((resolve) => {
    const child = execFile(promtool, ['check', 'metrics'], (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }));
    child.stdin.end(text);
  });
  assert.deepEqual(said, { code: 0, stdout: '', stderr: '' });
});

test('the same body from the same token within a minute is a retry, and so is what says it is one', async () => {
  const before = only(await scrape(), 'pinion_client_retries_total', { endpoint: 'again' });
  for (const body of [{ message: 'one' }, { message: 'two' }, { message: 'one' }, { message: 'one' }]) {
    on.upstream.answer('again');
    await call('again', body);
  }
  const other = (await on.gateway.token('*')).token;
  on.upstream.answer('again');
  await (await on.gateway.call('again', { message: 'one' }, { token: other })).text();
  assert.equal(only(await scrape(), 'pinion_client_retries_total', { endpoint: 'again' }), before + 2);
});

// Until the gauge has that value: the other end of a connection is seen when it is seen.
async function until(name, labels, wanted) {
  while (only(await scrape(), name, labels) !== wanted);
}

test('calls and streams are counted while they are under way', async () => {
  const calls = on.upstream.calls.length;
  let finish;
  on.upstream.next((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(streamed(['At'])[1]);
    finish = () => response.end(streamed(['x']).slice(2).join(''));
  });
  const response = await on.gateway.call('held', { message: 'x', stream: true }, on);
  await on.upstream.called(calls + 1);
  const families = await scrape();
  assert.equal(only(families, 'pinion_inflight_requests', { endpoint: 'held' }), 1);
  assert.equal(only(families, 'pinion_open_streams', { endpoint: 'held' }), 1);
  assert.equal(only(families, 'pinion_inflight_requests', { endpoint: 'sum' }), 0);
  finish();
  await response.text();
  await until('pinion_open_streams', { endpoint: 'held' }, 0);
  await until('pinion_inflight_requests', { endpoint: 'held' }, 0);
});

test('a client that leaves its stream is under way no more', async () => {
  const calls = on.upstream.calls.length;
  on.upstream.next((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(data(chunk({ role: 'assistant', content: 'At' })));
  });
  const leaving = new AbortController();
  const response = await on.gateway.call('held', { message: 'y', stream: true }, { ...on, signal: leaving.signal });
  await on.upstream.called(calls + 1);
  await until('pinion_open_streams', { endpoint: 'held' }, 1);
  leaving.abort();
  await response.text().catch(() => {});
  await until('pinion_open_streams', { endpoint: 'held' }, 0);
  await until('pinion_inflight_requests', { endpoint: 'held' }, 0);
});

test('sessions are counted by endpoint, and no more when they are deleted', async () => {
  on.upstream.answer('hello');
  const { text } = await call('talk', { message: 'another' });
  await until('pinion_sessions', { endpoint: 'talk' }, 2);
  const families = await scrape();
  assert.deepEqual(valuesOf(families, 'pinion_sessions', { endpoint: 'quiet' }), [0]);
  assert.deepEqual(valuesOf(families, 'pinion_sessions', { endpoint: 'sum' }), [], 'it has no sessions');
  const { status } = await on.gateway.admin('DELETE', `/admin/v1/sessions/${JSON.parse(text).meta.session_id}`);
  assert.ok(status < 300, String(status));
  await until('pinion_sessions', { endpoint: 'talk' }, 1);
});

test('nothing that a caller makes up becomes a label', async () => {
  await call('made-up', {});
  await on.gateway.call('sum', { a: 1 }, { ...on, headers: { 'x-request-id': 'made-up' } });
  const text = await (await fetchText()).text();
  assert.doesNotMatch(text, /made-up/);
  assert.doesNotMatch(text, /pin_live_|sk-test/);
});

test('series beyond the cap are counted together, over all workers', async () => {
  const upstream = await startUpstream();
  const slugs = Array.from({ length: 14 }, (_, i) => `e${String(i).padStart(2, '0')}`);
  const gateway = await startGateway({
    files: {
      'pinion.yaml': settings(upstream.url, 'metrics: {series: 10}\n'),
      ...Object.fromEntries(slugs.map((slug) => [`endpoints/${slug}.yaml`, chat.replace('slug: chat', `slug: ${slug}`)])),
    },
  });
  const { token } = await gateway.token('*');
  for (let round = 0; round < 4; round++)
    for (const slug of slugs) {
      upstream.answer('x');
      await (await gateway.call(slug, { message: 'x' }, { token })).text();
    }
  const families = await scrape(gateway);
  const seen = families.get('pinion_route_decisions_total').samples;
  assert.equal(seen.length, 11);
  assert.equal(only(families, 'pinion_route_decisions_total', { endpoint: 'other' }), 4 * 4);
  assert.equal(seen.reduce((all, { value }) => all + value, 0), 4 * 14);
  assert.equal(families.get('pinion_endpoint_info').samples.length, 10);
  assert.equal(families.get('pinion_token_cost_usd_total').samples.length, 0, 'only where it is wanted');
  assert.equal((await gateway.stop()).code, 0);
  await upstream.stop();
});
