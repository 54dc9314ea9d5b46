// The cache: a call that is the same is answered from what is kept, calls that are the same at the same
// time are made once, and nothing gets to whom it is not meant for.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { chat, files, sum } from './support/files.js';
import { events, makeFolder, settings, startGateway, writeFiles } from './support/gateway.js';
import { scene } from './support/scene.js';
import { gatewaySdk } from './support/sdk.js';
import { chunk, completion, data, startUpstream, streamed } from './support/upstream.js';

const named = (slug, more, of = chat) => `${of.replace(/slug: .*/, `slug: ${slug}`)}${more}\n`;
const kept = 'cache: {ttl: 1h}';
const projects = 'projects: {acme: {}, other: {}}\n';
const on = scene((upstream) => ({
  'pinion.yaml': settings(upstream.url, `${projects}cache: {max_ttl: 60s}\n`),
  'endpoints/kept.yaml': named('kept', kept),
  'endpoints/masked.yaml': named('masked', `guardrails: {pii: restore}\n${kept}`),
  'endpoints/copied.yaml': named('copied', `params: {max_tokens: 50}\nshadow: {model: gpt-4.1-nano, percent: 100, daily_usd: 1}\n${kept}`),
  'endpoints/own.yaml': named('own', 'cache: {ttl: 1h, scope: token}'),
  'endpoints/brief.yaml': named('brief', 'cache: {ttl: 1s}'),
  'endpoints/never.yaml': named('never', 'cache: {ttl: 0s}'),
  'endpoints/wish.yaml': named('wish', 'cache: {max_ttl: 1h}'),
  'endpoints/free.yaml': named('free', `allow: [temperature, tools, tool_choice]\n${kept}`),
  'endpoints/talk.yaml': named('talk', `session: {ttl: 30m}\n${kept}`),
  'endpoints/rare.yaml': named('rare', `limits: {per_hour: 3, tokens_per_minute: 2000}\n${kept}`),
  'endpoints/sums.yaml': named('sums', `on_invalid_output: {repair: true}\nstream: validated\n${kept}`, sum),
  'endpoints/echo.yaml': named('echo', `input_schema: {type: object}\n${kept}`),
  'endpoints/spare.yaml': named('spare', `failover: [{provider: upstream, model: other, on: [error]}]\n${kept}`),
  'endpoints/tried.yaml': named('tried', `failover: [{provider: upstream, model: other, on: [error]}]\nrouting: [{name: trial, when: {caller: {name: [trier]}}, use: {endpoint: alone}}]\n${kept}`),
  'endpoints/alone.yaml': named('alone', ''),
}));

let words = 0;
const fresh = () => `question ${++words}`;
const call = (slug, body, { token = on.token, gateway = on.gateway, ...more } = {}) =>
  gateway.call(slug, typeof body === 'string' ? { message: body } : body, { token, ...more });
const how = (response) => response.headers.get('x-cache');
const calls = () => on.upstream.calls.length;
// Asks; gives how the cache took part, and the answer.
const ask = async (slug, body, more) => {
  const response = await call(slug, body, more);
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  return { how: how(response), answer, response };
};
// Waits until so many wait for the answer of another.
const waiting = async (count, gateway = on.gateway) => {
  for (;;) {
    const { body } = await gateway.admin('GET', '/admin/v1/cache');
    if (body.calls.waiting === count) return;
    assert.ok(body.calls.waiting < count, `${body.calls.waiting} wait`);
  }
};
// The next call is answered when `answer` is called.
const held = (answer) => {
  let go;
  const asked = new Promise((begun) =>
    on.upstream.next((response) => {
      go = () => answer(response);
      begun();
    }),
  );
  return { asked, answer: () => go() };
};
const whole = (content) => (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(completion(content)));
};
// A stream of the question, which its provider has been asked for and the test writes.
const streaming = async (question, more) => {
  const asked = new Promise((begun) =>
    on.upstream.next((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      begun(response);
    }),
  );
  const first = call('kept', { message: question, stream: true }, more);
  return Object.assign(await asked, { first });
};
const read = async (response) => {
  const got = [];
  for await (const event of events(response)) got.push(event);
  return got;
};
const textOf = (got) => got.map((event) => event.choices?.[0]?.delta?.content ?? '').join('');

