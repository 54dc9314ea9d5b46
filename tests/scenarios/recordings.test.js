// What `pinion test --record` keeps of each kind of provider is answered again without it: whole answers
// and streams in their own wire formats, and what went wrong on the way.
import assert from 'node:assert/strict';
import { readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeFolder, pinion, settings } from './support/gateway.js';
import { closedPort } from './support/bad-hosts.js';
import { startUpstream } from './support/upstreams/index.js';

const chat = `
provider: upstream
model: gpt-4.1-mini
system: You are brief.
stream: raw
timeout: {first_token: 2s, idle: 2s, total: 3s}
retry: {times: 0}
`;
const kinds = { 'openai-chat': 'openai', 'openai-responses': 'openai, api: responses' };
const usage = { input: 30, output: 8 };
const answered = `
- {name: whole, input: When?, assert: [{type: equals, value: Grüße 🙂}, {type: max-tokens, value: 8}]}
- {name: streamed, input: When?, stream: true, assert: [{type: equals, value: Grüße 🙂}]}
`;
const record = async (folder, ...words) => JSON.parse((await pinion(['test', ...words, '--json', '--config', folder])).stdout);
const results = (report) => report.tests.map((one) => [one.name, one.result, one.status, one.problem ?? one.assertions]);

for (const protocol of ['openai-chat', 'openai-responses', 'anthropic', 'gemini', 'cohere', 'mistral', 'ollama', 'azure'])
  describe(protocol, () => {
    let upstream, folder;
    before(async () => {
      upstream = await startUpstream(protocol);
      folder = await makeFolder({
        'pinion.yaml': settings(upstream.url, '', kinds[protocol] ?? protocol),
        'endpoints/chat.yaml': chat.replace(/timeout.*\n/, ''),
        'tests/chat.yaml': answered,
      });
    });
    after(async () => {
      await upstream.stop();
      await rm(folder, { recursive: true });
      assert.deepEqual([upstream.wrong, upstream.unexpected], [[], []]);
    });

    test('is recorded, and played the same', async () => {
      upstream.answer({ text: 'Grüße 🙂', usage });
      upstream.answer({ text: ['Grüße', ' 🙂'], usage }, { split: 5 });
      const live = await record(folder, '--record');
      assert.equal(live.passed, true, JSON.stringify(live));
      const asked = upstream.calls.length;
      const played = await record(folder);
      assert.deepEqual(results(played), results(live));
      assert.deepEqual(played.tests.map((one) => one.cost_usd), live.tests.map((one) => one.cost_usd));
      assert.equal(upstream.calls.length, asked);
      const where = path.join(folder, 'tests/recordings/chat');
      for (const file of await readdir(where)) assert.ok(!(await readFile(path.join(where, file), 'utf8')).includes('sk-test-canary'));
    });
  });

describe('what goes wrong', () => {
  let upstream, folder;
  const failing = (name, status, code, more = '') =>
    `- {name: ${name}, input: ${name}, ${more}assert: [{type: status, value: ${status}}, {type: equals, pointer: /code, value: ${code}}]}\n`;
  before(async () => {
    upstream = await startUpstream('openai-chat');
    folder = await makeFolder({
      'pinion.yaml': settings(upstream.url) + `  nobody: {kind: openai, base_url: "http://127.0.0.1:${await closedPort()}/v1", key: k, allow_http: true, allow_private: true}\n`,
      'endpoints/chat.yaml': chat,
      'endpoints/nobody.yaml': chat.replace('provider: upstream', 'provider: nobody'),
      'tests/chat.yaml':
        failing('silence', 504, 'upstream_timeout') +
        failing('a key that is refused', 502, 'upstream_auth_failed') +
        failing('no JSON', 502, 'upstream_invalid_response') +
        failing('a stream that is cut', 502, 'upstream_truncated', 'stream: true, '),
      'tests/nobody.yaml': failing('a host that is not there', 502, 'upstream_unreachable'),
    });
  });
  after(async () => {
    await upstream.stop();
    await rm(folder, { recursive: true });
  });

  test('is recorded as well, and goes wrong again in the same way', async () => {
    upstream.next(() => {});
    upstream.refuse({ kind: 'credentials', message: 'the key sk-test-canary is wrong' });
    upstream.next((response) => response.writeHead(200, { 'content-type': 'application/json' }).end('\u00ff<html>'));
    upstream.answer({ text: ['At', ' nine', ' or', ' ten', ',', ' or', ' later'], usage }, { cut: { events: 5, then: 'reset' } });
    const live = await record(folder, '--record');
    assert.equal(live.passed, true, JSON.stringify(live));
    const asked = upstream.calls.length;
    const played = await record(folder);
    assert.deepEqual(results(played), results(live));
    assert.equal(upstream.calls.length, asked);
    const kept = JSON.parse(await readFile(path.join(folder, 'tests/recordings/chat/silence.json'), 'utf8'));
    assert.deepEqual(kept.exchanges[0].reply.failure.code, 'upstream_timeout');
    assert.match(JSON.stringify(JSON.parse(await readFile(path.join(folder, 'tests/recordings/chat/a-key-that-is-refused.json'), 'utf8'))), /the key \*\*\* is wrong/);
  });
});
