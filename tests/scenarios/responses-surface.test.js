// POST /v1/responses as its real clients use it: OpenAI's SDK, the AI SDK with its default models, and
// LangChain. The model is a slug; what it is answered is kept, so that conversations go on by ids.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createOpenAI } from '@ai-sdk/openai';
import { AIMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { generateObject, generateText, isStepCount, streamText, tool } from 'ai';
import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { settings, startGateway } from './support/gateway.js';
import { scene } from './support/scene.js';

const open = `provider: upstream
model: gpt-4.1-mini
system: You are brief.
allow: [system, tools, tool_choice, response_format, temperature, max_tokens]
stream: raw
retry: {times: 0}
`;
const files = () => ({
  'endpoints/open.yaml': open,
  'endpoints/closed.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: You are brief.\n',
  'endpoints/summarize.yaml': `provider: upstream
model: gpt-4.1-mini
system: You summarize for {{audience}}.
template: "Summarize: {{text}}"
input_schema:
  type: object
  properties: {text: {type: string}, audience: {type: string}}
  required: [text]
  additionalProperties: false
output_schema: {type: object, properties: {title: {type: string}}, required: [title], additionalProperties: false}
retry: {times: 0}
`,
  'endpoints/wrapped.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: Secret prompt.\ntemplate: "In secret words: {{.}}"\ninput_schema: {type: string}\nstream: raw\n',
  'endpoints/again.yaml': `${open}cache: {ttl: 1h}\n`,
  'endpoints/masked.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: s\nguardrails: {pii: restore}\nstream: raw\n',
});
const weather = {
  type: 'function',
  name: 'get_weather',
  description: null,
  strict: false,
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const city = z.object({ name: z.string(), people: z.number().int() });
const said = ({ messages }) => messages.map(({ role, text, tool_calls, tool_call_id }) =>
  tool_calls?.length ? [role, text ?? '', ...tool_calls.map((call) => call.name)] : [role, text, ...(tool_call_id ? [tool_call_id] : [])]);
const types = (events) => events.map(({ type }) => type);
const all = async (stream) => {
  const events = [];
  for await (const event of stream) events.push(event);
  return events;
};

const on = scene(files, { protocol: 'openai-chat' });

describe('with the SDK of OpenAI', () => {
  const client = (path = '/v1', token = on.token) => new OpenAI({ apiKey: token, baseURL: `${on.gateway.url}${path}`, maxRetries: 0 });
  const asked = () => on.upstream.calls.at(-1).asked;

  test('a response, with what was asked of it and the defaults of the rest', async () => {
    on.upstream.answer({ text: 'Ghent.', usage: { input: 30, output: 9, cached: 20, reasoning: 4 } });
    const { data, response } = await client().responses
      .create({ model: 'open', input: 'Where?', instructions: 'Be kind.', temperature: 0.25, max_output_tokens: 64, metadata: { team: 'a' }, user: 'u', extra: [1] })
      .withResponse();
    assert.match(data.id, /^resp_[0-9a-z]{26}$/);
    assert.deepEqual(
      { ...data, id: 0, created_at: 0, pinion: 0, output: data.output.map((item) => ({ ...item, id: 0 })) },
      {
        id: 0, object: 'response', created_at: 0, status: 'completed', background: false, error: null, incomplete_details: null,
        instructions: 'Be kind.', max_output_tokens: 64, max_tool_calls: null, metadata: { team: 'a' }, model: 'gpt-4.1-mini',
        output: [{ id: 0, type: 'message', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text: 'Ghent.', annotations: [], logprobs: [] }] }],
        parallel_tool_calls: true, previous_response_id: null, reasoning: { effort: null, summary: null }, service_tier: 'default',
        store: true, temperature: 0.25, text: { format: { type: 'text' } }, tool_choice: 'auto', tools: [], top_p: 1, truncation: 'disabled',
        usage: {
          input_tokens: 30, input_tokens_details: { cached_tokens: 20, cache_write_tokens: 0 },
          output_tokens: 9, output_tokens_details: { reasoning_tokens: 4 }, total_tokens: 39,
        },
        pinion: 0, output_text: 'Ghent.',
      },
    );
    assert.equal(data.pinion.endpoint, 'open');
    assert.deepEqual(asked().messages.map(({ role, text }) => [role, text]).at(-1), ['user', 'Where?']);
    const line = await on.gateway.journal(response);
    assert.deepEqual([line.surface, line.endpoint, line.path], ['responses', 'open', '/v1/responses']);
  });

  test('a stream names its events in order, without a gap, and ends as the whole would', async () => {
    on.upstream.answer({ text: 'Ghent, then.' });
    const events = await all(await client().responses.create({ model: 'open', input: [{ role: 'user', content: 'Where?' }], stream: true }));
    assert.deepEqual(types(events).filter((type, i, list) => type !== list[i - 1]), [
      'response.created', 'response.in_progress', 'response.output_item.added', 'response.content_part.added', 'response.output_text.delta',
      'response.output_text.done', 'response.content_part.done', 'response.output_item.done', 'response.completed',
    ]);
    assert.deepEqual(events.map(({ sequence_number }) => sequence_number), events.map((_, i) => i));
    assert.equal(events.filter(({ type }) => type === 'response.output_text.delta').map(({ delta }) => delta).join(''), 'Ghent, then.');
    const last = events.at(-1).response;
    assert.equal(last.status, 'completed');
    assert.deepEqual(last.output, [events.find(({ type }) => type === 'response.output_item.done').item]);
    assert.equal(last.usage.total_tokens, 32);
    const kept = await client().responses.retrieve(last.id);
    assert.deepEqual(kept.output, last.output);
  });

  test('the helper for streams gathers what comes, calls and parsed values', async () => {
    on.upstream.answer({ text: 'Let me look.', tool_calls: [{ id: 'call_1', name: 'get_weather', arguments: { city: 'Ghent' } }, { id: 'call_2', name: 'get_weather', arguments: { city: 'Bruges' } }] });
    const called = await client().responses.stream({ model: 'open', input: 'Weather?', tools: [weather] }).finalResponse();
    assert.deepEqual(called.output.map(({ type }) => type), ['message', 'function_call', 'function_call']);
    assert.deepEqual(called.output.slice(1).map(({ call_id, arguments: text }) => [call_id, JSON.parse(text).city]), [['call_1', 'Ghent'], ['call_2', 'Bruges']]);
    on.upstream.answer({ json: { name: 'Ghent', people: 270000 } });
    const parsed = await client().responses.stream({ model: 'open', input: 'Which?', text: { format: zodTextFormat(city, 'city') } }).finalResponse();
    assert.deepEqual(parsed.output_parsed, { name: 'Ghent', people: 270000 });
  });

  test('an answer that is parsed as the caller says', async () => {
    on.upstream.answer({ json: { name: 'Ghent', people: 270000 } });
    const parsed = await client().responses.parse({ model: 'open', input: 'Which?', text: { format: zodTextFormat(city, 'city') } });
    assert.deepEqual(parsed.output_parsed, { name: 'Ghent', people: 270000 });
    assert.equal(parsed.text.format.name, 'city');
    on.upstream.answer({ json: { name: 'Ghent' } });
    await assert.rejects(
      client().responses.parse({ model: 'open', input: 'Which?', text: { format: zodTextFormat(city, 'city') } }),
      (error) => error instanceof OpenAI.UnprocessableEntityError && error.code === 'output_schema_violation',
    );
  });

  test('what a tool came to is told by the id of the response, or with the call before it', async () => {
    on.upstream.answer({ tool_calls: [{ id: 'call_1', name: 'get_weather', arguments: { city: 'Ghent' } }] });
    const first = await client().responses.create({ model: 'open', input: 'Weather?', tools: [weather], tool_choice: { type: 'function', name: 'get_weather' } });
    const [call] = first.output;
    assert.deepEqual([call.type, call.status, call.name, call.arguments], ['function_call', 'completed', 'get_weather', '{"city":"Ghent"}']);
    assert.deepEqual(first.tools, [weather]);
    const result = { type: 'function_call_output', call_id: call.call_id, output: [{ type: 'input_text', text: 'Rain.' }] };
    const wanted = [['user', 'Weather?'], ['assistant', '', 'get_weather'], ['tool', 'Rain.', 'call_1']];
    on.upstream.answer({ text: 'It rains.' });
    const second = await client().responses.create({ model: 'open', previous_response_id: first.id, input: [result], tools: [weather] });
    assert.equal(second.output_text, 'It rains.');
    assert.equal(second.previous_response_id, first.id);
    assert.deepEqual(said(asked()), wanted);
    on.upstream.answer({ text: 'It rains.' });
    await client().responses.create({ model: 'open', store: false, input: [{ role: 'user', content: 'Weather?' }, call, result], tools: [weather] });
    assert.deepEqual(said(asked()), wanted);
    on.upstream.answer({ text: 'As I said.' });
    await client().responses.create({ model: 'open', previous_response_id: second.id, input: 'Sure?', tools: [weather] });
    assert.deepEqual(said(asked()), [...wanted, ['assistant', 'It rains.'], ['user', 'Sure?']]);
  });

  test('only some of the tools are allowed', async () => {
    const other = { ...weather, name: 'other' };
    on.upstream.answer({ text: 'No.' });
    const data = await client().responses.create({
      model: 'open', input: 'x', tools: [weather, other], parallel_tool_calls: false,
      tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'other' }] },
    });
    assert.deepEqual(asked().tools.map(({ name }) => name), ['other']);
    assert.equal(data.parallel_tool_calls, false);
  });

  test('a prompt is an endpoint, its variables are the input', async () => {
    on.upstream.answer({ json: { title: 'Rain' } });
    const both = client('/v1', (await on.gateway.token('summarize', 'summarize@*')).token);
    const data = await both.responses.create({ prompt: { id: 'summarize', version: '1', variables: { text: { type: 'input_text', text: 'It rained.' }, audience: 'children' } } });
    assert.deepEqual(JSON.parse(data.output_text), { title: 'Rain' });
    assert.equal(asked().system, 'You summarize for children.');
    assert.deepEqual(said(asked()), [['user', 'Summarize: It rained.']]);
    assert.deepEqual(data.prompt, { id: 'summarize', version: '1', variables: null });
    assert.ok(!JSON.stringify(await both.responses.retrieve(data.id)).includes('Summarize:'));
    await assert.rejects(client().responses.create({ prompt: { id: 'nothing', variables: {} } }), OpenAI.NotFoundError);
    await assert.rejects(both.responses.create({ prompt: { id: 'summarize', version: '9', variables: {} } }), OpenAI.NotFoundError);
    await assert.rejects(client().responses.create({ prompt: { id: 'summarize', version: '1', variables: {} } }), OpenAI.PermissionDeniedError);
    await assert.rejects(
      client().responses.create({ prompt: { id: 'summarize', variables: { txt: 'x' } } }),
      (error) => error instanceof OpenAI.UnprocessableEntityError && error.code === 'input_schema_violation',
    );
    await assert.rejects(client().responses.create({ model: 'open', prompt: { id: 'summarize', variables: { text: 'x' } } }), OpenAI.BadRequestError);
  });

  test('variables with a part among very many values are read, however long the rest of the body is', async () => {
    on.upstream.answer({ text: 'Read.' });
    const variables = { text: { type: 'input_text', text: 'part' }, many: Array(12000).fill(0) };
    const made = await client().responses.create({ prompt: { id: 'closed', variables }, metadata: { padding: 'x'.repeat(400000) } });
    assert.equal(made.output_text, 'Read.');
    assert.deepEqual(JSON.parse(asked().messages.at(-1).text), { ...variables, text: 'part' });
  });

  test('as many items as a call may have are kept, listed, referred to and gone on from', async () => {
    on.upstream.answer({ text: 'Read.' });
    const made = await client().responses.create({ model: 'open', input: Array(1000).fill({ role: 'user', content: 'x' }) });
    const items = await client().responses.inputItems.list(made.id, { order: 'asc', limit: 100 });
    assert.equal(items.data.length, 100);
    on.upstream.answer({ text: 'On.' });
    const next = await client().responses.create({ model: 'open', previous_response_id: made.id, input: 'And?' });
    assert.equal(next.output_text, 'On.');
    assert.equal(said(asked()).length, 1002);
    on.upstream.answer({ text: 'Once.' });
    await client().responses.create({ model: 'open', input: [{ type: 'item_reference', id: items.data[99].id }, { role: 'user', content: 'y' }] });
    assert.deepEqual(said(asked()), [['user', 'x'], ['user', 'y']]);
  });

  test('a stream of an endpoint that does not stream has what was checked, and is kept as that', async () => {
    on.upstream.answer({ text: 'Here: ```json\n{"title": "Rain"}\n```' });
    const body = { model: 'summarize', input: '{"text": "It rained.", "audience": "children"}' };
    const stream = client().responses.stream(body);
    const response = await stream.finalResponse();
    assert.equal(response.output_text, '{"title": "Rain"}');
    assert.deepEqual((await client().responses.retrieve(response.id)).output, response.output.map(({ content, ...item }) => ({
      ...item, content: content.map(({ parsed, ...part }) => part),
    })));
    on.upstream.answer({ text: '{"name": 1}' });
    await assert.rejects(client().responses.create({ ...body, stream: true }), OpenAI.UnprocessableEntityError);
  });

  test('retrieved, listed and deleted by its owner, and by nobody else', async () => {
    on.upstream.answer({ text: 'One.' });
    const made = await client().responses.create({
      model: 'open',
      input: [{ role: 'developer', content: 'Count.' }, { role: 'user', content: [{ type: 'input_text', text: 'Go' }, { type: 'input_image', image_url: 'https://example.com/a.png' }] }],
    });
    const { pinion: _, _request_id: __, ...wanted } = made;
    const { _request_id: ___, ...kept } = await client('/api/default/v1').responses.retrieve(made.id);
    assert.deepEqual(kept, wanted);
    const items = await client().responses.inputItems.list(made.id, { order: 'asc' });
    assert.deepEqual(items.data.map(({ role, content }) => [role, ...content.map(({ type, text, image_url }) => text ?? `${type} ${image_url}`)]), [
      ['system', 'Count.'], ['user', 'Go', 'input_image https://example.com/a.png'],
    ]);
    const page = await client().responses.inputItems.list(made.id, { limit: 1 });
    assert.deepEqual([page.data.map(({ role }) => role), page.has_more], [['user'], true]);
    const stranger = client('/v1', (await on.gateway.token('*')).token);
    await assert.rejects(stranger.responses.retrieve(made.id), OpenAI.NotFoundError);
    await assert.rejects(async () => stranger.responses.inputItems.list(made.id), OpenAI.NotFoundError);
    await assert.rejects(stranger.responses.delete(made.id), OpenAI.NotFoundError);
    await assert.rejects(client().responses.retrieve('resp_x'), OpenAI.NotFoundError);
    await assert.rejects(client('/api/other/v1').responses.retrieve(made.id), OpenAI.NotFoundError);
    await assert.rejects(
      stranger.responses.create({ model: 'open', input: 'x', previous_response_id: made.id }),
      (error) => error instanceof OpenAI.BadRequestError && error.code === 'previous_response_not_found' && error.param === 'previous_response_id',
    );
    await assert.rejects(
      stranger.responses.create({ model: 'open', input: [{ type: 'item_reference', id: made.output[0].id }, { role: 'user', content: 'x' }] }),
      (error) => error instanceof OpenAI.NotFoundError && error.code === 'item_not_found' && error.param === '/input/0/id',
    );
    assert.deepEqual(await (await client().responses.delete(made.id).asResponse()).json(), { id: made.id, object: 'response', deleted: true });
    await assert.rejects(client().responses.retrieve(made.id), OpenAI.NotFoundError);
    await assert.rejects(client().responses.delete(made.id), OpenAI.NotFoundError);
    const acts = await on.gateway.admin('GET', '/admin/v1/audit?action=response.delete');
    assert.deepEqual(acts.body.data.map(({ object }) => object), [made.id]);
  });

  test('what is not to be stored is not there', async () => {
    on.upstream.answer({ text: 'One.' });
    const made = await client().responses.create({ model: 'open', input: 'x', store: false });
    assert.equal(made.store, false);
    await assert.rejects(client().responses.retrieve(made.id), OpenAI.NotFoundError);
  });

  test('an answer that is cut short says why', async () => {
    on.upstream.answer({ text: 'One, two', finish: 'length' });
    const whole = await client().responses.create({ model: 'open', input: 'x', max_output_tokens: 16 });
    assert.deepEqual([whole.status, whole.incomplete_details, whole.output[0].status], ['incomplete', { reason: 'max_output_tokens' }, 'incomplete']);
    on.upstream.answer({ text: 'One, two', finish: 'content_filter' });
    const events = await all(await client().responses.create({ model: 'open', input: 'x', stream: true }));
    assert.deepEqual([events.at(-1).type, events.at(-1).response.incomplete_details], ['response.incomplete', { reason: 'content_filter' }]);
  });

  test('a model that declines says so in a part of its own', async () => {
    for (const stream of [false, true]) {
      on.upstream.answer({ refusal: 'I will not.' });
      const made = stream ? await client().responses.stream({ model: 'open', input: 'x' }).finalResponse() : await client().responses.create({ model: 'open', input: 'x' });
      assert.deepEqual(made.output[0].content.map(({ type, refusal }) => [type, refusal]), [['refusal', 'I will not.']]);
    }
  });

  test('nothing said is a message as well', async () => {
    for (const stream of [false, true]) {
      on.upstream.answer({ text: '' });
      const made = stream ? await client().responses.stream({ model: 'open', input: 'x' }).finalResponse() : await client().responses.create({ model: 'open', input: 'x' });
      assert.equal(made.output[0].content[0].text, '');
    }
  });

  test('a stream that breaks off throws, and is not kept', async () => {
    on.upstream.answer({ text: 'One, two, three.' }, { cut: { events: 3 } });
    const events = [];
    await assert.rejects(async () => {
      for await (const event of await client().responses.create({ model: 'open', input: 'x', stream: true })) events.push(event);
    }, (error) => error instanceof OpenAI.APIError && /upstream/.test(error.code));
    assert.ok(!types(events).some((type) => /completed|failed/.test(type)));
    await assert.rejects(client().responses.retrieve(events[0].response.id), OpenAI.NotFoundError);
  });

  test('mistakes are told where they are', async () => {
    const refused = async (body, status, code, param) => {
      await assert.rejects(client().responses.create({ model: 'open', ...body }), (error) => {
        assert.deepEqual([error.status, error.code, error.param], [status, code, param]);
        return true;
      });
    };
    await refused({ input: 'x', background: true }, 400, 'invalid_request', '/background');
    await refused({ input: 'x', tools: [{ type: 'web_search' }] }, 400, 'invalid_request', '/tools/0/type');
    await refused({ input: 'x', conversation: 'conv_1' }, 400, 'invalid_request', '/conversation');
    await refused({ input: 7 }, 400, 'invalid_request', '/input');
    await refused({}, 400, 'invalid_request', '/input');
    await refused({ input: [{ role: 'user', content: 'x' }, { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }, { role: 'user', content: 'y' }] }, 400, 'invalid_request', '/input/1');
    await refused({ input: [{ type: 'function_call_output', call_id: 'c', output: 'x' }] }, 400, 'invalid_request', '/input/0/call_id');
    await refused({ input: [{ type: 'computer_call' }] }, 400, 'invalid_request', '/input/0/type');
    await refused({ input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'f' }] }] }, 400, 'invalid_request', '/input/0/content/0');
    await refused({ input: 'x', previous_response_id: 'resp_nothing' }, 400, 'previous_response_not_found', 'previous_response_id');
    await refused({ model: 'closed', input: 'x', instructions: 'y' }, 422, 'role_not_allowed', '/instructions');
    await refused({ model: 'closed', input: 'x', temperature: 1 }, 422, 'parameter_not_allowed', '/temperature');
    await assert.rejects(client().responses.create({ model: 'nothing', input: 'x' }), OpenAI.NotFoundError);
  });

  test('a prompt of an endpoint gets into nobody else hands: another endpoint goes on from what was said', async () => {
    on.upstream.answer({ text: 'Said.' });
    const first = await client().responses.create({ model: 'wrapped', input: 'Hello' });
    assert.deepEqual(said(asked()), [['user', 'In secret words: Hello']]);
    on.upstream.answer({ text: 'Again.' });
    await client().responses.create({ model: 'wrapped', input: 'More', previous_response_id: first.id });
    assert.deepEqual(said(asked()), [['user', 'In secret words: Hello'], ['assistant', 'Said.'], ['user', 'In secret words: More']]);
    on.upstream.answer({ text: 'Again.' });
    await client().responses.create({ model: 'open', input: 'More', previous_response_id: first.id });
    assert.deepEqual(said(asked()), [['user', 'Hello'], ['assistant', 'Said.'], ['user', 'More']]);
    const items = await client().responses.inputItems.list(first.id);
    assert.deepEqual(items.data.map(({ content }) => content[0].text), ['Hello']);
  });

  test('what guardrails take out is not kept, and comes back to whoever said it', async () => {
    on.upstream.next((response, { body }) => {
      const word = body.messages.at(-1).content.match(/\[EMAIL[^\]]*\]/)[0];
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'gpt-4.1-mini', choices: [{ index: 0, message: { role: 'assistant', content: `Write to ${word}.` }, finish_reason: 'stop' }], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }));
    });
    const made = await client().responses.create({ model: 'masked', input: 'I am ann@example.com' });
    assert.equal(made.output_text, 'Write to ann@example.com.');
    const kept = JSON.stringify([await client().responses.retrieve(made.id), (await client().responses.inputItems.list(made.id)).data]);
    assert.ok(!kept.includes('ann@example.com') && kept.includes('[EMAIL'), kept);
    on.upstream.answer({ text: 'Yes.' });
    await client().responses.create({ model: 'masked', input: 'And ann@example.com again', previous_response_id: made.id });
    const words = new Set(JSON.stringify(asked()).match(/\[EMAIL[^\]]*\]/g));
    assert.equal(words.size, 1);
  });
});