test('a call that is the same is answered without a provider, at no cost', async () => {
  const question = fresh();
  on.upstream.answer('At nine.');
  const first = await ask('kept', question);
  const before = calls();
  const again = await ask('kept', question);
  assert.deepEqual([first.how, again.how], ['miss', 'hit']);
  assert.equal(calls(), before);
  assert.equal(again.answer.content, 'At nine.');
  assert.equal(again.answer.model, first.answer.model);
  assert.equal(again.answer.finish_reason, 'stop');
  assert.notEqual(again.answer.id, first.answer.id);
  assert.deepEqual([first.answer.meta.cached, again.answer.meta.cached], [false, true]);
  assert.deepEqual([again.answer.meta.cost_usd, again.answer.meta.attempts], ['0.000000000', 0]);
  assert.equal(again.answer.usage.total_tokens, 0);
  assert.equal(again.response.headers.get('pinion-attempts'), null);
  const line = await on.gateway.journal(again.response);
  assert.deepEqual([line.cache, line.attempts ?? 0, line.cost_usd], ['hit', 0, undefined]);
});

test('spaces and the order of members make no difference, values do', async () => {
  on.upstream.answer('one');
  assert.equal((await ask('echo', { input: { a: 1, b: [1, { c: 2, d: 3 }] } })).how, 'miss');
  const before = calls();
  assert.equal((await ask('echo', { input: { b: [1, { d: 3, c: 2 }], a: 1 } })).how, 'hit');
  assert.equal(calls(), before);
  on.upstream.answer('two');
  assert.equal((await ask('echo', { input: { b: [{ d: 3, c: 2 }, 1], a: 1 } })).how, 'miss');
});

test('whatever the provider would be told otherwise makes another call', async () => {
  const question = fresh();
  const image = (url) => [{ role: 'user', content: [{ type: 'text', text: question }, { type: 'image_url', image_url: { url } }] }];
  const tool = (name) => [{ type: 'function', function: { name, parameters: { type: 'object', properties: { a: {}, b: {} } } } }];
  const bodies = [
    { message: question },
    { message: `${question} ` },
    { message: question, temperature: 0.5 },
    { message: question, tools: tool('one') },
    { message: question, tools: tool('two') },
    { message: question, tools: tool('one'), tool_choice: 'required' },
    { messages: [{ role: 'user', content: 'before' }, { role: 'assistant', content: 'x' }, { role: 'user', content: question }] },
    { messages: image('https://example.com/a.png') },
    { messages: image('https://example.com/b.png') },
  ];
  for (const body of bodies) {
    on.upstream.answer('x');
    assert.equal((await ask('free', body)).how, 'miss', JSON.stringify(body));
  }
  for (const body of bodies) assert.equal((await ask('free', body)).how, 'hit', JSON.stringify(body));
  const turned = [{ type: 'function', function: { parameters: { properties: { b: {}, a: {} }, type: 'object' }, name: 'one' } }];
  assert.equal((await ask('free', { tools: turned, message: question })).how, 'hit');
});

test('an answer never gets to another project, and where its scope says so to no other token', async () => {
  const token = async (project) => (await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['*'], project })).body.token;
  const [acme, colleague, other] = [await token('acme'), await token('acme'), await token('other')];
  const question = fresh();
  for (const [slug, who, expected] of [
    ['kept', acme, 'miss'],
    ['kept', colleague, 'hit'],
    ['kept', other, 'miss'],
    ['kept', on.token, 'miss'],
    ['own', acme, 'miss'],
    ['own', colleague, 'miss'],
    ['own', acme, 'hit'],
  ]) {
    if (expected === 'miss') on.upstream.answer(expected);
    assert.equal((await ask(slug, question, { token: who })).how, expected);
  }
});

test('an answer lives as long as its endpoint says', async () => {
  const question = fresh();
  on.upstream.answer('x');
  await ask('brief', question);
  assert.equal((await ask('brief', question)).how, 'hit');
  on.upstream.answer('y');
  let last;
  do last = await ask('brief', question);
  while (last.how === 'hit');
  assert.equal(last.answer.content, 'y');
});

