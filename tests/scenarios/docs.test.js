// What the pages of docs/ show is true: their commands are run in order, as printed.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { blocks, runExample } from './support/examples.js';
import { binary, makeFolder, pinion, repository, startGateway } from './support/gateway.js';

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

// One after the other on one store, with a server where the page does not say to stop it.
describe('docs/operations.md', async () => {
  const blocks_ = blocks(await readFile(path.join(repository, 'docs/operations.md'), 'utf8'), 'sh');
  let home, folder, env, gateway;
  before(async () => {
    home = await mkdtemp(path.join(os.tmpdir(), 'pinion-docs-'));
    folder = await makeFolder({ 'endpoints/one.yaml': 'provider: demo\nmodel: demo\nsystem: x\n' });
    await mkdir(path.join(home, 'bin'));
    await symlink(binary, path.join(home, 'bin/pinion'));
    env = { PATH: `${home}/bin:${process.env.PATH}` };
    gateway = await startGateway({ folder, store: path.join(folder, 'var') });
  });
  after(async () => {
    await rm(home, { recursive: true });
    await rm(folder, { recursive: true });
  });

  for (const block of blocks_)
    test(block.split('\n')[0], async () => {
      if (block.startsWith('pinion restore')) {
        gateway.child.kill('SIGTERM');
        await gateway.exited;
      }
      await runExample(block, { cwd: folder, env });
    });
});

describe('docs/usage.md', async () => {
  const page = await readFile(path.join(repository, 'docs/usage.md'), 'utf8');
  let gateway, home, folder, env;
  before(async () => {
    folder = await makeFolder({
      'pinion.yaml': blocks(page, 'yaml pinion.yaml')[0],
      'endpoints/kept.yaml': blocks(page, 'yaml endpoints/kept.yaml')[0],
      'endpoints/summarize.yaml': 'provider: demo\nmodel: demo-1\nsystem: You condense.\n',
    });
    gateway = await startGateway({ folder });
    const created = await gateway.admin('POST', '/admin/v1/tokens', { scopes: ['*'], verbs: ['call', 'usage'] });
    const call = async (slug) => {
      const response = await gateway.call(slug, { message: 'Hello.' }, { token: created.body.token });
      assert.equal(response.status, 200, await response.text());
      return response.headers.get('x-request-id');
    };
    home = await mkdtemp(path.join(os.tmpdir(), 'pinion-docs-'));
    await symlink(binary, path.join(home, 'pinion'));
    env = {
      PATH: `${home}:${process.env.PATH}`,
      PINION_STORE: gateway.store,
      TOKEN: created.body.token,
      TOKEN_ID: created.body.id,
      REQUEST_ID: await call('summarize'),
      KEPT_ID: await call('kept'),
    };
  });
  after(async () => {
    await gateway.stop();
    await rm(home, { recursive: true });
    await rm(folder, { recursive: true });
  });

  for (const block of blocks(page, 'sh'))
    test(block.split('\n')[0], () =>
      runExample(block, { cwd: folder, env, local: (command) => command.replaceAll('http://127.0.0.1:8080', gateway.url) }),
    );
});

describe('docs/tools.md', async () => {
  let gateway, token;
  before(async () => {
    gateway = await startGateway({ folder: repository, args: ['--dev'] });
    ({ token } = await gateway.token('*'));
  });
  after(() => gateway.stop());

  const sections = (await readFile(path.join(repository, 'docs/tools.md'), 'utf8')).split('\n## ').slice(1);
  for (const section of sections)
    test(section.split('\n')[0], () =>
      runExample(blocks(section, 'sh')[0], {
        cwd: repository,
        env: { TOKEN: token },
        local: (command) => command.replaceAll('http://127.0.0.1:8080', gateway.url),
      }),
    );
});

