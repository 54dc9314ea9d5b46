// What the dialects send, as their case folders say it, is what the scripted vendors take.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { repository } from './support/gateway.js';
import { protocols } from './support/upstreams/index.js';

const cases = path.join(repository, 'tests/cases/dialects');
// Which protocol a case of OpenAI's dialect speaks: of its kind, or of its host; one that is not known takes most.
const hosts = [
  [/^api\.openai\.com$/, 'openai-chat'],
  [/\.(openai\.azure|services\.ai\.azure)\.com$/, 'azure'],
  [/\.(mistral|groq|deepseek|together)\./, undefined],
  [/^openrouter\.ai$/, 'openrouter'],
];
function likeOpenai({ kind, host = '' }) {
  if (kind !== 'openai' && protocols[kind]) return kind;
  const [, name] = hosts.find(([pattern]) => pattern.test(host)) ?? [null, 'vllm'];
  return name ?? host.split('.').at(-2);
}
const spoken = { openai: likeOpenai, openai_responses: () => 'openai-responses', responses: () => 'openai-responses' };

const json = async (file) => (existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : {});

// The call that a case folder describes, as a provider sees it; undefined where it describes none.
async function callOf(folder) {
  const { path: target, headers = '', body } = await json(path.join(folder, 'request.json'));
  if (!target || !body) return undefined;
  const { pathname, searchParams } = new URL(target, 'http://x');
  const lines = headers.split('\r\n').filter(Boolean).map((line) => line.split(': '));
  return {
    method: 'POST',
    pathname,
    query: Object.fromEntries(searchParams),
    headers: Object.fromEntries(lines.map(([name, value]) => [name.toLowerCase(), value])),
    body,
  };
}

for (const dialect of await readdir(cases)) {
  test(`${dialect}: every request of its cases is one that the vendor takes`, async () => {
    const refused = [];
    let count = 0;
    for (const name of await readdir(path.join(cases, dialect))) {
      const folder = path.join(cases, dialect, name);
      const call = await callOf(folder);
      if (!call) continue;
      const from = { ...(await json(path.join(folder, 'chat.json'))), ...(await json(path.join(folder, 'embed.json'))) };
      const protocol = protocols[spoken[dialect]?.(from) ?? dialect];
      assert.ok(protocol, `a protocol for ${dialect}`);
      // Behind a base URL of the case's own the path says only what is asked.
      const operation = protocol.route(call)?.operation ?? (/embed/i.test(call.pathname) ? 'embeddings' : 'chat');
      const problem = protocol.operations[operation].check(call.body, call);
      count++;
      if (problem) refused.push(`${name}: ${problem.path.join('.')} ${problem.what}`);
    }
    assert.deepEqual(refused, []);
    assert.ok(count > 0, `${cases}/${dialect} has requests`);
  });
}