test('a caller may ask for less, for none, and where it may, for some', async () => {
  const question = fresh();
  const ttl = (seconds) => ({ headers: { 'x-cache-ttl': String(seconds) } });
  for (const [slug, more, expected] of [
    ['kept', {}, 'miss'],
    ['kept', ttl(10), 'hit'],
    ['kept', ttl(1e9), 'hit'],
    ['kept', ttl(0), 'bypass'],
    ['kept', { headers: { 'cache-control': 'no-store' } }, 'bypass'],
    ['kept', {}, 'hit'],
    ['wish', {}, null],
    ['wish', ttl(60), 'miss'],
    ['wish', ttl(60), 'hit'],
    ['wish', {}, null],
    ['never', {}, null],
    ['never', ttl(60), null],
    ['chat', {}, null],
    ['chat', ttl(60), 'miss'],
    ['chat', ttl(60), 'hit'],
  ]) {
    if (expected !== 'hit') on.upstream.answer('x');
    assert.equal((await ask(slug, question, more)).how, expected, `${slug} ${JSON.stringify(more)}`);
  }
  const refused = await call('kept', question, ttl('1h'));
  const { error } = await refused.json();
  assert.deepEqual([refused.status, error.code, error.param], [400, 'invalid_request', 'X-Cache-TTL']);
  assert.equal(error.message, 'X-Cache-TTL is a whole number of seconds');
});

test('no-cache gets a new answer, which takes the place of the old', async () => {
  const question = fresh();
  on.upstream.answer('old');
  await ask('kept', question);
  on.upstream.answer('new');
  assert.equal((await ask('kept', question, { headers: { 'cache-control': 'no-cache' } })).how, 'bypass');
  const again = await ask('kept', question);
  assert.deepEqual([again.how, again.answer.content], ['hit', 'new']);
});

test('only what is whole and fits is kept', async () => {
  const cut = fresh();
  for (let i = 0; i < 2; i++) {
    on.upstream.answer('At ni', { finish_reason: 'length' });
    assert.equal((await ask('kept', cut)).how, 'miss');
  }
  const wrong = { a: 1, b: ++words };
  for (let i = 0; i < 2; i++) {
    on.upstream.answer({ sum: -1 });
    assert.equal((await call('sums', wrong)).status, 422);
  }
  const broken = fresh();
  for (let i = 0; i < 2; i++) {
    on.upstream.json({ error: { message: 'no' } }, { status: 500 });
    assert.equal((await call('kept', broken)).status, 502);
  }
});

test('an answer that was repaired or stood in a fence is judged again, the same', async () => {
  const input = { a: 2, b: ++words };
  on.upstream.answer('Here:\n```json\n{"sum": 4,}\n```');
  const first = await ask('sums', input);
  const again = await ask('sums', input);
  assert.deepEqual([again.how, again.answer.output, again.answer.meta.repaired], ['hit', { sum: 4 }, true]);
  assert.deepEqual(again.answer.content, first.answer.content);
});

test('what stood in for the target that was meant is not kept for it', async () => {
  const question = fresh();
  on.upstream.json({ error: { message: 'no' } }, { status: 500 });
  on.upstream.answer('from the other');
  assert.equal((await ask('spare', question)).how, 'miss');
  on.upstream.answer('from the first');
  const again = await ask('spare', question);
  assert.deepEqual([again.how, again.answer.content], ['miss', 'from the first']);
  assert.equal((await ask('spare', question)).how, 'hit');
});

test('a hit counts as a call and takes no tokens', async () => {
  const { token } = await on.gateway.token('rare');
  const question = fresh();
  on.upstream.answer('x', { usage: { prompt_tokens: 900, completion_tokens: 900, total_tokens: 1800 } });
  assert.equal((await ask('rare', question, { token })).how, 'miss');
  for (let i = 0; i < 2; i++) assert.equal((await ask('rare', question, { token })).how, 'hit');
  const refused = await call('rare', question, { token });
  assert.deepEqual([refused.status, how(refused)], [429, null]);
});

