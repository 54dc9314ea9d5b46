// What the README shows is true: its endpoint file is served, its commands are run as printed, and
// the word behind `#` below each is in what they print.
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { blocks as blocksOf, runExample } from './support/examples.js';
import { binary, pinion, repository, startGateway } from './support/gateway.js';

const readme = await readFile(path.join(repository, 'README.md'), 'utf8');
const blocks = (kind) => blocksOf(readme, kind);

describe('the README', () => {
  let folder;
  let gateway;
  let token;
  const endpoint = blocks('yaml endpoints/greet.yaml')[0];
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'pinion-readme-'));
    for (const part of ['pinion.yaml', 'endpoints', 'schemas', 'routing'])
      await cp(path.join(repository, part), path.join(folder, part), { recursive: true });
    await writeFile(path.join(folder, 'endpoints/greet.yaml'), endpoint);
    gateway = await startGateway({ folder, args: ['--dev'] });
    ({ token } = await gateway.token('*'));
  });
  after(async () => {
    assert.equal((await gateway.stop()).code, 0);
    await rm(folder, { recursive: true });
  });

  for (const block of blocks('sh'))
    test(block.split('\n')[0], () =>
      runExample(block, {
        cwd: folder,
        env: { TOKEN: token },
        local: (command) =>
          command.replaceAll('http://127.0.0.1:8080', gateway.url).replace('build/release/pinion', `'${binary}'`),
      }),
    );

  test('its endpoint answers', async () => {
    const response = await gateway.call('greet', { name: 'Ada', language: 'French' }, { token });
    assert.equal(response.status, 200, await response.clone().text());
  });

  test('its mistake is reported as shown', async () => {
    const [shown] = blocks('console');
    await writeFile(path.join(folder, 'endpoints/greet.yaml'), endpoint.replace('{{name}}', '{{nmae}}'));
    const { stdout } = await pinion(['check', '--dev', '--config', folder]);
    const report = shown.split('\n').slice(1).join('\n').trim();
    assert.ok(stdout.includes(report), stdout);
    await writeFile(path.join(folder, 'endpoints/greet.yaml'), endpoint);
  });
});
