// How long a server takes from nothing to ready on a large store, killed every time before: there is
// no repair step. PINION_READY_MIB=1024 for the long run, on a release build.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { binary, makeFolder, startGateway } from './support/gateway.js';

const mebibytes = Number(process.env.PINION_READY_MIB ?? 48);
const starts = Number(process.env.PINION_READY_STARTS ?? 5);
const fill = path.join(path.dirname(binary), 'tests/store/store_fill');

test(`ready on a store of ${mebibytes} MiB`, { timeout: 600000, skip: !existsSync(fill) }, async () => {
  const store = await mkdtemp(path.join(os.tmpdir(), 'pinion-ready-'));
  const folder = await makeFolder({
    'endpoints/talk.yaml': 'provider: demo\nmodel: demo\nsystem: x\nsession: {ttl: 1h, max_messages: 1000}\n',
  });
  const first = await startGateway({ folder, store }); // makes the key of tokens
  first.child.kill('SIGTERM');
  await first.exited;
  console.log(execFileSync(fill, [store, String(mebibytes)], { encoding: 'utf8' }).trim());
  const ready = [];
  const whole = [];
  for (let start = 0; start < starts; start++) {
    const begin = performance.now();
    const gateway = await startGateway({ folder, store });
    whole.push(performance.now() - begin);
    ready.push(Number(gateway.lines.find((line) => line.address).ready_ms));
    const { token } = await gateway.token('talk');
    assert.equal((await gateway.call('talk', { message: 'Hello.' }, { token })).status, 200);
    gateway.child.kill('SIGKILL');
    await gateway.exited;
  }
  const told = (of) => [...of].sort((a, b) => a - b).filter((_, i) => i === 0 || i === starts >> 1 || i === starts - 1);
  console.log(`${starts} starts: ready after ${told(ready).join(' / ')} ms (min, median, max)`);
  console.log(`from the outside, loading the program included: ${told(whole).map((ms) => ms.toFixed(0)).join(' / ')} ms`);
  assert.ok(told(ready)[1] <= Number(process.env.PINION_READY_MS ?? 1000));
  await rm(store, { recursive: true });
  await rm(folder, { recursive: true });
});
