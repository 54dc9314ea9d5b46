// What the log knows of one request: GET /admin/v1/logs/{id}, and `pinion logs show`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chat, sum } from './support/files.js';
import { scene } from './support/scene.js';
import { streamed } from './support/upstream.js';

const on = scene(() => ({
  'endpoints/kept.yaml': chat.replace('slug: chat', 'slug: kept') + 'log: {content: full, retention: 1h}\n',
  'endpoints/redacted.yaml': chat.replace('slug: chat', 'slug: redacted') + 'log: {content: redacted, retention: 1h}\n',
  'endpoints/again.yaml': chat
    .replace('slug: chat', 'slug: again')
    .replace('retry: {times: 0}', 'failover: [{provider: upstream, model: gpt-4.1, on: [error]}]\nretry: {times: 0}'),
  'endpoints/twice.yaml':
    chat
      .replace('slug: chat', 'slug: twice')
      .replace('retry: {times: 0}', 'failover: [{provider: upstream, model: gpt-4.1, on: [error]}]\nretry: {times: 0}') +
    'stream: raw\nlog: {content: full, retention: 1h}\n',
  'endpoints/shown.yaml': sum.replace('slug: sum', 'slug: shown') + 'log: {content: full, retention: 1h}\n',
  'endpoints/hushed.yaml': sum.replace('slug: sum', 'slug: hushed') + 'log: {content: redacted, retention: 1h}\n',
  'endpoints/cached.yaml': chat.replace('slug: chat', 'slug: cached') + 'cache: {ttl: 1h}\nlog: {content: full, retention: 1h}\n',
  'endpoints/masked.yaml': chat.replace('slug: chat', 'slug: masked') + 'guardrails: {pii: mask, words: {block: [Voldemort]}}\nlog: {content: full, retention: 1h}\n',
}));

async function ask(slug, body = { message: 'Hello?' }, { answer = 'Hello.', ...more } = {}) {
  if (answer !== null) on.upstream.answer(answer, more);
  const response = await on.gateway.call(slug, body, on);
  await response.text();
  const { status, body: row } = await on.gateway.admin('GET', `/admin/v1/logs/${response.headers.get('x-request-id')}`);
  assert.equal(status, 200);
  return row;
}

test('each stage that took time is told, in order, within the request', async () => {
  const { stages, stage_us, duration_ms, upstream_ms } = await ask('chat');
  const names = stages.map(({ name }) => name);

  assert.ok(names.includes('call') && names.includes('authenticate'), names.join());
  assert.deepEqual(
    names,
    ['authenticate', 'limit', 'idempotency', 'fetch', 'read', 'guard', 'check_input', 'recall', 'route', 'render', 'cache', 'meter', 'reserve', 'claim', 'call', 'check_output', 'share', 'guard_output', 'remember', 'settle', 'file', 'journal'].filter((name) => names.includes(name)),
    'in the order in which they ran',
  );
  let at = 0;
  for (const { name, started_us, duration_us } of stages) {
    assert.ok(started_us >= at, `${name} began before the one before it had ended`);
    assert.ok(duration_us > 0);
    assert.deepEqual(stage_us[name], [started_us, duration_us]);
    at = started_us + duration_us;
  }
  assert.ok(at <= duration_ms * 1000 + 1, 'none ends after the request');
  assert.ok(stages.find(({ name }) => name === 'call').duration_us >= upstream_ms * 1000 - 1, 'waiting is part of it');
});

test('what of the cost was for what adds up to it, to the last nano', async () => {
  const row = await ask('chat');
  const nano = (usd) => BigInt(usd.replace('.', ''));

  assert.deepEqual(
    Object.entries(row.cost_split).map(([kind, { tokens }]) => [kind, tokens]),
    [['input', 24], ['output', 8]],
  );
  assert.equal(Object.values(row.cost_split).reduce((sum, { cost_usd }) => sum + nano(cost_usd), 0n), nano(row.cost_usd));
});

test('attempts have their times, tokens and cost', async () => {
  on.upstream.json({ error: { message: 'no', type: 'server_error' } }, { status: 500 });
  const row = await ask('again');
  const [first, second] = row.attempt_list;

  assert.equal(row.attempt_list.length, 2);
  assert.ok(first.started_us > 0 && second.started_us >= first.started_us + first.ms * 1000 - 1);
  assert.equal(first.input_tokens, undefined, 'nothing was bought');
  assert.deepEqual([second.input_tokens, second.output_tokens], [24, 8]);
  assert.ok(second.ttft_ms >= 0);
  assert.equal(second.cost_usd, row.cost_usd);
});

