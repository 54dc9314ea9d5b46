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

// A line `...` stands for any lines, and within a line for anything in it.
export async function runShown(block, { cwd, env, local = (command) => command }) {
  const [, command, shown] = block.match(/^\$ (.*)\n([^]*)$/);
  const printed = await said(local(command), { cwd, env });
  const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const line = (text) => text.split('...').map(escaped).join('[^\\n]*');
  const lines = shown.split(/^\.\.\.\n/m).map(line).join('(?:[^\\n]*\\n)*');
  if (!new RegExp(`^${lines}$`).test(printed)) assert.equal(printed, shown);
}
