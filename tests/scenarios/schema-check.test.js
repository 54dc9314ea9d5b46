// `pinion schema check`: documents against a JSON Schema on the command line, with no server.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { binary, pinion, makeFolder } from './support/gateway.js';

const files = {
  'line.json': {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { item: { type: 'string' }, price: { $ref: 'shared/money.json#/$defs/amount' } },
    required: ['item', 'price'],
    additionalProperties: false,
  },
  'shared/money.json': { $defs: { amount: { type: 'number', minimum: 0, title: 'An amount' } } },
  'shared/two words.json': { type: 'string', $defs: { inner: { $id: 'https://example.com/inner', type: 'null' } } },
  'names.json': { prefixItems: [{ $ref: 'shared/two%20words.json' }, { $ref: 'https://example.com/inner' }] },
  'names-good.json': ['a', null],
  'names-bad.json': ['a', 1],
  'good.json': { item: 'bell', price: 3.5 },
  'bad.json': '{\n  "item": 7,\n  "price": -1, "prise": 2\n}\n',
  'broken.json': '{"item": "bell",}',
  'good.yaml': 'item: bell\nprice: 3.5\n',
  'lines.jsonl': '{"item":"a","price":1}\n\n{"item":"b"}\n{"item":\n',
  'typo.json': { type: 'strin' },
  'lost.json': { $ref: 'shared/monney.json' },
  'draft4.json': { $schema: 'http://json-schema.org/draft-04/schema#', minimum: 1, exclusiveMinimum: true },
  'one.json': '1',
  'empty.yaml': '# nothing here\n',
};
let folder;
const check = (...words) => pinion(['schema', 'check', ...words], { cwd: folder });
const shared = ['--schemas', 'shared'];

before(async () => (folder = await makeFolder(files)));
after(() => rm(folder, { recursive: true }));

test('documents that fit: exit 0, nothing on stdout', async () => {
  const { code, stdout, stderr } = await check(...shared, 'line.json', 'good.json', 'good.yaml');
  assert.equal(stdout, '');
  assert.equal(stderr, 'ok: 2 documents fit the schema\n');
  assert.equal(code, 0);
});

test('a document that does not fit: exit 1, each mistake with its place and what was expected', async () => {
  const { code, stdout, stderr } = await check(...shared, '--format', 'short', 'line.json', 'good.json', 'bad.json');
  assert.equal(code, 1);
  assert.equal(stderr, '1 of 2 documents does not fit the schema\n');
  const lines = stdout.trim().split('\n');
  assert.match(lines[0], /^bad\.json:2:11: error: field '\/item' must be a string, found an integer \[E0207\]/);
  assert.match(lines[1], /^bad\.json:3:12: error: field '\/price' must be at least 0/);
  assert.match(lines[2], /^bad\.json:3:\d+: error: field '\/prise' is not allowed here; allowed are 'item' and 'price'/);
});

test('schemas are found by file names of any sort, and by the names within them', async () => {
  assert.equal((await check(...shared, 'names.json', 'names-good.json')).code, 0);
  const { code, stdout } = await check(...shared, '--format', 'short', 'names.json', 'names-bad.json');
  assert.equal(code, 1);
  assert.match(stdout, /item '\/1' must be null/);
});

test('the human form shows the line of the document', async () => {
  const { stdout } = await check(...shared, 'line.json', 'bad.json');
  assert.match(stdout, /2 \| {3}"item": 7,\n.*\^/);
});