test('what a schema was not satisfied with is told by the schema, and by its place in the answer', async () => {
  const row = await ask('sum', { a: 2, b: 2 }, { answer: { sum: -4, zebra: 'x' } });

  assert.equal(row.code, 'output_schema_violation');
  const low = row.violations.find(({ keyword }) => keyword === 'minimum');
  assert.equal(low.schema_path, '#/properties/sum/minimum');
  assert.ok(low.line === 1 && low.column > 1 && low.byte > 0);
  assert.equal(row.violations.length, 2);
  assert.equal(JSON.stringify(row).includes('zebra'), false, 'a name that the model made up');
});

test('the input is kept where what was said is, redacted alike, and nowhere else', async () => {
  const full = await ask('kept', { message: 'Write to ann@example.com.' });
  assert.equal(full.content.input, 'Write to ann@example.com.');
  const redacted = await ask('redacted', { message: 'Write to ann@example.com.' });
  assert.equal(typeof redacted.content.input, 'string');
  assert.equal(JSON.stringify(redacted).includes('ann@example.com'), false);
  const plain = await ask('chat', { message: 'Write to ann@example.com.' });
  assert.equal(JSON.stringify(plain).includes('ann@'), false);
});

/* --- what went to a provider and came back --- */

test('where what was said is kept, the bodies that went out and came back are, without headers', async () => {
  const { content } = await ask('kept', { message: 'Who was Ada?' }, { answer: 'A "mathematician".' });
  const [one, ...others] = content.exchanges;

  assert.deepEqual(others, []);
  assert.deepEqual([one.n, one.method, one.path], [1, 'POST', '/v1/chat/completions']);
  assert.deepEqual(JSON.parse(one.sent), on.upstream.calls.at(-1).body);
  assert.equal(one.sent_bytes, Buffer.byteLength(one.sent));
  assert.equal(JSON.parse(one.received).choices[0].message.content, 'A "mathematician".');
  assert.equal(one.received_bytes, Buffer.byteLength(one.received));
  assert.ok(!JSON.stringify(content).includes('Bearer'));
});

test('of each attempt, refusals too; a credential that is repeated in one is not kept', async () => {
  const key = on.upstream.calls.at(-1).headers.authorization.replace('Bearer ', '');
  assert.ok(key.length > 4);
  on.upstream.json({ error: { message: `no, ${key}, ${key}`, type: 'server_error' } }, { status: 500 });
  const { content, attempt_list } = await ask('twice');

  assert.deepEqual(content.exchanges.map(({ n }) => n), attempt_list.map(({ n }) => n));
  assert.equal(JSON.parse(content.exchanges[0].received).error.message, 'no, [key], [key]');
  assert.deepEqual(content.exchanges.map(({ sent }) => JSON.parse(sent).model), ['gpt-4.1-mini', 'gpt-4.1']);
});

test('nor is the begin of one, wherever what is kept ends', async () => {
  const key = on.upstream.calls.at(-1).headers.authorization.replace('Bearer ', '');
  for (let pad = 0; pad <= key.length; pad += 3) {
    on.upstream.json({ error: { message: 'x'.repeat(pad) + `${key} `.repeat(20000), type: 'server_error' } }, { status: 500 });
    const [{ received, received_cut }] = (await ask('twice')).content.exchanges;
    assert.equal(received_cut, true);
    assert.ok(!received.includes(key.slice(0, 4)), received.slice(-100));
  }
});

test('a stream is kept as it came, where nothing has to be taken out of it', async () => {
  const events = streamed(['Two', ' words']);
  on.upstream.stream(events);
  const { content } = await ask('twice', { message: 'Go', stream: true }, { answer: null });
  assert.equal(content.exchanges[0].received, events.join(''));
  for (const slug of ['redacted', 'masked']) {
    on.upstream.stream(events);
    const [one] = (await ask(slug, { message: 'Go', stream: true }, { answer: null })).content.exchanges;
    assert.equal(one.received, undefined, slug);
    assert.equal(one.received_left_out, 'stream');
    assert.equal(one.received_bytes, Buffer.byteLength(events.join('')));
  }
});

