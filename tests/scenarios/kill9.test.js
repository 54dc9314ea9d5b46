// Killed at any moment under load, the gateway loses no session turn that it has acknowledged.
// PINION_KILL_ROUNDS=300 for the long run; PINION_KILL_SEED repeats one.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder, startGateway } from './support/gateway.js';

const rounds = Number(process.env.PINION_KILL_ROUNDS ?? 10);
const seed = Number(process.env.PINION_KILL_SEED ?? Math.floor(Math.random() * 2 ** 31));
const talkers = 16;

// Park and Miller's generator: the same seed, the same moments.
let state = (seed % 2147483646) + 1;
const random = (below) => (state = (state * 48271) % 2147483647) % below;

const say = (agent, port, token, body) =>
  new Promise((resolve) => {
    const request = http.request(
      { agent, port, host: '127.0.0.1', method: 'POST', path: '/talk', headers: { authorization: `Bearer ${token}` } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece) => (text += piece));
        response.on('error', () => resolve());
        response.on('end', () => {
          try {
            resolve({ status: response.statusCode, ...JSON.parse(text) });
          } catch {
            resolve();
          }
        });
      },
    );
    request.on('error', () => resolve());
    request.end(JSON.stringify(body));
  });

test(`${rounds} kills, seed ${seed}`, { timeout: 1200000 }, async () => {
  const store = await mkdtemp(path.join(os.tmpdir(), 'pinion-kill-'));
  const folder = await makeFolder({
    'endpoints/talk.yaml':
      'provider: demo\nmodel: demo\nsystem: x\nsession: {ttl: 1h, max_messages: 1000}\n',
  });
  const sessions = new Map(); // id -> acknowledged turns
  let acknowledged = 0;
  let checked = 0;
  let token;
  const ready = [];

  for (let round = 0; round <= rounds; round++) {
    const gateway = await startGateway({ folder, store });
    ready.push(Number(gateway.lines.find((line) => line.address).ready_ms));
    token ??= (await gateway.token('talk')).token;
    const agent = new http.Agent({ keepAlive: true, maxSockets: talkers });

    // Everything acknowledged before is there: the demo says how many earlier messages it was given.
    for (const [id, turns] of [...sessions].sort(() => random(3) - 1).slice(0, 20)) {
      const answer = await say(agent, gateway.port, token, { message: 'Count.', session_id: id });
      assert.equal(answer?.status, 200, `${id} after round ${round}: ${JSON.stringify(answer)}`);
      const [, found] = answer.content.match(/(\d+) earlier messages?/) ?? [0, 0];
      assert.ok(Number(found) >= Math.min(turns * 2, 998), `${id}: ${turns} turns acknowledged, ${found} messages found`);
      sessions.set(id, Number(found) / 2 + 1);
      checked++;
    }
    if (round === rounds) {
      agent.destroy();
      await gateway.stop();
      break;
    }

    let over = false;
    const talk = async () => {
      let id;
      while (!over) {
        const answer = await say(agent, gateway.port, token, { message: 'Hello there.', ...(id && { session_id: id }) });
        if (answer?.status !== 200) continue;
        id = answer.meta.session_id;
        sessions.set(id, (sessions.get(id) ?? 0) + 1);
        acknowledged++;
      }
    };
    const talking = Array.from({ length: talkers }, talk);
    setTimeout(() => gateway.child.kill('SIGKILL'), 5 + random(95));
    await gateway.exited;
    over = true;
    agent.destroy();
    await Promise.all(talking);
  }
  ready.sort((a, b) => a - b);
  console.log(
    `${rounds} kills: ${acknowledged} turns acknowledged in ${sessions.size} sessions, ${checked} sessions read again; ` +
      `ready after ${ready[0]} / ${ready[ready.length >> 1]} / ${ready.at(-1)} ms (min, median, max)`,
  );
  assert.ok(acknowledged > 0);
  await rm(store, { recursive: true, force: true });
  await rm(folder, { recursive: true });
});
