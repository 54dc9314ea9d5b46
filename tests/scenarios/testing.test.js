// `pinion test`: recorded against a scripted provider, played without it, run live; failures and streams
// included, and what is told when the request is no longer the recorded one.
import assert from 'node:assert/strict';
import { readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { sum, sumIn, sumOut } from './support/files.js';
import { makeFolder, pinion, settings, writeFiles } from './support/gateway.js';
import { startUpstream, streamed } from './support/upstream.js';

const tested = (assertions, more = '') => `
tests:
  - name: two and two
    input: {a: 2, b: 2}
    assert:
${assertions.map((one) => `      - ${one}`).join('\n')}
${more}`;
const good = ['{type: status, value: 200}', '{type: equals, pointer: /sum, value: 4}', '{type: max-cost-usd, value: 0.01}', '{type: max-tokens, value: 8}'];
const chat = `
provider: upstream
model: gpt-4.1-mini
system: You are brief.
stream: raw
retry: {times: 0}
routing: [{name: nights, when: {time_of_day: "22:00-06:00"}, use: {model: gpt-4.1-nano}}]
failover: [{provider: upstream, model: gpt-5-mini, on: [error, rate_limit]}]
`;
const chatTests = `
- name: a stream at night
  input: How high?
  stream: true
  at: 2026-11-27T23:00:00Z
  assert: [{type: contains, value: "300 metres"}, {type: route, value: nights}]
- name: another model answers while the first is over its limit
  input: How deep?
  at: 2026-11-27T12:00:00Z
  assert: [{type: equals, value: Very deep.}, {type: route, value: default}]
- name: both fail
  input: How far?
  at: 2026-11-27T12:00:00Z
  assert: [{type: status, value: 502}, {type: equals, pointer: /code, value: upstream_failed}]
`;
const folderOf = (upstream, sumTests, more = {}) => ({
  'pinion.yaml': settings(upstream.url),
  'endpoints/sum.yaml': sum + sumTests,
  'endpoints/chat.yaml': chat,
  'tests/chat.yaml': chatTests,
  'schemas/sum.in.json': sumIn,
  'schemas/sum.out.json': sumOut,
  ...more,
});
const refused = `  - name: words are refused
    input: {a: two, b: 2}
    assert: [{type: status, value: 422}, {type: equals, pointer: /code, value: input_schema_violation}]
`;

let upstream, folder;
const run = (...words) => pinion(['test', ...words, '--config', folder]);
const json = async (...words) => JSON.parse((await run(...words, '--json')).stdout);
const recordings = async () => (await readdir(path.join(folder, 'tests/recordings'), { recursive: true })).filter((name) => name.endsWith('.json')).sort();
const read = (name) => readFile(path.join(folder, 'tests/recordings', name), 'utf8');

const scriptAll = () => {
  upstream.stream(streamed(['It is 300', ' metres', ' high.']));
  upstream.refuse({ kind: 'rate_limit', retryAfter: 20 });
  upstream.answer('Very deep.');
  upstream.refuse({ kind: 'server' });
  upstream.refuse({ kind: 'server' });
  upstream.answer({ sum: 4 });
};

before(async () => {
  upstream = await startUpstream();
  folder = await makeFolder(folderOf(upstream, tested(good, refused)));
});
after(async () => {
  await upstream.stop();
  await rm(folder, { recursive: true });
  assert.deepEqual(upstream.wrong, []);
  assert.deepEqual(upstream.unexpected, []);
});

test('without a recording a test cannot be run, and it is said what to do; one that asks nobody can', async () => {
  const { code, stdout } = await run('sum');
  assert.equal(code, 6);
  assert.match(stdout, /NO RUN {2}two and two .*\n {10}nothing was recorded for this test\n {10}help: 'pinion test --record' calls the provider/);
  assert.match(stdout, /ok {6}words are refused/);
  assert.match(stdout, /\n2 tests: 1 passed, 1 could not be run; .*, against recordings\n$/);
  assert.equal(upstream.calls.length, 0);
});

test('--record calls the provider and writes one file per test, with nothing secret in it', async () => {
  scriptAll();
  const { code, stdout, stderr } = await run('--record');
  assert.equal(code, 0, stdout + stderr);
  assert.equal(upstream.calls.length, 6);
  assert.deepEqual(await recordings(), [
    'chat/a-stream-at-night.json',
    'chat/another-model-answers-while-the-first-is-over-its-limit.json',
    'chat/both-fail.json',
    'sum/two-and-two.json',
  ]);
  for (const name of await recordings()) {
    const text = await read(name);
    assert.ok(!text.includes('sk-test-canary') && !/authorization/i.test(text) && !text.includes('127.0.0.1'), name);
    assert.match(stderr, new RegExp(`recorded tests/recordings/${name}\n`));
  }
  const { exchanges, endpoint, test: name } = JSON.parse(await read('chat/another-model-answers-while-the-first-is-over-its-limit.json'));
  assert.deepEqual([endpoint, name], ['chat', 'another model answers while the first is over its limit']);
  assert.deepEqual(exchanges.map(({ request, reply }) => [request.path, request.body.model, reply.status]), [
    ['/chat/completions', 'gpt-4.1-mini', 429],
    ['/chat/completions', 'gpt-5-mini', 200],
  ]);
  assert.equal(exchanges[0].reply.headers['retry-after'], '20');
});

test('what was recorded is played without the provider, the same each time', async () => {
  const asked = upstream.calls.length;
  for (let i = 0; i < 3; i++) {
    const { code, stdout } = await run();
    assert.equal(code, 0, stdout);
    assert.match(stdout, /\n5 tests: 5 passed; /);
  }
  const report = await json();
  assert.deepEqual(report.tests.map((one) => [one.endpoint, one.name, one.result, one.exchanges]), [
    ['chat', 'a stream at night', 'passed', 1],
    ['chat', 'another model answers while the first is over its limit', 'passed', 2],
    ['chat', 'both fail', 'passed', 2],
    ['sum', 'two and two', 'passed', 1],
    ['sum', 'words are refused', 'passed', 0],
  ]);
  assert.equal(report.passed, true);
  assert.ok(Number(report.cost_usd) > 0);
  assert.equal(upstream.calls.length, asked);
});

test('to record what has not changed changes no file', async () => {
  const before = await Promise.all((await recordings()).map(read));
  scriptAll();
  const { code, stderr } = await run('--record');
  assert.equal(code, 0);
  assert.ok(!stderr.includes('recorded'), stderr);
  assert.deepEqual(await Promise.all((await recordings()).map(read)), before);
});

test('a changed prompt is told by the place where the request differs', async () => {
  await writeFiles(folder, { 'endpoints/sum.yaml': sum.replace('What is', 'How much is') + tested(good, refused) });
  const { code, stdout } = await run('sum');
  assert.equal(code, 6);
  assert.match(stdout, /NO RUN {2}two and two .*\n {10}the recording was made for another request: \/messages\/1\/content was "What is 2 \+ 2\?" and is "How much is 2 \+ 2\?"\n {10}help: where the change is meant, record the test again/);
  await writeFiles(folder, { 'endpoints/sum.yaml': sum.replace('temperature: 0,', 'temperature: 1,') + tested(good, refused) });
  assert.match((await json('sum')).tests[0].problem, /: \/temperature was 0 and is 1$/);
  await writeFiles(folder, { 'endpoints/sum.yaml': sum + tested(good, refused) });
  assert.equal((await run('sum')).code, 0);
});

test('an assertion that does not hold: which, what was expected, what came; exit 6', async () => {
  await writeFiles(folder, { 'endpoints/sum.yaml': sum + tested(['{type: equals, value: {sum: 5}}', '{type: json-pointer, pointer: /some}', '{type: max-latency-ms, value: 1}']) });
  const { code, stdout } = await run('sum');
  assert.equal(code, 6);
  assert.match(stdout, /FAILED {2}two and two/);
  assert.match(stdout, /\n {10}equals: expected \{"sum":5\}, got \{"sum":4\}\n {12}at \/sum: expected 5, got 4\n/);
  assert.match(stdout, /\n {10}json-pointer \/some: expected a value, got \(nothing is there\)\n/);
  assert.match(stdout, /\n {10}max-latency-ms was not checked: only a call of a provider says how long one takes: --live\n/);
  const [it] = (await json('sum')).tests;
  assert.deepEqual(it.assertions.map((one) => [one.type, one.passed, one.skipped ?? false]), [
    ['equals', false, false],
    ['json-pointer', false, false],
    ['max-latency-ms', true, true],
  ]);
});

// As strict as a reader of such a file can be: elements and attributes, entities resolved.
function parseXml(text) {
  const resolve = (part) => part.replace(/&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));/g, (all, ten, hex, name) => {
    if (!name) return String.fromCodePoint(parseInt(ten ?? hex, ten ? 10 : 16));
    return { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }[name] ?? assert.fail(`unknown entity ${all}`);
  });
  const root = { children: [] };
  const open = [root];
  let at = 0;
  for (const found of text.matchAll(/<\?xml [^>]*\?>|<(\/?)(\w+)((?:\s+\w+="[^"<]*")*)\s*(\/?)>/g)) {
    const between = text.slice(at, found.index);
    assert.ok(!/[<>]/.test(between), between);
    open.at(-1).text = (open.at(-1).text ?? '') + resolve(between);
    at = found.index + found[0].length;
    if (found[0].startsWith('<?')) continue;
    if (found[1]) {
      assert.equal(open.pop().name, found[2]);
      continue;
    }
    const attributes = Object.fromEntries([...found[3].matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, resolve(value)]));
    const element = { name: found[2], attributes, children: [], text: '' };
    open.at(-1).children.push(element);
    if (!found[4]) open.push(element);
  }
  assert.deepEqual(open, [root]);
  assert.equal(text.slice(at).trim(), '');
  assert.equal(root.children.length, 1);
  return root.children[0];
}

