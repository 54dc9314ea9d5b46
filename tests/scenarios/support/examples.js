// Commands that the documentation shows: fenced blocks, run as printed. The last line of one is `# ` and
// a word that is in what it prints; or its first is `$ ` and the command, and the rest is all it prints.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';

export const blocks = (text, kind) =>
  [...text.matchAll(new RegExp('```' + kind + '\\n([^]*?)```', 'g'))].map(([, block]) => block);

const said = (command, { cwd, env }) =>
  new Promise((resolve) =>
    execFile('sh', ['-c', command], { cwd, env: { ...process.env, ...env } }, (_, stdout, stderr) => resolve(stdout + stderr)),
  );

// `local` turns what a reader would type into what works here.
export async function runExample(block, { cwd, env, local = (command) => command }) {
  const [, command, expected] = block.match(/^([^]*)\n# (.*)\n$/);
  const printed = await said(local(command), { cwd, env });
  assert.ok(printed.includes(expected), printed);
}

// A line `...` stands for any lines.
export async function runShown(block, { cwd, env, local = (command) => command }) {
  const [, command, shown] = block.match(/^\$ (.*)\n([^]*)$/);
  const printed = await said(local(command), { cwd, env });
  const parts = shown.split(/^\.\.\.\n/m);
  let rest = printed;
  if (parts.length === 1) return assert.equal(printed, shown);
  assert.ok(rest.startsWith(parts[0]), printed);
  for (const part of parts) {
    assert.ok(rest.includes(part), `${printed}\n--- lacks\n${part}`);
    rest = rest.slice(rest.indexOf(part) + part.length);
  }
  if (parts.at(-1) !== '') assert.equal(rest, '', printed);
}
