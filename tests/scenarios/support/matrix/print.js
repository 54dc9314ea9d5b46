// Runs the test files of the matrix and prints it in Markdown; what failed goes to stderr, and fails.
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cells, table } from './cells.js';

const scenarios = fileURLToPath(new URL('../../', import.meta.url));
const named = (await readdir(scenarios)).filter((name) => /^clients-.*\.test\.js$/.test(name));
const results = new Map();

for await (const { type, data } of run({ files: named.map((name) => path.join(scenarios, name)), concurrency: 2 })) {
  if (type === 'test:pass' && !results.has(data.name)) results.set(data.name, 'pass');
  if (type !== 'test:fail') continue;
  results.set(data.name, '**FAIL**');
  if (data.details.type !== 'suite') console.error(`${data.name}: ${data.details.error.cause?.message ?? data.details.error.message}\n`);
}

process.stdout.write(table((name) => results.get(name) ?? '**not run**'));
const missing = [...cells()].filter(({ name, why }) => !why && results.get(name) !== 'pass');
console.error(`${missing.length} of the cells failed`);
process.exit(missing.length === 0 ? 0 : 1);