test('a stream is answered from what is kept, and what was streamed is kept', async () => {
  const question = fresh();
  on.upstream.stream(streamed(['At', ' nine', '.']));
  const first = await read(await call('kept', { message: question, stream: true }));
  const response = await call('kept', { message: question, stream: true });
  assert.equal(how(response), 'hit');
  const again = await read(response);
  assert.deepEqual([textOf(first), textOf(again), again.at(-1)], ['At nine.', 'At nine.', '[DONE]']);
  assert.deepEqual(again.at(-2).pinion.cached, true);
  assert.equal(again.at(-3).choices[0].finish_reason, 'stop');
  const plain = await ask('kept', question);
  assert.deepEqual([plain.how, plain.answer.content], ['hit', 'At nine.']);
});

test('a whole answer with calls of tools is a stream of them, too', async () => {
  const question = fresh();
  const tools = [{ type: 'function', function: { name: 'look' } }];
  on.upstream.json({
    ...completion(null),
    choices: [{ index: 0, finish_reason: 'tool_calls', message: { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{"at":1}' } }] } }],
  });
  const first = await ask('free', { message: question, tools });
  const got = await read(await call('free', { message: question, tools, stream: true }));
  const parts = got.flatMap((event) => event.choices?.[0]?.delta?.tool_calls ?? []);
  assert.equal(parts[0].id, first.answer.tool_calls[0].id);
  assert.equal(parts.map((part) => part.function.arguments).join(''), '{"at":1}');
  assert.deepEqual((await ask('free', { message: question, tools })).answer.tool_calls, first.answer.tool_calls);
});

test('an answer under a schema is kept for streams and whole answers apart', async () => {
  const input = { a: 3, b: ++words };
  on.upstream.answer({ sum: 7 });
  assert.equal((await ask('sums', input)).how, 'miss');
  on.upstream.stream(streamed(['{"sum"', ': 7}']));
  const first = await call('sums', { ...input, stream: true });
  assert.equal(how(first), 'miss');
  await read(first);
  const again = await call('sums', { ...input, stream: true });
  assert.deepEqual([how(again), textOf(await read(again))], ['hit', '{"sum": 7}']);
});

test('an SDK reads a stream from the cache as any other', async () => {
  const sdk = gatewaySdk(on);
  const question = fresh();
  const listen = async () => {
    const got = [];
    const order = { model: 'kept', messages: [{ role: 'user', content: question }], stream: true };
    for await (const part of await sdk.chat.completions.create(order)) got.push(part);
    return got;
  };
  on.upstream.stream(streamed(['At', ' nine', '.']));
  await listen();
  const got = await listen();
  assert.equal(got.map((part) => part.choices[0]?.delta?.content ?? '').join(''), 'At nine.');
  assert.ok(got.every(({ object }) => object === 'chat.completion.chunk'));
});

test('a hundred calls that are the same at once are made once', async () => {
  const question = fresh();
  const before = calls();
  const provider = held(whole('At nine.'));
  const all = Array.from({ length: 100 }, () => ask('kept', question));
  await provider.asked;
  await waiting(99);
  provider.answer();
  const got = await Promise.all(all);
  assert.equal(calls(), before + 1);
  assert.deepEqual([...new Set(got.map(({ answer }) => answer.content))], ['At nine.']);
  assert.equal(new Set(got.map(({ answer }) => answer.id)).size, 100);
  const [missed, joined] = ['miss', 'joined'].map((result) => got.filter((one) => one.how === result));
  assert.deepEqual([missed.length, joined.length], [1, 99]);
  assert.deepEqual([...new Set(joined.map(({ answer }) => answer.meta.cost_usd))], ['0.000000000']);
  assert.ok(Number(missed[0].answer.meta.cost_usd) > 0);
  const line = await on.gateway.journal(joined[0].response);
  assert.deepEqual([line.cache, line.attempts ?? 0], ['joined', 0]);
  assert.ok(line.upstream_ms > 0);
});

test('a hundred streams that are the same at once are one stream, heard from its beginning', async () => {
  const question = fresh();
  const before = calls();
  const say = await streaming(question);
  const all = [say.first, ...Array.from({ length: 98 }, () => call('kept', { message: question, stream: true }))];
  await waiting(98);
  const pieces = streamed(['At', ' nine', '.']);
  say.write(pieces[0] + pieces[1]);
  const responses = await Promise.all(all); // each has begun
  const late = await call('kept', { message: question, stream: true });
  const plain = ask('kept', question);
  await waiting(100);
  for (const piece of pieces.slice(2)) say.write(piece);
  say.end();
  const got = await Promise.all([...responses, late].map(read));
  assert.equal(calls(), before + 1);
  assert.deepEqual([...new Set(got.map(textOf))], ['At nine.']);
  assert.ok(got.every((one) => one.at(-1) === '[DONE]' && one.at(-3).choices[0].finish_reason === 'stop'));
  const results = responses.map(how).sort();
  assert.deepEqual([results.filter((one) => one === 'joined').length, how(late)], [98, 'joined']);
  assert.deepEqual([(await plain).how, (await plain).answer.content], ['joined', 'At nine.']);
});

test('when the one that made the call leaves, the others get its answer', async () => {
  const question = fresh();
  const before = calls();
  const provider = held(whole('At nine.'));
  const gone = new AbortController();
  const first = call('kept', question, { signal: gone.signal });
  await provider.asked;
  const others = [ask('kept', question), ask('kept', question)];
  await waiting(2);
  gone.abort();
  await assert.rejects(first);
  provider.answer();
  for (const { how: result, answer } of await Promise.all(others))
    assert.deepEqual([result, answer.content], ['joined', 'At nine.']);
  assert.equal(calls(), before + 1);
  await on.gateway.logged((line) => line.event === 'request' && line.status === 499 && line.cache === 'miss' && line.cost_usd > 0);
  assert.equal((await ask('kept', question)).how, 'hit');
});

test('when the one that made the call leaves in the midst of a stream, the others hear it to its end', async () => {
  const question = fresh();
  const gone = new AbortController();
  const say = await streaming(question, { signal: gone.signal });
  const second = call('kept', { message: question, stream: true });
  await waiting(1);
  const pieces = streamed(['At', ' nine', '.']);
  say.write(pieces[0] + pieces[1]);
  await (await say.first).body.getReader().read();
  gone.abort();
  for (const piece of pieces.slice(2)) say.write(piece);
  say.end();
  const response = await second;
  assert.deepEqual([how(response), textOf(await read(response))], ['joined', 'At nine.']);
});

test('when all have left, the call to the provider is cancelled', async () => {
  const question = fresh();
  const left = new Promise((resolve) => on.upstream.next((response) => response.on('close', resolve)));
  const before = calls();
  const gone = [new AbortController(), new AbortController()];
  const all = [call('kept', question, { signal: gone[0].signal })];
  await on.upstream.called(before + 1);
  all.push(call('kept', question, { signal: gone[1].signal }));
  await waiting(1);
  gone[0].abort();
  gone[1].abort();
  await Promise.allSettled(all);
  await left;
  on.upstream.answer('x');
  assert.equal((await ask('kept', question)).how, 'miss');
});

test('when the call fails, one of those who wait makes it again and the others go on waiting', async () => {
  const question = fresh();
  const before = calls();
  const first = held((response) => {
    response.writeHead(500, { 'content-type': 'application/json' });
    response.end('{"error":{"message":"no"}}');
  });
  const all = Array.from({ length: 10 }, () => call('kept', question));
  await first.asked;
  await waiting(9);
  const second = held(whole('At nine.'));
  first.answer();
  await second.asked;
  await waiting(8);
  second.answer();
  const got = await Promise.all(all);
  assert.equal(calls(), before + 2);
  assert.deepEqual(got.map(({ status }) => status).sort(), [...Array(9).fill(200), 502]);
  assert.deepEqual(got.map(how).sort(), [...Array(8).fill('joined'), 'miss', 'miss']);
});

test('what fails twice in a row, or cannot be otherwise, is told to all who wait', async () => {
  const broken = (response) => {
    response.writeHead(500, { 'content-type': 'application/json' });
    response.end('{"error":{"message":"no"}}');
  };
  const question = fresh();
  const before = calls();
  const first = held(broken);
  const all = Array.from({ length: 10 }, () => call('kept', question));
  await first.asked;
  await waiting(9);
  const second = held(broken);
  first.answer();
  await second.asked;
  await waiting(8);
  second.answer();
  for (const response of await Promise.all(all)) assert.equal(response.status, 502, await response.text());
  assert.equal(calls(), before + 2);

  const input = { a: 1, b: ++words };
  const wrong = held(whole('{"sum": -1}'));
  const sums = Array.from({ length: 5 }, () => call('sums', input));
  await wrong.asked;
  await waiting(4);
  wrong.answer();
  for (const response of await Promise.all(sums)) {
    const { error } = await response.json();
    assert.deepEqual([response.status, error.code], [422, 'output_schema_violation']);
    assert.equal(error.details.violations[0].keyword, 'minimum');
  }
  assert.equal(calls(), before + 3);
});

test('a stream that breaks off does so for all who have heard its beginning', async () => {
  const question = fresh();
  const say = await streaming(question);
  const all = [say.first, call('kept', { message: question, stream: true })];
  await waiting(1);
  say.write(data(chunk({ content: 'At ' })));
  const responses = await Promise.all(all);
  say.destroy();
  for (const got of await Promise.all(responses.map(read))) {
    assert.equal(textOf(got), 'At ');
    assert.ok(got.at(-1).error, JSON.stringify(got.at(-1)));
  }
});

test('every answer passes the guardrails of who gets it: kept, shared or streamed', async () => {
  const question = fresh();
  const { body: careful } = await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['*'], guardrails: { words: { block: ['nine'] } } });
  const blocked = async (response, result) => {
    const { error } = await response.json();
    assert.deepEqual([response.status, error.code, how(response)], [422, 'guardrail_blocked', result]);
  };
  const say = await streaming(question);
  const second = call('kept', { message: question, stream: true }, careful);
  await waiting(1);
  for (const piece of streamed(['At ni', 'ne', '.'])) say.write(piece);
  say.end();
  assert.equal(textOf(await read(await say.first)), 'At nine.');
  const got = await read(await second);
  assert.ok(!textOf(got).includes('nine'), textOf(got));
  assert.equal(got.at(-1).error.code, 'guardrail_blocked');

  assert.equal((await ask('kept', question)).answer.content, 'At nine.');
  await blocked(await call('kept', question, careful), 'hit');
  await blocked(await call('kept', { message: question, stream: true }, careful), 'hit');
});

test('what is masked for a provider is put back for each caller', async () => {
  const question = `Write to anna${fresh().replace(' ', '')}@example.com.`;
  let masked;
  on.upstream.next((response) => {
    masked = on.upstream.calls.at(-1).body.messages.at(-1).content;
    whole(`I did: ${masked}`)(response);
  });
  const first = await ask('masked', question);
  const again = await ask('masked', question);
  assert.ok(!masked.includes('anna'), masked);
  assert.deepEqual([again.how, again.answer.content, first.answer.content], ['hit', `I did: ${question}`, `I did: ${question}`]);
  const other = question.replace('anna', 'otto'); // which no provider can tell from it
  const third = await ask('masked', other);
  assert.deepEqual([third.how, third.answer.content], ['hit', `I did: ${other}`]);
});

test('a shadow says what its own model does, and of a hit there is none', async () => {
  const question = fresh();
  on.upstream.answer('x');
  on.upstream.answer('y');
  const first = await ask('copied', question);
  const id = first.response.headers.get('x-request-id');
  const copy = await on.gateway.logged((line) => line.event === 'request' && line.shadow_of === id);
  assert.deepEqual([copy.shadow_result, copy.cache], ['different', undefined]);
  const before = calls();
  assert.equal((await ask('copied', question)).how, 'hit');
  assert.equal(calls(), before);
});

test('who may not use the model that answered in the end makes its own call', async () => {
  const question = fresh();
  const { body: narrow } = await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['*'], models: ['upstream:gpt-4.1-mini'] });
  const before = calls();
  const broken = held((response) => {
    response.writeHead(500, { 'content-type': 'application/json' });
    response.end('{"error":{"message":"no"}}');
  });
  const first = ask('spare', question);
  await broken.asked;
  const [wide, other] = [ask('spare', question), ask('spare', question, narrow)];
  await waiting(2);
  on.upstream.answer('from the other');
  on.upstream.answer('from the first');
  broken.answer();
  assert.equal((await first).answer.content, 'from the other');
  const { how: joined, answer } = await wide;
  assert.deepEqual([joined, answer.content, answer.meta.provider], ['joined', 'from the other', 'upstream']);
  const own = await other;
  assert.deepEqual([own.how, own.answer.content], ['miss', 'from the first']);
  assert.equal(calls(), before + 3);
});

