// A call of several attempts at its seams: a client that leaves between two of them, a hedge beside a retry,
// an answer that is asked for again after a hedge has lost.
import { after, before, beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import { startGateway } from './support/gateway.js';
import { startUpstream } from './support/upstreams/index.js';
import { sumIn, sumOut } from './support/files.js';

const quiet = 'breaker: {faults_in_row: 0, faults_pct: 0}';
const provider = (upstream, breaker = quiet) => `{kind: openai, base_url: "${upstream.url}", key: "sk-one", allow_http: true, allow_private: true, ${breaker}}`;
const endpoint = (more, model = 'gpt-4.1-mini', name = 'first') => `provider: ${name}\nmodel: ${model}\nsystem: You are brief.\n${more}`;
const next = (on) => `failover: [{provider: second, model: gpt-4.1, on: [${on}]}]\n`;
const sum = 'input_schema: schemas/in.json\noutput_schema: schemas/out.json\ntemplate: "{{a}} + {{b}}?"\n';
const on = {};

before(async () => {
  on.first = await startUpstream('openai-chat');
  on.second = await startUpstream('openai-chat');
  on.gateway = await startGateway({
    files: {
      'pinion.yaml': `
listen: 127.0.0.1:0
workers: 1
providers:
  first: ${provider(on.first)}
  second: ${provider(on.second)}
  probed: ${provider(on.first, 'breaker: {faults_in_row: 1, open: 100ms}')}
prices:
  first/gpt-4.1-mini: {input: 10000, output: 10000}
`,
      'schemas/in.json': sumIn,
      'schemas/out.json': sumOut,
      'schemas/optional.json': { ...sumOut, properties: { ...sumOut.properties, note: { type: 'string' } } },
      'endpoints/patient.yaml': endpoint('retry: {times: 5}\n'),
      'endpoints/hedged.yaml': endpoint(`${next('error')}hedge: {after: 10ms}\nretry: {times: 1}\n`, 'gpt-4o-mini'),
      'endpoints/hedged-sum.yaml': endpoint(`${sum}${next('error, invalid')}hedge: {after: 10ms}\non_invalid_output: {reask: 1, then: next, early: false}\n`, 'gpt-4o'),
      'endpoints/probed.yaml': endpoint('retry: {times: 0}\n', 'gpt-4.1-mini', 'probed'),
      'endpoints/probed-sum.yaml': endpoint(`${sum}retry: {times: 0}\non_invalid_output: {reask: 1}\n`, 'gpt-4.1-mini', 'probed'),
      'endpoints/watched.yaml': endpoint(`${sum}on_invalid_output: {reask: 1}\n`),
      'endpoints/mended.yaml': endpoint(`${sum}on_invalid_output: {reask: 1, repair: true}\n`),
      'endpoints/optional.yaml': endpoint(`${sum.replace('out.json', 'optional.json')}on_invalid_output: {reask: 1}\n`),
      'endpoints/dear.yaml': endpoint(`${sum}on_invalid_output: {reask: 3, max_usd: 0.01}\n`),
      'endpoints/timeouts.yaml': endpoint('retry: {times: 0}\nfailover: [{provider: second, model: gpt-4.1, on: [timeout]}]\n', 'gpt-4.1-mini', 'probed'),
    },
  });
  on.token = (await on.gateway.token('*')).token;
});
after(async () => {
  const end = await on.gateway.stop();
  for (const upstream of [on.first, on.second]) {
    upstream.check();
    await upstream.stop();
  }
  assert.equal(end.code, 0, end.stderr());
});

let seen;
beforeEach(() => (seen = { first: on.first.calls.length, second: on.second.calls.length }));
const asked = (name) => on[name].calls.length - seen[name];
const call = (slug, body = { message: 'When?' }, more = {}) => on.gateway.call(slug, body, { ...on, ...more });
const metrics = () =>
  new Promise((resolve, reject) =>
    http.get({ socketPath: on.gateway.adminSocket, path: '/metrics' }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (piece) => (body += piece)).on('end', () => resolve(body));
    }).on('error', reject),
  );
const circuit = async (model) => Number(new RegExp(`circuit_state\\{provider="probed",model="${model}"\\} (\\d)`).exec(await metrics())[1]);
const gone = (id) => on.gateway.logged((line) => line.event === 'request' && line.request_id === id);

test('a client that leaves while a retry is waited for is not retried for', async () => {
  for (let i = 0; i < 5; i++) {
    const leaving = new AbortController();
    const id = `left-${i}`;
    const refused = on.first.refuse({ kind: 'overload', retryAfter: 20 });
    const before = asked('first');
    const response = call('patient', undefined, { signal: leaving.signal, headers: { 'x-request-id': id } });
    await refused.done;
    leaving.abort();
    await assert.rejects(response);
    const line = await gone(id);
    assert.equal(line.status, 499);
    assert.equal(line.attempts, 1);
    assert.equal(asked('first') - before, 1);
  }
  // And nothing of it is left over: the next call is served, and the process ends cleanly.
  on.first.answer('At nine.');
  assert.equal((await (await call('patient')).json()).content, 'At nine.');
});

// At most one call in twenty is hedged: these have been made before.
async function earnHedge() {
  for (let i = 0; i < 20; i++) {
    on.first.answer('At nine.');
    await (await call('patient')).text();
  }
  seen = { first: on.first.calls.length, second: on.second.calls.length };
}

test('a client that leaves while two targets are asked leaves both', async () => {
  await earnHedge();
  const first = on.first.answer('Too late.', { wait: true });
  const second = on.second.answer('Too late.', { wait: true });
  const leaving = new AbortController();
  const response = call('hedged', undefined, { signal: leaving.signal, headers: { 'x-request-id': 'left-two' } });
  const calls = [await first.called, await second.called];
  leaving.abort();
  await assert.rejects(response);
  for (const one of calls) assert.equal(await one.closed, false);
  assert.equal((await gone('left-two')).attempts, 2);
});

