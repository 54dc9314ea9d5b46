// A scene: a scripted provider and a gateway in front of it, both gone when the test file ends.
// With `protocol` the provider is one of upstreams/, and `kind` what pinion.yaml calls it; else it is the
// Chat Completions one of upstream.js.
import { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { files } from './files.js';
import { startGateway } from './gateway.js';
import { startUpstream } from './upstream.js';
import { startUpstream as start } from './upstreams/index.js';

const kinds = { 'openai-chat': 'openai', 'openai-responses': 'openai, api: responses' };

export function scene(more = () => ({}), { protocol, kind = kinds[protocol] ?? protocol, ...options } = {}) {
  const on = {};
  before(async () => {
    on.upstream = await (protocol ? start(protocol) : startUpstream());
    on.gateway = await startGateway({ files: files(on.upstream, more(on.upstream), kind), ...options });
    on.token = (await on.gateway.token('*')).token;
  });
  after(async () => {
    const end = await on.gateway?.stop();
    await on.upstream?.stop();
    if (!end) return;
    assert.deepEqual(on.upstream.wrong, [], 'requests that the provider would refuse');
    assert.deepEqual(on.upstream.unexpected, [], 'calls that nobody scripted');
    assert.equal(end.code, 0, `pinion ended with ${end.code ?? end.signal}\n${end.stderr()}`);
  });
  return on;
}
