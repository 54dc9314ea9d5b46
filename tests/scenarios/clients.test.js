// The clients of the matrix on providers that speak as they do, with nothing in between: what they fail at here is
// theirs, and what the matrix asks of the gateway is no more than their vendors give.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { clients } from './support/clients/index.js';
import { repository } from './support/gateway.js';
import { table } from './support/matrix/cells.js';
import { features } from './support/matrix/features.js';
import { startUpstream } from './support/upstreams/index.js';

const models = { 'openai-chat': 'gpt-4.1-mini', 'openai-responses': 'gpt-4.1-mini', anthropic: 'claude-sonnet-4-6' };
const shared = ['text', 'stream', 'history', 'tools', 'tools, streamed', 'structured', 'endings', 'cancel', 'embeddings'];

for (const client of clients.filter(({ speaks }) => speaks))
  describe(client.name, () => {
    const cell = { client, provider: { name: client.speaks } };
    before(async () => {
      cell.upstream = await startUpstream(client.speaks);
      cell.sdk = client.connect({ base: `${cell.upstream.origin}/v1`, key: 'sk-1' });
      const model = models[client.speaks];
      cell.models = { chat: model, thinks: model, direct: model, embedder: 'text-embedding-3-small' };
    });
    after(() => cell.upstream.stop());

    // A scripted provider keeps nothing that one could refer to.
    const left = { history: client.refers, embeddings: !client.embed };
    for (const feature of shared.filter((one) => !left[one]))
      test(feature, async () => {
        try {
          await features[feature](cell);
          cell.upstream.check();
        } finally {
          cell.upstream.clear();
        }
      });
  });

// Each cell is a test of its own that says whether it is so.
test('docs/clients.md shows the matrix as it is run', async () => {
  const page = await readFile(path.join(repository, 'docs/clients.md'), 'utf8');
  const [, shown] = /<!-- matrix -->\n\n([^]*)\n<!-- \/matrix -->/.exec(page);
  assert.equal(shown, table(() => 'pass'), 'tools/matrix prints what belongs between the marks');
});
