// docs/providers.md and docs/failover.md: each example is a configuration that loads without a warning.
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder, pinion, repository } from './support/gateway.js';

const page = (name) => readFile(path.join(repository, 'docs', name), 'utf8');
const filesOf = (section) => Object.fromEntries([...section.matchAll(/```yaml (\S+)\n([^]*?)```/g)].map(([, name, content]) => [name, content]));

async function loads(section) {
  const keys = Object.fromEntries([...section.matchAll(/\$\{env:(\w+)\}/g)].map(([, name]) => [name, 'sk-test']));
  const folder = await makeFolder(filesOf(section));
  const { code, stdout, stderr } = await pinion(['check', '--config', folder], { env: { ...process.env, ...keys } });
  await rm(folder, { recursive: true });
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout + stderr, /^ok: /m);
  assert.ok(!/warning\[/.test(stdout), stdout);
}

const sections = (await page('providers.md')).split(/^## /m).slice(1);
test('every provider has an example', () => {
  assert.ok(sections.length >= 2);
  for (const section of sections) assert.ok(filesOf(section)['pinion.yaml'], section);
});
for (const section of sections)
  test(`the example of ${section.split('\n')[0]} loads without a warning`, () => loads(section));

test('the example of what follows a failure loads without a warning', async () => loads(await page('failover.md')));