describe('with the AI SDK and its default models', () => {
  const model = (name = 'open') => createOpenAI({ apiKey: on.token, baseURL: `${on.gateway.url}/v1` })(name);
  const asked = () => on.upstream.calls.at(-1).asked;
  const tools = { get_weather: tool({ inputSchema: z.object({ city: z.string() }), execute: async ({ city: where }) => `Rain in ${where}.` }) };

  test('text, whole and streamed', async () => {
    on.upstream.answer({ text: 'Ghent.' });
    const whole = await generateText({ model: model(), prompt: 'Where?', maxRetries: 0 });
    assert.deepEqual([whole.text, whole.finishReason, whole.usage.totalTokens], ['Ghent.', 'stop', 32]);
    on.upstream.answer({ text: 'Ghent, then.' });
    const streamed = streamText({ model: model(), prompt: 'Where?', maxRetries: 0 });
    assert.equal((await all(streamed.textStream)).join(''), 'Ghent, then.');
    assert.equal(await streamed.finishReason, 'stop');
  });

  test('objects', async () => {
    on.upstream.answer({ json: { name: 'Ghent', people: 270000 } });
    const { object } = await generateObject({ model: model(), schema: city, prompt: 'Which?', maxRetries: 0 });
    assert.deepEqual(object, { name: 'Ghent', people: 270000 });
  });

  for (const stream of [false, true])
    test(`a chat of several turns with tools, by references as it sends them${stream ? ', streamed' : ''}`, async () => {
      const messages = [{ role: 'user', content: 'Weather in Ghent and Bruges?' }];
      const turn = async () => {
        const given = { model: model(), system: 'Be kind.', allowSystemInMessages: true, messages, tools, stopWhen: isStepCount(3), maxRetries: 0 };
        if (!stream) return generateText(given);
        const made = streamText(given);
        await made.consumeStream();
        return { text: await made.text, responseMessages: await made.responseMessages, steps: await made.steps };
      };
      on.upstream.answer({ text: 'Let me look.', tool_calls: [{ id: 'call_1', name: 'get_weather', arguments: { city: 'Ghent' } }, { id: 'call_2', name: 'get_weather', arguments: { city: 'Bruges' } }] });
      on.upstream.answer({ text: 'It rains.' });
      const first = await turn();
      assert.equal(first.text, 'It rains.');
      assert.equal(first.steps.length, 2);
      assert.deepEqual(said(asked()).filter(([role]) => role !== 'system'), [
        ['user', 'Weather in Ghent and Bruges?'],
        ['assistant', 'Let me look.', 'get_weather', 'get_weather'],
        ['tool', 'Rain in Ghent.', 'call_1'],
        ['tool', 'Rain in Bruges.', 'call_2'],
      ]);
      messages.push(...first.responseMessages, { role: 'user', content: 'Sure?' });
      on.upstream.answer({ text: 'I am.' });
      assert.equal((await turn()).text, 'I am.');
      assert.deepEqual(said(asked()).filter(([role]) => role !== 'system'), [
        ['user', 'Weather in Ghent and Bruges?'],
        ['assistant', 'Let me look.', 'get_weather', 'get_weather'],
        ['tool', 'Rain in Ghent.', 'call_1'],
        ['tool', 'Rain in Bruges.', 'call_2'],
        ['assistant', 'It rains.'],
        ['user', 'Sure?'],
      ]);
    });

  test('a provider that fails is an error, also in a stream that has begun', async () => {
    on.upstream.refuse({ kind: 'server' });
    await assert.rejects(generateText({ model: model(), prompt: 'x', maxRetries: 0 }), (error) => error.statusCode === 502);
    on.upstream.answer({ text: 'One, two, three.' }, { cut: { events: 3 } });
    const failed = [];
    const made = streamText({ model: model(), prompt: 'x', maxRetries: 0, onError: ({ error }) => failed.push(error) });
    await made.consumeStream();
    assert.equal(failed.length, 1);
  });
});

