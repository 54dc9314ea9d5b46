// Guardrails at the edges of a call: what is said of an answer that failed, what an answer that broke off
// leaves behind, JSON inside JSON, and bodies made to be slow.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { events } from './support/gateway.js';
import { scene } from './support/scene.js';
import { chunk, data, streamed } from './support/upstream.js';

const endpoint = (guardrails, more = '') => `
provider: upstream
model: gpt-4.1-mini
system: You are brief.
retry: {times: 0}
guardrails: ${guardrails}
${more}`;
const typed = (more = '') => `output_schema: {type: object, properties: {to: {type: string}, n: {type: integer}}, required: [to], additionalProperties: false}
${more}`;
const on = scene(() => ({
  'endpoints/spare.yaml': endpoint('{pii: mask}', 'failover: [{provider: upstream, model: other, on: [error]}]\n'),
  'endpoints/names.yaml': endpoint('{pii: {output: mask}}', typed('stream: validated\n')),
  'endpoints/shared.yaml': endpoint('{pii: {output: mask}}', typed('cache: {ttl: 1h}\n')),
  'endpoints/open.yaml': endpoint('off', 'cache: {ttl: 1h}\n'),
  'endpoints/shut.yaml': endpoint('{pii: {output: block}}', 'cache: {ttl: 1h}\n'),
  'endpoints/again.yaml': endpoint('{pii: {output: mask}}', typed('on_invalid_output: {reask: 1}\nlog: {content: full, retention: 1h}\n')),
  'endpoints/wrapped.yaml': endpoint('{pii: {output: block}}', typed('on_invalid_output: {repair: true}\n')),
  'endpoints/formed.yaml': endpoint('{pii: mask, words: {block: [forbidden]}}', 'allow: [response_format]\n'),
  'endpoints/form.yaml': endpoint('{pii: mask}', 'input_schema: {type: object}\n'),
}));
const mail = 'ann.lee@example.com';
const say = async (slug, body) => {
  const response = await on.gateway.call(slug, typeof body === 'string' ? { message: body } : body, on);
  return { response, status: response.status, ...(await response.json()) };
};
const stream = async (slug, message, options) => {
  const response = await on.gateway.call(slug, { message, stream: true }, { ...on, ...options });
  const got = [];
  for await (const event of events(response)) got.push(event);
  return { got, text: got.map((event) => event.choices?.[0]?.delta?.content ?? '').join('') };
};
const waiting = async (count) => {
  for (;;) if ((await on.gateway.admin('GET', '/admin/v1/cache')).body.calls.waiting === count) return;
};
// A stream that the test writes, once the provider is asked for it.
const held = async (ask) => {
  const asked = new Promise((begun) =>
    on.upstream.next((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      begun(response);
    }),
  );
  const first = ask();
  return { first, response: await asked };
};
const part = (content) => data(chunk({ content }));

test('what was held back of an answer that broke off is not put in front of the next', async () => {
  on.upstream.stream([part('contact')], { cut: true });
  on.upstream.stream(streamed(['Write to ', mail]));
  const { text, got } = await stream('spare', 'hi');
  assert.equal(text, 'Write to [EMAIL_1]');
  assert.equal(got.at(-1), '[DONE]');
});

test('an error does not tell what an answer must not', async () => {
  on.upstream.answer({ to: 'x', [mail]: 1 });
  const answer = await say('names', 'hi');
  assert.equal(answer.error.code, 'output_schema_violation');
  assert.equal(answer.error.param, '/[EMAIL_1]');
  assert.equal(answer.error.details.violations[0].instance_path, '/[EMAIL_1]');
  assert.ok(!JSON.stringify(answer).includes(mail));

  on.upstream.stream(streamed(['{"to":"x","', mail, '":1}']));
  const { got } = await stream('names', 'hi');
  assert.equal(got.at(-1).error.code, 'output_schema_violation');
  assert.ok(!JSON.stringify(got).includes('ann.lee@'));
  assert.ok(!JSON.stringify(on.gateway.lines).includes(mail));
});

test('nor does the error of a call that was joined', async () => {
  let answer;
  const asked = new Promise((begun) =>
    on.upstream.next((response) => {
      answer = () => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: JSON.stringify({ to: 'x', [mail]: 1 }) }, finish_reason: 'stop' }], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }));
      };
      begun();
    }),
  );
  const first = say('shared', 'hi');
  await asked;
  const second = say('shared', 'hi');
  await waiting(1);
  answer();
  for (const got of [await first, await second]) {
    assert.equal(got.error.code, 'output_schema_violation');
    assert.equal(got.error.details.violations[0].instance_path, '/[EMAIL_1]');
    assert.ok(!JSON.stringify(got).includes(mail));
  }
});

test('an answer that is held up to its model is not stored as it was', async () => {
  on.upstream.answer({ n: 5, note: `mail ${mail}` });
  on.upstream.answer({ to: 'x' });
  const { response, status } = await say('again', 'hi');
  assert.equal(status, 200);
  const { body } = await on.gateway.admin('GET', `/admin/v1/logs/${response.headers.get('x-request-id')}`);
  assert.equal(body.content.messages[2].content, '{"n":5,"note":"mail [EMAIL_1]"}');
  assert.ok(!JSON.stringify(body).includes(mail));
});

