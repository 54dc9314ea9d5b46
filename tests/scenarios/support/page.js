// A page of documentation, walked from top to bottom as a reader would: a fenced block with a path
// behind its language is a file; `sh` is run, and prints the word behind its last `# `; `console` is a
// command and all that it prints.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runExample, runShown } from './examples.js';
import { binary, makeFolder, pinion, repository, startGateway, writeFiles } from './gateway.js';

const parse = (text) =>
  [...text.matchAll(/^```(\w+)(?: +(\S+))?\n([^]*?)^```$/gm)].map(([, kind, file, content]) => ({ kind, file, content }));
const filesOf = (blocks) => Object.fromEntries(blocks.filter(({ file }) => file).map(({ file, content }) => [file, content]));

// What a server starts with, and what is done then. In a course files change on the way.
function split(blocks, course) {
  const isCommand = ({ kind, file }) => !file && (kind === 'sh' || kind === 'console');
  if (!course) return [blocks.filter(({ file }) => file), blocks.filter(isCommand)];
  const first = blocks.findIndex(isCommand);
  return [blocks.slice(0, first), blocks.slice(first).filter((block) => block.file || isCommand(block))];
}

// The folder is a new one with `files` and those of the page, or `folder`, in which nothing is written.
// `course`: files below the first command are written when their turn comes.
// `checks`: the page's files are one good configuration, by themselves. Commands run in the folder with
// `pinion` in the path, $TOKEN for every slug, and the variables that `prepare` gives. `serve: false`: no
// server runs. `turn` is told each command before it is run.
export function describePage(name, options = {}) {
  const { files = {}, folder, course = false, args = [], env: processEnv = {}, serve = true } = options;
  const { checks = folder !== undefined, prepare, turn } = options;
  describe(name, async () => {
    const page = parse(await readFile(path.join(repository, name), 'utf8'));
    const [setting, steps] = split(page, course);
    let home, where, gateway, env;
    before(async () => {
      home = await mkdtemp(path.join(os.tmpdir(), 'pinion-docs-'));
      await symlink(binary, path.join(home, 'pinion'));
      where = folder ?? (await makeFolder({ ...files, ...filesOf(setting) }));
      env = { ...processEnv, PATH: `${home}:${process.env.PATH}` };
      if (serve) {
        gateway = await startGateway({ folder: where, args, env: processEnv });
        env = {
          ...env,
          PINION_CONFIG: where,
          PINION_STORE: gateway.store,
          PINION_ADMIN: `unix:${gateway.adminSocket}`,
          ADMIN_SOCKET: gateway.adminSocket,
          TOKEN: (await gateway.token('*')).token,
        };
      }
      Object.assign(env, await prepare?.({ gateway, folder: where, home, token: env.TOKEN }));
    });
    after(async () => {
      await gateway?.stop();
      await rm(home, { recursive: true });
      if (!folder) await rm(where, { recursive: true });
    });

    const local = (command) => (gateway ? command.replaceAll('http://127.0.0.1:8080', gateway.url) : command);
    for (const { kind, file, content } of steps)
      test(file ?? content.split('\n')[0], async () => {
        if (file) return writeFiles(where, { [file]: content });
        await turn?.(content, { gateway, folder: where });
        await (kind === 'sh' ? runExample : runShown)(content, { cwd: where, env, local });
      });
    if (checks && page.some(({ file }) => file))
      test('its configuration is good', async () => {
        const own = await makeFolder({ ...files, ...filesOf(page) });
        const { code, stdout, stderr } = await pinion(['check', '--config', own]);
        assert.equal(code, 0, stdout + stderr);
        await rm(own, { recursive: true });
      });
  });
}
