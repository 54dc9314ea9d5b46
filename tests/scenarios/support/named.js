// Pages of docs/ that are tables of what can go wrong: | Row | Fault | What happens | Shown by |. The last
// column names tests, in backquotes: each of them is to exist under exactly that name.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { repository } from './gateway.js';

async function files(folder, wanted) {
  const found = await readdir(path.join(repository, folder), { recursive: true });
  return found.filter((file) => wanted.test(file)).map((file) => path.join(folder, file));
}

const text = (file) => readFile(path.join(repository, file), 'utf8');

// Unit tests by the name of their TEST, scenarios by what they say; whole files as `scenarios/kill9`, rigs as
// `store/kill9`.
export async function everyTest() {
  const units = await Promise.all((await files('src', /_test\.c$/)).map(text));
  const scenarios = await files('tests/scenarios', /\.test\.js$/);
  const said = await Promise.all(scenarios.map(text));
  return new Set([
    ...units.flatMap((unit) => [...unit.matchAll(/^TEST\((\w+)\)/gm)].map(([, name]) => name)),
    ...said.flatMap((it) => [...it.matchAll(/^\s*test\('((?:[^'\\]|\\.)+)'/gm)].map(([, name]) => name.replaceAll("\\'", "'"))),
    ...scenarios.map((file) => `scenarios/${path.basename(file, '.test.js')}`),
    ...(await files('tests/store', /\.c$/)).map((file) => `store/${path.basename(file, '.c')}`),
  ]);
}

// Gives what each row is about and the tests that it names.
export async function rowsOf(page, known) {
  const lines = (await text(page)).split('\n').filter((line) => /^\| [^-]/.test(line)).slice(1);
  return lines.map((line) => {
    const [id, fault, , shown] = line.split('|').slice(1).map((cell) => cell.trim());
    const named = [...shown.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
    assert.ok(named.length > 0, `'${fault}' names no test`);
    for (const name of named) assert.ok(known.has(name), `'${fault}' names '${name}', which is no test`);
    return { id, fault, named };
  });
}
