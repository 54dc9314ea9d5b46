// Commands that the documentation shows: fenced blocks, run as printed, whose last line is `# ` and a
// word that is in what they print.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';

export const blocks = (text, kind) =>
  [...text.matchAll(new RegExp('```' + kind + '\\n([^]*?)```', 'g'))].map(([, block]) => block);

// `local` turns what a reader would type into what works here.
export async function runExample(block, { cwd, env, local = (command) => command }) {
  const [, command, expected] = block.match(/^([^]*)\n# (.*)\n$/);
  const printed = await new Promise((resolve) =>
    execFile('sh', ['-c', local(command)], { cwd, env: { ...process.env, ...env } }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    ),
  );
  assert.ok(printed.includes(expected), printed);
}
