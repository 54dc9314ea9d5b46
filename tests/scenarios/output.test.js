// The model's answer is checked; what does not fit is a 422 that says exactly why, and is paid for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chat } from './support/files.js';
import { settings } from './support/gateway.js';
import { scene } from './support/scene.js';
import { completion } from './support/upstream.js';

const on = scene((upstream) => ({
  'pinion.yaml': settings(
    upstream.url,
    '  closed: {kind: openai, base_url: "http://127.0.0.1:9/v1", key: k, allow_http: true, allow_private: true}',
  ),
  'endpoints/hasty.yaml': `${chat.replace('slug: chat', 'slug: hasty')}timeout: {first_token: 100ms}\n`,
  'endpoints/note.yaml': `${chat.replace('slug: chat', 'slug: note')}output_schema: schemas/note.json\n`,
  'schemas/note.json': {
    type: 'object',
    properties: { text: { type: 'string' }, by: { type: 'string', maxLength: 20 }, at: { type: ['string', 'null'] } },
    required: ['text'],
  },
  'endpoints/nowhere.yaml': chat.replace('slug: chat', 'slug: nowhere').replace('provider: upstream', 'provider: closed'),
}));
const call = async () => {
  const response = await on.gateway.call('sum', { a: 2, b: 2 }, on);
  return { response, status: response.status, ...(await response.json()) };
};

test('JSON that does not fit the schema is 422 with violations, usage and cost', async () => {
  on.upstream.answer({ sum: -4, because: 'x' });
  const { response, status, error } = await call();

  assert.equal(status, 422);
  assert.equal(error.type, 'output_schema_error');
  assert.equal(error.code, 'output_schema_violation');
  assert.deepEqual(
    error.details.violations.map(({ keyword, instance_path }) => [keyword, instance_path]).sort(),
    [
      ['additionalProperties', '/because'],
      ['minimum', '/sum'],
    ],
  );
  assert.equal(error.details.usage.total_tokens, 32);
  assert.equal(error.details.cost_usd, '0.000022400');
  assert.equal(response.headers.get('pinion-cost-usd'), '0.000022400');
  const line = await on.gateway.journal(response);
  assert.equal(line.code, 'output_schema_violation');
  assert.equal(line.cost_usd, '0.000022400');
});

test('an answer that is no JSON', async () => {
  on.upstream.answer('The sum is four.');
  const { status, error } = await call();
  assert.equal(status, 422);
  assert.equal(error.code, 'output_not_json');
  assert.ok(!JSON.stringify(error).includes('The sum'));
});

test('the JSON of an answer is found behind thinking, in a fence and in prose', async () => {
  const json = '{"sum": 4}';
  for (const [text, said] of [
    [`<think>\nperhaps {"sum": 5}\n</think>\n\n${json}`, json],
    [`Here you are:\n\n\`\`\`json\n${json}\n\`\`\`\n`],
    [`From [1] and {2} I get ${json}, as you can see.`],
  ]) {
    on.upstream.answer(text);
    const { status, output, content } = await call();
    assert.equal(status, 200, text);
    assert.deepEqual(output, { sum: 4 });
    assert.equal(content, said ?? text);
  }
});

test('of a text with JSON in it, the bare output is the JSON alone', async () => {
  on.upstream.answer('So:\n```\n{"sum": 4}\n```');
  const response = await on.gateway.call('sum', { a: 2, b: 2 }, { ...on, headers: { prefer: 'return=output' } });
  assert.equal(await response.text(), '{"sum": 4}');
});

test('what is found and does not fit is told with its place in the text of the model', async () => {
  on.upstream.answer('So, über:\n\n  {"sum":\n -4}');
  const { error } = await call();
  assert.equal(error.code, 'output_schema_violation');
  const [{ instance_path, byte, line, column }] = error.details.violations;
  assert.deepEqual({ instance_path, byte, line, column }, { instance_path: '/sum', byte: 23, line: 4, column: 2 });
  on.upstream.answer('So: {"sum": -4}');
  const one = (await call()).error.details.violations[0];
  assert.deepEqual([one.byte, one.line, one.column], [12, 1, 13]);
});

test('two values in an answer are none, unless exactly one fits', async () => {
  on.upstream.answer('{"sum": 4} or {"sum": 5}');
  const both = await call();
  assert.equal(both.status, 422);
  assert.equal(both.error.code, 'output_not_json');
  assert.match(both.error.message, /2 JSON values were found, 2 of which satisfy the schema/);
  on.upstream.answer('{"sum": -4} or {"sum": 5.5}');
  assert.match((await call()).error.message, /2 JSON values were found, none of which satisfies the schema/);
  on.upstream.answer('{"sum": -4}, no: {"sum": 4}');
  assert.deepEqual((await call()).output, { sum: 4 });
});

test('JSON that needs mending is not mended', async () => {
  for (const text of ["{'sum': 4}", '{"sum": 4,}', '```json\n{sum: 4}\n```', '{"sum": 4']) {
    on.upstream.answer(text);
    assert.equal((await call()).error.code, 'output_not_json', text);
  }
});

