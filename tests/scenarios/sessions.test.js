// What was said before goes before the new turn, and survives the process.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chat } from './support/files.js';
import { startGateway, events } from './support/gateway.js';
import { scene } from './support/scene.js';
import { streamed } from './support/upstream.js';

const with_session = (slug, session) =>
  `${chat.replace('slug: chat', `slug: ${slug}`)}session: ${session}\n`;
const on = scene(() => ({
  'endpoints/talk.yaml': with_session('talk', '{ttl: 1h, max_messages: 40}'),
  'endpoints/short.yaml': with_session('short', '{ttl: 1h, max_messages: 4, on_full: slide}'),
  'endpoints/strict.yaml': with_session('strict', '{ttl: 1h, max_messages: 2, on_full: reject}'),
  'endpoints/brief.yaml': with_session('brief', '{ttl: 1s, max_messages: 4}'),
}));
const say = async (slug, message, more = {}, options = {}) => {
  on.upstream.answer(`re: ${message}`);
  const response = await on.gateway.call(slug, { message, ...more }, { ...on, ...options });
  return { response, status: response.status, ...(await response.json()) };
};
const seen = () => on.upstream.calls.at(-1).body.messages.slice(1).map(({ content }) => content);

test('a second call carries the history', async () => {
  const first = await say('talk', 'one');
  assert.match(first.meta.session_id, /^ses_/);
  assert.equal(first.response.headers.get('pinion-session-id'), first.meta.session_id);
  const { session_id } = first.meta;
  await say('talk', 'two', { session_id });
  assert.deepEqual(seen(), ['one', 're: one', 'two']);
  await say('talk', 'three', {}, { headers: { 'pinion-session-id': session_id } });
  assert.deepEqual(seen(), ['one', 're: one', 'two', 're: two', 'three']);
});

test('a streamed turn is remembered whole', async () => {
  on.upstream.stream(streamed(['At', ' nine.']));
  const response = await on.gateway.call('talk', { message: 'when?', stream: true }, on);
  for await (const event of events(response)) void event;
  const session_id = response.headers.get('pinion-session-id');
  await say('talk', 'sure?', { session_id });
  assert.deepEqual(seen(), ['when?', 'At nine.', 'sure?']);
});

test('the message cap slides or refuses', async () => {
  const { session_id } = (await say('short', '1')).meta;
  await say('short', '2', { session_id });
  await say('short', '3', { session_id });
  assert.deepEqual(seen(), ['2', 're: 2', '3']);

  const full = await say('strict', '1');
  const calls = on.upstream.calls.length;
  const response = await on.gateway.call('strict', { message: '2', session_id: full.meta.session_id }, on);
  assert.equal(response.status, 422);
  assert.equal((await response.json()).error.code, 'session_full');
  assert.equal(on.upstream.calls.length, calls);
});

test('a session is bound to token and endpoint, and unknown ones are 404', async () => {
  const { session_id } = (await say('talk', 'mine')).meta;
  const { token } = await on.gateway.token('*');
  for (const [slug, id, options] of [
    ['talk', session_id, { token }],
    ['short', session_id, on],
    ['talk', 'ses_00000000000000000000000000', on],
    ['talk', 'nonsense', on],
  ]) {
    const response = await on.gateway.call(slug, { message: 'x', session_id: id }, options);
    assert.equal(response.status, 404, id);
    assert.equal((await response.json()).error.code, 'session_not_found');
  }
});

test('an expired session is 410', async () => {
  const { session_id } = (await say('brief', 'one')).meta;
  const expires = Date.now() + 1001;
  let answer;
  while (Date.now() < expires) answer = await on.gateway.call('brief', '{}', on).then((r) => r.arrayBuffer());
  answer = await on.gateway.call('brief', { message: 'two', session_id }, on);
  assert.equal(answer.status, 410);
  assert.equal((await answer.json()).error.code, 'session_expired');
});

test('of two turns at once one is answered, the other told to come back; nothing interleaves', async () => {
  const { session_id } = (await say('talk', 'start')).meta;
  on.upstream.answer('a');
  on.upstream.answer('b');
  const both = await Promise.all(
    ['left', 'right'].map((message) => on.gateway.call('talk', { message, session_id }, on)),
  );
  const statuses = both.map(({ status }) => status).sort();
  const busy = both.find(({ status }) => status === 409);
  if (busy) {
    assert.deepEqual(statuses, [200, 409]);
    assert.ok(busy.headers.get('retry-after'));
    assert.equal((await busy.json()).error.code, 'session_busy');
  } else {
    assert.deepEqual(statuses, [200, 200]);
  }
  await say('talk', 'end', { session_id });
  assert.equal(seen().length, busy ? 5 : 7);
});

test('without sessions, a session id is refused; with "session": false none is made', async () => {
  const refused = await on.gateway.call('chat', { message: 'x', session_id: 'ses_x' }, on);
  assert.equal(refused.status, 400);
  const none = await say('talk', 'x', { session: false });
  assert.equal(none.meta.session_id, undefined);
});

test('a session outlives the process, killed at once after its answer', async () => {
  const { session_id } = (await say('talk', 'before')).meta;
  on.gateway.child.kill('SIGKILL');
  await on.gateway.exited;
  const again = await startGateway({ folder: on.gateway.folder, store: on.gateway.store });
  on.upstream.answer('after');
  const response = await again.call('talk', { message: 'still there?', session_id }, on);
  assert.equal(response.status, 200);
  assert.deepEqual(seen(), ['before', 're: before', 'still there?']);
  on.gateway.stop = again.stop;
});
