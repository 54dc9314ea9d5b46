// Tools and images on the slug surface, over each protocol that the gateway speaks: a call and its result, a
// choice, a stream, images by URL and as data, and what the provider wants back that the client never had.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { events } from './support/gateway.js';
import { scene } from './support/scene.js';

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather of a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false },
  },
};
const clock = { type: 'function', function: { name: 'get_time', parameters: { type: 'object', properties: {} } } };
const called = { name: 'get_weather', arguments: { city: 'Zürich' } };
const image = 'iVBORw0KGgo=';
const endpoint = (model, more = '') => `
provider: upstream
model: ${model}
system: You are brief. {{tone}}
template: "{{question}}"
allow: [tools, tool_choice]
input_schema: {type: object, properties: {question: {type: string, maxLength: 100}, tone: {type: string}}, required: [question], additionalProperties: false}
retry: {times: 0}
${more}`;
const free = (model) => `
provider: upstream
model: ${model}
system: You are brief.
allow: [tools, tool_choice]
retry: {times: 0}
`;

// model; chooses: whether there is a choice, `named` and `any` its words for one and for any tool; sees: whether it
// takes images, `url` also by their URL; thinks: the params with which the model thinks, and wants `back` what it then
// said; streams: whether the scripted provider says it in streams, too.
const protocols = {
  'openai-chat': { model: 'gpt-4.1-mini' },
  'openai-responses': { model: 'gpt-5.2-codex', thinks: '' },
  anthropic: { model: 'claude-sonnet-4-6', thinks: 'params: {reasoning_effort: low}' },
  gemini: { model: 'gemini-3-flash-preview', thinks: '' },
  mistral: { model: 'mistral-medium-latest', any: 'any' },
  cohere: { model: 'command-a-reasoning-08-2025', named: 'required', thinks: '', back: 'A city.' },
  ollama: { model: 'qwen3', chooses: false, url: false, thinks: 'params: {reasoning_effort: low}', back: 'A city.' },
  groq: { model: 'llama-3.3-70b-versatile' },
  azure: { model: 'gpt-4.1-mini' },
  deepseek: { model: 'deepseek-reasoner', sees: false, thinks: '', back: 'A city.' },
  together: { model: 'gpt-4.1-mini' },
  openrouter: { model: 'openai/gpt-4.1-mini', thinks: 'params: {reasoning_effort: low}', streams: false },
  vllm: { model: 'qwen3', thinks: '', back: 'A city.' },
  llamacpp: { model: 'qwen3' },
};

