// What was said before goes before the new turn, and survives the process.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chat } from './support/files.js';
import { startGateway, events } from './support/gateway.js';
import { scene } from './support/scene.js';
import { chunk, completion, data, streamed } from './support/upstream.js';

const with_session = (slug, session) =>
  `${chat.replace('slug: chat', `slug: ${slug}`)}session: ${session}\n`;
const on = scene(() => ({
  'endpoints/talk.yaml': with_session('talk', '{ttl: 1h, max_messages: 40}'),
  'endpoints/short.yaml': with_session('short', '{ttl: 1h, max_messages: 4, on_full: slide}'),
  'endpoints/strict.yaml': with_session('strict', '{ttl: 1h, max_messages: 2, on_full: reject}'),
  'endpoints/brief.yaml': with_session('brief', '{ttl: 1s, max_messages: 4}'),
  'endpoints/crowd.yaml': with_session('crowd', '{ttl: 1h, max_messages: 100, max_waiting: 20}'),
  'endpoints/alone.yaml': with_session('alone', '{ttl: 1h, max_waiting: 0}'),
  'endpoints/hasty.yaml': `${with_session('hasty', '{ttl: 1h}')}timeout: {total: 400ms, first_token: 400ms, idle: 400ms}\n`,
  'endpoints/typed.yaml': `${with_session('typed', '{ttl: 1h}')}stream: validated
output_schema: {type: object, properties: {sum: {type: integer}}, required: [sum], additionalProperties: false}
`,
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

// The provider's answers in a session, held until they are let go; `most` is how many it had at once.
function held(count) {
  const scene = { most: 0, seen: [], waiting: [] };
  let inside = 0;
  for (let i = 0; i < count; i++)
    on.upstream.next((response, call) => {
      const said = call.body.messages.slice(1).map(({ content }) => content);
      scene.seen.push(said);
      scene.most = Math.max(scene.most, ++inside);
      scene.waiting.push(() => {
        inside--;
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(completion(`re: ${said.at(-1)}`)));
      });
      scene.arrived?.();
    });
  scene.next = async () => {
    if (!scene.waiting.length) await new Promise((resolve) => (scene.arrived = resolve));
    scene.waiting.shift()();
  };
  return scene;
}

// Until so many calls are under way.
async function inflight(count) {
  for (let now; now !== count; ) {
    const text = await (await fetch(`${on.gateway.url}/metrics`)).text();
    now = [...text.matchAll(/^pinion_inflight_requests\{.*\} (\d+)$/gm)].reduce((all, [, one]) => all + Number(one), 0);
  }
}

test('twenty turns at once are answered in one order, each upon all before it', async () => {
  const { session_id } = (await say('crowd', 'start')).meta;
  const provider = held(20);
  const turns = Array.from({ length: 20 }, (_, i) => on.gateway.call('crowd', { message: `turn ${i}`, session_id }, on));
  for (let i = 0; i < 20; i++) await provider.next();
  const answers = await Promise.all(turns.map(async (turn) => ({ status: (await turn).status, ...(await (await turn).json()) })));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  assert.equal(provider.most, 1);
  const order = provider.seen.map((said) => said.at(-1));
  assert.equal(new Set(order).size, 20);
  provider.seen.forEach((said, i) =>
    assert.deepEqual(said, [...['start', ...order.slice(0, i)].flatMap((message) => [message, `re: ${message}`]), order[i]]),
  );
  for (const { content } of answers) assert.ok(order.includes(content.replace(/^re: /, '')));
});

test('of more turns than may wait, the rest is told to come back, and comes in', async () => {
  const { session_id } = (await say('talk', 'start')).meta;
  const provider = held(12);
  const turn = async (message) => {
    for (;;) {
      const response = await on.gateway.call('talk', { message, session_id }, on);
      if (response.status === 200) return (await response.json()).content;
      assert.equal(response.status, 409);
      assert.equal(response.headers.get('retry-after'), '1');
      assert.equal((await response.json()).error.code, 'session_busy');
      refused++;
    }
  };
  let refused = 0;
  const turns = Array.from({ length: 12 }, (_, i) => turn(`turn ${i}`));
  for (let i = 0; i < 12; i++) await provider.next();
  assert.equal(new Set(await Promise.all(turns)).size, 12);
  assert.ok(refused >= 3, `refused ${refused} times`);
  assert.equal(provider.most, 1);
  assert.equal(provider.seen.at(-1).length, 2 * 12 + 1);
});

test('with max_waiting: 0 a second turn is refused while one is under way', async () => {
  const { session_id } = (await say('alone', 'start')).meta;
  const provider = held(1);
  const first = on.gateway.call('alone', { message: 'first', session_id }, on);
  await on.upstream.called(on.upstream.calls.length + (provider.seen.length ? 0 : 1));
  const second = await on.gateway.call('alone', { message: 'second', session_id }, on);
  assert.equal(second.status, 409);
  await provider.next();
  assert.equal((await first).status, 200);
});

test('a turn waits for half of its time at most', async () => {
  const { session_id } = (await say('hasty', 'start')).meta;
  held(1);
  const first = on.gateway.call('hasty', { message: 'first', session_id }, on);
  await on.upstream.called(on.upstream.calls.length + 1);
  const second = await on.gateway.call('hasty', { message: 'second', session_id }, on);
  assert.equal(second.status, 409);
  assert.equal((await second.json()).error.code, 'session_busy');
  assert.equal((await first).status, 504);
});

test('who leaves while waiting is passed over, and one that fails lets the next begin', async () => {
  const { session_id } = (await say('talk', 'start')).meta;
  const provider = held(1);
  const first = on.gateway.call('talk', { message: 'first', session_id }, on);
  await on.upstream.called(on.upstream.calls.length + 1);
  const leaving = new AbortController();
  const left = on.gateway.call('talk', { message: 'left', session_id }, { ...on, signal: leaving.signal });
  const id = 'leaves-1';
  const gone = on.gateway.logged((line) => line.request_id === id);
  const named = on.gateway.call('talk', { message: 'left too', session_id }, { ...on, signal: leaving.signal, headers: { 'x-request-id': id } });
  on.upstream.json({ error: { message: 'busy' } }, { status: 503 });
  const failing = on.gateway.call('talk', { message: 'fails', session_id }, on);
  await inflight(4);
  leaving.abort();
  await assert.rejects(left);
  await assert.rejects(named);
  assert.equal((await gone).status, 499);
  await provider.next();
  assert.equal((await first).status, 200);
  assert.equal((await failing).status, 503);
  await say('talk', 'last', { session_id });
  assert.deepEqual(seen(), ['start', 're: start', 'first', 're: first', 'last']);
});

test('a turn on the id from the head of a stream waits for that stream', async () => {
  const finish = stream_held(['At']);
  const response = await on.gateway.call('talk', { message: 'when?', stream: true }, on);
  const session_id = response.headers.get('pinion-session-id');
  const reader = events(response);
  for (let got = ''; !got.includes('At'); ) got += (await reader.next()).value.choices[0].delta.content ?? '';
  const second = say('talk', 'sure?', { session_id });
  (await finish).end([' nine.'], 'stop');
  for await (const event of reader) void event;
  assert.equal((await second).status, 200);
  assert.deepEqual(seen(), ['when?', 'At nine.', 'sure?']);
});

// --- streams that break ---------------------------------------------------------------------------

// A stream of which the pieces are sent; what follows is up to the test.
function stream_held(pieces) {
  return new Promise((resolve) =>
    on.upstream.next((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const content of pieces) response.write(data(chunk({ content })));
      resolve({
        response,
        end(more, finish) {
          for (const content of more) response.write(data(chunk({ content })));
          response.end(data(chunk({}, finish)) + data('[DONE]'));
        },
      });
    }),
  );
}

test('a stream that the provider breaks is remembered as far as the client got it', async () => {
  const { session_id } = (await say('talk', 'start')).meta;
  on.upstream.stream(streamed(['At', ' ni']).slice(0, 3), { cut: true });
  const response = await on.gateway.call('talk', { message: 'when?', stream: true, session_id }, on);
  let got = '';
  for await (const event of events(response)) got += event.choices?.[0]?.delta?.content ?? '';
  await say('talk', 'go on', { session_id });
  assert.equal(got, 'At ni');
  assert.deepEqual(seen(), ['start', 're: start', 'when?', 'At ni', 'go on']);
});

test('a stream that the client leaves is remembered as far as it was sent', async () => {
  const { session_id } = (await say('talk', 'start')).meta;
  const sent = stream_held(['At', ' ni']);
  const leaving = new AbortController();
  const id = 'leaves-2';
  const response = await on.gateway.call(
    'talk',
    { message: 'when?', stream: true, session_id },
    { ...on, signal: leaving.signal, headers: { 'x-request-id': id } },
  );
  await sent;
  let got = '';
  for await (const event of events(response)) {
    got += event.choices?.[0]?.delta?.content ?? '';
    if (got === 'At ni') break;
  }
  leaving.abort();
  assert.equal((await on.gateway.logged((line) => line.request_id === id)).status, 499);
  await say('talk', 'go on', { session_id });
  assert.deepEqual(seen(), ['start', 're: start', 'when?', 'At ni', 'go on']);
});

test('of a stream that is held to a schema, what was sent is what is remembered', async () => {
  on.upstream.stream(streamed(['{"sum": ', '4, "more": 1}']));
  const response = await on.gateway.call('typed', { message: '2 + 2', stream: true }, on);
  const session_id = response.headers.get('pinion-session-id');
  let got = '';
  for await (const event of events(response)) got += event.choices?.[0]?.delta?.content ?? '';
  assert.ok(got.startsWith('{"sum": 4') && !got.includes('more'), got);
  on.upstream.answer({ sum: 5 });
  const next = await on.gateway.call('typed', { message: 'again', session_id }, on);
  assert.equal(next.status, 200);
  assert.deepEqual(seen(), ['2 + 2', got, 'again']);
});

test('a call that failed before any text was sent leaves nothing behind', async () => {
  const { session_id } = (await say('talk', 'start')).meta;
  on.upstream.json({ error: { message: 'busy' } }, { status: 503 });
  const failed = await on.gateway.call('talk', { message: 'lost', stream: true, session_id }, on);
  assert.equal(failed.status, 503);
  on.upstream.json({ error: { message: 'busy' } }, { status: 503 });
  const first = await on.gateway.call('talk', { message: 'lost', stream: true }, on);
  assert.equal(first.headers.get('pinion-session-id'), null);
  await say('talk', 'go on', { session_id });
  assert.deepEqual(seen(), ['start', 're: start', 'go on']);
});

test('the cap on messages counts a turn that broke off as any other', async () => {
  on.upstream.stream(streamed(['At', ' ni']).slice(0, 3), { cut: true });
  const response = await on.gateway.call('strict', { message: 'when?', stream: true }, on);
  const session_id = response.headers.get('pinion-session-id');
  for await (const event of events(response)) void event;
  const full = await on.gateway.call('strict', { message: 'more', session_id }, on);
  assert.equal(full.status, 422);
  assert.equal((await full.json()).error.code, 'session_full');
});

test('what a caller tells of the conversation before is remembered with its turn', async () => {
  const messages = [
    { role: 'user', content: 'I am Ada.' },
    { role: 'assistant', content: 'Hello, Ada.' },
    { role: 'user', content: [{ type: 'text', text: 'Who am I?' }] },
  ];
  on.upstream.answer('Ada.');
  const first = await (await on.gateway.call('talk', { messages }, on)).json();
  await say('talk', 'Sure?', { session_id: first.meta.session_id });
  assert.deepEqual(seen(), ['I am Ada.', 'Hello, Ada.', 'Who am I?', 'Ada.', 'Sure?']);

  const more = await on.gateway.call('strict', { messages }, on);
  assert.equal(more.status, 422);
  assert.equal((await more.json()).error.code, 'session_full');
  const image = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } };
  for (const shown of [[{ role: 'user', content: [image] }, ...messages.slice(1)], [{ role: 'user', content: [image] }]]) {
    const refused = await on.gateway.call('talk', { messages: shown }, on);
    assert.equal(refused.status, 400);
    assert.match((await refused.json()).error.message, /takes no images/);
  }
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
