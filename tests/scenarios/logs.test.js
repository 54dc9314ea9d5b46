// The request log in the store: every request that was answered is in it, by page, by id and as a file.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { binary, startGateway } from './support/gateway.js';
import { chat } from './support/files.js';
import { scene } from './support/scene.js';
import { streamed } from './support/upstream.js';

const on = scene(() => ({
  'endpoints/plain.yaml': chat.replace('slug: chat', 'slug: plain'),
  'endpoints/kept.yaml': chat.replace('slug: chat', 'slug: kept') + 'log: {content: full, retention: 1h}\n',
  'endpoints/again.yaml': chat
    .replace('slug: chat', 'slug: again')
    .replace('retry: {times: 0}', 'failover: [{provider: upstream, model: gpt-4.1, on: [error]}]\nretry: {times: 0}'),
}));
const logs = (query = '') => on.gateway.admin('GET', `/admin/v1/logs${query}`);
const id_of = (response) => response.headers.get('x-request-id');

async function ask(slug, body = { message: 'Hello?' }, more = {}) {
  if (more.answer !== null) on.upstream.answer(more.answer ?? 'Hello.');
  const response = await on.gateway.call(slug, body, { ...on, ...more });
  await response.text();
  return response;
}

test('a request is in the log as soon as it is answered, with its model, tokens, time and cost', async () => {
  const response = await ask('chat');
  const { status, body: row } = await on.gateway.admin('GET', `/admin/v1/logs/${id_of(response)}`);

  assert.equal(status, 200);
  assert.equal(row.object, 'log');
  assert.match(row.id, /^log_[0-9a-f]{40}$/);
  assert.equal(row.request_id, id_of(response));
  assert.equal(row.event, 'request');
  assert.equal(row.project, 'default');
  assert.equal(row.endpoint, 'chat');
  assert.equal(row.provider, 'upstream');
  assert.equal(row.model, 'gpt-4.1-mini');
  assert.equal(row.status, 200);
  assert.deepEqual([row.input_tokens, row.output_tokens, row.usage], [24, 8, 'reported']);
  assert.equal(row.cost_usd, '0.000022400');
  assert.ok(row.duration_ms > 0);
  assert.match(row.token_id, /^tok_/);
  const [{ started_us, ms, ttft_ms, ...attempt }, ...others] = row.attempt_list;
  assert.deepEqual(attempt, { n: 1, status: 200, provider: 'upstream', model: 'gpt-4.1-mini', input_tokens: 24, output_tokens: 8, cost_usd: row.cost_usd });
  assert.ok(started_us > 0 && ms === row.upstream_ms && ttft_ms === row.ttft_ms);
  assert.deepEqual(others, []);
  const [listed] = (await logs('?endpoint=chat&limit=1')).body.data;
  assert.equal(listed.attempt_list, undefined, 'one attempt that was answered is the row itself');
  assert.equal(JSON.stringify(row).includes('Hello'), false, 'neither prompt nor answer');
});

test('what goes out as a line is in the store, word for word', async () => {
  const response = await ask('chat');
  const line = await on.gateway.journal(response);
  const { body: row } = await on.gateway.admin('GET', `/admin/v1/logs/${id_of(response)}`);
  const { object, id, stage_us, stages, cost_split, attempt_list, ...rest } = row;

  assert.deepEqual(rest, line);
});

test('attempts are listed where there was more than one', async () => {
  on.upstream.json({ error: { message: 'secret prompt words', type: 'server_error' } }, { status: 500 });
  on.upstream.answer('Second.');
  const response = await ask('again', { message: 'Hi' }, { answer: null });
  const { body: row } = await on.gateway.admin('GET', `/admin/v1/logs/${id_of(response)}`);

  assert.equal(row.attempts, 2);
  assert.deepEqual(
    row.attempt_list.map(({ ms, started_us, ttft_ms, input_tokens, output_tokens, ...attempt }) => attempt),
    [
      { n: 1, provider: 'upstream', model: 'gpt-4.1-mini', status: 500, reason: 'server_error' },
      { n: 2, provider: 'upstream', model: 'gpt-4.1', status: 200, cost_usd: row.cost_usd },
    ],
  );
  assert.ok(row.attempt_list.every((attempt) => attempt.ms >= 0));
});