test('JUnit: a suite for each endpoint, failures and errors apart, names escaped', async () => {
  await writeFiles(folder, {
    'endpoints/sum.yaml':
      sum + tested(['{type: equals, value: {sum: 5}}'], '  - {name: \'a "new" <test> & more\', input: {a: 1, b: 1}, assert: [{type: status, value: 200}]}\n'),
  });
  const file = path.join(folder, 'report.xml');
  const { code, stdout, stderr } = await run('--format', 'junit', '--output', file);
  assert.equal(code, 6);
  assert.equal(stdout, '');
  assert.match(stderr, /^5 tests: 3 passed, 1 failed, 1 could not be run; /);
  const suites = parseXml(await readFile(file, 'utf8'));
  assert.deepEqual([suites.name, suites.attributes.tests, suites.attributes.failures, suites.attributes.errors], ['testsuites', '5', '1', '1']);
  const [chats, sums] = suites.children;
  assert.deepEqual([chats.attributes.name, chats.attributes.tests, chats.attributes.failures], ['chat', '3', '0']);
  const [failing, fresh] = sums.children;
  assert.equal(failing.attributes.classname, 'sum');
  assert.equal(failing.attributes.file, 'endpoints/sum.yaml');
  assert.ok(Number(failing.attributes.line) > 1);
  assert.equal(failing.children[0].name, 'failure');
  assert.equal(failing.children[0].attributes.message, 'equals: expected {"sum":5}, got {"sum":4}; at /sum: expected 5, got 4');
  assert.equal(fresh.attributes.name, 'a "new" <test> & more');
  assert.equal(fresh.children[0].name, 'error');
  assert.equal(fresh.children[0].attributes.message, 'nothing was recorded for this test');
  assert.equal((await run('--format', 'junit')).stdout.split('\n')[0], '<?xml version="1.0" encoding="UTF-8"?>');
});

