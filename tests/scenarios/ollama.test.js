// Behind an endpoint: Ollama's own API, as Ollama's own client library understands the scripted provider.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { all, dialect, textOf } from './support/dialect.js';
import { chat } from './support/files.js';

const on = dialect({
  kind: 'ollama',
  remembers: true,
  model: 'qwen3:8b',
  refusals: ['bad_request', 'credentials', 'unknown_model', 'rate_limit', 'overload', 'server'],
  cost: null, // nobody says what a local model costs
  files: {
    'endpoints/thoughtful.yaml': `${chat.replace('slug: chat', 'slug: thoughtful')}params: {reasoning_effort: low}\n`,
  },
});

test('it is asked at its own path, for one answer or for lines, and not to cut the prompt', async () => {
  for (const stream of [false, true]) {
    on.upstream.answer('x');
    await (await on.call('chat', { message: 'x', stream })).text();
    const { body, path } = on.upstream.calls.at(-1);
    assert.equal(path, '/api/chat');
    assert.deepEqual([body.stream, body.truncate, body.shift, body.options], [stream, false, false, undefined]);
  }
});

test('a long prompt gets a context that holds it', async () => {
  on.upstream.answer('x');
  await on.call('chat', { message: 'word '.repeat(5000) });
  assert.equal(on.upstream.calls.at(-1).body.options.num_ctx, 16384);
});

test('thinking is switched by effort, and is not part of the answer', async () => {
  for (const stream of [false, true]) {
    on.upstream.answer({ reasoning: 'Weekday or not?', text: 'At nine.' });
    const response = await on.call('thoughtful', { message: 'When?', stream });
    assert.equal(stream ? textOf(await all(response)) : (await response.json()).content, 'At nine.');
    assert.equal(on.upstream.calls.at(-1).body.think, true);
  }
});

test('the schema goes along as the format', async () => {
  on.upstream.answer({ json: { sum: 4 } });
  await on.call('sum', { a: 2, b: 2 });
  const { format } = on.upstream.calls.at(-1).body;
  assert.deepEqual(format.properties.sum, { type: 'integer', minimum: 0 });
});
