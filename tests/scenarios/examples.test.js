// The example endpoints of this repository, as the quick start serves them: each of their tests, and
// each answer streamed too where the endpoint streams.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { pinion, repository, startGateway } from './support/gateway.js';

const folder = path.join(repository, 'endpoints');
const endpoints = [];
for (const name of (await readdir(folder)).filter((file) => file.endsWith('.yaml')))
  endpoints.push({ slug: name.replace('.yaml', ''), ...parse(await readFile(path.join(folder, name), 'utf8')) });

const at = (value, pointer) =>
  pointer
    .split('/')
    .slice(1)
    .reduce((inside, name) => inside?.[name.replaceAll('~1', '/').replaceAll('~0', '~')], value);

// What a check of text looks at: the whole content, or one place in the output.
function text_of({ pointer }, got) {
  return pointer === undefined ? got.body.content : String(at(output_of(got), pointer));
}

// `respond: output` answers with the bare value.
const output_of = ({ body, endpoint }) => (endpoint.respond === 'output' ? body : body.output);

const checks = {
  status: ({ value }, { response }) => assert.equal(response.status, value),
  route: ({ value }, { response }) => assert.equal(response.headers.get('pinion-route'), value),
  contains: (check, got) => assert.ok(text_of(check, got).includes(check.value), text_of(check, got)),
  icontains: (check, got) =>
    assert.ok(text_of(check, got).toLowerCase().includes(check.value.toLowerCase()), text_of(check, got)),
  regex: (check, got) => assert.match(text_of(check, got), new RegExp(check.value, 'u')),
  // The gateway has checked it against that very file: a value is there.
  'json-schema': ({ value }, { body, endpoint }) => {
    assert.equal(value, endpoint.output_schema);
    assert.ok(body.output !== undefined);
  },
  'is-json': (_, { body }) => assert.ok(JSON.parse(body.content) !== undefined),
  'json-pointer': ({ pointer, value }, got) => {
    const found = at(output_of(got), pointer);
    if (value === undefined) assert.ok(found !== undefined, pointer);
    else assert.deepEqual(found, value);
  },
  equals: ({ pointer, value }, got) =>
    assert.deepEqual(
      pointer === undefined ? (output_of(got) ?? got.body.content) : at(output_of(got), pointer),
      value,
    ),
  'max-latency-ms': ({ value }, { took_ms }) => assert.ok(took_ms <= value, `${took_ms} ms`),
  'max-cost-usd': ({ value }, { body }) => assert.ok(Number(body.meta.cost_usd) <= value),
  'max-tokens': ({ value }, { body }) => assert.ok(body.usage.completion_tokens <= value),
};

describe('the examples', () => {
  let gateway;
  let token;
  before(async () => {
    gateway = await startGateway({ folder: repository, args: ['--dev'] });
    ({ token } = await gateway.token('*'));
  });
  after(async () => assert.equal((await gateway.stop()).code, 0));

  test('there are eight, each with a description and a test', () => {
    assert.ok(endpoints.length >= 8);
    for (const { slug, description, tests } of endpoints) {
      assert.ok(description?.length > 20, slug);
      assert.ok(tests?.length >= 1, slug);
    }
  });

  // As an author runs them, in a fresh clone: no key, no network, no server.
  for (const words of [[], ['--dev']])
    test(`each test passes: ${['pinion test', ...words].join(' ')}`, async () => {
      const env = { ...process.env, OPENAI_API_KEY: '', ANTHROPIC_API_KEY: '' };
      const { code, stdout } = await pinion(['test', ...words, '--json', '--config', repository], { env });
      const report = JSON.parse(stdout);
      assert.equal(code, 0, JSON.stringify(report.tests.filter((one) => one.result !== 'passed')));
      assert.equal(report.tests.length, endpoints.flatMap(({ tests }) => tests).length);
    });

  test('no recording is left of a test that is gone', async () => {
    const known = endpoints.flatMap(({ slug, tests }) => tests.map(({ name }) => `${slug}: ${name}`));
    const where = path.join(repository, 'tests/recordings');
    for (const file of (await readdir(where, { recursive: true })).filter((name) => name.endsWith('.json'))) {
      const { endpoint, test: name } = JSON.parse(await readFile(path.join(where, file), 'utf8'));
      assert.ok(known.includes(`${endpoint}: ${name}`), file);
    }
  });

  // What depends on the time or on how it is asked for is only run above.
  const plain = ({ at: time, stream, assert: wanted }) => !stream && !(time && wanted.some(({ type }) => type === 'route'));
  for (const endpoint of endpoints)
    for (const { name, input, assert: wanted } of (endpoint.tests ?? []).filter(plain))
      test(`${endpoint.slug}: ${name}`, async () => {
        const { slug } = endpoint;
        const asked = performance.now();
        const response = await gateway.call(slug, { input }, { token });
        const body = await response.json();
        const took_ms = performance.now() - asked;
        if (!wanted.some(({ type }) => type === 'status'))
          assert.equal(response.status, 200, JSON.stringify(body));
        for (const check of wanted) {
          assert.ok(checks[check.type], `no check for ${check.type}`);
          checks[check.type](check, { response, body, endpoint, took_ms });
        }
        if (response.status === 200)
          assert.equal(response.headers.get('pinion-provider'), endpoint.provider);
      });

  test('the curl line that --dev prints works when pasted', async () => {
    const { execFile } = await import('node:child_process');
    const printed = gateway.stderr().match(/ {2}(curl [^]*?'\n)/)[1];
    const { stdout } = await new Promise((resolve, reject) =>
      execFile('sh', ['-c', printed], (error, out) => (error ? reject(error) : resolve({ stdout: out }))),
    );
    const body = JSON.parse(stdout);
    assert.equal(body.ok, true);
    assert.ok(body.output);
  });
});