describe('with LangChain', () => {
  const model = () => new ChatOpenAI({ model: 'open', apiKey: on.token, maxRetries: 0, useResponsesApi: true, configuration: { baseURL: `${on.gateway.url}/v1` } });

  test('text, whole and streamed', async () => {
    on.upstream.answer({ text: 'Ghent.' });
    const whole = await model().invoke('Where?');
    assert.equal(whole.text, 'Ghent.');
    assert.equal(whole.usage_metadata.total_tokens, 32);
    on.upstream.answer({ text: 'Ghent, then.' });
    assert.equal((await all(await model().stream('Where?'))).map(({ text }) => text).join(''), 'Ghent, then.');
  });

  test('tools, whose results come back with the messages', async () => {
    const bound = model().bindTools([{ type: 'function', function: { name: weather.name, parameters: weather.parameters } }]);
    on.upstream.answer({ tool_calls: [{ id: 'call_1', name: 'get_weather', arguments: { city: 'Ghent' } }] });
    const first = await bound.invoke([new HumanMessage('Weather?')]);
    assert.ok(first instanceof AIMessage);
    assert.deepEqual(first.tool_calls.map(({ name, args }) => [name, args]), [['get_weather', { city: 'Ghent' }]]);
    on.upstream.answer({ text: 'It rains.' });
    const second = await bound.invoke([new HumanMessage('Weather?'), first, new ToolMessage({ content: 'Rain.', tool_call_id: first.tool_calls[0].id })]);
    assert.equal(second.text, 'It rains.');
    assert.deepEqual(said(on.upstream.calls.at(-1).asked), [['user', 'Weather?'], ['assistant', '', 'get_weather'], ['tool', 'Rain.', 'call_1']]);
  });

  test('objects', async () => {
    on.upstream.answer({ json: { name: 'Ghent', people: 270000 } });
    assert.deepEqual(await model().withStructuredOutput(city, { method: 'jsonSchema' }).invoke('Which?'), { name: 'Ghent', people: 270000 });
  });
});

