// What operators do with stored sessions, by admin API and command line.
import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { chat } from './support/files.js';
import { pinion, startGateway } from './support/gateway.js';
import { scene } from './support/scene.js';
import { streamed } from './support/upstream.js';

const with_session = (slug, session) => `${chat.replace('slug: chat', `slug: ${slug}`)}session: ${session}\n`;
const on = scene(() => ({
  'endpoints/talk.yaml': with_session('talk', '{ttl: 1h, max_messages: 40}'),
  'endpoints/short.yaml': with_session('short', '{ttl: 1h, max_messages: 3}'),
  'endpoints/brief.yaml': with_session('brief', '{ttl: 1s}'),
}));
const all = '/admin/v1/sessions';

async function say(slug, message, { session_id, token = on.token, headers } = {}) {
  on.upstream.answer(`re: ${message}`);
  const response = await on.gateway.call(slug, { message, session_id }, { token, headers });
  const body = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body));
  return body.meta.session_id;
}
async function talk(...messages) {
  let session_id;
  for (const message of messages) session_id = await say('talk', message, { session_id });
  return session_id;
}
const get = (path) => on.gateway.admin('GET', all + path);
const post = (path, body) => on.gateway.admin('POST', all + path, body);
const said = ({ messages }) => messages.map(({ content }) => content);
const seen = () => on.upstream.calls.at(-1).body.messages.slice(1).map(({ content }) => content);

test('a session is shown with when each message was stored, by which request, and whether it broke off', async () => {
  const begun = Date.now();
  const session_id = await say('talk', 'one', { headers: { 'x-request-id': 'first-of-all' } });
  on.upstream.stream(streamed(['re:', ' tw']).slice(0, 3), { cut: true });
  await (await on.gateway.call('talk', { message: 'two', stream: true, session_id }, on)).text();
  const { status, body } = await get(`/${session_id}`);

  assert.equal(status, 200);
  assert.deepEqual(said(body), ['one', 're: one', 'two', 're: tw']);
  assert.deepEqual(body.messages.map(({ role }) => role), ['user', 'assistant', 'user', 'assistant']);
  assert.deepEqual(body.messages.map(({ number }) => number), [1, 2, 3, 4]);
  assert.deepEqual(body.messages.map(({ interrupted }) => interrupted), [undefined, undefined, undefined, true]);
  assert.equal(body.messages[1].request_id, 'first-of-all');
  for (const { stored_at } of body.messages) assert.ok(Date.parse(stored_at) >= begun && Date.parse(stored_at) <= Date.now());
  assert.equal(body.endpoint, 'talk');
  assert.equal(body.message_count, 4);
  assert.equal(Date.parse(body.expires_at), Date.parse(body.updated_at) + 3600000);
});

test('sessions are listed newest first, page by page, by endpoint and token', async () => {
  const { token, id } = await on.gateway.token('*');
  const mine = [];
  for (let i = 0; i < 5; i++) mine.unshift(await say(i % 2 ? 'short' : 'talk', `m${i}`, { token }));

  const got = [];
  for (let after = '', more = true; more; ) {
    const { status, body } = await get(`?token=${id}&limit=2${after}`);
    assert.equal(status, 200);
    assert.equal(body.object, 'list');
    assert.ok(body.data.length <= 2);
    assert.equal(body.first_id, body.data[0].id);
    got.push(...body.data.map((session) => session.id));
    after = `&after=${body.last_id}`;
    more = body.has_more;
  }
  assert.deepEqual(got, mine);
  const short = (await get(`?token=${id}&endpoint=short`)).body;
  assert.deepEqual(short.data.map(({ endpoint }) => endpoint), ['short', 'short']);
  assert.equal(short.data[0].messages, undefined);
  assert.equal(short.has_more, false);
  const none = (await get('?token=tok_none')).body;
  assert.deepEqual([none.data, none.first_id, none.has_more], [[], null, false]);
});

test('a query that makes no sense is refused and says what would', async () => {
  for (const [query, hint] of [
    ['?tokn=x', /endpoint, token, after, limit/],
    ['?limit=0', /between 1 and 1000/],
    ['?limit=2&limit=3', /given twice/],
    ['?token=%zz', /percent-encoding/],
  ]) {
    const { status, body } = await get(query);
    assert.equal(status, 400, query);
    assert.match(`${body.error.message} ${body.error.hint}`, hint);
  }
  assert.equal((await on.gateway.admin('DELETE', all)).status, 400);
});