test('--json: one document, with pointers, keywords and positions', async () => {
  const { code, stdout } = await check(...shared, '--json', 'line.json', 'bad.json', 'broken.json', 'good.json');
  const report = JSON.parse(stdout);
  assert.equal(code, 1);
  assert.equal(report.valid, false);
  const [bad, broken, good] = report.documents;
  assert.deepEqual([bad.document, bad.valid, bad.total], ['bad.json', false, 3]);
  const { instance_path, keyword, expected, got, line, column } = bad.violations[0];
  assert.deepEqual([instance_path, keyword, expected, got], ['/item', 'type', 'string', 'integer']);
  assert.deepEqual([line, column], [2, 11]);
  assert.match(bad.violations[1].schema_at, /\/shared\/money\.json#\/\$defs\/amount\/minimum$/);
  assert.equal(bad.violations[1].schema_path, '#/properties/price/$ref/minimum');
  assert.equal(broken.valid, false);
  assert.deepEqual([broken.error.line, broken.error.byte], [1, 16]);
  assert.deepEqual([good.valid, good.violations], [true, []]);
});

test('--lines: every line is a document, told by its number; standard input is "-"', async () => {
  const { code, stdout } = await check(...shared, '--json', '--lines', 'line.json', 'lines.jsonl');
  const { documents } = JSON.parse(stdout);
  assert.equal(code, 1);
  assert.deepEqual(documents.map(({ line, valid }) => [line, valid]), [[1, true], [3, false], [4, false]]);
  const child = spawn(binary, ['schema', 'check', ...shared, 'line.json', '-'], { cwd: folder });
  child.stdin.end('{"item": "bell", "price": 1}');
  assert.equal(await new Promise((resolve) => child.on('close', resolve)), 0);
});

test("the standard's own forms", async () => {
  const flag = await check(...shared, '--format', 'flag', 'line.json', 'good.json', 'bad.json');
  assert.equal(flag.stdout, '{"valid":true}\n{"valid":false}\n');
  const broken = await check(...shared, '--format', 'flag', 'line.json', 'broken.json');
  assert.deepEqual([broken.code, broken.stdout], [1, '']);
  assert.match(broken.stderr, /^broken\.json:1:17: error: /);
  const { stdout } = await check(...shared, '--format', 'basic', 'line.json', 'bad.json');
  const { errors } = JSON.parse(stdout);
  const price = errors.find(({ instanceLocation }) => instanceLocation === '/price');
  assert.equal(price.keywordLocation, '/properties/price/$ref/minimum');
});

test('a draft is what $schema says', async () => {
  assert.equal((await check('draft4.json', 'one.json')).code, 1);
});

test('a schema with mistakes: exit 3, and where', async () => {
  const typo = await check('--format', 'short', 'typo.json', 'good.json');
  assert.equal(typo.code, 3);
  assert.match(typo.stdout, /^typo\.json:1:9: error: 'strin' is not the name of a type.* \[E0201\]/);
  const lost = await check('--format', 'short', ...shared, 'lost.json', 'good.json');
  assert.equal(lost.code, 3);
  assert.match(lost.stdout, /^lost\.json:1:\d+: error: the reference 'shared\/monney\.json' leads nowhere.*\[E0202\]/);
  assert.match((await check(...shared, 'lost.json', 'good.json')).stdout, /help: did you mean 'shared\/money\.json'/);
});

test('an empty file is no schema, in YAML either', async () => {
  const { code, stdout } = await check('--format', 'short', 'empty.yaml', 'good.json');
  assert.equal(code, 3);
  assert.match(stdout, /^empty\.yaml:\d+:\d+: error: the file is empty \[E0001\]/);
});

test('what is not there: exit 5; what is not understood: exit 2', async () => {
  for (const words of [
    ['line.json', 'nothing.json'],
    ['nothing.json', 'good.json'],
    ['--schemas', 'nowhere', 'line.json', 'good.json'],
  ]) {
    const { code, stderr } = await check(...shared, ...words);
    assert.equal(code, 5, stderr);
    assert.match(stderr, /nothing\.json|nowhere/);
    assert.doesNotMatch(stderr, /ok:/);
  }
  for (const words of [['line.json'], ['line.json', 'good.json', '--format', 'xml'], ['-', '-']])
    assert.equal((await check(...words)).code, 2);
});