describe('what is kept', () => {
  const on = scene(files, { protocol: 'openai-chat' });
  const client = (gateway) => new OpenAI({ apiKey: on.token, baseURL: `${gateway.url}/v1`, maxRetries: 0 });

  test('outlives a gateway that is killed, and the next goes on from it', async () => {
    on.upstream.answer({ text: 'Ghent.' });
    const first = await client(on.gateway).responses.create({ model: 'open', input: 'Where?' });
    on.gateway.child.kill('SIGKILL');
    await on.gateway.exited;
    const { folder, store } = on.gateway;
    on.gateway = await startGateway({ folder, store });
    assert.equal((await client(on.gateway).responses.retrieve(first.id)).output_text, 'Ghent.');
    on.upstream.answer({ text: 'Then.' });
    await client(on.gateway).responses.create({ model: 'open', input: 'When?', previous_response_id: first.id });
    assert.deepEqual(said(on.upstream.calls.at(-1).asked), [['user', 'Where?'], ['assistant', 'Ghent.'], ['user', 'When?']]);
  });

  test('is erased with the sessions of its token', async () => {
    on.upstream.answer({ text: 'Ghent.' });
    const { token, id } = await on.gateway.token('*');
    const own = new OpenAI({ apiKey: token, baseURL: `${on.gateway.url}/v1`, maxRetries: 0 });
    const made = await own.responses.create({ model: 'open', input: 'Where?' });
    assert.deepEqual((await on.gateway.admin('DELETE', `/admin/v1/sessions?token=${id}`)).body, { object: 'sessions', deleted: 0, responses: 1 });
    await assert.rejects(own.responses.retrieve(made.id), OpenAI.NotFoundError);
  });
});