for (const [protocol, { model, thinks, chooses = true, named = { name: 'get_weather' }, any = 'required', sees = true, url = true, back = 'U3RhdGU=', streams = true }] of Object.entries(protocols)) {
  describe(protocol, () => {
    const on = scene(
      () => ({
        'endpoints/free.yaml': free(model),
        'endpoints/typed.yaml': endpoint(model),
        'endpoints/thinks.yaml': `${free(model)}${thinks ?? ''}\n`,
        'endpoints/both.yaml': `${free(model)}output_schema: {type: object, properties: {sum: {type: integer}}, required: [sum]}\nrespond: output\non_invalid_output: {reask: 1}\n`,
      }),
      { protocol },
    );
    const asked = () => on.upstream.calls.at(-1).asked;
    const call = (slug, body) => on.gateway.call(slug, body, on);
    const ok = async (response) => {
      const body = await response.json();
      assert.equal(response.status, 200, JSON.stringify(body));
      return body;
    };
    const question = { role: 'user', content: '{"question": "Rain?", "tone": "Softly."}' };

    test('the model calls a tool; its result goes back, in the conversation that the model knows', async () => {
      on.upstream.answer({ tool_calls: [called] });
      const first = await ok(await call('typed', { input: JSON.parse(question.content), tools: [weather, clock] }));
      assert.equal(first.finish_reason, 'tool_calls');
      assert.deepEqual(first.tool_calls.map(({ name, arguments: given }) => ({ name, arguments: given })), [called]);
      assert.ok(first.tool_calls[0].id.length > 0);
      assert.deepEqual(asked().tools.map(({ name }) => name), ['get_weather', 'get_time']);
      const before = asked();

      on.upstream.answer('Take an umbrella.');
      const second = await ok(
        await call('typed', {
          messages: [
            question,
            { role: 'assistant', content: first.content, tool_calls: first.tool_calls },
            { role: 'tool', tool_call_id: first.tool_calls[0].id, content: 'rain' },
          ],
          tools: [weather, clock],
        }),
      );
      assert.equal(second.content, 'Take an umbrella.');
      assert.equal(second.tool_calls, undefined);
      assert.equal(second.finish_reason, 'stop');
      assert.equal(asked().system, before.system);
      const [user, assistant, tool] = asked().messages;
      assert.deepEqual([user.role, user.text], ['user', 'Rain?']);
      assert.deepEqual(user, before.messages[0]);
      assert.deepEqual(assistant.tool_calls.map(({ name, arguments: given }) => ({ name, arguments: given })), [called]);
      assert.equal(tool.role, 'tool');
      assert.ok(tool.text.includes('rain'), tool.text);
      if (tool.tool_call_id !== undefined) assert.equal(tool.tool_call_id, assistant.tool_calls[0].id);
    });

    test('two calls at once, their arguments as the client has them from a stream', async () => {
      on.upstream.answer({ text: 'Wait.', tool_calls: [called, { name: 'get_time', arguments: {} }] });
      const calls = [];
      let text = '';
      let finish;
      for await (const event of events(await call('free', { message: 'Rain?', tools: [weather, clock], stream: true }))) {
        const choice = event.choices?.[0];
        text += choice?.delta?.content ?? '';
        finish = choice?.finish_reason ?? finish;
        for (const { index, id, function: own } of choice?.delta?.tool_calls ?? []) {
          calls[index] ??= { id, type: 'function', function: { name: own.name, arguments: '' } };
          calls[index].function.arguments += own.arguments ?? '';
        }
      }
      assert.equal(finish, 'tool_calls');
      assert.equal(text, 'Wait.');
      assert.deepEqual(calls.map((one) => [one.function.name, JSON.parse(one.function.arguments || '{}')]), [['get_weather', called.arguments], ['get_time', {}]]);
      assert.notEqual(calls[0].id, calls[1].id);

      on.upstream.answer('At nine.');
      const results = calls.map((one) => ({ role: 'tool', tool_call_id: one.id, content: `of ${one.function.name}` }));
      const messages = [{ role: 'user', content: 'Rain?' }, { role: 'assistant', content: text, tool_calls: calls }, ...results];
      assert.equal((await ok(await call('free', { messages, tools: [weather, clock] }))).content, 'At nine.');
      const told = asked().messages;
      assert.deepEqual(told.find((one) => one.tool_calls?.length).tool_calls.map(({ name }) => name), ['get_weather', 'get_time']);
      assert.ok(told.some((one) => one.text.includes('of get_weather')) && told.some((one) => one.text.includes('of get_time')));
    });

    if (chooses)
      test('a choice is the provider’s', async () => {
        for (const [choice, seen] of [
          [{ type: 'function', function: { name: 'get_weather' } }, named],
          ['required', any],
          ['none', 'none'],
        ]) {
          on.upstream.answer(choice === 'none' ? 'No.' : { tool_calls: [called] });
          await ok(await call('free', { message: 'Rain?', tools: [weather, clock], tool_choice: choice }));
          assert.deepEqual(asked().tool_choice, seen);
          if (choice.function && seen === 'required') assert.deepEqual(asked().tools.map(({ name }) => name), ['get_weather']);
        }
      });

    test('arguments that are no JSON are the string that the model wrote', async (t) => {
      if (['anthropic', 'gemini', 'ollama'].includes(protocol)) return t.skip('they are objects there');
      on.upstream.answer({ tool_calls: [{ name: 'get_weather', arguments: ['{"city": '] }] });
      assert.equal((await ok(await call('free', { message: 'Rain?', tools: [weather] }))).tool_calls[0].arguments, '{"city": ');
    });

    test('an endpoint with an output schema answers with calls, and later with its output', async () => {
      on.upstream.answer({ tool_calls: [called] });
      const first = await ok(await call('both', { message: 'Rain?', tools: [weather] }));
      assert.deepEqual(first.tool_calls[0].arguments, called.arguments);
      assert.equal(first.output, undefined);
      on.upstream.answer({ json: { sum: 4 } });
      const messages = [
        { role: 'user', content: 'Rain?' },
        { role: 'assistant', content: null, tool_calls: first.tool_calls },
        { role: 'tool', tool_call_id: first.tool_calls[0].id, content: '4 mm' },
      ];
      assert.deepEqual(await ok(await call('both', { messages, tools: [weather] })), { sum: 4 });
    });

    if (sees)
    test('images by URL and as data, in their place', async () => {
      const parts = [
        { type: 'text', text: 'What is ' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } },
        ...(url ? [{ type: 'image_url', image_url: { url: 'https://example.org/cat.jpg' } }] : []),
        { type: 'text', text: 'this?' },
      ];
      on.upstream.answer('A cat.');
      assert.equal((await ok(await call('free', { messages: [{ role: 'user', content: parts }] }))).content, 'A cat.');
      const [{ images, text }] = asked().messages;
      assert.equal(text.replaceAll('\n', ''), 'What is this?');
      assert.ok(images[0].endsWith(image), images[0]);
      assert.deepEqual(images.slice(1), url ? ['https://example.org/cat.jpg'] : []);

      on.upstream.answer('A cat.');
      await ok(await call('typed', { messages: [{ role: 'user', content: [{ type: 'text', text: question.content }, parts[1]] }] }));
      assert.equal(asked().messages[0].text, 'Rain?');
      assert.ok(asked().messages[0].images[0].endsWith(image));
    });

    if (thinks !== undefined)
      test('the state of its thoughts goes back with the calls, though the client never has it', async () => {
        for (const stream of streams ? [false, true] : [false]) {
          on.upstream.answer({ reasoning: 'A city.', state: 'U3RhdGU=', tool_calls: [called] });
          const response = await call('thinks', { message: 'Rain?', tools: [weather], stream });
          const text = await response.text();
          assert.ok(!text.includes(back));
          const id = /"tool_calls":\[\{(?:"index":0,)?"id":"([^"]+)"/.exec(text)[1];
          const calls = [{ id, type: 'function', function: { name: 'get_weather', arguments: '{ "city": "Zürich" }' } }];
          const results = [{ role: 'tool', tool_call_id: id, content: 'rain' }];
          const messages = [{ role: 'user', content: 'Rain?' }, { role: 'assistant', content: null, tool_calls: calls }, ...results];
          on.upstream.answer('Take an umbrella.');
          await ok(await call('thinks', { messages, tools: [weather] }));
          assert.ok(on.upstream.calls.at(-1).text.includes(back), on.upstream.calls.at(-1).text);

          // The same calls behind other words are not the same conversation.
          messages[0] = { role: 'user', content: 'Snow?' };
          on.upstream.answer('No.');
          await ok(await call('thinks', { messages, tools: [weather] }));
          assert.ok(!on.upstream.calls.at(-1).text.includes(back));
        }
      });
  });
}

