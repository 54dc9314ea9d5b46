// POST /v1/messages as Anthropic's SDK uses it, over each protocol that the gateway speaks to providers.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { z } from 'zod';
import { settings } from './support/gateway.js';
import { scene } from './support/scene.js';

const weather = {
  name: 'get_weather',
  description: 'The weather of a city.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false },
};
const clock = { name: 'get_time', input_schema: { type: 'object', properties: {} } };
const called = { name: 'get_weather', arguments: { city: 'Zürich' } };
const question = [{ role: 'user', content: 'Rain?' }];
const png = 'iVBORw0KGgo=';
const max_tokens = 64;
const open = (model, more = '') => `
provider: upstream
model: ${model}
system: You are brief.
allow: [system, tools, tool_choice, response_format, max_tokens, temperature, top_p, stop, reasoning_effort]
stream: raw
retry: {times: 0}
${more}`;

const client = (on, more = {}) => new Anthropic({ apiKey: on.token, baseURL: on.gateway.url, maxRetries: 0, ...more });
const uses = (message) => message.content.filter(({ type }) => type === 'tool_use');
const textOf = (message) => message.content.filter(({ type }) => type === 'text').map(({ text }) => text).join('');
const collect = async (stream) => {
  const all = [];
  for await (const event of stream) all.push(event);
  return all;
};

// model; sees: whether it takes images, `url` also by their URL; thinks: the params with which it thinks, and wants
// `back` what it then said; `calls`: how many calls it may make at once.
const protocols = {
  'openai-chat': { model: 'gpt-4.1-mini' },
  'openai-responses': { model: 'gpt-5.2-codex', thinks: '' },
  anthropic: { model: 'claude-sonnet-4-6', thinks: 'params: {reasoning_effort: low}' },
  gemini: { model: 'gemini-3-flash-preview', thinks: '' },
  mistral: { model: 'mistral-medium-latest' },
  cohere: { model: 'command-a-reasoning-08-2025', thinks: '', back: 'A city.' },
  ollama: { model: 'qwen3', url: false, thinks: 'params: {reasoning_effort: low}', back: 'A city.' },
  groq: { model: 'llama-3.3-70b-versatile' },
  azure: { model: 'gpt-4.1-mini' },
  deepseek: { model: 'deepseek-reasoner', sees: false, thinks: '', back: 'A city.' },
  together: { model: 'gpt-4.1-mini' },
  openrouter: { model: 'openai/gpt-4.1-mini' },
  vllm: { model: 'qwen3', thinks: '', back: 'A city.' },
  llamacpp: { model: 'qwen3' },
};