test('a session is exported as JSON Lines where they are asked for, else as JSON', async () => {
  const session_id = await talk('one', 'two');
  const ask = (path, headers = {}) =>
    new Promise((resolve, reject) =>
      http
        .get({ socketPath: on.gateway.adminSocket, path: `${all}/${session_id}/export${path}`, headers }, async (response) => {
          let text = '';
          for await (const piece of response.setEncoding('utf8')) text += piece;
          resolve({ type: response.headers['content-type'], status: response.statusCode, text });
        })
        .on('error', reject),
    );
  for (const lines of [await ask('?format=jsonl'), await ask('', { accept: 'application/jsonl' })]) {
    assert.equal(lines.type, 'application/jsonl');
    const messages = lines.text.trimEnd().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(messages.map(({ content }) => content), ['one', 're: one', 'two', 're: two']);
    assert.ok(messages.every((message) => message.session_id === session_id && message.endpoint === 'talk'));
  }
  const whole = await ask('');
  assert.equal(whole.type, 'application/json');
  assert.deepEqual(said(JSON.parse(whole.text)), ['one', 're: one', 'two', 're: two']);
  assert.equal((await ask('?format=xml')).status, 400);
});

test('a rewound session goes on from there; only whole turns are cut off', async () => {
  const session_id = await talk('one', 'two', 'three');
  const before = (await get(`/${session_id}`)).body;
  const halved = await post(`/${session_id}/rewind`, { messages: 3 });
  assert.equal(halved.status, 400);
  assert.match(halved.body.error.hint, /after 2 and after 4/);
  const { status, body } = await post(`/${session_id}/rewind`, { messages: 2 });
  assert.equal(status, 200);
  assert.deepEqual(said(body), ['one', 're: one']);
  assert.ok(body.revision > before.revision && body.bytes < before.bytes);
  await say('talk', 'anew', { session_id });
  assert.deepEqual(seen(), ['one', 're: one', 'anew']);
  for (const wrong of [{ messages: 9 }, { messages: -2 }, { messages: '2' }, {}])
    assert.equal((await post(`/${session_id}/rewind`, wrong)).status, 400, JSON.stringify(wrong));
});

test('a turn under way in a session that is rewound or deleted meanwhile is refused', async () => {
  for (const [change, status, code] of [
    [(id) => post(`/${id}/rewind`, { messages: 2 }), 409, 'session_busy'],
    [(id) => on.gateway.admin('DELETE', `${all}/${id}`), 404, 'session_not_found'],
  ]) {
    const session_id = await talk('one', 'two');
    let answer;
    const asked = new Promise((resolve) =>
      on.upstream.next((response) => {
        answer = () => response.writeHead(200, { 'content-type': 'application/json' }).end(completion);
        resolve();
      }),
    );
    const turn = on.gateway.call('talk', { message: 'three', session_id }, on);
    await asked;
    assert.equal((await change(session_id)).status, 200);
    answer();
    const response = await turn;
    assert.equal(response.status, status);
    assert.equal((await response.json()).error.code, code);
  }
});
const completion = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'late' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});

test('a fork has the turns up to a point, a life of its own, and the same owner', async () => {
  const session_id = await talk('one', 'two');
  const { status, body } = await post(`/${session_id}/fork`, { messages: 2 });
  assert.equal(status, 201);
  assert.notEqual(body.id, session_id);
  assert.deepEqual(said(body), ['one', 're: one']);
  assert.equal(Date.parse(body.expires_at), Date.parse(body.created_at) + 3600000);
  await say('talk', 'other', { session_id: body.id });
  assert.deepEqual(seen(), ['one', 're: one', 'other']);
  await say('talk', 'three', { session_id });
  assert.deepEqual(seen(), ['one', 're: one', 'two', 're: two', 'three']);
  const whole = (await on.gateway.admin('POST', `${all}/${session_id}/fork`)).body;
  assert.equal(whole.message_count, 6);
  assert.equal(whole.messages[0].request_id, (await get(`/${session_id}`)).body.messages[0].request_id);
  assert.equal((await post(`/${session_id}/fork`, { messages: 1 })).status, 400);
});