test('an answer cut off at its token limit', async () => {
  on.upstream.answer('{"sum": ', { finish_reason: 'length' });
  const { error } = await call();
  assert.equal(error.code, 'output_truncated');
  assert.match(error.hint, /max_tokens/);
  on.upstream.answer('So: {"parts": [{"sum": 4}, {"su', { finish_reason: 'length' });
  assert.equal((await call()).error.code, 'output_truncated');
});

test('what may be missing is asked for as null, and is missing again in the output', async () => {
  on.upstream.answer({ text: 'x', by: null, at: null });
  const response = await on.gateway.call('note', { messages: [{ role: 'user', content: 'Hi' }] }, on);
  const { output } = await response.json();
  const { json_schema } = on.upstream.calls.at(-1).body.response_format;

  assert.equal(response.status, 200);
  assert.deepEqual(output, { text: 'x', at: null });
  assert.equal(json_schema.strict, true);
  assert.deepEqual(json_schema.schema, {
    type: 'object',
    properties: {
      text: { type: 'string' },
      by: { type: ['string', 'null'], description: 'at most 20 characters' },
      at: { type: ['string', 'null'] },
    },
    required: ['text', 'by', 'at'],
    additionalProperties: false,
  });
  on.upstream.answer({ text: 7, by: null, at: null });
  const refused = await on.gateway.call('note', { messages: [{ role: 'user', content: 'Hi' }] }, on);
  assert.deepEqual(
    (await refused.json()).error.details.violations.map(({ instance_path }) => instance_path),
    ['/text'],
  );
});

test('a refusal of the model', async () => {
  const body = completion(null);
  body.choices[0].message.refusal = 'I cannot.';
  on.upstream.json(body);
  const { error } = await call();
  assert.equal(error.code, 'output_not_json');
  assert.match(error.message, /declined/);
});

test('what a provider refuses is told in our words, without its text or our key', async () => {
  const provider = { error: { message: 'secret detail', type: 'x', param: null, code: null } };
  for (const [upstream, status, code] of [
    [400, 400, 'upstream_rejected'],
    [401, 502, 'upstream_auth_failed'],
    [403, 502, 'upstream_auth_failed'],
    [429, 429, 'upstream_rate_limited'],
    [500, 502, 'upstream_failed'],
    [503, 503, 'upstream_overloaded'],
  ]) {
    on.upstream.json(provider, { status: upstream, headers: upstream === 429 ? { 'retry-after': '7' } : {} });
    const { response, error, ...got } = await call();
    assert.equal(got.status, status, `upstream ${upstream}`);
    assert.equal(error.code, code);
    assert.equal(error.details.attempts[0].status, upstream);
    assert.ok(!JSON.stringify(error).includes('secret detail'));
    assert.ok(!JSON.stringify(error).includes('sk-test-canary'));
    if (upstream === 429) assert.equal(response.headers.get('retry-after'), '7');
  }
});

test('an answer of the wrong shape, with HTML, or with absurd usage', async () => {
  on.upstream.json('<html>busy</html>');
  assert.equal((await call()).error.code, 'upstream_invalid_response');
  on.upstream.json({ id: 'x', choices: [] });
  assert.equal((await call()).error.code, 'upstream_invalid_response');
  on.upstream.answer({ sum: 4 }, { usage: { prompt_tokens: -5, completion_tokens: 1e300 } });
  const { usage, ok } = await call();
  assert.equal(ok, true);
  assert.equal(usage.estimated, true);
  assert.ok(usage.prompt_tokens > 0 && usage.completion_tokens > 0);
});

test('a provider that breaks off is 502, and is asked once', async () => {
  const before = on.upstream.calls.length;
  on.upstream.next((response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
    response.write('{"id":');
    setImmediate(() => response.destroy());
  });
  const { status, error } = await call();
  assert.equal(status, 502);
  assert.equal(error.code, 'upstream_truncated');
  assert.equal(on.upstream.calls.length, before + 1);
});

test('a client that leaves cancels the call to the provider, and has its line in the journal', async () => {
  const before = on.upstream.calls.length;
  const leave = new AbortController();
  on.upstream.next(() => {}); // never answers
  const pending = on.gateway.call('sum', { a: 2, b: 2 }, { ...on, signal: leave.signal });
  const call = await on.upstream.called(before + 1);
  leave.abort();
  await assert.rejects(pending);
  assert.equal(await call.closed, false);
  const line = await on.gateway.logged((entry) => entry.status === 499);
  assert.equal(line.code, 'client_closed_request');
  assert.equal(line.usage, 'estimated');
});

test('a provider that says nothing in time is 504, and is let go', async () => {
  const before = on.upstream.calls.length;
  on.upstream.next(() => {}); // never answers
  const response = await on.gateway.call('hasty', { message: 'x' }, on);
  const { error } = await response.json();
  assert.equal(response.status, 504);
  assert.equal(error.code, 'upstream_timeout');
  const call = await on.upstream.called(before + 1);
  assert.equal(await call.closed, false);
});

test('a provider that nobody listens for is 502', async () => {
  const response = await on.gateway.call('nowhere', { message: 'x' }, on);
  assert.equal(response.status, 502);
  assert.equal((await response.json()).error.code, 'upstream_unreachable');
});
