// The matrix as tests: some clients, all features, all providers. Providers are independent of one
// another and run side by side, so that one that waits to come back keeps nobody.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startGateway } from '../gateway.js';
import { startUpstream } from '../upstreams/index.js';
import { cells, featureOf } from './cells.js';
import { files, models, providers, scripted } from './providers.js';

async function start(on) {
  const started = scripted.map(async (one) => [one.name, await startUpstream(one.protocol)]);
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

// A tool's endpoint has its own system prompt; everybody else brings one.
function cellOf(on, client, provider) {
  const connect = ({ token = 'all', key = on.tokens[token], retries = 0 } = {}) => client.connect({ base: `${on.gateway.url}/v1`, key, retries });
  const named = models(provider);
  return {
    client,
    provider,
    upstream: on.upstreams[provider.name],
    connect,
    sdk: connect(),
    models: client.tools ? { ...named, chat: named.talk } : named,
  };
}

async function run(cell, feature) {
  const { client, provider, upstream, sdk } = cell;
  try {
    await featureOf(client, feature, provider)(cell);
    upstream?.check();
  } finally {
    upstream?.clear();
    await sdk.close?.();
  }
}

// A gateway for each client: who comes with a bad token too often is sent away, whoever it is.
function matrixOf(client) {
  const on = {};
  before(() => start(on));
  after(() => stop(on));
  const all = [...cells([client])].filter(({ why }) => !why);
  describe('every provider', { concurrency: true }, () => {
    for (const provider of providers)
      describe(provider.name, { concurrency: 1 }, () => {
        for (const { feature, name } of all.filter((one) => one.provider === provider))
          test(name, { timeout: 60_000 }, () => run(cellOf(on, client, provider), feature));
      });
  });
}

export function matrix(...clients) {
  for (const client of clients) describe(client.name, () => matrixOf(client));
}