test('who is answered by a candidate joins no call of the endpoint itself, which goes by other targets', async () => {
  const question = fresh();
  const { body: trier } = await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['*'], name: 'trier' });
  const broken = held((response) => {
    response.writeHead(500, { 'content-type': 'application/json' });
    response.end('{"error":{"message":"no"}}');
  });
  const first = ask('tried', question);
  await broken.asked;
  on.upstream.answer('from the candidate');
  const { how: own, answer } = await ask('tried', question, trier);
  assert.deepEqual([own, answer.content, answer.meta.candidate], ['miss', 'from the candidate', 'alone']);
  on.upstream.answer('from the other');
  broken.answer();
  assert.equal((await first).answer.content, 'from the other');
  assert.equal((await ask('tried', question, trier)).how, 'hit');
});

test('a turn of a session may be answered from the cache, and is remembered', async () => {
  const question = fresh();
  on.upstream.answer('Hello.');
  await ask('talk', question);
  const again = await ask('talk', question);
  assert.equal(again.how, 'hit');
  on.upstream.answer('Yes.');
  const next = await ask('talk', { message: 'Again?', session_id: again.answer.meta.session_id });
  assert.equal(next.how, 'miss');
  assert.deepEqual(on.upstream.calls.at(-1).body.messages.map(({ content }) => content).slice(1), [question, 'Hello.', 'Again?']);
});

