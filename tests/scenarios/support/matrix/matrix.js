// The matrix as tests: some clients, all features, all providers, over one gateway. Providers are independent of one
// another and run side by side, so that one that waits to come back keeps nobody.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startGateway } from '../gateway.js';
import { startUpstream } from '../upstreams/index.js';
import { cells } from './cells.js';
import { features } from './features.js';
import { files, models, providers } from './providers.js';

async function start(on) {
  const started = providers.map(async (one) => [one.name, await startUpstream(one.protocol)]);
  on.upstreams = Object.fromEntries(await Promise.all(started));
  on.gateway = await startGateway({ files: files(on.upstreams) });
  on.tokens = { all: (await on.gateway.token('*', '*:*')).token, elsewhere: (await on.gateway.token('nothing')).token };
}

async function stop(on) {
  const end = await on.gateway?.stop();
  for (const upstream of Object.values(on.upstreams ?? {})) await upstream.stop();
  if (!end) return;
  assert.equal(end.code, 0, `pinion ended with ${end.code ?? end.signal}\n${end.stderr()}`);
}

const cellOf = (on, client, provider) => {
  const connect = ({ token = 'all', key = on.tokens[token], retries = 0 } = {}) => client.connect({ base: `${on.gateway.url}/v1`, key, retries });
  return { client, provider, upstream: on.upstreams[provider.name], connect, sdk: connect(), models: models(provider), unknown: 'model_not_found' };
};

export function matrix(...only) {
  const on = {};
  before(() => start(on));
  after(() => stop(on));
  const all = [...cells(only)].filter(({ why }) => !why);
  describe('every provider', { concurrency: true }, () => {
    for (const provider of providers)
      describe(provider.name, { concurrency: 1 }, () => {
        for (const { client, feature, name } of all.filter((one) => one.provider === provider))
          test(name, { timeout: 60_000 }, async () => {
            const cell = cellOf(on, client, provider);
            try {
              await features[feature](cell);
              cell.upstream.check();
            } finally {
              cell.upstream.clear();
            }
          });
      });
  });
}