test('--live calls and compares, latency too, and leaves recordings alone', async () => {
  await writeFiles(folder, { 'endpoints/sum.yaml': sum + tested([...good, '{type: max-latency-ms, value: 60000}']) });
  const before = await read('sum/two-and-two.json');
  upstream.answer({ sum: 5 });
  const { code, stdout } = await run('sum', '--live');
  assert.equal(code, 6);
  assert.match(stdout, /equals \/sum: expected 4, got 5/);
  assert.match(stdout, /, live\n$/);
  upstream.answer({ sum: 4 });
  const report = await json('sum', '--live');
  assert.equal(report.passed, true);
  assert.ok(report.tests[0].assertions.every((one) => one.passed && !one.skipped));
  assert.equal(await read('sum/two-and-two.json'), before);
});

test('--dev lets the demo answer, and says that it is no model', async () => {
  await writeFiles(folder, { 'endpoints/sum.yaml': sum + tested(['{type: status, value: 200}', '{type: json-schema, value: schemas/sum.out.json}']) });
  const asked = upstream.calls.length;
  const { code, stdout } = await run('sum', '--dev');
  assert.equal(code, 0, stdout);
  assert.match(stdout, /answered by the built-in demo, which is no model\n$/);
  assert.equal(upstream.calls.length, asked);
});