for (const [protocol, { model, sees = true, url = true, thinks, back = 'U3RhdGU=' }] of Object.entries(protocols)) {
  describe(protocol, () => {
    const on = scene(
      () => ({ 'endpoints/open.yaml': open(model), 'endpoints/thinks.yaml': open(model, thinks ?? '') }),
      { protocol },
    );
    const asked = () => on.upstream.calls.at(-1).asked;
    const create = (body, as = 'open') => client(on).messages.create({ model: as, max_tokens, messages: question, ...body });

    test('a text, whole and streamed', async () => {
      on.upstream.answer({ text: ['At', ' nine.'], usage: { input: 58, output: 44, cached: 8 } });
      const whole = await create();
      assert.deepEqual([whole.type, whole.role, whole.stop_reason, textOf(whole)], ['message', 'assistant', 'end_turn', 'At nine.']);
      assert.equal(whole.usage.input_tokens + whole.usage.cache_read_input_tokens, 58);
      assert.equal(whole.usage.output_tokens, 44);
      assert.equal(whole.pinion.endpoint, 'open');
      assert.equal(asked().system, 'You are brief.');

      on.upstream.answer({ text: ['At', ' nine.'], usage: { input: 58, output: 44 } });
      const events = await collect(await create({ stream: true }));
      const kinds = events.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1]);
      assert.deepEqual(kinds, ['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop', 'message_delta', 'message_stop']);
      assert.equal(events.filter(({ type }) => type === 'content_block_delta').map(({ delta }) => delta.text).join(''), 'At nine.');
      const { delta, usage, pinion } = events.at(-2);
      assert.equal(delta.stop_reason, 'end_turn');
      assert.deepEqual([usage.input_tokens, usage.output_tokens], [58, 44]);
      assert.equal(pinion.endpoint, 'open');
    });

    test('calls of tools, one and two at once, and their results go back', async () => {
      for (const stream of [false, true]) {
        on.upstream.answer({ text: 'Wait.', tool_calls: [called, { name: 'get_time', arguments: {} }] });
        const body = { model: 'open', max_tokens, messages: question, tools: [weather, clock] };
        const first = stream ? await client(on).messages.stream(body).finalMessage() : await create(body);
        assert.equal(first.stop_reason, 'tool_use');
        assert.deepEqual(first.content.map(({ type }) => type), ['text', 'tool_use', 'tool_use']);
        assert.deepEqual(uses(first).map(({ name, input }) => ({ name, arguments: input })), [called, { name: 'get_time', arguments: {} }]);
        assert.notEqual(uses(first)[0].id, uses(first)[1].id);
        assert.deepEqual(asked().tools.map(({ name }) => name), ['get_weather', 'get_time']);

        on.upstream.answer('Take an umbrella.');
        const results = uses(first).map(({ id, name }) => ({ type: 'tool_result', tool_use_id: id, content: [{ type: 'text', text: `of ${name}` }] }));
        const messages = [...question, { role: 'assistant', content: first.content }, { role: 'user', content: results }];
        assert.equal(textOf(await create({ messages, tools: [weather, clock] })), 'Take an umbrella.');
        const told = asked().messages;
        assert.deepEqual(told.find((one) => one.tool_calls?.length).tool_calls.map(({ name }) => name), ['get_weather', 'get_time']);
        assert.ok(told.some((one) => one.text.includes('of get_weather')) && told.some((one) => one.text.includes('of get_time')));
      }
    });

    test('a schema of the answer', async () => {
      on.upstream.answer({ json: { sum: 4 } });
      const parsed = await client(on).messages.parse({
        model: 'open', max_tokens, messages: question,
        output_config: { format: zodOutputFormat(z.object({ sum: z.number().int() })) },
      });
      assert.deepEqual(parsed.parsed_output, { sum: 4 });
      on.upstream.answer({ json: { sum: 'four' } });
      await assert.rejects(
        create({ output_config: { format: { type: 'json_schema', schema: { type: 'object', properties: { sum: { type: 'integer' } }, required: ['sum'], additionalProperties: false } } } }),
        (error) => error instanceof Anthropic.UnprocessableEntityError && error.error.error.code === 'output_schema_violation',
      );
    });

    if (sees)
      test('images, in their place', async () => {
        const content = [
          { type: 'text', text: 'What is ' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
          ...(url ? [{ type: 'image', source: { type: 'url', url: 'https://example.org/cat.jpg' } }] : []),
          { type: 'text', text: 'this?' },
        ];
        on.upstream.answer('A cat.');
        assert.equal(textOf(await create({ messages: [{ role: 'user', content }] })), 'A cat.');
        const [{ images, text }] = asked().messages;
        assert.equal(text.replaceAll('\n', ''), 'What is this?');
        assert.ok(images[0].endsWith(png), images[0]);
        assert.deepEqual(images.slice(1), url ? ['https://example.org/cat.jpg'] : []);
      });

    if (sees)
      test('what a tool shows is seen, behind its result', async () => {
        const shown = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } };
        on.upstream.answer('A cat.');
        const messages = [
          ...question,
          { role: 'assistant', content: [{ type: 'tool_use', id: 'a1b2c3d4e', name: 'get_weather', input: called.arguments }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a1b2c3d4e', content: [{ type: 'text', text: 'Look.' }, shown] }] },
        ];
        assert.equal(textOf(await create({ messages, tools: [weather] })), 'A cat.');
        assert.ok(asked().messages.some(({ text }) => text.includes('Look.')));
        assert.ok(on.upstream.calls.at(-1).text.includes(png), on.upstream.calls.at(-1).text);
      });

    if (protocol === 'anthropic')
      test('what it ended at is told to whoever asked for it', async () => {
        const usage = { input_tokens: 9, output_tokens: 3 };
        const message = { id: 'msg_1', type: 'message', role: 'assistant', model, content: [{ type: 'text', text: 'At' }], stop_reason: 'stop_sequence', stop_sequence: 'END', usage };
        on.upstream.json(message);
        const whole = await create({ stop_sequences: ['END'] });
        assert.deepEqual([whole.stop_reason, whole.stop_sequence], ['stop_sequence', 'END']);
        on.upstream.json(message);
        const pinned = await create({});
        assert.deepEqual([pinned.stop_reason, pinned.stop_sequence], ['end_turn', null]);
        on.upstream.next((response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          for (const event of [
            { type: 'message_start', message: { ...message, content: [], stop_reason: null, stop_sequence: null } },
            { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
            { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'At' } },
            { type: 'content_block_stop', index: 0 },
            { type: 'message_delta', delta: { stop_reason: 'stop_sequence', stop_sequence: 'END' }, usage },
            { type: 'message_stop' },
          ])
            response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
          response.end();
        });
        const streamed = await client(on).messages.stream({ model: 'open', max_tokens, messages: question, stop_sequences: ['END'] }).finalMessage();
        assert.deepEqual([streamed.stop_reason, streamed.stop_sequence], ['stop_sequence', 'END']);
      });

    if (thinks !== undefined)
      test('the state of its thoughts goes back with the calls, though the client never has it', async () => {
        for (const stream of [false, true]) {
          on.upstream.answer({ reasoning: 'A city.', state: 'U3RhdGU=', tool_calls: [called] });
          const body = { model: 'thinks', max_tokens, messages: question, tools: [weather] };
          const first = stream ? await client(on).messages.stream(body).finalMessage() : await create(body, 'thinks');
          assert.ok(!JSON.stringify(first).includes(back));
          on.upstream.answer('Take an umbrella.');
          const messages = [
            ...question,
            { role: 'assistant', content: first.content },
            { role: 'user', content: [{ type: 'tool_result', tool_use_id: uses(first)[0].id, content: 'rain' }] },
          ];
          await create({ messages, tools: [weather] }, 'thinks');
          assert.ok(on.upstream.calls.at(-1).text.includes(back), on.upstream.calls.at(-1).text);
        }
      });
  });
}