test('refused requests are there with their code, those of the admin listener are not', async () => {
  const response = await on.gateway.call('chat', { message: 'x' }, { token: 'pin_live_wrong' });
  const { body: row } = await on.gateway.admin('GET', `/admin/v1/logs/${id_of(response)}`);
  const { body: page } = await logs('?limit=200');

  assert.equal(row.status, 401);
  assert.equal(row.code, 'invalid_token');
  assert.equal(page.data.some((it) => it.surface === 'admin'), false);
});

test('pages follow one another in both orders and hold every row once', async () => {
  const sent = [];
  const orders = [];
  for (let i = 0; i < 7; i++) sent.push(id_of(await ask('plain')));

  for (const order of ['desc', 'asc']) {
    const seen = [];
    let after = '';
    for (let more = true; more; ) {
      const { status, body } = await logs(`?endpoint=plain&limit=3&order=${order}${after && `&after=${after}`}`);
      assert.equal(status, 200);
      assert.equal(body.object, 'list');
      assert.equal(body.first_id, body.data[0].id);
      assert.equal(body.last_id, body.data.at(-1).id);
      seen.push(...body.data.map((row) => row.request_id));
      more = body.has_more;
      after = body.last_id;
    }
    assert.deepEqual(seen.toSorted(), sent.toSorted());
    orders.push(seen);
  }
  assert.deepEqual(orders[0], orders[1].toReversed());
});

test('rows are found by what they are', async () => {
  const before = new Date().toISOString();
  const slow = await ask('chat');
  const mine = await ask('chat', { message: 'x' }, { headers: { 'x-request-id': 'mine.1' } });
  const wrong = await on.gateway.call('sum', { a: 'one' }, on);
  const token = (await logs('?limit=1&endpoint=chat')).body.data[0].token_id;
  /* Workers write on their own, so that within the same moment rows may stand in any order. */
  const ids = async (query) => (await logs(query)).body.data.map((row) => row.request_id).toSorted();
  const of = (...responses) => responses.map(id_of).toSorted();
  const since = `from=${encodeURIComponent(before)}`;

  assert.deepEqual(await ids(`?${since}`), of(wrong, mine, slow));
  assert.deepEqual(await ids(`?${since}&status=422`), [id_of(wrong)]);
  assert.deepEqual(await ids(`?${since}&status=2xx`), of(mine, slow));
  assert.deepEqual(await ids(`?${since}&code=input_schema_violation`), [id_of(wrong)]);
  assert.deepEqual(await ids(`?${since}&token=${token}&endpoint=sum`), [id_of(wrong)]);
  assert.deepEqual(await ids(`?${since}&model=gpt-4.1-mini&provider=upstream`), of(mine, slow));
  assert.deepEqual(await ids(`?${since}&min_duration=1h`), []);
  assert.deepEqual(await ids(`?request_id=mine.1`), ['mine.1']);
  assert.deepEqual(await ids(`?to=${encodeURIComponent('2020-01-01')}`), []);
  assert.equal((await on.gateway.admin('GET', '/admin/v1/logs/mine.1')).body.request_id, 'mine.1');
});

test('a request is found by its id also where the clock was set back behind its beginning', async () => {
  const digits = '0123456789abcdefghjkmnpqrstvwxyz';
  const made = id_of(await ask('chat')).slice(4);
  let number = [...made].reduce((sum, digit) => sum * 32n + BigInt(digits.indexOf(digit)), 0n) + (30000n << 80n);
  let later = '';
  for (; later.length < 26; number /= 32n) later = digits[Number(number % 32n)] + later;
  await ask('chat', { message: 'x' }, { headers: { 'x-request-id': `req_${later}` } });
  const { status, body } = await logs(`/req_${later}`);
  assert.deepEqual([status, body.request_id], [200, `req_${later}`]);
  assert.equal((await logs(`/req_${later.slice(0, -1)}${later.endsWith('0') ? '1' : '0'}`)).status, 404);
});

test('what is asked wrongly is said, and where', async () => {
  for (const [query, param] of [
    ['?limit=0', 'limit'],
    ['?limit=201', 'limit'],
    ['?after=here', 'after'],
    ['?status=9', 'status'],
    ['?from=yesterday', 'from'],
    ['?order=up', 'order'],
    ['?format=xml', 'format'],
    ['?min_duration=fast', 'min_duration'],
    ['?endpoint=%zz', 'query'],
    ['?endpoint=%ff', 'query'],
    ['?limit=1&limit=2', 'query'],
    ['?colour=red', 'query'],
  ]) {
    const { status, body } = await logs(query);
    assert.equal(status, 400, query);
    assert.equal(body.error.param, param, query);
  }
  assert.equal((await on.gateway.admin('GET', '/admin/v1/logs/req_00000000000000000000000000')).status, 404);
  assert.equal((await on.gateway.admin('GET', `/admin/v1/logs/log_${'0'.repeat(40)}`)).status, 404);
});

