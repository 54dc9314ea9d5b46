// What an editor makes of the schemas: the language server that editors use for YAML is asked as they
// ask it, without a network. It finds the schema by the first line of the file that `pinion new` wrote.
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { makeFolder, pinion } from './support/gateway.js';
import { startLanguageServer } from './support/language-server.js';

let folder, server, file, text;
before(async () => {
  folder = await makeFolder({ 'pinion.yaml': '# yaml-language-server: $schema=.pinion/config.schema.json\nstore: var\n' });
  const made = await pinion(['new', 'summarize', '--output', 'title:string', '--config', folder]);
  assert.equal(made.code, 0, made.stderr);
  server = await startLanguageServer(folder);
  file = 'endpoints/summarize.yaml';
  text = await readFile(path.join(folder, file), 'utf8');
});
after(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

test('a new endpoint has nothing to complain about', async () => {
  server.open(file, text);
  assert.deepEqual(await server.diagnosticsOf(file), []);
});

test('keys and values are offered', async () => {
  const head = text.slice(0, text.indexOf('tests:'));
  server.open('endpoints/keys.yaml', `${head}\n`);
  const keys = await server.completions('endpoints/keys.yaml', `${head}\u0000`, '\u0000');
  for (const key of ['failover', 'session', 'on_invalid_output', 'timeout']) assert.ok(keys.includes(key), `${key}: ${keys}`);
  assert.ok(!keys.includes('provider'), 'a key that is there is not offered again');

  server.open('endpoints/values.yaml', `${head}stream: \n`);
  const values = await server.completions('endpoints/values.yaml', `${head}stream: \u0000`, '\u0000');
  assert.deepEqual(values.map((value) => value.replaceAll('"', '')).sort(), ['off', 'raw', 'validated']);
});

test('a key says what it is', async () => {
  server.open('endpoints/hover.yaml', text);
  assert.match(await server.hover('endpoints/hover.yaml', text, 'output_schema:'), /What the model's answer has to be/);
});

test('a misspelt key, a word that is none and a wrong type are marked where they stand', async () => {
  const wrong = text.replace('provider:', 'providr:').replace('temperature: 0.2', 'temperature: hot') + 'stream: sometimes\n';
  server.open('endpoints/wrong.yaml', wrong);
  const found = await server.diagnosticsOf('endpoints/wrong.yaml');
  const lines = found.map(({ range }) => wrong.split('\n')[range.start.line]);
  assert.ok(found.some(({ message }) => /providr/.test(message)), JSON.stringify(found));
  assert.ok(lines.some((line) => /^providr:/.test(line)), JSON.stringify(lines));
  assert.ok(lines.some((line) => /^params:/.test(line)), JSON.stringify(lines));
  assert.ok(lines.some((line) => /^stream:/.test(line)), JSON.stringify(lines));
});

test('rules and settings have schemas of their own', async () => {
  const rules =
    '# yaml-language-server: $schema=../.pinion/routing.schema.json\n' +
    'rules:\n  - name: a\n    when: {input_tokens: ">= 30000", any: [{day: sat}, {strea: true}]}\n    use: {model: m}\n';
  server.open('routing/r.yaml', rules);
  assert.match(JSON.stringify(await server.diagnosticsOf('routing/r.yaml')), /strea/);
  server.open('routing/good.yaml', rules.replace('strea:', 'streaming:'));
  assert.deepEqual(await server.diagnosticsOf('routing/good.yaml'), []);

  const settings = '# yaml-language-server: $schema=.pinion/config.schema.json\nlimits: {conections: 5}\n';
  server.open('pinion.yaml', settings);
  assert.match(JSON.stringify(await server.diagnosticsOf('pinion.yaml')), /conections/);
});