test('a deleted session is gone; all of a token go at once', async () => {
  const session_id = await talk('one');
  assert.deepEqual((await on.gateway.admin('DELETE', `${all}/${session_id}`)).body, { id: session_id, object: 'session', deleted: true });
  for (const [method, path] of [['GET', ''], ['DELETE', ''], ['GET', '/export'], ['POST', '/fork']]) {
    const { status, body } = await on.gateway.admin(method, `${all}/${session_id}${path}`);
    assert.equal(status, 404, `${method} ${path}`);
    assert.equal(body.error.code, 'session_not_found');
  }
  const { token, id } = await on.gateway.token('*');
  for (let i = 0; i < 4; i++) await say(i ? 'talk' : 'short', 'x', { token });
  assert.deepEqual((await on.gateway.admin('DELETE', `${all}?token=${id}&endpoint=short`)).body, { object: 'sessions', deleted: 1, responses: 0 });
  assert.deepEqual((await on.gateway.admin('DELETE', `${all}?token=${id}`)).body, { object: 'sessions', deleted: 3, responses: 0 });
  assert.deepEqual((await get(`?token=${id}`)).body.data, []);
  assert.equal((await get(`?endpoint=talk`)).status, 200);
});

test('who reads or changes what was said is recorded', async () => {
  const session_id = await talk('one');
  await get(`/${session_id}`);
  await get(`/${session_id}/export`);
  await post(`/${session_id}/fork`, {});
  await post(`/${session_id}/rewind`, { messages: 0 });
  await on.gateway.admin('DELETE', `${all}/${session_id}`);
  const { body } = await on.gateway.admin('GET', '/admin/v1/audit?action=session&order=desc&limit=100');
  const acts = body.data.filter(({ object }) => object === session_id).map(({ action }) => action);
  assert.deepEqual(acts.sort(), ['session.delete', 'session.export', 'session.fork', 'session.read', 'session.rewind']);
});

// --- a token's own --------------------------------------------------------------------------------

async function sessionToken() {
  const { body } = await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['*'], verbs: ['call', 'sessions'] });
  const own = (method, path = '', bearer = body.token) =>
    fetch(`${on.gateway.url}/v1/sessions${path}`, { method, headers: { authorization: `Bearer ${bearer}` } });
  return { ...body, own, read: async (...words) => (await own('GET', ...words)).json() };
}

test('a token with the verb sessions lists, reads and deletes its own, and nobody else\'s', async () => {
  const [mine, other] = [await sessionToken(), await sessionToken()];
  const ids = [];
  for (const slug of ['talk', 'short', 'talk']) ids.unshift(await say(slug, 'mine', mine));
  const theirs = await say('talk', 'theirs', other);

  assert.deepEqual((await mine.read()).data.map(({ id }) => id), ids);
  assert.deepEqual((await mine.read('?endpoint=short')).data.map(({ id }) => id), [ids[1]]);
  const nothing = JSON.stringify(await (await sessionToken()).read());
  const everybodys = (await get('?limit=100')).body.data.map(({ id }) => id);
  assert.deepEqual(everybodys.filter((id) => nothing.includes(id)), []);
  const page = await mine.read('?limit=1');
  assert.equal(page.has_more, true);
  assert.equal((await mine.read(`?limit=1&after=${page.last_id}`)).data[0].id, ids[1]);
  assert.deepEqual(said(await mine.read(`/${ids[0]}`)), ['mine', 're: mine']);

  for (const [method, path] of [['GET', theirs], ['DELETE', theirs], ['GET', 'ses_none'], ['DELETE', '']]) {
    const response = await mine.own(method, `/${path}`);
    assert.equal(response.status, 404, `${method} ${path}`);
    assert.equal((await response.json()).error.code, 'session_not_found');
  }
  assert.deepEqual(await (await mine.own('DELETE', `/${ids[0]}`)).json(), { id: ids[0], object: 'session', deleted: true });
  assert.equal((await mine.own('GET', `/${ids[0]}`)).status, 404);
  assert.equal((await other.own('GET', `/${theirs}`)).status, 200);
  const { body } = await on.gateway.admin('GET', '/admin/v1/audit?action=session.delete&order=desc&limit=1');
  assert.deepEqual([body.data[0].object, body.data[0].actor_id], [ids[0], mine.id]);
});