test('all of it comes as JSON lines or as a table that no spreadsheet takes for formulas', async () => {
  await ask('chat', { message: 'x' }, { headers: { 'x-request-id': '-1.2' } });
  const lines = await logs('?format=jsonl&order=asc');
  const table = await logs('?format=csv&order=asc');
  const rows = lines.body.trimEnd().split('\n').map((line) => JSON.parse(line));
  const [head, ...records] = table.body.trimEnd().split('\r\n').map((line) => line.split(','));

  assert.equal(lines.type, 'application/jsonl');
  assert.match(table.type, /^text\/csv/);
  assert.ok(rows.length > 10);
  assert.equal(records.length, rows.length);
  assert.deepEqual(head.slice(0, 6), ['id', 'ts', 'request_id', 'trace_id', 'span_id', 'method']);
  assert.equal(records[0][head.indexOf('request_id')], rows[0].request_id);
  assert.equal(records.at(-1)[head.indexOf('request_id')], "'-1.2");
  assert.equal(records[0][head.indexOf('cost_usd')], rows[0].cost_usd);
});

test('a file of any length streams, and its reader may leave', async () => {
  const first = await logs('?format=jsonl&limit=2');
  assert.equal(first.body.trimEnd().split('\n').length, 2);
  await new Promise((resolve) => {
    const request = http.get({ socketPath: on.gateway.adminSocket, path: '/admin/v1/logs?format=csv' }, (response) => {
      response.once('data', () => (response.destroy(), resolve()));
    });
    request.on('error', resolve);
  });
  assert.equal((await logs('?limit=1')).status, 200);
});

test('what was said is kept where the endpoint wants it, off the log line, and told to who asks for it', async () => {
  const response = await ask('kept', { message: 'Who was Ada?' }, { answer: 'A mathematician.' });
  const line = await on.gateway.journal(response);
  const { body: row } = await on.gateway.admin('GET', `/admin/v1/logs/${id_of(response)}`);
  const { body: page } = await logs('?endpoint=kept&limit=1');

  const { exchanges, ...content } = row.content;
  assert.deepEqual(content, {
    input: 'Who was Ada?',
    messages: [
      { role: 'system', content: 'You are brief.' },
      { role: 'user', content: 'Who was Ada?' },
    ],
    answer: { content: 'A mathematician.' },
  });
  assert.ok(Math.abs(Date.parse(row.content_until) - Date.parse(row.ts) - 3600000) < 5);
  assert.equal(page.data[0].content, undefined, 'a list has none of it');
  assert.doesNotMatch(JSON.stringify([line, page]), /Ada|mathematician/);
  assert.equal((await on.gateway.admin('GET', `/admin/v1/logs/${id_of(await ask('chat'))}`)).body.content, undefined);
});

test('a failed call keeps what was asked, a streamed one what was answered', async () => {
  on.upstream.json({ error: { message: 'no', type: 'server_error' } }, { status: 500 });
  const failed = await ask('kept', { message: 'One' }, { answer: null });
  on.upstream.stream(streamed(['Two', ' words']));
  const whole = await ask('kept', { message: 'Two', stream: true }, { answer: null });
  const content = async (it) => (await on.gateway.admin('GET', `/admin/v1/logs/${id_of(it)}`)).body.content;

  assert.equal((await content(failed)).messages.at(-1).content, 'One');
  assert.equal((await content(failed)).answer.content, '');
  assert.equal((await content(whole)).answer.content, 'Two words');
});