test('a repeat under an Idempotency-Key is the answer that was given, whatever has become of the cache', async () => {
  const question = fresh();
  on.upstream.answer('At nine.');
  await ask('kept', question);
  const headers = { 'idempotency-key': fresh() };
  const hit = await ask('kept', question, { headers });
  assert.equal(hit.how, 'hit');
  await on.gateway.admin('DELETE', '/admin/v1/cache');
  const again = await ask('kept', question, { headers });
  assert.deepEqual(again.answer, hit.answer);
  assert.equal(again.response.headers.get('idempotency-replayed'), 'true');
});

test('a purge forgets an endpoint, a project or all, is told by the command line and recorded', async () => {
  const question = fresh();
  for (const slug of ['kept', 'free']) {
    on.upstream.answer('x');
    await ask(slug, question);
  }
  const cli = await on.gateway.cli('cache', 'purge', 'kept', '--project', 'default');
  assert.equal(cli.code, 0, cli.stderr);
  assert.match(cli.stdout, /^forgot [1-9]\d* cached answers in memory and [1-9]\d* in the store\n$/);
  on.upstream.answer('y');
  assert.deepEqual([(await ask('kept', question)).how, (await ask('free', question)).how], ['miss', 'hit']);
  const { status, body } = await on.gateway.admin('DELETE', '/admin/v1/cache?project=default');
  assert.deepEqual([status, body.object], [200, 'cache.purge']);
  on.upstream.answer('z');
  assert.equal((await ask('free', question)).how, 'miss');
  const { body: audit } = await on.gateway.admin('GET', '/admin/v1/audit?action=cache&order=desc&limit=2');
  assert.deepEqual(audit.data.map(({ object }) => object), ['project default', 'endpoint kept, project default']);
  const wrong = await on.gateway.admin('DELETE', '/admin/v1/cache?slug=kept');
  assert.deepEqual([wrong.status, wrong.body.error.code], [400, 'invalid_request']);
});