describe('an alias', () => {
  const on = scene((upstream) => ({ ...files(), 'pinion.yaml': settings(upstream.url, 'aliases: {fast: "upstream:gpt-4.1-mini"}\nmounts: [/api/ai/v1]\nlimits: {body: 2KiB}\n') }), { protocol: 'openai-chat' });
  const client = () => new OpenAI({ apiKey: on.token, baseURL: `${on.gateway.url}/v1`, maxRetries: 0 });

  test('is gone on from as an endpoint is, and has the instructions of each call', async () => {
    on.upstream.answer({ text: 'Ghent.' });
    const first = await client().responses.create({ model: 'fast', instructions: 'Be kind.', input: 'Where?', reasoning: { effort: null } });
    assert.equal(on.upstream.calls.at(-1).asked.system, 'Be kind.');
    on.upstream.answer({ text: 'Then.' });
    await client().responses.create({ model: 'fast', instructions: 'Be brief.', input: 'When?', previous_response_id: first.id });
    const { asked } = on.upstream.calls.at(-1);
    assert.equal(asked.system, 'Be brief.');
    assert.deepEqual(said(asked), [['user', 'Where?'], ['assistant', 'Ghent.'], ['user', 'When?']]);
    const mounted = new OpenAI({ apiKey: on.token, baseURL: `${on.gateway.url}/api/ai/v1`, maxRetries: 0 });
    assert.equal((await mounted.responses.retrieve(first.id)).output_text, 'Ghent.');
  });

  test('goes on as long as a request may be, all of it together', async () => {
    let previous;
    for (let i = 0; i < 2; i++) {
      on.upstream.answer({ text: 'x'.repeat(1000) });
      previous = await client().responses.create({ model: 'fast', input: 'More.', previous_response_id: previous?.id });
    }
    await assert.rejects(
      client().responses.create({ model: 'fast', input: 'More.', previous_response_id: previous.id }),
      (error) => error instanceof OpenAI.BadRequestError && error.param === 'previous_response_id' && /longer/.test(error.message),
    );
  });
});