test('without the verb, or without a token, nobody\'s sessions are told', async () => {
  const { own } = await sessionToken();
  assert.equal((await own('GET', '', on.token)).status, 403);
  assert.equal((await own('GET', '', 'pin_live_x')).status, 401);
  assert.equal((await own('POST')).status, 405);
  assert.equal((await own('GET', '?token=tok_1')).status, 400);
});

// --- the command line -----------------------------------------------------------------------------

test('the command line lists, shows, exports, forks, rewinds and deletes', async () => {
  const session_id = await talk('one\u001b[31m', 'two');
  const list = await on.gateway.cli('sessions', 'list', '--endpoint', 'talk', '--limit', '1');
  assert.equal(list.code, 0, list.stderr);
  assert.match(list.stdout, new RegExp(`^${session_id} .* 4 messages .* talk  tok_`));
  assert.match(list.stderr, new RegExp(`there are more: --after ${session_id}`));
  assert.equal(JSON.parse((await on.gateway.cli('sessions', 'list', '--limit', '1', '--json')).stdout).data[0].id, session_id);

  const shown = (await on.gateway.cli('sessions', 'show', session_id)).stdout;
  assert.match(shown, /^1  user  .*\n    one\\u001b\[31m\n/m);
  assert.match(shown, /^4  assistant  .*\n    re: two\n/m);
  assert.ok(!shown.includes('\u001b'));
  const exported = await on.gateway.cli('sessions', 'export', session_id);
  assert.equal(exported.stdout.trimEnd().split('\n').length, 4);
  assert.equal(JSON.parse((await on.gateway.cli('sessions', 'export', session_id, '--format', 'json')).stdout).message_count, 4);

  const fork = (await on.gateway.cli('sessions', 'fork', session_id, '--messages', '2')).stdout.trim();
  assert.equal((await get(`/${fork}`)).body.message_count, 2);
  const asked = await on.gateway.cli('sessions', 'rewind', session_id, '--messages', '2');
  assert.equal(asked.code, 2);
  assert.match(asked.stderr, /cannot be brought back[^]*add --yes/);
  assert.equal((await get(`/${session_id}`)).body.message_count, 4);
  assert.equal((await on.gateway.cli('sessions', 'rewind', session_id, '--messages', '2', '--yes')).code, 0);
  assert.equal((await get(`/${session_id}`)).body.message_count, 2);
  assert.equal((await on.gateway.cli('sessions', 'delete', fork, '-y')).code, 0);
  assert.equal((await on.gateway.cli('sessions', 'show', fork)).code, 5);
  assert.equal((await on.gateway.cli('sessions', 'show', '../tokens')).code, 2);
  assert.equal((await on.gateway.cli('sessions', 'delete', '--yes')).code, 2);
});

test('what has expired is removed when the server starts, and in time', async () => {
  const [session_id, kept] = [await say('brief', 'one'), await say('talk', 'one')];
  const { expires_at } = (await get(`/${session_id}`)).body;
  while (Date.now() <= Date.parse(expires_at)) await get('?limit=1');
  on.gateway.child.kill('SIGTERM');
  await on.gateway.exited;
  const { folder, store } = on.gateway;
  Object.assign(on.gateway, await startGateway({ folder, store }));
  while ((await get(`/${session_id}`)).status !== 404);
  assert.equal((await get(`/${kept}`)).status, 200);
});

test('without a server the commands work on the store', async () => {
  const session_id = await talk('one', 'two');
  const { folder, store } = on.gateway;
  on.gateway.child.kill('SIGTERM');
  await on.gateway.exited;
  const cli = (...words) => pinion(['sessions', ...words, '--config', folder, '--store', store]);
  assert.equal(JSON.parse((await cli('list', '--json', '--limit', '1')).stdout).data[0].id, session_id);
  assert.equal((await cli('export', session_id)).stdout.trimEnd().split('\n').length, 4);
  const fork = JSON.parse((await cli('fork', session_id, '--json')).stdout).id;
  assert.equal((await cli('rewind', fork, '--messages', '2', '--yes')).code, 0);
  assert.equal(JSON.parse((await cli('show', fork, '--json')).stdout).message_count, 2);
  assert.equal((await cli('delete', fork, '--yes')).code, 0);
  assert.equal((await cli('show', fork)).code, 5);
  const nowhere = await pinion(['sessions', 'list', '--config', folder, '--store', `${store}/none`]);
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.stderr, /no server is running, and there is no store/);
});