test('an answer that was on its way when all was purged is not kept', async () => {
  const question = fresh();
  const provider = held(whole('old'));
  const first = ask('kept', question);
  await provider.asked;
  await on.gateway.admin('DELETE', '/admin/v1/cache');
  provider.answer();
  await first;
  on.upstream.answer('new');
  assert.equal((await ask('kept', question)).answer.content, 'new');
});

test('what is in the cache and how it is used can be seen', async () => {
  let body;
  do ({ body } = await on.gateway.admin('GET', '/admin/v1/cache'));
  while (body.disk.entries === 0); // until what was answered last is written
  const use = body.endpoints.find(({ endpoint }) => endpoint === 'kept');
  assert.ok(use.hits > 0 && use.misses > 0 && use.joined >= 99 && use.bypassed > 0 && use.entries > 0, JSON.stringify(use));
  assert.deepEqual([body.memory.max_bytes, body.disk.max_bytes], [64 << 20, 1 << 30]);
  assert.ok(body.memory.bytes > 0 && body.disk.bytes > 0);
  const { stdout } = await on.gateway.cli('cache');
  assert.match(stdout, /^memory +\d+ answers, 0\.\d of 64\.0 MiB\ndisk +\d+ answers/);
  assert.match(stdout, /^kept +\d+ +\d+ +\d+ +\d+ +\d+/m);
  const metrics = (await on.gateway.admin('GET', '/metrics')).body;
  assert.match(metrics, new RegExp(`pinion_cache_total\\{endpoint="kept",result="hit"\\} ${use.hits}\n`));
  assert.match(metrics, /pinion_cache_bytes [1-9]/);
});