describe('an Anthropic client', () => {
  const on = scene(
    () => ({
      'endpoints/plain.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: You are brief.\nparams: {max_tokens: 7}\nstream: raw\nretry: {times: 0}\n',
      'endpoints/open.yaml': open('gpt-4.1-mini'),
      'endpoints/thinks.yaml': open('gpt-5-mini'),
      'endpoints/city.yaml':
        'provider: upstream\nmodel: gpt-4.1-mini\nsystem: Name a city.\noutput_schema: {type: object, properties: {name: {type: string}}, required: [name]}\non_invalid_output: {repair: true}\nretry: {times: 0}\n',
      'endpoints/typed.yaml':
        'provider: upstream\nmodel: gpt-4.1-mini\nsystem: s\ntemplate: "Of {{city}}."\ninput_schema: {type: object, properties: {city: {type: string}}, required: [city]}\n',
      'endpoints/once.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: s\nlimits: {per_minute: 1}\n',
      'endpoints/pair.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: s\nlimits: {per_minute: 2}\n',
      'endpoints/cached.yaml': open('gpt-4.1-mini', 'cache: {ttl: 1h}\n'),
      'endpoints/guarded.yaml': open('gpt-4.1-mini', 'guardrails: {pii: mask, words: {block: [forbidden]}}\n'),
    }),
    { protocol: 'openai-chat' },
  );
  const asked = () => on.upstream.calls.at(-1).asked;
  const create = (body, options) => client(on).messages.create({ model: 'open', max_tokens, messages: question, ...body }, options);
  const failure = async (promise) => {
    try {
      await promise;
    } catch (error) {
      return error;
    }
    assert.fail('it was answered');
  };
  const refused = async (body, status, code, param) => {
    const error = await failure(create(body));
    assert.deepEqual([error.status, error.error?.error?.code, error.error?.error?.param], [status, code, param], error.message);
    return error;
  };

  test('has what its types say is there, and whose request it was', async () => {
    on.upstream.answer({ text: 'No.' });
    const { data, response } = await client(on).messages.create({ model: 'plain', max_tokens, messages: question }).withResponse();
    assert.deepEqual(data.content, [{ type: 'text', text: 'No.', citations: null }]);
    for (const name of ['id', 'container', 'diagnostics', 'model', 'stop_details', 'stop_reason', 'stop_sequence', 'usage']) assert.ok(name in data, name);
    for (const name of ['cache_creation', 'cache_creation_input_tokens', 'inference_geo', 'output_tokens_details', 'server_tool_use', 'service_tier', 'speed']) assert.ok(name in data.usage, name);
    assert.match(data.id, /^msg_/);
    assert.equal(data._request_id, response.headers.get('x-request-id'));
    const line = await on.gateway.journal(response);
    assert.deepEqual([line.surface, line.endpoint, line.path], ['messages', 'plain', '/v1/messages']);
  });

  test('below a project, and by a bearer token', async () => {
    on.upstream.answer({ text: 'No.' });
    const own = new Anthropic({ authToken: on.token, apiKey: null, baseURL: `${on.gateway.url}/api/default`, maxRetries: 0 });
    assert.equal(textOf(await own.messages.create({ model: 'plain', max_tokens, messages: question })), 'No.');
  });

  test('max_tokens is a wish where the endpoint lets callers have one', async () => {
    on.upstream.answer({ text: 'No.' });
    await create({ model: 'plain' });
    assert.equal(asked().max_tokens, 7);
    on.upstream.answer({ text: 'No.' });
    await create();
    assert.equal(asked().max_tokens, 64);
    await refused({ model: 'plain', max_tokens: 0 }, 400, 'invalid_request', '/max_tokens');
    await refused({ max_tokens: 0 }, 400, 'invalid_request', '/max_tokens');
  });

  test('system, sampling, stops and the choice of tools arrive where they are allowed', async () => {
    on.upstream.answer({ tool_calls: [called] });
    await create({
      system: [{ type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral' } }, { type: 'text', text: 'Be quick.' }],
      temperature: 0.5, top_p: 0.9, stop_sequences: ['END'], metadata: { user_id: 'u-1' }, service_tier: 'auto',
      tools: [{ ...weather, type: 'custom', cache_control: { type: 'ephemeral' } }, clock],
      tool_choice: { type: 'tool', name: 'get_weather', disable_parallel_tool_use: true },
    });
    assert.ok(asked().system.includes('You are brief.') && asked().system.includes('Be kind.\n\nBe quick.'), asked().system);
    assert.deepEqual([asked().temperature, asked().top_p, asked().stop, asked().tool_choice], [0.5, 0.9, ['END'], { name: 'get_weather' }]);
    assert.equal(on.upstream.calls.at(-1).body.parallel_tool_calls, false);
    for (const [type, seen] of [['any', 'required'], ['none', 'none']]) {
      on.upstream.answer(type === 'none' ? 'No.' : { tool_calls: [called] });
      await create({ tools: [weather], tool_choice: { type } });
      assert.equal(asked().tool_choice, seen);
    }
    await refused({ model: 'plain', system: 'x' }, 422, 'role_not_allowed', '/system');
    await refused({ model: 'plain', temperature: 0.5 }, 422, 'parameter_not_allowed', '/temperature');
    await refused({ model: 'plain', tools: [weather] }, 422, 'parameter_not_allowed', '/tools');
    await refused({ top_k: 5 }, 422, 'parameter_not_allowed', '/top_k');
    await refused({ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, 400, 'invalid_request', '/tools/0/type');
    await refused({ tools: [{ ...weather, input_schema: { type: 'array' } }] }, 400, 'invalid_request', '/tools/0/input_schema/type');
  });

  test('thinking is an effort', async () => {
    for (const [body, effort] of [
      [{ thinking: { type: 'enabled', budget_tokens: 2048 } }, 'low'],
      [{ thinking: { type: 'enabled', budget_tokens: 8000 } }, 'medium'],
      [{ thinking: { type: 'enabled', budget_tokens: 32000 }, max_tokens: 40000, stream: true }, 'high'],
      [{ thinking: { type: 'adaptive' }, output_config: { effort: 'low' } }, 'low'],
      [{ thinking: { type: 'adaptive' } }, undefined],
    ]) {
      on.upstream.answer({ text: 'No.' });
      const answer = await create({ model: 'thinks', ...body });
      if (body.stream) await collect(answer);
      assert.equal(on.upstream.calls.at(-1).body.reasoning_effort, effort);
    }
    on.upstream.answer({ text: 'No.' });
    await create({ model: 'plain', thinking: { type: 'disabled' } });
    await refused({ model: 'plain', thinking: { type: 'enabled', budget_tokens: 2048 } }, 422, 'parameter_not_allowed', '/thinking/budget_tokens');
    await refused({ thinking: { type: 'enabled' } }, 400, 'invalid_request', '/thinking');
    await refused({ output_config: { effort: 'some' } }, 400, 'invalid_request', '/output_config/effort');
  });

  test('an input schema reads the last message; what is in front of it stays', async () => {
    on.upstream.answer({ text: 'Fine.' });
    const messages = [{ role: 'user', content: 'Hello.' }, { role: 'assistant', content: 'Hello.' }, { role: 'user', content: '{"city": "Ghent"}' }];
    await create({ model: 'typed', messages });
    assert.deepEqual(asked().messages.map(({ role, text }) => [role, text]), [['user', 'Hello.'], ['assistant', 'Hello.'], ['user', 'Of Ghent.']]);
    const error = await failure(create({ model: 'typed', messages: [{ role: 'user', content: '{"town": 1}' }] }));
    assert.ok(error instanceof Anthropic.UnprocessableEntityError);
    assert.equal(error.details.violations[0].keyword, 'required');
  });

  test('results stand in front of what the user adds; a failed one says so; thoughts are passed over', async () => {
    on.upstream.answer({ text: 'Sorry.' });
    await create({
      tools: [weather, clock],
      messages: [
        ...question,
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'A secret.', signature: 'EqE=' },
            { type: 'redacted_thinking', data: 'EqF=' },
            { type: 'text', text: 'Wait.' },
            { type: 'tool_use', id: 'a', name: 'get_weather', input: { city: 'Ghent' } },
            { type: 'tool_use', id: 'b', name: 'get_time', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'And?' },
            { type: 'tool_result', tool_use_id: 'b', is_error: true, content: 'no clock' },
            { type: 'tool_result', tool_use_id: 'a' },
          ],
        },
      ],
    });
    assert.ok(!on.upstream.calls.at(-1).text.includes('A secret.'));
    assert.deepEqual(asked().messages.map(({ role, tool_call_id, text }) => [role, tool_call_id ?? null, text]).slice(2), [
      ['tool', 'b', 'The tool failed: no clock'],
      ['tool', 'a', ''],
      ['user', null, 'And?'],
    ]);
  });

  test('what cannot be a conversation is told with its place', async () => {
    const call = { type: 'tool_use', id: 'a', name: 'get_weather', input: { city: 'Ghent' } };
    const user = question[0];
    const asks = (...messages) => ({ messages });
    for (const [body, param] of [
      [asks(user, { role: 'assistant', content: [call] }, { role: 'user', content: 'So?' }), '/messages/1/content/0'],
      [asks(user, { role: 'assistant', content: [call, call] }), '/messages/1/content/1/id'],
      [asks(user, { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'z' }] }), '/messages/1/content/0/tool_use_id'],
      [asks(user, { role: 'assistant', content: 'It' }), '/messages'],
      [asks({ role: 'user', content: [{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' } }] }), '/messages/0/content/0'],
      [asks({ role: 'user', content: [{ type: 'image', source: { type: 'base64', media_type: 'image/bmp', data: png } }] }), '/messages/0/content/0/source/data'],
      [asks({ role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'http://example.org/a.png' } }] }), '/messages/0/content/0/source/url'],
      [asks({ role: 'user', content: [{ type: 'image', source: { type: 'file', file_id: 'f' } }] }), '/messages/0/content/0/source/type'],
      [asks({ role: 'user', content: 7 }), '/messages/0/content'],
      [asks({ content: 'x' }), '/messages/0'],
      [asks(), '/messages'],
    ])
      await refused(body, 400, 'invalid_request', param);
    await refused(asks({ role: 'tool', content: 'x' }), 422, 'role_not_allowed', '/messages/0/role');
    const bare = await fetch(`${on.gateway.url}/v1/messages`, { method: 'POST', headers: { 'x-api-key': on.token, 'content-type': 'application/json' }, body: '{"model": "plain"}' });
    assert.deepEqual([bare.status, (await bare.json()).error.param], [400, '/messages']);
  });

  test('errors are its typed ones, with the id of the request', async () => {
    const denied = new Anthropic({ apiKey: (await on.gateway.token('city')).token, baseURL: on.gateway.url, maxRetries: 0 });
    const cases = [
      [() => create({ model: 'nobody' }), Anthropic.NotFoundError, 'not_found_error'],
      [() => denied.messages.create({ model: 'plain', max_tokens, messages: question }), Anthropic.PermissionDeniedError, 'permission_error'],
      [() => client(on, { apiKey: 'pin_live_no' }).messages.create({ model: 'plain', max_tokens, messages: question }), Anthropic.AuthenticationError, 'authentication_error'],
      [() => create({ max_tokens: 'many' }), Anthropic.BadRequestError, 'invalid_request_error'],
    ];
    for (const [ask, kind, type] of cases) {
      const error = await failure(ask());
      assert.ok(error instanceof kind, `${error}`);
      assert.deepEqual([error.type, error.error.type], [type, 'error']);
      assert.equal(error.requestID, error.error.request_id);
      assert.equal(error.apiMessage, error.error.error.message);
      assert.equal(error.errorCode, error.error.error.code);
    }
    for (const [kind, type, more] of [
      ['server', Anthropic.InternalServerError, 'api_error'],
      ['overload', Anthropic.ServiceUnavailableError, 'overloaded_error'],
      ['rate_limit', Anthropic.RateLimitError, 'rate_limit_error'],
    ]) {
      on.upstream.refuse({ kind });
      const error = await failure(create());
      assert.ok(error instanceof type, `${kind}: ${error}`);
      assert.equal(error.type, more);
      assert.equal(error.details.attempts.length, 1);
    }
    const get = await fetch(`${on.gateway.url}/v1/messages`);
    assert.deepEqual([get.status, get.headers.get('allow'), (await get.json()).type], [405, 'POST, OPTIONS', 'error']);
  });

  test('retries as it is told: an exhausted chain not at all, a busy provider after the pause', async () => {
    const eager = client(on, { maxRetries: 2 });
    const before = on.upstream.calls.length;
    on.upstream.refuse({ kind: 'server' });
    await assert.rejects(eager.messages.create({ model: 'open', max_tokens, messages: question }), { status: 502 });
    assert.equal(on.upstream.calls.length, before + 1);
    on.upstream.refuse({ kind: 'overload', retryAfter: 1 });
    on.upstream.answer({ text: 'Now.' });
    assert.equal(textOf(await eager.messages.create({ model: 'open', max_tokens, messages: question })), 'Now.');
    assert.equal(on.upstream.calls.at(-1).headers['x-stainless-retry-count'], undefined);
    on.upstream.answer({ text: 'Once.' });
    await client(on).messages.create({ model: 'once', max_tokens, messages: question });
    const error = await failure(client(on).messages.create({ model: 'once', max_tokens, messages: question }));
    assert.ok(error instanceof Anthropic.RateLimitError);
    assert.ok(Number(error.headers.get('retry-after')) >= 1 && error.headers.get('x-should-retry') !== null);
    assert.equal(error.headers.get('anthropic-ratelimit-requests-limit'), '1');
  });

  test('who leaves ends the call', async () => {
    const script = on.upstream.answer({ text: ['At', ' nine.'] }, { hold: 2 });
    const stream = client(on).messages.stream({ model: 'plain', max_tokens, messages: question });
    const gone = failure(stream.finalMessage());
    const call = await script.called;
    await new Promise((resolve) => stream.once('text', resolve));
    stream.abort();
    assert.ok((await gone) instanceof Anthropic.APIUserAbortError);
    assert.equal(await call.closed, false);
  });

  test('a stream that breaks ends in an error that it raises, and is no whole message', async () => {
    on.upstream.answer({ text: ['At', ' nine.'] }, { cut: { events: 2, then: 'reset' } });
    const events = [];
    const error = await failure((async () => {
      for await (const event of await create({ stream: true })) events.push(event.type);
    })());
    assert.ok(error instanceof Anthropic.APIError, `${error}`);
    assert.equal(error.type, 'api_error');
    assert.equal(error.error.error.code, 'upstream_truncated');
    assert.ok(!events.includes('message_stop'));
  });

  test('an endpoint that does not stream answers a stream with what was checked', async () => {
    on.upstream.answer({ text: 'Here: ```json\n{"name": "Ghent"}\n```' });
    const stream = client(on).messages.stream({ model: 'city', max_tokens, messages: question });
    const message = await stream.finalMessage();
    assert.equal(textOf(message), '{"name": "Ghent"}');
    assert.equal(message.stop_reason, 'end_turn');
    on.upstream.answer({ text: '{"town": "Ghent"}' });
    await assert.rejects(client(on).messages.stream({ model: 'city', max_tokens, messages: question }).finalMessage(), Anthropic.UnprocessableEntityError);
    on.upstream.answer({ text: 'Here: ```json\n{"name": "Ghent"}\n```' });
    assert.equal(textOf(await create({ model: 'city' })), '{"name": "Ghent"}');
  });

  test('an answer of the cache is the same message, streamed or not', async () => {
    const body = { model: 'cached', tools: [weather, clock] };
    on.upstream.answer({ text: 'Wait.', tool_calls: [called, { name: 'get_time', arguments: {} }] });
    const first = await create(body);
    const { data, response } = await client(on).messages.create({ max_tokens, messages: question, ...body }).withResponse();
    assert.equal(response.headers.get('x-cache'), 'hit');
    assert.deepEqual(data.content, first.content);
    const stream = client(on).messages.stream({ max_tokens, messages: question, ...body });
    const again = await stream.finalMessage();
    assert.equal(stream.response.headers.get('x-cache'), 'hit');
    assert.deepEqual(uses(again).map(({ id, name, input }) => [id, name, input]), uses(first).map(({ id, name, input }) => [id, name, input]));
    assert.equal(textOf(again), 'Wait.');
  });

  test('what guardrails hold back of a stream comes, with every call whole', async () => {
    const tools = [weather, clock];
    const two = [called, { name: 'get_weather', arguments: { city: 'mail anna@example.org' } }];
    for (const stream of [false, true]) {
      on.upstream.answer({ text: ['Write to an', 'na@exam', 'ple.org'], tool_calls: two });
      const body = { model: 'guarded', max_tokens, messages: question, tools };
      const message = stream ? await client(on).messages.stream(body).finalMessage() : await create(body);
      assert.ok(textOf(message).startsWith('Write to [EMAIL'), textOf(message));
      assert.equal(message.content.filter(({ type }) => type === 'tool_use').length, 2);
      assert.deepEqual(uses(message)[0].input, called.arguments);
      assert.ok(uses(message)[1].input.city.startsWith('mail [EMAIL'), JSON.stringify(message.content));
      on.upstream.answer({ text: ['It is for', 'bidden', ' here.'] });
      const blocked = stream
        ? await failure(client(on).messages.stream({ model: 'guarded', max_tokens, messages: question }).finalMessage())
        : await failure(create({ model: 'guarded' }));
      assert.equal(blocked.error.error.code, 'guardrail_blocked');
    }
    const secret = await failure(create({ model: 'guarded', messages: [{ role: 'user', content: [{ type: 'text', text: 'forbidden' }] }] }));
    assert.deepEqual([secret.status, secret.details.where], [422, 'input']);
  });

  test('a refusal, and an answer that was cut', async () => {
    on.upstream.answer({ refusal: 'I cannot.' });
    const refusal = await create();
    assert.deepEqual([refusal.stop_reason, textOf(refusal), refusal.stop_details.explanation], ['refusal', 'I cannot.', 'I cannot.']);
    on.upstream.answer({ text: 'It', finish: 'length' });
    assert.equal((await create()).stop_reason, 'max_tokens');
  });

  test('count_tokens is an estimate of what would be sent, and asks nobody', async () => {
    const before = on.upstream.calls.length;
    const count = (body) => client(on).messages.countTokens({ model: 'open', messages: question, ...body });
    const short = await count();
    const long = await count({ messages: [{ role: 'user', content: 'Rain? '.repeat(100) }], tools: [weather] });
    assert.ok(short.input_tokens > 0 && short.estimated === true);
    assert.ok(long.input_tokens > short.input_tokens + 100);
    assert.equal((await count({ model: 'plain' })).input_tokens, short.input_tokens);
    await assert.rejects(count({ model: 'plain', system: 'x' }), Anthropic.UnprocessableEntityError);
    await assert.rejects(count({ model: 'nobody' }), Anthropic.NotFoundError);
    await assert.rejects(count({ model: 'typed' }), Anthropic.UnprocessableEntityError);
    const denied = new Anthropic({ apiKey: (await on.gateway.token('city')).token, baseURL: on.gateway.url, maxRetries: 0 });
    await assert.rejects(denied.messages.countTokens({ model: 'plain', messages: question }), Anthropic.PermissionDeniedError);
    await count({ model: 'pair' });
    await count({ model: 'pair' });
    await assert.rejects(count({ model: 'pair' }), Anthropic.RateLimitError);
    assert.equal(on.upstream.calls.length, before);
  });

  test('the SDK runs a loop of tools by itself', async () => {
    on.upstream.answer({ tool_calls: [called] });
    on.upstream.answer('Take an umbrella.');
    const seen = [];
    const runner = client(on).beta.messages.toolRunner({
      model: 'open', max_tokens, messages: question, max_iterations: 4,
      tools: [{ ...weather, run: (input) => (seen.push(input), 'rain'), parse: (input) => input }],
    });
    assert.equal(textOf(await runner.runUntilDone()), 'Take an umbrella.');
    assert.deepEqual(seen, [called.arguments]);
    assert.ok(asked().messages.some(({ role, text }) => role === 'tool' && text.includes('rain')));
  });

  test('an idempotent call is not made twice', async () => {
    const twice = { headers: { 'idempotency-key': 'k-1' } };
    on.upstream.answer({ text: 'Once.' });
    const body = { model: 'open', max_tokens, messages: question, stream: true };
    const text = async () => (await collect(await client(on).messages.create(body, twice))).map(({ delta }) => delta?.text ?? '').join('');
    assert.equal(await text(), 'Once.');
    assert.equal(await text(), 'Once.');
    assert.ok((await client(on).messages.countTokens({ model: 'open', messages: question }, twice)).input_tokens > 0);
  });
});

