// Killed at any moment under load, the gateway loses nothing that it has acknowledged, and what it has
// had sent is in its ledger: settled, or recovered by the next start.
// PINION_KILL_ROUNDS=1000 for the long run; PINION_KILL_SEED repeats one.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder, settings, startGateway } from './support/gateway.js';
import { invariants } from './support/invariants.js';
import { startInvoicing } from './support/invoicing.js';

const rounds = Number(process.env.PINION_KILL_ROUNDS ?? 10);
const seed = Number(process.env.PINION_KILL_SEED ?? Math.floor(Math.random() * 2 ** 31));
const talkers = 16;

// Park and Miller's generator: the same seed, the same moments.
let state = (seed % 2147483646) + 1;
const random = (below) => (state = (state * 48271) % 2147483647) % below;

const say = (agent, port, token, body, { path = '/talk', ...headers } = {}) =>
  new Promise((resolve) => {
    const request = http.request(
      { agent, port, host: '127.0.0.1', method: 'POST', path, headers: { authorization: `Bearer ${token}`, ...headers } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece) => (text += piece));
        response.on('error', () => resolve());
        response.on('end', () => {
          try {
            resolve({ status: response.statusCode, text, ...JSON.parse(text) });
          } catch {
            resolve();
          }
        });
      },
    );
    request.on('error', () => resolve());
    request.end(JSON.stringify(body));
  });

const endpoint =
  'provider: upstream\nmodel: gpt-4.1-mini\nsystem: x\nparams: {max_tokens: 50}\nretry: {times: 0}\n' +
  'budget: {monthly_usd: 1000}\n';

test(`${rounds} kills, seed ${seed}`, { timeout: 7200000 }, async () => {
  const store = await mkdtemp(path.join(os.tmpdir(), 'pinion-kill-'));
  const provider = await startInvoicing({ random });
  const folder = await makeFolder({
    'pinion.yaml': settings(provider.url),
    'endpoints/talk.yaml': `${endpoint}session: {ttl: 1h, max_messages: 1000}\n`,
    'endpoints/pay.yaml': endpoint,
  });
  const sessions = new Map(); // id -> acknowledged turns
  const tokens = []; // acknowledged
  const revoked = []; // likewise
  let acknowledged = 0;
  let checked = 0;
  const paid = new Map(); // idempotency key -> what was answered; undefined: that is not known
  let leased = 0n; // what was open at each kill
  const ready = [];

  for (let round = 0; round <= rounds; round++) {
    const gateway = await startGateway({ folder, store });
    ready.push(Number(gateway.lines.find((line) => line.address).ready_ms));
    if (round === 0) tokens.push(await gateway.token('talk', 'pay'));
    const { token } = tokens[0];
    const agent = new http.Agent({ keepAlive: true, maxSockets: talkers });

    const pay = (key) => say(agent, gateway.port, token, { message: key }, { path: '/pay', 'idempotency-key': key });

    // Everything acknowledged before is there.
    for (const [id, turns] of [...sessions].sort(() => random(3) - 1).slice(0, 20)) {
      const answer = await say(agent, gateway.port, token, { message: 'Count.', session_id: id });
      assert.equal(answer?.status, 200, `${id} after round ${round}: ${JSON.stringify(answer)}`);
      const found = Number(answer.content.match(/^(\d+) earlier/)[1]);
      assert.ok(found >= Math.min(turns * 2, 998), `${id}: ${turns} turns acknowledged, ${found} messages found`);
      sessions.set(id, found / 2 + 1);
      checked++;
    }
    for (const { token: made } of tokens.slice(-3))
      assert.equal((await say(agent, gateway.port, made, { message: 'x' }))?.status, 200);
    for (const { token: gone } of revoked.slice(-3))
      assert.equal((await say(agent, gateway.port, gone, { message: 'x' }))?.status, 401);
    // A key that was answered is answered again; one that was not is never sent twice.
    for (const [key, text] of [...paid].slice(-40)) {
      const answer = await pay(key);
      if (text === undefined) assert.ok(answer?.status === 200 || answer?.error?.code === 'outcome_unknown', answer?.text);
      else assert.equal(answer?.text, text);
      assert.ok((provider.seen.get(key) ?? 0) <= 1, `${key} was sent ${provider.seen.get(key)} times`);
    }
    if (round === rounds) {
      agent.destroy();
      gateway.child.kill('SIGTERM');
      assert.equal((await gateway.exited).code, 0);
      break;
    }

    let over = false;
    const talk = async () => {
      let id;
      while (!over) {
        const answer = await say(agent, gateway.port, token, { message: 'Hello there.', ...(id && { session_id: id }) });
        if (answer?.status !== 200) {
          assert.equal(answer?.status, undefined, JSON.stringify(answer));
          continue;
        }
        id = answer.meta.session_id;
        sessions.set(id, (sessions.get(id) ?? 0) + 1);
        acknowledged++;
      }
    };
    const manage = async () => {
      while (!over) {
        const made = await gateway.token('talk').catch(() => undefined);
        if (made && random(2)) tokens.push(made);
        else if (made) {
          const answer = await gateway.admin('POST', `/admin/v1/tokens/${made.id}/revoke`, {}).catch(() => undefined);
          if (answer?.status === 200) revoked.push(made);
        }
      }
    };
    const buy = async () => {
      while (!over) {
        const key = `pay ${round}-${paid.size}`;
        paid.set(key, undefined);
        const answer = await pay(key);
        if (answer?.status === 200) paid.set(key, answer.text);
      }
    };
    const busy = [...Array.from({ length: talkers }, talk), buy(), buy(), buy(), manage()];
    setTimeout(() => gateway.child.kill('SIGKILL'), 5 + random(95));
    await gateway.exited;
    over = true;
    agent.destroy();
    await Promise.all(busy);

    const found = invariants(store);
    const ledger = BigInt(found.settled_nano) + BigInt(found.recovered_nano) + BigInt(found.open_nano);
    assert.ok(ledger >= provider.invoice, `round ${round}: the provider charges ${provider.invoice}, the ledger has ${ledger}`);
    assert.equal(BigInt(found.recovered_nano), leased, 'what was recovered is what was leased at the kills before');
    assert.ok(BigInt(found.settled_nano) <= provider.invoice);
    leased += BigInt(found.open_nano);
  }

  const found = invariants(store, 'stopped');
  const ledger = BigInt(found.settled_nano) + BigInt(found.recovered_nano);
  assert.ok(ledger >= provider.invoice && ledger <= provider.invoice + leased);
  assert.equal(BigInt(found.recovered_nano), leased);
  ready.sort((a, b) => a - b);
  console.log(
    `${rounds} kills: ${acknowledged} turns acknowledged in ${sessions.size} sessions, ${checked} sessions read again; ` +
      `${tokens.length} tokens made, ${revoked.length} revoked; ${paid.size} idempotency keys; ` +
      `ready after ${ready[0]} / ${ready[ready.length >> 1]} / ${ready.at(-1)} ms (min, median, max)`,
  );
  console.log(
    `${provider.calls} calls, invoice ${provider.invoice} nano-USD; ledger ${found.settled_nano} settled and ` +
      `${found.recovered_nano} recovered, ${Number(ledger - provider.invoice) / Number(provider.invoice) * 100} % too much`,
  );
  assert.ok(acknowledged > 0);
  provider.stop();
  await rm(store, { recursive: true, force: true });
  await rm(folder, { recursive: true });
});