test('the caller and the header of a test decide its route', async () => {
  await writeFiles(folder, {
    'endpoints/who.yaml': `
provider: upstream
model: gpt-4.1-mini
system: s
routing:
  - {name: gold, when: {caller: {tags: {tier: gold}}}, use: {model: gpt-4.1}}
  - {name: shop, when: {caller: {name: shop}}, use: {model: gpt-4.1-nano}}
tests:
  - {name: a gold caller, input: x, caller: {name: shop, tags: {tier: gold}}, assert: [{type: route, value: gold}]}
  - {name: a named caller, input: x, caller: {name: shop, tags: {tier: iron}}, assert: [{type: route, value: shop}]}
  - {name: anybody, input: x, assert: [{type: route, value: default}]}
`,
  });
  const { code, stdout } = await run('who', '--dev');
  assert.equal(code, 0, stdout);
  await rm(path.join(folder, 'endpoints/who.yaml'));
});

test('a re-ask is recorded as it was, and an exchange that is no longer asked for is told', async () => {
  await writeFiles(folder, { 'endpoints/sum.yaml': sum + 'on_invalid_output: {reask: 1}\n' + tested(good.slice(0, 3)) });
  upstream.answer({ sum: 'four' });
  upstream.answer({ sum: 4 });
  const { code, stdout } = await run('sum', '--record');
  assert.equal(code, 0, stdout);
  const recorded = JSON.parse(await read('sum/two-and-two.json'));
  assert.equal(recorded.exchanges.length, 2);
  assert.equal((await json('sum')).tests[0].exchanges, 2);
  await writeFiles(folder, { 'tests/recordings/sum/gone.json': recorded });
  assert.match((await run('sum')).stderr, /^note: tests\/recordings\/sum\/gone\.json belongs to no test\n$/);
  const [first, second] = recorded.exchanges;
  await writeFiles(folder, { 'tests/recordings/sum/two-and-two.json': { ...recorded, exchanges: [{ ...first, reply: second.reply }, second] } });
  assert.match((await run('sum')).stdout, /1 recorded exchange was not asked for/);
});

test('a recording that is damaged, or is of another test, is told with its file', async () => {
  await writeFiles(folder, { 'tests/recordings/sum/two-and-two.json': '{"format": 1' });
  let [it] = (await json('sum')).tests;
  assert.equal(it.result, 'no_run');
  assert.match(it.help, /tests\/recordings\/sum\/two-and-two\.json/);
  await writeFiles(folder, { 'tests/recordings/sum/two-and-two.json': { format: 1, endpoint: 'sum', test: 'three', exchanges: [] } });
  [it] = (await json('sum')).tests;
  assert.equal(it.problem, 'the recording is that of another test');
});

test('which tests are run, and what is wrong with the command line', async () => {
  assert.deepEqual((await json('chat', '--filter', 'night')).tests.map((one) => one.name), ['a stream at night']);
  assert.deepEqual((await json('--filter', 'both*ail')).tests.map((one) => one.name), ['both fail']);
  const none = await run('--filter', 'no such test');
  assert.equal(none.code, 5);
  assert.match(none.stderr, /no test has 'no such test' in its name/);
  const lost = await run('sun');
  assert.equal(lost.code, 5);
  assert.match(lost.stderr, /there is no endpoint 'sun'\n  help: did you mean '/);
  assert.equal((await run('--live', '--record')).code, 2);
  assert.equal((await run('--format', 'yaml')).code, 2);
  await writeFiles(folder, { 'tests/chat.yaml': '- {name: x, input: 1, assert: [{type: rout, value: default}]}\n' });
  const broken = await run();
  assert.equal(broken.code, 3);
  assert.match(broken.stderr, /tests\/chat\.yaml:1:/);
  await writeFiles(folder, { 'tests/chat.yaml': chatTests });
});