describe('an alias and a model by its own name', () => {
  const on = scene(
    (upstream) => ({
      'pinion.yaml': settings(upstream.url, 'aliases: {editor: {model: "upstream:claude-sonnet-4-6", system: Be careful., params: {max_tokens: 500}}}\n', 'anthropic'),
    }),
    { protocol: 'anthropic' },
  );
  const asked = () => on.upstream.calls.at(-1).asked;

  test('take what the caller brings; what the alias says holds where that is silent', async () => {
    const { token } = await on.gateway.token('editor', 'upstream:*');
    const create = (body) => client({ ...on, token }).messages.create({ model: 'editor', max_tokens, messages: question, ...body });
    on.upstream.answer({ text: 'No.' });
    assert.equal(textOf(await create()), 'No.');
    assert.deepEqual([asked().system, asked().max_tokens], ['Be careful.', 64]);
    on.upstream.answer({ text: 'No.' });
    await create({ system: 'Be quick.', temperature: 0.5 });
    assert.deepEqual([asked().system, asked().temperature], ['Be quick.', 0.5]);
    on.upstream.answer({ text: 'No.' });
    const direct = await create({ model: 'upstream:claude-haiku-4-5', system: 'Be kind.', tools: [weather] });
    assert.equal(direct.pinion.endpoint, 'upstream:claude-haiku-4-5');
    assert.deepEqual([asked().model, asked().system, asked().tools.length], ['claude-haiku-4-5', 'Be kind.', 1]);
    assert.ok((await client({ ...on, token }).messages.countTokens({ model: 'editor', messages: question })).input_tokens > 0);
    const narrow = client({ ...on, token: (await on.gateway.token('editor')).token });
    await assert.rejects(narrow.messages.create({ model: 'upstream:claude-haiku-4-5', max_tokens, messages: question }), Anthropic.PermissionDeniedError);
    await assert.rejects(create({ model: 'edtor' }), (error) => error instanceof Anthropic.NotFoundError && error.errorCode === 'model_not_found');
  });

  test('the models it may use, as the SDK lists them', async () => {
    const names = [];
    for await (const { id } of client(on).models.list()) names.push(id);
    assert.ok(names.includes('editor'), names.join());
  });
});