test('where the first has failed, a retry is waited for and no hedge is sent beside it', async () => {
  for (let i = 0; i < 4; i++) {
    on.first.refuse({ kind: 'server' });
    on.first.answer('At nine.');
    const response = await call('hedged');
    const body = await response.json();
    assert.equal(body.content, 'At nine.', JSON.stringify(body));
    assert.equal(response.headers.get('pinion-attempts'), '2');
  }
  assert.equal(asked('first'), 8);
  assert.equal(asked('second'), 0);
});

test('a hedge that fails leaves the first to answer', async () => {
  await earnHedge();
  const first = on.first.answer('At nine.', { wait: true });
  const second = on.second.refuse({ kind: 'bad_request' });
  const response = call('hedged');
  await first.held;
  await second.done;
  first.release();
  const body = await (await response).json();
  assert.equal(body.content, 'At nine.', JSON.stringify(body));
  assert.equal(body.meta.provider, 'first');
  assert.equal(body.meta.attempts, 2);
});

test('after a hedge has lost, the target that answered is the one that is asked again', async () => {
  await earnHedge();
  const first = on.first.answer({ json: { sum: 'four' } }, { wait: true });
  const lost = on.second.answer({ json: { sum: 5 } }, { wait: true });
  const response = call('hedged-sum', { a: 2, b: 2 });
  await Promise.all([first.held, lost.held]);
  on.first.answer({ json: { sum: 4 } });
  first.release();
  const body = await (await response).json();
  assert.deepEqual(body.output, { sum: 4 }, JSON.stringify(body));
  assert.equal(body.meta.provider, 'first');
  assert.match(on.first.calls.at(-1).asked.messages.at(-1).text, /- \/sum: must be an integer/);
  assert.equal(asked('second'), 1);
});

test('a probe of a client that left is given back, and the next call is the next probe', async () => {
  on.first.refuse({ kind: 'server' });
  assert.equal((await call('probed')).status, 502);
  while ((await circuit('gpt-4.1-mini')) === 2);
  const probe = on.first.answer('Too late.', { wait: true });
  const leaving = new AbortController();
  const response = call('probed', undefined, { signal: leaving.signal });
  await probe.held;
  assert.equal((await call('probed')).status, 503, 'one probe at a time');
  leaving.abort();
  await assert.rejects(response);
  await (await probe.called).closed;
  on.first.answer('Back.');
  const back = await (await call('probed')).json();
  assert.equal(back.content, 'Back.', JSON.stringify(back));
  assert.equal(await circuit('gpt-4.1-mini'), 0);
});

test('a target whose answer is cancelled because it does not fit is one that answers', async () => {
  on.first.refuse({ kind: 'server' });
  assert.equal((await call('probed')).status, 502);
  while ((await circuit('gpt-4.1-mini')) === 2);
  on.first.answer({ text: ['{"sum": ', '"four', '"}'] }, { hold: 3 });
  on.first.answer({ json: { sum: 4 } });
  const body = await (await call('probed-sum', { a: 2, b: 2 })).json();
  assert.deepEqual(body.output, { sum: 4 }, JSON.stringify(body));
  assert.equal(await circuit('gpt-4.1-mini'), 0);
});

test('an answer with words behind it is not cancelled for them', async () => {
  on.first.answer({ text: ['{"sum": 4}', '\n\nAnything', ' else?'] });
  const body = await (await call('watched', { a: 2, b: 2 })).json();
  assert.deepEqual(body.output, { sum: 4 }, JSON.stringify(body));
  assert.equal(body.meta.attempts, 1);
});

test('a name that no member has is enough, whether slips are mended or not', async () => {
  for (const slug of ['watched', 'mended']) {
    const doomed = on.first.answer({ text: ['{"thi', 'nking', '": "first"'] }, { hold: 3 });
    on.first.answer({ json: { sum: 4 } });
    const body = await (await call(slug, { a: 2, b: 2 })).json();
    assert.deepEqual(body.output, { sum: 4 }, JSON.stringify(body));
    assert.equal(await (await doomed.called).closed, false, 'it was not read to its end');
    assert.match(on.first.calls.at(-1).asked.messages.at(-1).text, /could no longer satisfy the endpoint's schema from byte 2 on/);
  }
});

test('a member that may be missing may be null, and what follows it is checked at the end', async () => {
  const doomed = on.first.answer({ text: ['{"sum": ', '"four"', ', "note": null}'] }, { hold: 3 });
  on.first.answer({ text: ['{"note": ', 'null, ', '"sum": 4}'] });
  const body = await (await call('optional', { a: 2, b: 2 })).json();
  assert.deepEqual(body.output, { sum: 4 }, JSON.stringify(body));
  assert.equal(body.meta.attempts, 2);
  assert.equal(await (await doomed.called).closed, false);
});

test('a target that stands in for timeouts stands in for one that is left alone', async () => {
  on.first.refuse({ kind: 'server' });
  assert.equal((await call('timeouts')).status, 502);
  on.second.answer('At nine.');
  const body = await (await call('timeouts')).json();
  assert.equal(body.content, 'At nine.', JSON.stringify(body));
  assert.equal(body.meta.attempts, 1);
});

test('no more is asked than the endpoint may spend', async () => {
  on.first.answer({ json: { sum: 'four' } });
  const response = await call('dear', { a: 2, b: 2 });
  const { error } = await response.json();
  assert.equal(response.status, 422);
  assert.equal(error.details.attempts.length, 1);
  assert.ok(Number(error.details.cost_usd) > 0.01);
});