describe('docs/sessions.md', async () => {
  const page = await readFile(path.join(repository, 'docs/sessions.md'), 'utf8');
  let gateway, home, env;
  before(async () => {
    gateway = await startGateway({ folder: repository, args: ['--dev'] });
    const { token } = await gateway.token('*');
    const opened = await (await gateway.call('support-chat', { message: 'My order is late.' }, { token })).json();
    home = await mkdtemp(path.join(os.tmpdir(), 'pinion-docs-'));
    await symlink(binary, path.join(home, 'pinion'));
    env = {
      PATH: `${home}:${process.env.PATH}`,
      PINION_STORE: gateway.store,
      ADMIN_SOCKET: gateway.adminSocket,
      TOKEN: token,
      SESSION: opened.meta.session_id,
    };
  });
  after(async () => {
    await gateway.stop();
    await rm(home, { recursive: true });
  });

  for (const block of blocks(page, 'sh'))
    test(block.split('\n')[0], () =>
      runExample(block, { cwd: repository, env, local: (command) => command.replaceAll('http://127.0.0.1:8080', gateway.url) }),
    );
  test('its configuration is good', async () => {
    const folder = await makeFolder({
      'pinion.yaml': blocks(page, 'yaml pinion.yaml')[0],
      'endpoints/support.yaml': blocks(page, 'yaml endpoints/support.yaml')[0],
    });
    assert.equal((await pinion(['check', '--config', folder])).code, 0);
    await rm(folder, { recursive: true });
  });
});

describe('docs/tokens.md', async () => {
  const page = await readFile(path.join(repository, 'docs/tokens.md'), 'utf8');
  let gateway, home, env;
  before(async () => {
    gateway = await startGateway({ folder: repository, args: ['--dev'] });
    const { token, id } = await gateway.token('*');
    assert.equal((await gateway.call('support-chat', { message: 'hi' }, { token })).status, 200);
    home = await mkdtemp(path.join(os.tmpdir(), 'pinion-docs-'));
    await symlink(binary, path.join(home, 'pinion'));
    env = { PATH: `${home}:${process.env.PATH}`, PINION_STORE: gateway.store, ADMIN_SOCKET: gateway.adminSocket, ID: id };
  });
  after(async () => {
    await gateway.stop();
    await rm(home, { recursive: true });
  });

  for (const block of blocks(page, 'sh')) test(block.split('\n')[0], () => runExample(block, { cwd: repository, env }));
  test('its configuration is good', async () => {
    const folder = await makeFolder({
      'pinion.yaml': blocks(page, 'yaml pinion.yaml')[0],
      'endpoints/one.yaml': 'provider: demo\nmodel: m\nsystem: s\n',
    });
    assert.equal((await pinion(['check', '--config', folder])).code, 0);
    await rm(folder, { recursive: true });
  });
});

describe('docs/limits.md', async () => {
  const text = await readFile(path.join(repository, 'docs/limits.md'), 'utf8');
  let gateway, cwd, token;
  before(async () => {
    cwd = await mkdtemp(path.join(os.tmpdir(), 'pinion-docs-'));
    gateway = await startGateway({
      files: {
        'pinion.yaml': blocks(text, 'yaml pinion.yaml')[0],
        'endpoints/greet.yaml': blocks(text, 'yaml endpoints/greet.yaml')[0],
        'endpoints/plain.yaml': 'provider: demo\nmodel: demo\nsystem: You greet people.\n',
      },
    });
    ({ token } = await gateway.token('*'));
  });
  after(async () => {
    await gateway.stop();
    await rm(cwd, { recursive: true });
  });

  for (const block of blocks(text, 'sh'))
    test(block.split('\n')[0], () =>
      runExample(block, { cwd, env: { TOKEN: token }, local: (command) => command.replaceAll('http://127.0.0.1:8080', gateway.url) }),
    );
});

describe('docs/budgets.md', async () => {
  const page = await readFile(path.join(repository, 'docs/budgets.md'), 'utf8');
  let gateway, home, env;
  before(async () => {
    const files = Object.fromEntries(
      ['pinion.yaml', 'endpoints/brief.yaml'].map((name) => [name, blocks(page, `yaml ${name}`)[0]]),
    );
    gateway = await startGateway({ files });
    const { token } = await gateway.token('*');
    home = await mkdtemp(path.join(os.tmpdir(), 'pinion-docs-'));
    await symlink(binary, path.join(home, 'pinion'));
    env = {
      PATH: `${home}:${process.env.PATH}`,
      PINION_CONFIG: gateway.folder,
      PINION_STORE: gateway.store,
      PINION_ADMIN: `unix:${gateway.adminSocket}`,
      TOKEN: token,
    };
  });
  after(async () => {
    await gateway.stop();
    await rm(home, { recursive: true });
  });

  for (const block of blocks(page, 'sh'))
    test(block.split('\n')[0], () =>
      runExample(block, { cwd: repository, env, local: (command) => command.replaceAll('http://127.0.0.1:8080', gateway.url) }),
    );
});