for (const [ttl, why] of [['1ms', 'is over'], ['0s', 'is none']])
  describe(`when the time that responses are kept ${why}`, () => {
    const on = scene((upstream) => ({ ...files(), 'pinion.yaml': settings(upstream.url, `responses: {ttl: ${ttl}}\n`) }), { protocol: 'openai-chat' });
    const client = () => new OpenAI({ apiKey: on.token, baseURL: `${on.gateway.url}/v1`, maxRetries: 0 });

    test('they are not there', async () => {
      on.upstream.answer({ text: 'Ghent.' });
      const made = await client().responses.create({ model: 'open', input: 'Where?' });
      assert.equal(made.store, ttl !== '0s');
      await assert.rejects(client().responses.retrieve(made.id), OpenAI.NotFoundError);
      await assert.rejects(client().responses.create({ model: 'open', input: 'x', previous_response_id: made.id }), OpenAI.BadRequestError);
      await assert.rejects(
        client().responses.create({ model: 'open', input: [{ type: 'item_reference', id: made.output[0].id }, { role: 'user', content: 'x' }] }),
        (error) => error instanceof OpenAI.NotFoundError && error.error.hint.includes('"store": false'),
      );
    });
  });

// What a provider wants back with the calls of its model, the client never has: it goes with the conversation,
// whether that comes by an id or by items, and also where a template made something else of what was said.
for (const [protocol, more] of [['openai-responses', ['gpt-5.2-codex', '']], ['anthropic', ['claude-sonnet-4-6', 'params: {reasoning_effort: low}\n']], ['gemini', ['gemini-3-flash-preview', '']]])
  describe(`over ${protocol}`, () => {
    const [name, params] = more;
    const endpoint = `provider: upstream\nmodel: ${name}\nsystem: You are brief.\nallow: [tools, tool_choice]\nstream: raw\nretry: {times: 0}\n${params}`;
    const on = scene(
      () => ({
        'endpoints/free.yaml': endpoint,
        'endpoints/wrapped.yaml': `${endpoint}template: "Tell: {{.}}"\ninput_schema: {type: string}\n`,
      }),
      { protocol },
    );
    const client = () => new OpenAI({ apiKey: on.token, baseURL: `${on.gateway.url}/v1`, maxRetries: 0 });

    for (const stream of [false, true])
      test(`a call and its result${stream ? ', streamed' : ''}`, async () => {
        for (const model of ['free', 'wrapped']) {
          on.upstream.answer({ reasoning: 'A city.', state: 'U3RhdGU=', text: 'Let me look.', tool_calls: [{ name: 'get_weather', arguments: { city: 'Ghent' } }] });
          const asking = { model, input: 'Rain?', tools: [weather] };
          const first = stream ? await client().responses.stream(asking).finalResponse() : await client().responses.create(asking);
          const call = first.output.at(-1);
          const result = { type: 'function_call_output', call_id: call.call_id, output: 'rain' };
          on.upstream.answer({ text: 'An umbrella.' });
          const second = await client().responses.create({ model, previous_response_id: first.id, input: [result], tools: [weather] });
          assert.equal(second.output_text, 'An umbrella.');
          assert.ok(on.upstream.calls.at(-1).text.includes('U3RhdGU='), on.upstream.calls.at(-1).text);
          if (model === 'wrapped') continue;
          on.upstream.answer({ text: 'An umbrella.' });
          await client().responses.create({
            model, tools: [weather],
            input: [{ role: 'user', content: 'Rain?' }, ...first.output.map(({ id }) => ({ type: 'item_reference', id })), result],
          });
          assert.ok(on.upstream.calls.at(-1).text.includes('U3RhdGU='), on.upstream.calls.at(-1).text);
        }
      });
  });

