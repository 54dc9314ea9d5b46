// First match wins; the rule's name is in the header and the journal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chat } from './support/files.js';
import { scene } from './support/scene.js';

const on = scene(() => ({
  'endpoints/chat.yaml': `${chat}routing: routing/chat.yaml\n`,
  'endpoints/nightly.yaml': `${chat.replace('slug: chat', 'slug: nightly')}
routing:
  - name: always open
    when: {any: [{time_of_day: "00:00-12:00"}, {time_of_day: "12:00-00:00"}]}
    use: {model: gpt-4.1-nano}
`,
  'endpoints/shaped.yaml': `${chat.replace('slug: chat', 'slug: shaped')}
output_schema: {type: object}
routing:
  - {name: shaped answers, when: {has_output_schema: true}, use: {model: gpt-4o}}
`,
  'routing/chat.yaml': `
rules:
  - name: streams
    when: {streaming: true}
    use: {model: gpt-4o-mini}
  - name: long documents
    when: {input_tokens: ">= 1000"}
    use: {model: gpt-4.1}
  - name: also long
    when: {input_tokens: ">= 500"}
    use: {model: gpt-4o}
`,
}));
const model_of = async (slug, body) => {
  on.upstream.answer('{}');
  const response = await on.gateway.call(slug, body, on);
  await response.text();
  const line = await on.gateway.journal(response);
  assert.equal(line.rule, response.headers.get('pinion-route'));
  assert.equal(line.model, on.upstream.calls.at(-1).body.model);
  return [response.headers.get('pinion-route'), line.model];
};

test('no rule holds: the endpoint’s own model', async () => {
  assert.deepEqual(await model_of('chat', { message: 'short' }), ['default', 'gpt-4.1-mini']);
});
test('the first rule that holds wins', async () => {
  assert.deepEqual(await model_of('chat', { message: 'word '.repeat(2000) }), ['long documents', 'gpt-4.1']);
  assert.deepEqual(await model_of('chat', { message: 'word '.repeat(500) }), ['also long', 'gpt-4o']);
});
test('streaming, time of day and output schema are conditions', async () => {
  assert.deepEqual(await model_of('chat', { message: 'short', stream: true }), ['streams', 'gpt-4o-mini']);
  assert.deepEqual(await model_of('nightly', { message: 'short' }), ['always open', 'gpt-4.1-nano']);
  assert.deepEqual(await model_of('shaped', { message: 'short' }), ['shaped answers', 'gpt-4o']);
});
