// Runs the test files of the matrix, or with the word `python` the one of Python's clients, and prints it in Markdown;
// what failed goes to stderr, and fails.
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { clients } from '../clients/index.js';
import { python } from '../clients/python.js';
import { cells, table } from './cells.js';

const scenarios = fileURLToPath(new URL('../../', import.meta.url));
const [only, wanted] = process.argv[2] === 'python' ? [python, /^python-clients\.js$/] : [clients, /^clients-.*\.test\.js$/];
const named = (await readdir(scenarios)).filter((name) => wanted.test(name));
const results = new Map();

for await (const { type, data } of run({ files: named.map((name) => path.join(scenarios, name)), concurrency: 2 })) {
  if (type === 'test:pass' && !results.has(data.name)) results.set(data.name, 'pass');
  if (type !== 'test:fail') continue;
  results.set(data.name, '**FAIL**');
  if (data.details.type !== 'suite') console.error(`${data.name}: ${data.details.error.cause?.message ?? data.details.error.message}\n`);
}

process.stdout.write(table((name) => results.get(name) ?? '**not run**', only));
const missing = [...cells(only)].filter(({ name, why }) => !why && results.get(name) !== 'pass');
console.error(`${missing.length} of the cells failed`);
process.exit(missing.length === 0 ? 0 : 1);