test('what was said is erased by request or by token, the row stays, and all of it is recorded', async () => {
  const first = await ask('kept');
  const second = await ask('kept');
  const mine = await on.gateway.token('*');
  const third = await ask('kept', undefined, { token: mine.token });
  const content = async (it) => (await on.gateway.admin('GET', `/admin/v1/logs/${id_of(it)}`)).body.content;
  const erase = (what) => on.gateway.admin('DELETE', `/admin/v1/logs${what}`);

  assert.deepEqual((await erase(`/${id_of(first)}`)).body, { erased: 1 });
  assert.equal(await content(first), null);
  assert.equal((await erase(`/${id_of(first)}`)).status, 404);
  assert.deepEqual((await erase(`?token=${mine.id}`)).body, { erased: 1 });
  assert.equal(await content(third), null);
  assert.equal((await content(second)).answer.content, 'Hello.', 'that of another token stays');
  assert.equal((await erase('')).status, 400);
  assert.equal((await erase(`/${id_of(await ask('chat'))}`)).status, 404);

  const cli = await on.gateway.cli('logs', 'erase', id_of(second));
  assert.equal(cli.code, 2, 'it asks, and there is nobody to answer');
  assert.equal((await on.gateway.cli('logs', 'erase', id_of(second), '--yes')).code, 0);
  assert.equal(await content(second), null);

  const audit = (await on.gateway.admin('GET', '/admin/v1/audit?limit=100&order=desc')).body.data;
  const objects = (action) => audit.filter((it) => it.action === action).map((it) => it.object);
  assert.ok(objects('log.read').includes(id_of(first)));
  assert.ok(objects('log.export').includes('requests'));
  for (const object of [id_of(first), id_of(second), mine.id]) assert.ok(objects('log.delete').includes(object), object);
});

test('the command line lists, shows and exports', async () => {
  const response = await ask('chat');
  const listed = await on.gateway.cli('logs', 'list', '--endpoint', 'chat', '--limit', '1', '--json');
  const shown = await on.gateway.cli('logs', 'show', id_of(response));
  const people = await on.gateway.cli('logs', 'list', '--from', '1h');
  const exported = await on.gateway.cli('logs', 'export', '--format', 'csv');
  const missing = await on.gateway.cli('logs', 'show', 'req_00000000000000000000000000');
  const wrong = await on.gateway.cli('logs', 'list', '--from', 'soon');

  assert.equal(JSON.parse(listed.stdout).data[0].request_id, id_of(response));
  assert.match(shown.stdout, /^model +gpt-4\.1-mini$/m);
  assert.match(people.stdout, new RegExp(`200  chat .* 24\\+8 tokens  \\$0\\.000022400 .*${id_of(response)}`));
  assert.equal(exported.stdout, (await logs('?format=csv&order=asc')).body);
  assert.equal(missing.code, 5);
  assert.equal(wrong.code, 2);
});

test('tail shows a request when it is answered', async () => {
  const tail = spawn(binary, ['tail', '--json', '--endpoint', 'plain', '--config', on.gateway.folder], {
    env: { ...process.env, PINION_STORE: on.gateway.store, PINION_ADMIN: `unix:${on.gateway.adminSocket}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = new Promise((resolve) => tail.stdout.setEncoding('utf8').once('data', resolve));
  let ours;
  let answered = false;
  line.then(() => (answered = true));
  /* When it has begun to look cannot be seen from outside: so there is something to see until it has. */
  while (!answered) ours = await ask('plain');
  assert.equal(JSON.parse((await line).split('\n')[0]).endpoint, 'plain');
  assert.ok(ours);
  tail.kill();
  await new Promise((resolve) => tail.on('close', resolve));
});

test('the log outlasts the process, and a kill loses no more than what came last', async () => {
  const { folder } = on.gateway;
  const store = await mkdtemp(path.join(os.tmpdir(), 'pinion-store-'));
  const first = await startGateway({ folder, store });
  const { token } = await first.token('*');

  on.upstream.answer('One.');
  const kept = await first.call('chat', { message: 'x' }, { token });
  await kept.text();
  assert.equal((await first.admin('GET', `/admin/v1/logs/${id_of(kept)}`)).status, 200, 'now it is stored');
  first.child.kill('SIGKILL');
  await first.exited;

  const second = await startGateway({ folder, store });
  assert.equal((await second.admin('GET', `/admin/v1/logs/${id_of(kept)}`)).body.request_id, id_of(kept));
  on.upstream.answer('Two.');
  const last = await second.call('chat', { message: 'x' }, { token });
  await last.text();
  second.child.kill('SIGTERM'); /* what is in memory is written before the end */
  await second.exited;

  const third = await startGateway({ folder, store });
  assert.equal((await third.admin('GET', `/admin/v1/logs/${id_of(last)}`)).status, 200);
  await third.stop();
});
