// What docs/secrets.md shows is true: its commands are run in order, as printed, with its pinion.yaml.
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { blocks, runExample } from './support/examples.js';
import { binary, makeFolder, repository } from './support/gateway.js';

const page = await readFile(path.join(repository, 'docs/secrets.md'), 'utf8');

describe('docs/secrets.md', () => {
  let home, folder, env;
  before(async () => {
    home = await mkdtemp(path.join(os.tmpdir(), 'pinion-docs-'));
    folder = await makeFolder({ 'endpoints/one.yaml': 'provider: openai\nmodel: gpt-4.1-mini\nsystem: x\n' });
    await writeFile(path.join(folder, 'pinion.yaml'), blocks(page, 'yaml pinion.yaml')[0]);
    await mkdir(path.join(home, 'bin'));
    await symlink(binary, path.join(home, 'bin/pinion'));
    env = { PATH: `${home}/bin:${process.env.PATH}`, XDG_CONFIG_HOME: path.join(home, 'config') };
  });
  after(async () => {
    await rm(home, { recursive: true });
    await rm(folder, { recursive: true });
  });

  for (const block of blocks(page, 'sh')) test(block.split('\n')[0], () => runExample(block, { cwd: folder, env }));
});
