// The fault table of docs/faults.md at the gateway's own edge, row by row: what the caller, the provider and
// the journal see of each fault, alone and with a healthy second target behind it, streamed and not.
import { after, before, beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import { blackHole, certify, closedPort, tlsHost } from './support/bad-hosts.js';
import { sumIn, sumOut } from './support/files.js';
import { events, makeFolder, startGateway } from './support/gateway.js';
import { chunk, completion, data, streamed } from './support/upstream.js';
import { everyTest, rowsOf } from './support/named.js';
import { startUpstream } from './support/upstreams/index.js';

const on = {};
const quiet = 'breaker: {faults_in_row: 0, faults_pct: 0}';
const provider = (url, more = '') => `{kind: openai, base_url: "${url}", allow_http: true, allow_private: true, ${quiet}, ${more}}`;
const scripted = (upstream, key = '"sk-one"', more = '') => provider(upstream.url, `key: ${key}${more}`);
// An endpoint that is alone with the provider, and one that has a healthy second target.
const pair = (name, more = 'retry: {times: 0}\n', id = name, model = 'gpt-4.1-mini') => {
  const own = `provider: ${name}\nmodel: ${model}\nsystem: You are brief.\n${more}`;
  return {
    [`endpoints/${id}-alone.yaml`]: own,
    [`endpoints/${id}-helped.yaml`]: `${own}failover: [{provider: second, model: gpt-4.1, on: [error, timeout, rate_limit, invalid]}]\n`,
  };
};
const sum = 'input_schema: schemas/in.json\noutput_schema: schemas/out.json\ntemplate: "{{a}} + {{b}}?"\nretry: {times: 0}\n';

before(async () => {
  on.folder = await makeFolder({});
  const wrongName = certify(on.folder, 'elsewhere', 'DNS:elsewhere.example');
  const [key, cert] = await Promise.all([readFile(wrongName.key), readFile(wrongName.cert)]);
  on.first = await startUpstream('openai-chat');
  on.second = await startUpstream('openai-chat');
  on.claude = await startUpstream('anthropic');
  on.keyed = await startUpstream('openai-chat', { keys: ['sk-good'] });
  on.hole = await blackHole();
  on.tls = await tlsHost({ key, cert });
  on.oldTls = await tlsHost({ key, cert, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' });
  on.gateway = await startGateway({
    files: {
      'pinion.yaml': `
listen: 127.0.0.1:0
workers: 1
prices:
  first/of-no-known-length: {input: 1, output: 2}
providers:
  first: ${scripted(on.first)}
  second: ${scripted(on.second)}
  claude: {kind: anthropic, base_url: "${on.claude.url}", key: "sk-ant", allow_http: true, allow_private: true, ${quiet}}
  keyed: ${scripted(on.keyed, '["sk-bad", "sk-good"]')}
  limited: ${scripted(on.first, '["sk-one", "sk-two"]')}
  fragile: ${scripted(on.first).replace(quiet, 'breaker: {faults_in_row: 5, open: 1h, open_max: 1h}')}
  fragile-too: ${scripted(on.second).replace(quiet, 'breaker: {faults_in_row: 1, open: 1h, open_max: 1h}')}
  flapping: ${scripted(on.first).replace(quiet, 'breaker: {faults_in_row: 2, open: 500ms}')}
  refused: ${provider(`http://127.0.0.1:${await closedPort()}`)}
  hole: ${provider(`http://127.0.0.1:${on.hole.port}`, 'connect_timeout: 200ms')}
  self-signed: ${provider(`https://127.0.0.1:${on.tls.port}`)}
  wrong-name: ${provider(`https://127.0.0.1:${on.tls.port}`, `ca_file: "${wrongName.cert}"`)}
  old-tls: ${provider(`https://127.0.0.1:${on.oldTls.port}`, `ca_file: "${wrongName.cert}"`)}
  nameless: ${provider('https://nobody.invalid')}
  inside: {kind: openai, base_url: "https://${os.hostname()}:${on.tls.port}", ${quiet}}
`,
      'schemas/in.json': sumIn,
      'schemas/out.json': sumOut,
      ...pair('first'),
      ...pair('keyed'),
      ...pair('first', '', 'boundless', 'of-no-known-length'),
      ...pair('limited'),
      ...pair('fragile'),
      ...pair('refused'),
      ...pair('hole'),
      ...pair('self-signed'),
      ...pair('wrong-name'),
      ...pair('old-tls'),
      ...pair('nameless'),
      ...pair('inside'),
      ...pair('first', 'timeout: {first_token: 150ms}\nretry: {times: 0}\n', 'hasty'),
      ...pair('first', 'timeout: {idle: 500ms}\nretry: {times: 0}\n', 'restless'),
      ...pair('first', 'timeout: {total: 1500ms}\nretry: {times: 0}\n', 'finite'),
      ...pair('first', 'timeout: {first_token: 400ms, total: 1s}\nretry: {times: 0}\n', 'both-slow'),
      ...pair('first', 'timeout: {first_token: 300ms, total: 450ms}\nretry: {times: 0}\n', 'no-time'),
      ...pair('first', 'retry: {times: 0}\n', 'rested', 'gpt-4.1-nano'),
      ...pair('first', `${sum}on_invalid_output: {then: next}\n`, 'sum'),
      ...pair('first', 'retry: {times: 1}\n', 'once-more'),
      ...pair('first', 'retry: {times: 1, after_send: true}\n', 'sent-again'),
      ...pair('refused', 'retry: {times: 2}\n', 'refused-again'),
      'endpoints/claude-alone.yaml': 'provider: claude\nmodel: claude-haiku-4-5\nsystem: s\nretry: {times: 0}\n',
      'endpoints/fragile-other.yaml': 'provider: fragile\nmodel: gpt-4.1\nsystem: s\n',
      'endpoints/all-open.yaml': 'provider: fragile-too\nmodel: gpt-4.1-mini\nsystem: s\nretry: {times: 0}\nfailover: [{provider: fragile-too, model: gpt-4.1, on: [error]}]\n',
      'endpoints/flapping.yaml': 'provider: flapping\nmodel: gpt-4.1-mini\nsystem: s\nretry: {times: 0}\nfailover: [{provider: second, model: gpt-4.1, on: [error]}]\n',
    },
  });
  on.token = (await on.gateway.token('*')).token;
});
after(async () => {
  const end = await on.gateway?.stop();
  for (const upstream of [on.first, on.second, on.claude, on.keyed]) {
    upstream?.check();
    await upstream?.stop();
  }
  for (const host of [on.hole, on.tls, on.oldTls]) await host?.stop();
  await rm(on.folder, { recursive: true });
  assert.equal(end?.code, 0, end?.stderr());
});

let seen;
beforeEach(() => (seen = { first: on.first.calls.length, second: on.second.calls.length }));
const asked = (name) => on[name].calls.length - seen[name];
const call = (slug, stream = false, body = { message: 'When?' }) => on.gateway.call(slug, { ...body, ...(stream ? { stream } : {}) }, on);
const journal = async (response, expected) => {
  const line = await on.gateway.journal(response);
  for (const [name, value] of Object.entries(expected)) assert.equal(line[name], value, `${name} in ${JSON.stringify(line)}`);
  return line;
};
const attemptsOf = (error) => error.details.attempts.map(({ provider, status, reason }) => ({ provider, status, reason }));
const all = async (response) => {
  const got = [];
  for await (const event of events(response)) got.push(event);
  return got;
};
const textOf = (got) => got.map((event) => event.choices?.[0]?.delta?.content ?? '').join('');

// The caller alone with the fault: an ordinary error, though it asked for a stream.
async function refusedWith(response, { status, code, attempts }) {
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.equal(response.headers.get('content-type'), 'application/json');
  const { ok, error } = JSON.parse(text);
  assert.equal(ok, false);
  assert.equal(error.code, code, text);
  assert.deepEqual(attemptsOf(error), attempts);
  await journal(response, { status, code, attempts: attempts.length });
  return { ...error, text };
}

// And with a second target: an answer, of that one.
async function answeredBySecond(response, stream, attempts = 2) {
  if (stream) {
    const got = await all(response);
    assert.equal(textOf(got), 'At nine.', JSON.stringify(got));
    assert.equal(got.at(-1), '[DONE]');
    assert.equal(got.at(-2).pinion.attempts, attempts);
  } else {
    const body = await response.json();
    assert.equal(body.content, 'At nine.', JSON.stringify(body));
    assert.equal(body.meta.attempts, attempts);
  }
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('pinion-attempts'), String(attempts));
  assert.equal(response.headers.get('pinion-provider'), 'second');
  await journal(response, { status: 200, provider: 'second', model: 'gpt-4.1', attempts });
}

// A fault before any content. `fault` scripts it, for each call anew.
async function early(id, fault, { status, code, reason, told = 0, provider = id, streams = [false, true] }) {
  for (const stream of streams) {
    const before = asked('first');
    await fault(stream);
    await refusedWith(await call(`${id}-alone`, stream), { status, code, attempts: [{ provider, status: told, reason }] });
    await fault(stream);
    on.second.answer({ text: ['At', ' nine.'] });
    const response = await call(`${id}-helped`, stream);
    await answeredBySecond(response, stream);
    const line = await on.gateway.logged((it) => it.event === 'failover' && it.request_id === response.headers.get('x-request-id'));
    assert.equal(line.reason, reason);
    if (provider === 'first') assert.equal(asked('first') - before, 2, 'each call was made once');
  }
}

// A fault behind the first content: a stream that has begun ends in an error event; a caller of a whole
// answer has seen nothing of it and is helped.
async function late(id, fault, { code, reason, told = 200, status = 502, whole = true }) {
  const before = asked('second');
  await fault(true);
  const response = await call(`${id}-helped`, true);
  const got = await all(response);
  assert.equal(response.status, 200);
  assert.ok(textOf(got).length > 0);
  assert.equal(got.at(-1).error?.code, code, JSON.stringify(got.at(-1)));
  assert.deepEqual(attemptsOf(got.at(-1).error), [{ provider: 'first', status: told, reason }]);
  assert.ok(!got.includes('[DONE]'));
  const line = await journal(response, { status, code, stream: true, attempts: 1 });
  assert.ok(line.input_tokens > 0 && line.output_tokens > 0 && Number(line.cost_usd) > 0, JSON.stringify(line));
  assert.equal(asked('second'), before, 'what a caller has begun to receive is not begun again');
  if (whole) await early(id, fault, { status, code, reason, told, provider: 'first', streams: [false] });
}

const json = (body) => () => on.first.json(body);
const framed = (framing) => () => on.first.answer('At nine.', { framing });

test('U1: a provider that nobody listens for is passed over at once', async () => {
  await early('refused', () => {}, { status: 502, code: 'upstream_unreachable', reason: 'transport' });
});

test('U2: a black hole costs its connect time and no more', async () => {
  await early('hole', () => {}, { status: 504, code: 'upstream_timeout', reason: 'timeout' });
});

test('U3: a reply that breaks off is never a whole answer', async () => {
  await early('first', () => on.first.raw([], 'reset'), { status: 502, code: 'upstream_failed', reason: 'transport' });
  await early('first', () => on.first.raw([], 'close'), { status: 502, code: 'upstream_failed', reason: 'transport' });
  for (const then of ['close', 'reset'])
    for (const cut of [{ bytes: 9 }, { body: 0 }, { body: 1 }, { body: 40 }])
      await early('first', () => on.first.answer('At nine.', { cut: { ...cut, then } }), {
        status: 502, code: 'upstream_truncated', reason: 'cut', told: 'bytes' in cut ? 0 : 200,
      });
  await late('first', (stream) => on.first.answer({ text: ['At', ' six.'] }, { cut: stream ? { events: 2, then: 'reset' } : { body: 300, then: 'reset' } }), {
    code: 'upstream_truncated', reason: 'cut',
  });
});

test('U4: a provider that drips runs out of each of its times', async () => {
  const timeout = { status: 504, code: 'upstream_timeout', reason: 'timeout' };
  await early('hasty', () => on.first.answer('Too late.', { wait: true }), { ...timeout, provider: 'first' });
  // The head of a stream, and its first event without a word in it, are no beginning.
  await early('hasty', () => on.first.answer('Too late.', { hold: 1 }), { ...timeout, told: 200, provider: 'first', streams: [true] });
  await late('restless', () => on.first.answer({ text: ['At', ' six.'] }, { hold: 2 }), { ...timeout, whole: false });
  // Every pause is short enough, all of it together is not.
  await late('finite', () => on.first.answer({ text: 'At six. '.repeat(400) }, { drip: { every_ms: 2 } }), { ...timeout, whole: false });
  on.first.answer({ text: 'At six. '.repeat(400) }, { drip: { every_ms: 2 } });
  await refusedWith(await call('finite-alone'), { ...timeout, attempts: [{ provider: 'first', status: 200, reason: 'timeout' }] });
});

test('U5: a stream without end is cut at its limit and paid for so far', { timeout: 120000 }, async () => {
  await late('first', () => on.first.answer({ text: ['x'.repeat(4000)] }, { endless: true }), {
    code: 'output_limit_exceeded', reason: 'overrun', whole: false,
  });
  await late('boundless', () => on.first.answer({ text: ['x'.repeat(4000)] }, { endless: true }), {
    code: 'upstream_too_large', reason: 'too_large', whole: false,
  });
  await early('boundless', () => on.first.answer({ text: ['x'.repeat(4000)] }, { endless: true }), {
    status: 502, code: 'upstream_too_large', reason: 'too_large', told: 200, streams: [false], provider: 'first',
  });
});

test('U6: a body, a head or a line too large is not read to its end', async () => {
  const expected = { status: 502, code: 'upstream_too_large', reason: 'too_large' };
  await early('first', framed('huge_head'), expected);
  const announced = () =>
    on.first.next((response) => {
      response.on('error', () => {});
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1e9 }).write('{"id":');
    });
  await early('first', announced, expected);
  const line = () =>
    on.first.next((response) => {
      response.on('error', () => {});
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: ');
      const write = () => !response.destroyed && response.write('x'.repeat(65536), () => setImmediate(write));
      write();
    });
  await early('first', line, { ...expected, told: 200, streams: [true] });
});

test('U7: an encoded answer is not decoded', async () => {
  await early('first', framed('encoded'), { status: 502, code: 'upstream_protocol', reason: 'unreadable_answer' });
  assert.equal(on.first.calls.at(-1).headers['accept-encoding'], 'identity');
});

test('U8: TLS that proves nothing gets no request', async () => {
  const expected = { status: 502, code: 'upstream_tls', reason: 'transport' };
  await early('self-signed', () => {}, expected);
  await early('wrong-name', () => {}, expected);
  await early('old-tls', () => {}, expected);
  assert.equal(on.tls.requests() + on.oldTls.requests(), 0);
});

test('U9: a name that leads nowhere, or into the house', async () => {
  await early('nameless', () => {}, { status: 502, code: 'upstream_dns', reason: 'transport' });
  // The machine's own name, whatever it is: it leads to loopback or into the machine's network.
  await early('inside', () => {}, { status: 502, code: 'upstream_blocked', reason: 'blocked_address' });
  assert.equal(on.tls.requests(), 0);
});

test('U10: a 200 that holds nonsense is no answer', async () => {
  const whole = completion('At six.');
  const expected = { status: 502, code: 'upstream_invalid_response', reason: 'unreadable_answer', told: 200 };
  for (const body of [
    '<html><body>secret words of a proxy</body></html>',
    JSON.stringify(whole).slice(0, -20),
    { ...whole, choices: [] },
    { ...whole, choices: 'none' },
    { error: null },
    '[]',
    '',
    '['.repeat(100000),
  ])
    await early('first', json(body), expected);
  on.first.json('<html><body>secret words of a proxy</body></html>');
  assert.doesNotMatch(await (await call('first-alone')).text(), /secret words/);
  const nonsense = () => on.first.next((response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {"id": \n\n'));
  await early('first', nonsense, { ...expected, streams: [true] });
});

test('U11: an answer that can be read in two ways is not used, and its connection neither', async () => {
  const expected = { status: 502, code: 'upstream_protocol', reason: 'unreadable_answer' };
  for (const framing of ['two_lengths', 'length_and_chunked', 'not_http', 'many_interim']) await early('first', framed(framing), expected);
  for (const framing of ['bad_chunk_size']) await early('first', framed(framing), { ...expected, told: 200 });
  // Bytes behind a whole answer: the answer holds, and what follows it is nobody's.
  const surplus = on.first.answer('At six.', { framing: 'surplus_bytes' });
  assert.equal((await (await call('first-alone')).json()).content, 'At six.');
  await surplus.done;
  const { connection } = on.first.calls.at(-1);
  on.first.answer('At seven.');
  assert.equal((await (await call('first-alone')).json()).content, 'At seven.');
  assert.notEqual(on.first.calls.at(-1).connection, connection);
});

test('U12: a refused credential is replaced by the next one, and never shown', async () => {
  for (const kind of ['credentials', 'forbidden'])
    await early('first', () => on.first.refuse({ kind, message: 'Incorrect key sk-one' }), {
      status: 502, code: 'upstream_auth_failed', reason: 'credential', told: kind === 'credentials' ? 401 : 403,
    });
  on.first.refuse({ kind: 'credentials', message: 'Incorrect key sk-one' });
  assert.doesNotMatch(await (await call('first-alone')).text(), /sk-one|Incorrect/);
  const before = asked('second');
  for (let i = 0; i < 4; i++) on.keyed.answer('At nine.');
  for (let i = 0; i < 4; i++) assert.equal((await (await call('keyed-helped')).json()).content, 'At nine.');
  assert.equal(on.keyed.calls.filter(({ key }) => key === 'sk-bad').length, 1, 'it is marked');
  assert.equal(asked('second'), before);
  assert.equal(on.gateway.lines.filter(({ event, level }) => event === 'provider_key' && level === 'error').length, 1);
});

test('U13: a limit is told with its time, and the next target does not wait for it', async () => {
  await early('first', () => on.first.refuse({ kind: 'rate_limit' }), { status: 429, code: 'upstream_rate_limited', reason: 'rate_limit', told: 429 });
  on.first.refuse({ kind: 'rate_limit', retryAfter: 7 });
  const limited = await call('rested-alone');
  assert.equal(limited.status, 429);
  assert.equal(limited.headers.get('retry-after'), '7');
  on.claude.refuse({ kind: 'overload' });
  const full = await refusedWith(await call('claude-alone'), {
    status: 503, code: 'upstream_overloaded', attempts: [{ provider: 'claude', status: 529, reason: 'overloaded' }],
  });
  assert.ok(full);
  // While it rests, whoever has somewhere else to go does not ask it.
  on.second.answer({ text: ['At', ' nine.'] });
  await answeredBySecond(await call('rested-helped'), false, 1);
  assert.equal(asked('first'), 5);
});

test('U13: a limited key leaves the others of its provider at work', async () => {
  on.first.refuse({ kind: 'rate_limit', retryAfter: 30 });
  for (let i = 0; i < 3; i++) on.first.answer('At six.');
  for (let i = 0; i < 3; i++) {
    const response = await call('limited-helped');
    assert.equal((await response.json()).content, 'At six.');
    assert.equal(response.headers.get('pinion-attempts'), i === 0 ? '2' : '1');
  }
  const keys = on.first.calls.slice(-4).map(({ key }) => key);
  assert.notEqual(keys[0], keys[1]);
  assert.deepEqual(keys.slice(2), [keys[1], keys[1]]);
  assert.equal(asked('second'), 0);
  // With all of them limited it is the next target's turn, at once.
  on.first.refuse({ kind: 'rate_limit', retryAfter: 30 });
  on.second.answer({ text: ['At', ' nine.'] });
  await answeredBySecond(await call('limited-helped'), false);
  on.second.answer({ text: ['At', ' nine.'] });
  await answeredBySecond(await call('limited-helped', true), true, 1);
});

// The gauge of a target's breaker: 0 closed, 1 half open, 2 open.
async function circuit(provider, model) {
  const { body } = await metrics();
  const found = new RegExp(`^pinion_target_circuit_state\\{provider="${provider}",model="${model}"\\} (\\d)$`, 'm').exec(body);
  assert.ok(found, `no pinion_target_circuit_state of ${provider}/${model}`);
  return Number(found[1]);
}
async function metrics() {
  const http = await import('node:http');
  return new Promise((resolve, reject) =>
    http.get({ socketPath: on.gateway.adminSocket, path: '/metrics' }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (piece) => (body += piece)).on('end', () => resolve({ status: response.statusCode, body }));
    }).on('error', reject),
  );
}

test('U14: five failures in a row open the circuit, and callers go on without a failure', async () => {
  assert.equal(await circuit('fragile', 'gpt-4.1-mini'), 0);
  for (let i = 0; i < 8; i++) {
    if (i < 5) on.first.refuse({ kind: 'server' });
    on.second.answer({ text: ['At', ' nine.'] });
    await answeredBySecond(await call('fragile-helped', i % 2 === 1), i % 2 === 1, i < 5 ? 2 : 1);
  }
  assert.equal(asked('first'), 5);
  assert.equal(await circuit('fragile', 'gpt-4.1-mini'), 2);
  assert.equal(await circuit('fragile', 'gpt-4.1'), 0);
  assert.match((await metrics()).body, /^pinion_circuit_state\{provider="fragile"\} 2$/m, 'as the worst of its models');
  assert.match((await metrics()).body, /^pinion_circuit_state\{provider="fragile-too"\} 0$/m);
  assert.match((await metrics()).body, /^pinion_failovers_total\{endpoint="fragile-helped",reason="circuit_open"\} 3$/m);
  // Alone, and with every circuit open: not now, and when.
  const alone = await call('fragile-alone');
  assert.ok(Number(alone.headers.get('retry-after')) > 60);
  await refusedNow(alone, ['fragile']);
  on.second.refuse({ kind: 'server' });
  on.second.refuse({ kind: 'server' });
  assert.equal((await call('all-open')).status, 502);
  await refusedNow(await call('all-open', true), ['fragile-too', 'fragile-too']);
});

async function refusedNow(response, providers) {
  assert.equal(response.status, 503);
  assert.ok(Number(response.headers.get('retry-after')) >= 1);
  const { error } = await response.json();
  assert.equal(error.code, 'upstream_overloaded');
  assert.deepEqual(attemptsOf(error), providers.map((name) => ({ provider: name, status: 0, reason: 'circuit_open' })));
  await journal(response, { status: 503, attempts: undefined });
}

test('U14: one probe at a time asks whether a flapping provider is back', async () => {
  for (let i = 0; i < 2; i++) {
    on.first.refuse({ kind: 'server' });
    on.second.answer({ text: ['At', ' nine.'] });
    await answeredBySecond(await call('flapping'), false);
  }
  assert.equal(await circuit('flapping', 'gpt-4.1-mini'), 2);
  while ((await circuit('flapping', 'gpt-4.1-mini')) === 2);
  const probe = on.first.answer('At six.', { wait: true });
  const probing = call('flapping');
  await probe.held;
  assert.equal(await circuit('flapping', 'gpt-4.1-mini'), 1);
  on.second.answer({ text: ['At', ' nine.'] });
  await answeredBySecond(await call('flapping'), false, 1);
  probe.release();
  assert.equal((await (await probing).json()).content, 'At six.');
  assert.equal(await circuit('flapping', 'gpt-4.1-mini'), 0);
  assert.equal(asked('first'), 3);
});

test('U15: an error inside a 200 is the error that it says', async () => {
  const inside = (kind, at) => () => on.first.answer({ text: ['At', ' six.'] }, { error: { kind, at } });
  await early('first', inside('server', 'first'), { status: 502, code: 'upstream_failed', reason: 'server_error', told: 200, streams: [true] });
  await early('first', inside('overload', 0), { status: 503, code: 'upstream_overloaded', reason: 'overloaded', told: 200, streams: [true] });
  await late('first', inside('server', 1), { code: 'upstream_failed', reason: 'server_error', whole: false });
  on.claude.answer({ text: ['At', ' six.'] }, { error: { kind: 'overload', at: 1 } });
  const got = await all(await call('claude-alone', true));
  assert.equal(got.at(-1).error.code, 'upstream_overloaded');
  assert.ok(!got.includes('[DONE]'));
});

test('U16: a stream that stops without its end is cut, and what follows the end is nothing', async () => {
  await late('first', () => on.first.answer({ text: ['At', ' six.'] }, { without: 'finish' }), { code: 'upstream_truncated', reason: 'cut', whole: false });
  on.first.answer({ text: ['At', ' six.'] }, { trailing: data(chunk({ content: ' Or seven.' })) + data('nonsense') });
  const got = await all(await call('first-alone', true));
  assert.equal(textOf(got), 'At six.');
  assert.equal(got.at(-1), '[DONE]');
});

test('U16: an end mark is the end, though the reply goes on', async () => {
  for (const more of [() => {}, (response) => setImmediate(function write() {
    if (!response.destroyed) response.write(': still here\n\n', () => setImmediate(write));
  })]) {
    on.first.next((response) => {
      response.on('error', () => {});
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(streamed(['At', ' six.']).join(''));
      more(response);
    });
    const response = await call('first-alone', true);
    const got = await all(response);
    assert.equal(textOf(got), 'At six.');
    assert.equal(got.at(-1), '[DONE]');
    assert.equal(got.at(-2).usage.total_tokens, 27);
    assert.equal(await on.first.calls.at(-1).closed, false, 'it was let go');
    assert.ok((await on.gateway.journal(response)).duration_ms < 10000, 'and not waited for until the idle time was over');
  }
});

test('U17: however a stream is cut into pieces, it says the same', async () => {
  const description = { text: ['Grüße', ' 🙂'] };
  for (const how of [{ split: 1 }, { split: 2 }, { split: 3 }, { split: 7, eol: '\r\n' }, { eol: '\r', split: 5 }, { bom: true, split: 1 }, { comments: true }, { pings: true }, { dataLines: true }, { space: false }, { unended: true }]) {
    on.first.answer(description, how);
    const got = await all(await call('first-alone', true));
    assert.equal(textOf(got), 'Grüße 🙂', JSON.stringify(how));
    assert.ok(got.every((event) => !JSON.stringify(event).includes('\ufffd')));
    assert.equal(got.at(-1), '[DONE]');
  }
});

test('U18: missing, wrong or absurd usage is estimated, and said to be', async () => {
  const counted = { prompt_tokens: 24, completion_tokens: 8, total_tokens: 32 };
  for (const usage of [null, undefined, 'none', {}, { ...counted, prompt_tokens: -1 }, { ...counted, completion_tokens: 2 ** 63 }, { ...counted, completion_tokens: 1.5 },
    { ...counted, prompt_tokens: '24' }]) {
    on.first.json({ ...completion('At six.'), usage });
    const response = await call('first-alone');
    const body = await response.json();
    assert.equal(body.content, 'At six.', JSON.stringify(body));
    assert.equal(body.usage.estimated, true, JSON.stringify(usage));
    assert.ok(body.usage.prompt_tokens > 0 && body.usage.prompt_tokens < 100 && body.usage.completion_tokens > 0 && body.usage.completion_tokens < 100);
    assert.ok(Number(body.meta.cost_usd) > 0);
    await journal(response, { status: 200, output_tokens: body.usage.completion_tokens });
  }
  on.first.answer({ text: ['At', ' six.'], usage: null });
  const got = await all(await call('first-alone', true));
  assert.equal(got.at(-2).usage.estimated, true);
});

test('U19: an answer that does not fit is paid for and refused, or the next target answers', async () => {
  const numbers = { a: 2, b: 2 };
  on.first.answer({ json: { sum: 'four' } });
  const response = await call('sum-alone', false, numbers);
  const error = await refusedWith(response, { status: 422, code: 'output_schema_violation', attempts: [{ provider: 'first', status: 200, reason: 'invalid_output' }] });
  assert.equal(error.details.violations[0].instance_path, '/sum');
  assert.ok(Number(error.details.cost_usd) > 0);
  const line = await on.gateway.journal(response);
  assert.ok(line.output_tokens > 0 && Number(line.cost_usd) > 0);
  on.first.answer({ json: { sum: 'four' } });
  on.second.answer({ json: { sum: 4 } });
  const helped = await (await call('sum-helped', false, numbers)).json();
  assert.deepEqual(helped.output, { sum: 4 });
  assert.equal(helped.meta.attempts, 2);
  assert.ok(Number(helped.meta.cost_usd) > Number(error.details.cost_usd), 'both are paid for');
  assert.match((await metrics()).body, /^pinion_failovers_total\{endpoint="sum-helped",reason="invalid_output"\} 1$/m);
});

test('P4: what was sent whole is sent again only where the endpoint says so', async () => {
  on.first.raw([], 'reset');
  await refusedWith(await call('once-more-alone'), { status: 502, code: 'upstream_failed', attempts: [{ provider: 'first', status: 0, reason: 'transport' }] });
  assert.equal(asked('first'), 1);
  on.first.raw([], 'reset');
  on.first.answer('At nine.');
  assert.equal((await (await call('sent-again-alone')).json()).content, 'At nine.');
  assert.equal(asked('first'), 3);
  // Nothing was sent: as often as the endpoint wants.
  const unreached = { provider: 'refused', status: 0, reason: 'transport' };
  await refusedWith(await call('refused-again-alone'), { status: 502, code: 'upstream_unreachable', attempts: [unreached, unreached, unreached] });
  // A second target first: it can be reached.
  on.second.answer({ text: ['At', ' nine.'] });
  await answeredBySecond(await call('refused-again-helped'), false);
});

test('P5: one time for all attempts, and none begins in its last moments', async () => {
  const late = { provider: 'first', status: 0, reason: 'timeout' };
  on.first.answer('Too late.', { wait: true });
  on.second.answer('Too late.', { wait: true });
  const response = await call('both-slow-helped');
  await refusedWith(response, { status: 504, code: 'upstream_timeout', attempts: [late, { ...late, provider: 'second' }] });
  const { duration_ms } = await on.gateway.journal(response);
  assert.ok(duration_ms >= 750 && duration_ms < 5000, `${duration_ms} ms`);
  on.first.answer('Too late.', { wait: true });
  await refusedWith(await call('no-time-helped'), { status: 504, code: 'upstream_timeout', attempts: [late] });
  assert.equal(asked('second'), 1);
});

test('every row of the table of faults has its tests, and every test that it names exists', async () => {
  const known = await everyTest();
  const rows = await rowsOf('docs/faults.md', known);
  for (const { id, named } of rows)
    if (id !== '') assert.ok(named.some((name) => name.startsWith(`${id}: `)), `'${id}' is not shown at the gateway's edge`);
  const wanted = [...Array.from({ length: 19 }, (_, i) => `U${i + 1}`), 'P4', 'P5'];
  assert.deepEqual(wanted.filter((id) => !rows.some((row) => row.id === id)), [], 'rows that are left out');
  // And the other way round: no test of a row is missing in the table.
  const told = new Set(rows.flatMap(({ named }) => named));
  for (const name of known) if (/^[UP]\d+: /.test(name)) assert.ok(told.has(name), `'${name}' is not in the table`);
});

test('so has every row of the table of what the machine and its callers do', async () => {
  const rows = await rowsOf('docs/durability.md', await everyTest());
  const wanted = ['S1', 'S2', 'S3', 'S4', 'S5', 'S9', 'S11', 'C14', 'C15', 'C16', 'C17', 'C18', 'P1', 'P2', 'P3', 'P10', 'P11', 'P12', 'P14'];
  assert.deepEqual(wanted.filter((id) => !rows.some((row) => row.id === id)), [], 'rows that are left out');
});