test('what is no UTF-8, and what is long, is kept as far as it can be', async () => {
  const odd = Buffer.concat([Buffer.from('<h1>Bad '), Buffer.from([0xff, 0xc3]), Buffer.from(' gateway</h1>')]);
  on.upstream.next((response) => response.writeHead(502, { 'content-type': 'text/html' }).end(odd));
  const { content } = await ask('kept', { message: 'x' }, { answer: null });
  assert.equal(content.exchanges[0].received, '<h1>Bad \ufffd\ufffd gateway</h1>');
  const long = await ask('kept', { message: 'x' }, { answer: 'y'.repeat(300000) });
  const [one] = long.content.exchanges;
  assert.equal(one.received_cut, true);
  assert.ok(one.received.length > 60000 && one.received.length < 62000 && one.received_bytes > 300000);
  assert.equal(long.content.answer.content.length, 300000);
  const [looked] = (await ask('redacted', { message: 'x' }, { answer: 'y'.repeat(300000) })).content.exchanges;
  assert.deepEqual([looked.received, looked.received_left_out], [undefined, 'size']);
});

test('what is redacted, or what guardrails take out, stands in no body either, however it is written', async () => {
  const mail = 'ann\\u0040example.com';
  const answer = `{"sum": 4, "note": "${mail}", "deep": ${JSON.stringify(`{"to": "${mail}"}`)}}`;
  const row = await ask('hushed', { a: 2, b: 2 }, { answer });
  const [one] = row.content.exchanges;
  const words = JSON.stringify(row);

  assert.match(JSON.parse(one.received).choices[0].message.content, /"sum"/);
  assert.ok(!words.includes('example.com'), words);
  const masked = await ask('masked', { message: 'Write to ann@example.com.' }, { answer: 'I wrote to bob@example.com.' });
  assert.ok(!JSON.stringify(masked).includes('@example.com'));
  assert.match(JSON.parse(masked.content.exchanges[0].sent).messages[1].content, /EMAIL_1/);
  assert.match(JSON.parse(masked.content.exchanges[0].received).choices[0].message.content, /EMAIL/);
});

test('an input that does not fit is kept with the places in it; nothing was sent', async () => {
  const row = await ask('shown', { a: 'two', b: 2 }, { answer: null });

  assert.equal(row.code, 'input_schema_violation');
  assert.deepEqual(row.content.input, { a: 'two', b: 2 });
  assert.deepEqual(row.content.violations.map(({ instance_path }) => instance_path), ['/a']);
  assert.equal(row.content.violations.length, row.violations.length);
  assert.deepEqual([row.content.messages, row.content.answer, row.content.exchanges, row.attempt_list], [undefined, undefined, undefined, undefined]);
  const plain = await ask('sum', { a: 'two', b: 2 }, { answer: null });
  assert.equal(plain.content, undefined);
});

test('the places in an answer that does not fit are told, also of members that the model made up', async () => {
  const row = await ask('shown', { a: 2, b: 2 }, { answer: { sum: -4, zebra: 'x' } });
  const places = row.content.violations.map(({ instance_path }) => instance_path);

  assert.equal(row.content.violations.length, row.violations.length);
  assert.ok(places.includes('/sum') && places.some((place) => place === '' || place === '/zebra'), places.join());
  assert.match(row.content.violations.map(({ message }) => message).join(), /zebra/);
});

test('what the cache answered is kept, too; what guardrails refused, or what was not read, is not', async () => {
  await ask('cached', { message: 'Once?' });
  const hit = await ask('cached', { message: 'Once?' }, { answer: null });
  assert.equal(hit.cache, 'hit');
  assert.equal(hit.content.input, 'Once?');
  assert.equal(hit.content.messages.at(-1).content, 'Once?');
  assert.equal(hit.content.answer.content, 'Hello.');
  assert.deepEqual([hit.content.exchanges, hit.attempt_list], [undefined, undefined]);
  for (const body of [{ message: 'Voldemort' }, { mesage: 'x' }]) {
    const row = await ask('masked', body, { answer: null });
    assert.ok(row.status >= 400);
    assert.equal(row.content, undefined);
  }
});

test('logs show prints all of it', async () => {
  const { request_id } = await ask('chat');
  const { code, stdout } = await on.gateway.cli('logs', 'show', request_id);
  assert.equal(code, 0);
  assert.match(stdout, /^stages +\n(  name \w+  started_us \d+  duration_us \d+ \n)+/m);
  assert.match(stdout, /^cost_split +\{"input":\{"tokens":24,"cost_usd":"/m);
  assert.doesNotMatch(stdout, /stage_us/);
});