test('answers outlive a restart, and none outlives a change of its endpoint', async () => {
  const upstream = await startUpstream();
  const folder = await makeFolder(files(upstream, { 'endpoints/kept.yaml': named('kept', kept) }));
  const store = await mkdtemp(path.join(os.tmpdir(), 'pinion-cache-'));
  try {
    let gateway = await startGateway({ folder, store });
    const { token } = await gateway.token('*');
    const get = async () => (await ask('kept', 'x', { gateway, token })).how;
    upstream.answer('At nine.');
    assert.equal(await get(), 'miss');
    for (let entries = 0; entries === 0; ) entries = (await gateway.admin('GET', '/admin/v1/cache')).body.disk.entries;
    const again = async (change = () => {}) => {
      gateway.child.kill('SIGKILL');
      await gateway.exited;
      await change();
      gateway = await startGateway({ folder, store });
    };
    await again();
    assert.equal(await get(), 'hit');

    // A damaged record is as good as none, and the new answer takes its place.
    await again(async () => {
      const file = path.join(store, 'data.mdb');
      const bytes = await readFile(file);
      for (let at = bytes.indexOf('At nine.'); at >= 0; at = bytes.indexOf('At nine.', at + 1)) bytes[at] ^= 1;
      await writeFile(file, bytes);
    });
    upstream.answer('At ten.');
    assert.deepEqual([await get(), await get()], ['miss', 'hit']);

    await writeFiles(folder, { 'endpoints/kept.yaml': named('kept', `params: {temperature: 1}\n${kept}`) });
    await gateway.cli('reload');
    upstream.answer('By noon.');
    assert.deepEqual([await get(), await get()], ['miss', 'hit']);
    assert.deepEqual([upstream.calls.length, upstream.unexpected], [3, []]);
    assert.equal((await gateway.stop()).code, 0);
  } finally {
    await upstream.stop();
    await rm(folder, { recursive: true, force: true });
    await rm(store, { recursive: true, force: true });
  }
});

test('what is found in the store while it is being purged is not kept in memory', async () => {
  const upstream = await startUpstream();
  const folder = await makeFolder(files(upstream, { 'endpoints/kept.yaml': named('kept', kept) }));
  const store = await mkdtemp(path.join(os.tmpdir(), 'pinion-cache-'));
  const many = 600; // so that the store is emptied in several steps, what was asked last in the last
  try {
    let gateway = await startGateway({ folder, store });
    const { token } = await gateway.token('*');
    const get = async (place) => (await ask('kept', `purged ${place}`, { gateway, token })).how;
    for (let i = 0; i < many; i += 30) {
      for (let k = 0; k < 30; k++) upstream.answer('old');
      await Promise.all(Array.from({ length: 30 }, (_, k) => get(i + k)));
    }
    gateway.child.kill();
    await gateway.exited;
    gateway = await startGateway({ folder, store });
    for (let i = 0; i < 60; i++) upstream.answer('new');
    let purged;
    const purge = gateway.admin('DELETE', '/admin/v1/cache').then(() => (purged = true));
    const found = [];
    for (let place = many - 1; !purged && place >= many - 30; place--)
      if ((await get(place)) === 'hit') found.push(place);
    await purge;
    for (const place of found) assert.equal(await get(place), 'miss');
    assert.equal((await gateway.stop()).code, 0);
  } finally {
    await upstream.stop();
    await rm(folder, { recursive: true, force: true });
    await rm(store, { recursive: true, force: true });
  }
});