describe('a cached answer', () => {
  const client = () => new OpenAI({ apiKey: on.token, baseURL: `${on.gateway.url}/v1`, maxRetries: 0 });

  test('is a response of its own each time, whole and streamed, with its items in their order', async () => {
    on.upstream.answer({ text: 'Let me look.', tool_calls: [{ id: 'call_1', name: 'get_weather', arguments: { city: 'Ghent' } }] });
    const asking = { model: 'again', input: 'Weather?', tools: [weather] };
    const made = [await client().responses.create(asking), await client().responses.create(asking), await client().responses.stream(asking).finalResponse()];
    assert.equal(new Set(made.map(({ id }) => id)).size, 3);
    assert.deepEqual(made.map(({ pinion }) => pinion.cached), [false, true, true]);
    for (const { id, output } of made) {
      assert.deepEqual(output.map(({ type }) => type), ['message', 'function_call']);
      const kept = await client().responses.retrieve(id);
      assert.deepEqual(kept.output.map((item) => item.id), output.map((item) => item.id));
    }
  });

  test('a client that leaves in the middle of a stream has the provider left, and nothing kept', async () => {
    const handle = on.upstream.answer({ text: 'One, two, three, four, five.' }, { hold: 2 });
    const leaving = new AbortController();
    let id;
    await assert.rejects(async () => {
      for await (const event of await client().responses.create({ model: 'open', input: 'Count.', stream: true }, { signal: leaving.signal })) {
        id ??= event.response?.id;
        if (event.type === 'response.output_text.delta') leaving.abort();
      }
      throw new Error('left');
    });
    assert.equal(await (await handle.called).closed, false);
    await assert.rejects(client().responses.retrieve(id), OpenAI.NotFoundError);
  });
});
