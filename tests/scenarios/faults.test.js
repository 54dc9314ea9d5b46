// docs/faults.md names tests: each of them exists, under exactly that name.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { repository } from './support/gateway.js';

async function names(folder, isTest, pattern) {
  const files = (await readdir(path.join(repository, folder))).filter((file) => isTest.test(file));
  const texts = await Promise.all(files.map((file) => readFile(path.join(repository, folder, file), 'utf8')));
  return texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name]) => name));
}

test('every test that the table of faults names exists', async () => {
  const known = new Set([
    ...(await names('src/provider', /_test\.c$/, /^TEST\((\w+)\)/gm)),
    ...(await names('tests/scenarios', /\.test\.js$/, /^test\('([^']+)'/gm)),
  ]);
  const page = await readFile(path.join(repository, 'docs/faults.md'), 'utf8');
  const rows = page.split('\n').filter((line) => /^\| [^-]/.test(line)).slice(1);
  assert.ok(rows.length >= 18);
  for (const row of rows) {
    const [fault, , shown] = row.split('|').slice(1).map((cell) => cell.trim());
    const named = [...shown.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
    assert.ok(named.length > 0, `'${fault}' names no test`);
    for (const name of named) assert.ok(known.has(name), `'${fault}' names '${name}', which is no test`);
  }
});