describe('what the caller may not', () => {
  const on = scene(() => ({
    'endpoints/free.yaml': free('gpt-4.1-mini'),
    'endpoints/talk.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: x\nsession: {ttl: 30m}\n',
  }));
  const call = (slug, body) => on.gateway.call(slug, body, on);

  test('is told with its place, and the provider hears nothing', async () => {
    const user = { role: 'user', content: 'Rain?' };
    const calls = { role: 'assistant', content: null, tool_calls: [{ id: 'c1', name: 'get_weather', arguments: {} }] };
    const broken = { type: 'function', function: { name: 'a', parameters: { type: 'object', properties: { n: { type: 'int' } } } } };
    for (const [slug, body, status, code, where] of [
      ['chat', { message: 'x', tools: [weather] }, 422, 'parameter_not_allowed', '/tools'],
      ['chat', { messages: [user, calls] }, 400, 'unknown_field', '/messages/1/tool_calls'],
      ['free', { message: 'x', tools: [broken] }, 400, 'invalid_request', '/tools/0/function/parameters/properties/n/type'],
      ['free', { messages: [user, calls] }, 400, 'invalid_request', '/messages/1/tool_calls/0'],
      ['free', { message: 'x', tool_choice: 'auto' }, 400, 'invalid_request', '/tool_choice'],
      ['talk', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.org/a.png' } }] }] }, 400, 'invalid_request', '/messages'],
    ]) {
      const response = await call(slug, body);
      const { error } = await response.json();
      assert.deepEqual([response.status, error.code, error.param], [status, code, where], JSON.stringify(error));
    }
    assert.equal(on.upstream.calls.length, 0);
  });
});

describe('the demo provider', () => {
  const on = scene(() => ({
    'endpoints/demo.yaml': 'provider: demo\nmodel: m\nsystem: x\nallow: [tools, tool_choice]\n',
  }));

  test('calls a tool with valid arguments when it must, streamed too, and answers its result', async () => {
    const tools = [{ type: 'function', function: { name: 'pay', parameters: { type: 'object', properties: { euros: { type: 'integer', minimum: 3, maximum: 3 } }, required: ['euros'] } } }];
    const whole = await (await on.gateway.call('demo', { message: 'Pay three.', tools, tool_choice: 'required' }, on)).json();
    assert.deepEqual(whole.tool_calls[0].arguments, { euros: 3 });
    let given = '';
    for await (const event of events(await on.gateway.call('demo', { message: 'Pay three.', tools, tool_choice: { type: 'function', name: 'pay' }, stream: true }, on)))
      given += event.choices?.[0]?.delta?.tool_calls?.[0]?.function.arguments ?? '';
    assert.deepEqual(JSON.parse(given), { euros: 3 });
    const messages = [
      { role: 'user', content: 'Pay three.' },
      { role: 'assistant', content: whole.content, tool_calls: whole.tool_calls },
      { role: 'tool', tool_call_id: whole.tool_calls[0].id, content: 'paid' },
    ];
    const after = await (await on.gateway.call('demo', { messages, tools }, on)).json();
    assert.equal(after.finish_reason, 'stop');
  });
});

describe('a provider that gives its calls no id', () => {
  const on = scene(() => ({ 'endpoints/free.yaml': free('gpt-4.1-mini') }));
  const call = { type: 'function', function: { name: 'get_weather', arguments: '{}' } };

  test('has them named by the gateway, each once', async () => {
    const ids = new Set();
    for (let i = 0; i < 2; i++) {
      on.upstream.json({ choices: [{ index: 0, message: { role: 'assistant', content: null, tool_calls: [call, call] }, finish_reason: 'tool_calls' }] });
      const body = await (await on.gateway.call('free', { message: 'Rain?', tools: [weather] }, on)).json();
      for (const { id } of body.tool_calls) ids.add(id);
      on.upstream.stream([
        `data: ${JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...call }] } }] })}\n\n`,
        `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] })}\n\n`,
        'data: [DONE]\n\n',
      ]);
      for await (const event of events(await on.gateway.call('free', { message: 'Rain?', tools: [weather], stream: true }, on)))
        for (const { id } of event.choices?.[0]?.delta?.tool_calls ?? []) if (id !== undefined) ids.add(id);
    }
    assert.equal(ids.size, 6);
    for (const id of ids) assert.match(id, /^call_[a-z0-9]{26}$/);
  });
});
