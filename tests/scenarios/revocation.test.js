// A revocation while many call: it is in force for whatever begins after it was answered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scene } from './support/scene.js';

const on = scene();

test('whatever begins after the answer to a revocation is refused', async () => {
  const { token, id } = await on.gateway.token('chat');
  let revoked = false;
  let early = 0;
  // A body that the endpoint refuses: who is let in hears 400 and nothing is asked of the provider. Refused
  // callers are slowed down after ten failures, with 429.
  const caller = async () => {
    for (let late = 0; late < 5; ) {
      const after = revoked;
      const response = await on.gateway.call('chat', { nothing: true }, { token });
      await response.arrayBuffer();
      assert.ok((after ? [401, 429] : [400, 401, 429]).includes(response.status), `${response.status}`);
      if (after) late++;
      else if (response.status === 400) early++;
    }
  };
  const callers = Array.from({ length: 24 }, caller);
  while (early < 100) await new Promise(setImmediate);
  assert.equal((await on.gateway.admin('POST', `/admin/v1/tokens/${id}/revoke`, {})).status, 200);
  revoked = true;
  await Promise.all(callers);
});
