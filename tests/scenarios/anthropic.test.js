// Behind an endpoint: Anthropic Messages, as Anthropic's own SDK understands the scripted provider.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { all, dialect, textOf } from './support/dialect.js';
import { chat, sum } from './support/files.js';

const thoughtful = `${chat.replace('slug: chat', 'slug: thoughtful')}params: {reasoning_effort: low, temperature: 0.5}\n`;
const tool = 'give_the_final_answer_as_the_arguments_of_this_tool_which_is_called_exactly_once';
const on = dialect({
  kind: 'anthropic',
  remembers: true,
  model: 'claude-sonnet-4-6',
  refusals: ['bad_request', 'context_length', 'quota', 'credentials', 'forbidden', 'unknown_model', 'rate_limit', 'overload', 'server', 'timeout', 'too_large'],
  cost: '0.000192000', // 24 x 3 + 8 x 15 dollars a million
  files: {
    'endpoints/thoughtful.yaml': thoughtful,
    'endpoints/old.yaml': `${sum.replace('slug: sum', 'slug: old').replace('gpt-4.1-mini', 'claude-opus-4-20250514')}stream: raw\n`,
    'endpoints/words.yaml': `${chat.replace('slug: chat', 'slug: words')}output_schema: schemas/words.json\nstream: raw\n`,
    'schemas/words.json': { type: 'object', additionalProperties: { type: 'integer' } },
  },
});

test('the key, the version and what must be said go along', async () => {
  on.upstream.answer('x');
  await on.call('chat', { message: 'x' });
  const { headers, body, path } = on.upstream.calls.at(-1);
  assert.equal(path, '/v1/messages');
  assert.equal(headers['x-api-key'], 'sk-test-canary');
  assert.equal(headers['anthropic-version'], '2023-06-01');
  assert.equal(headers.authorization, undefined);
  assert.equal(body.max_tokens, 64000); // the model's own limit
});

test('what was read from the cache and written to it is part of the prompt, and priced', async () => {
  for (const stream of [false, true]) {
    on.upstream.answer({ text: 'x', usage: { input: 1000, cached: 800, cache_write: 100, output: 10 } });
    const response = await on.call('chat', { message: 'x', stream });
    const body = stream ? (await all(response)).at(-2) : await response.json();
    assert.equal(body.usage.prompt_tokens, 1000);
    assert.equal(body.usage.prompt_tokens_details.cached_tokens, 800);
    // 100 x 3 + 800 x 0.30 + 100 x 3.75 + 10 x 15 dollars a million.
    assert.equal((body.meta ?? body.pinion).cost_usd, '0.001065000');
  }
});

test('thinking is asked for by effort, and is not part of the answer', async () => {
  for (const stream of [false, true]) {
    on.upstream.answer({ reasoning: 'Weekday or not?', state: 'Sig==', text: 'At nine.', usage: { input: 24, output: 8, reasoning: 5 } });
    const response = await on.call('thoughtful', { message: 'When?', stream });
    if (stream) {
      assert.equal(textOf(await all(response)), 'At nine.');
    } else {
      const body = await response.json();
      assert.equal(body.content, 'At nine.');
      assert.equal(body.usage.completion_tokens_details.reasoning_tokens, 5);
    }
    const { body } = on.upstream.calls.at(-1);
    assert.deepEqual(body.thinking, { type: 'adaptive' });
    assert.deepEqual(body.output_config, { effort: 'low' });
    assert.ok(!('temperature' in body));
  }
});

test('the schema goes along in the dialect of structured output', async () => {
  on.upstream.answer({ json: { sum: 4 } });
  await on.call('sum', { a: 2, b: 2 });
  const { schema } = on.upstream.calls.at(-1).body.output_config.format;
  assert.equal(schema.additionalProperties, false);
  assert.ok(!('minimum' in schema.properties.sum));
});

test('where there is no such output a tool is forced, whose arguments are the answer', async () => {
  for (const [slug, body, output] of [
    ['old', { a: 2, b: 2 }, { sum: 4 }],
    ['words', { message: 'one one two' }, { one: 2, two: 1 }],
  ])
    for (const stream of [false, true]) {
      on.upstream.answer({ tool_calls: [{ name: tool, arguments: output }] });
      const response = await on.call(slug, { ...body, stream });
      assert.deepEqual(on.upstream.calls.at(-1).body.tools.map(({ name }) => name), [tool]);
      assert.deepEqual(on.asked().tool_choice, { name: tool });
      if (stream) assert.deepEqual(JSON.parse(textOf(await all(response))), output);
      else assert.deepEqual((await response.json()).output, output);
    }
});

test('thinking goes back with its signature, and a tool can be forced', async () => {
  const tools = [{ type: 'function', function: { name: 'now' } }];
  const user = { role: 'user', content: 'What time is it?' };
  on.upstream.answer({ reasoning: 'Look.', state: 'Sig==', tool_calls: [{ name: 'now' }] });
  const choice = { tool_choice: { type: 'function', function: { name: 'now' } }, parallel_tool_calls: false };
  const { tool_calls } = await (await on.call('tooled', { messages: [user], tools, ...choice })).json();
  assert.deepEqual(on.upstream.calls.at(-1).body.tool_choice, { type: 'tool', name: 'now', disable_parallel_tool_use: true });
  on.upstream.answer('Nine.');
  const result = { role: 'tool', tool_call_id: tool_calls[0].id, content: '9:00' };
  await on.call('tooled', { messages: [user, { role: 'assistant', content: '', tool_calls }, result], tools });
  const [, { content }, results] = on.upstream.calls.at(-1).body.messages;
  assert.deepEqual(content[0], { type: 'thinking', thinking: 'Look.', signature: 'Sig==' });
  assert.deepEqual([content[1].type, content[1].input], ['tool_use', {}]);
  assert.deepEqual(results.content, [{ type: 'tool_result', tool_use_id: content[1].id, content: '9:00' }]);
});

test('a refusal of the model is told as filtered content', async () => {
  on.upstream.answer({ text: '', finish: 'content_filter' });
  assert.equal((await (await on.call('chat', { message: 'x' })).json()).finish_reason, 'content_filter');
});