test('a value that only its own escapes hide is blocked where its text is not', async () => {
  on.upstream.answer(JSON.stringify(`{"to":"${mail.replace('@', '\\u0040')}"}`));
  const answer = await say('wrapped', 'hi');
  assert.equal(answer.status, 422);
  assert.equal(answer.error.code, 'guardrail_blocked');
  assert.deepEqual([answer.error.details.kind, answer.error.details.where, answer.error.details.rule], ['pii', 'output', 'email']);
  assert.ok(!JSON.stringify(answer).includes('example.com'));
});

test('JSON that stands in a string of a document is read as what it means', async () => {
  on.upstream.answer('ok');
  await say('form', { input: { payload: `{"to":"${mail.replace('@', '\\u0040')}"}` } });
  assert.deepEqual(JSON.parse(on.upstream.calls.at(-1).body.messages[1].content), { payload: '{"to":"[EMAIL_1]"}' });
});

test('texts around images are one text, however many they are', async () => {
  const image = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } };
  const texts = Array.from({ length: 8000 }, () => ({ type: 'text', text: 'y'.repeat(330) }));
  const [name, host] = mail.split('@').map((text) => ({ type: 'text', text }));
  on.upstream.answer('ok');
  const answer = await say('spare', { messages: [{ role: 'user', content: [...texts, image, name, { type: 'text', text: '@' }, host] }] });
  assert.equal(answer.status, 200, JSON.stringify(answer));
  const { content } = on.upstream.calls.at(-1).body.messages[1];
  assert.deepEqual(content.map(({ type, text }) => text?.length ?? type), [8000 * 330, 'image_url', '[EMAIL_1]'.length]);
});

test('whoever is refused a stream by guardrails of its own does not end it for those who have joined', async () => {
  const { body } = await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['*'], guardrails: { pii: { output: 'block' } } });
  const { first, response } = await held(() => stream('open', 'one', { token: body.token }));
  const second = stream('open', 'one');
  await waiting(1);
  const calls = on.upstream.calls.length;
  for (const piece of streamed(['Write to ', mail, ' now'])) response.write(piece);
  response.end();
  assert.equal((await second).text, `Write to ${mail} now`);
  const refused = await first;
  assert.equal(refused.text, 'Write to ');
  assert.equal(refused.got.at(-1).error.code, 'guardrail_blocked');
  assert.equal(on.upstream.calls.length, calls);
});

test('a stream that nobody may have is cancelled at once, and not asked for again', async () => {
  const { first, response } = await held(() => stream('shut', 'two'));
  const others = [stream('shut', 'two'), stream('shut', 'two')];
  await waiting(2);
  const calls = on.upstream.calls.length;
  const gone = new Promise((closed) => response.on('close', closed));
  response.write(part('Write to ') + part(mail) + part(', and'));
  await Promise.all(others);
  response.write(part(' so on'));
  await gone;
  for (const { text, got } of await Promise.all([first, ...others])) {
    assert.equal(text, 'Write to ');
    assert.equal(got.at(-1).error.code, 'guardrail_blocked');
  }
  assert.equal(on.upstream.calls.length, calls);
});

test('why an answer that holds nothing to hide was refused is said as it is', async () => {
  on.upstream.answer('no JSON at all');
  const { status, error } = await say('names', 'hi');
  assert.deepEqual([status, error.code], [422, 'output_not_json']);
  assert.match(error.message, /JSON/);
});

// Every surface has its own place for the schema that a caller wants the answer to have; models read all of them.
const schema = (description, to = {}) => ({
  type: 'object', properties: { to: { type: 'string', description, ...to } }, required: ['to'], additionalProperties: false,
});
const question = [{ role: 'user', content: 'hi' }];
const formed = {
  'chat/completions': (form) => ({ messages: question, response_format: { type: 'json_schema', json_schema: { name: 'n', strict: true, schema: form } } }),
  responses: (form) => ({ input: 'hi', text: { format: { type: 'json_schema', name: 'n', strict: true, schema: form } } }),
  messages: (form) => ({ max_tokens: 64, messages: question, output_config: { format: { type: 'json_schema', schema: form } } }),
};
for (const [path, body] of Object.entries(formed))
  test(`the schema that a caller brings to ${path} is looked at as what it says`, async () => {
    const ask = (form) =>
      fetch(`${on.gateway.url}/v1/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${on.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'formed', ...body(form) }),
      });
    const before = on.upstream.calls.length;
    const blocked = await ask(schema('a forbidden word'));
    const { error } = await blocked.json();
    assert.deepEqual([blocked.status, error.code, on.upstream.calls.length], [422, 'guardrail_blocked', before]);
    assert.match(error.param, /schema\/properties\/to\/description$/);
    const form = schema(`as ${mail}`, { enum: [mail, 'nobody'] });
    on.upstream.answer('{"to": "nobody"}');
    const masked = await ask(form);
    assert.equal(masked.status, 200, await masked.text());
    const sent = JSON.stringify(on.upstream.calls.at(-1).body.response_format);
    assert.ok(/as \[EMAIL_\w+\]/.test(sent) && !sent.includes(mail), sent);
    on.upstream.answer(JSON.stringify({ to: mail })); // what it was not told it cannot mean
    assert.equal((await ask(form)).status, 422);
  });
