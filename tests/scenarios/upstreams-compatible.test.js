// The scripted hosts that speak Chat Completions in their own way: OpenAI's SDK, which their users point at
// them, reads each; and each differs from OpenAI as its documentation says.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import OpenAI, { AzureOpenAI } from 'openai';
import { startUpstream } from './support/upstreams/index.js';
import { collect, departures, failure, stopSchema, tram } from './support/vendor.js';

const messages = [{ role: 'user', content: 'When does the town library open?' }];
const tools = [{ type: 'function', function: { ...departures, parameters: stopSchema } }];
const sdkOf = (upstream) =>
  upstream.protocol === 'azure'
    ? new AzureOpenAI({ apiKey: 'k', baseURL: `${upstream.origin}/openai/deployments/mine`, apiVersion: '2024-10-21', maxRetries: 0 })
    : new OpenAI({ apiKey: 'k', baseURL: upstream.url, maxRetries: 0 });

const hosts = {
  azure: {},
  groq: { reasoning: 'reasoning', whole: true },
  deepseek: { reasoning: 'reasoning_content', unasked: true },
  together: { reasoning: 'reasoning', unasked: true, finish: 'eos' },
  openrouter: { reasoning: 'reasoning' },
  vllm: { reasoning: 'reasoning' },
  llamacpp: { reasoning: 'reasoning_content' },
};

for (const [name, host] of Object.entries(hosts)) {
  describe(name, () => {
    let upstream;
    let sdk;
    before(async () => (sdk = sdkOf((upstream = await startUpstream(name)))));
    after(async () => {
      await upstream.stop();
      upstream.check();
    });
    const create = (more = {}) => sdk.chat.completions.create({ model: 'm', messages, ...more });

    test('answers, whole and streamed', async () => {
      upstream.answer({ text: 'At nine.', reasoning: 'Weekday?', usage: { input: 18, output: 12, cached: 4, reasoning: 8 } });
      const [{ message, finish_reason }] = (await create()).choices;
      assert.deepEqual([message.content, finish_reason], ['At nine.', host.finish ?? 'stop']);
      if (host.reasoning) assert.equal(message[host.reasoning], 'Weekday?');

      upstream.answer({ text: ['At', ' nine.'], reasoning: ['Week', 'day?'] });
      const chunks = await collect(await create({ stream: true, ...(host.unasked ? {} : { stream_options: { include_usage: true } }) }));
      const deltas = chunks.map((one) => one.choices[0]?.delta ?? {});
      assert.equal(deltas.map((one) => one.content ?? '').join(''), 'At nine.');
      if (host.reasoning) assert.equal(deltas.map((one) => one[host.reasoning] ?? '').join(''), 'Weekday?');
      assert.equal(chunks.at(-1).usage.total_tokens, 32);
    });

    test('tool calls come in fragments or whole, and their results are taken', async () => {
      upstream.answer({ tool_calls: [tram] });
      const deltas = (await collect(await create({ tools, stream: true }))).flatMap((one) => one.choices[0]?.delta.tool_calls ?? []);
      assert.equal(deltas.length === 1, host.whole === true);
      assert.equal(deltas.map((one) => one.function.arguments).join(''), '{"stop":"Harbour"}');
      upstream.answer('In three minutes.');
      const call = { id: tram.id, type: 'function', function: { name: tram.name, arguments: '{"stop":"Harbour"}' } };
      await create({ tools, messages: [...messages, { role: 'assistant', content: null, tool_calls: [call] }, { role: 'tool', tool_call_id: tram.id, content: '3' }] });
      assert.deepEqual(upstream.calls.at(-1).asked.messages[1].tool_calls, [tram]);
    });

    test('a rate limit, an overload and a wrong key are told', async () => {
      for (const [kind, status] of [['overload', 503], ['credentials', 401], ['server', name === 'openrouter' ? 502 : 500]]) {
        upstream.refuse({ kind });
        assert.equal((await failure(create())).status, status, kind);
      }
      if (name === 'llamacpp') return assert.throws(() => upstream.refuse({ kind: 'rate_limit' }), /no refusal of the kind/);
      upstream.refuse({ kind: 'rate_limit', retryAfter: 2 });
      const error = await failure(create());
      assert.deepEqual([error.status, error.headers.get('retry-after-ms')], [429, '2000']);
    });

    test('an error inside a stream is thrown', async () => {
      upstream.answer({ text: ['At', ' nine.'] }, { error: { kind: 'server', at: 1 } });
      assert.ok((await failure((async () => collect(await create({ stream: true })))())) instanceof OpenAI.APIError);
    });
  });
}

// One call of a host by plain HTTP: {status, body or text, wrong}.
async function asked(name, path, body, prepare, headers = { authorization: 'Bearer k' }) {
  const upstream = await startUpstream(name);
  prepare(upstream);
  const reply = await fetch(upstream.origin + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'm', messages, ...body }),
  });
  const text = await reply.text();
  const wrong = upstream.forgive();
  await upstream.stop();
  upstream.check();
  return { status: reply.status, text, wrong, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined };
}
const answers = (upstream) => upstream.answer({ text: 'At nine.', usage: { cached: 4 } });

test('azure: an api-key, a filter that speaks first, and its own errors', async () => {
  const key = { 'api-key': 'k' };
  const streamed = await asked('azure', '/openai/v1/chat/completions', { stream: true }, answers, key);
  assert.match(streamed.text, /^data: \{"id":"","object":"","created":0,"model":"","choices":\[\],"prompt_filter_results"/);
  const blocked = await asked('azure', '/openai/v1/chat/completions', {}, (one) => one.refuse({ kind: 'content_filter' }), key);
  assert.deepEqual([blocked.status, blocked.body.error.code], [400, 'content_filter']);
  assert.equal(blocked.body.error.innererror.code, 'ResponsibleAIPolicyViolation');
  const unversioned = await asked('azure', '/openai/deployments/mine/chat/completions', {}, answers, key);
  assert.deepEqual([unversioned.status, unversioned.body.error.message, unversioned.wrong.length], [404, 'Resource not found', 1]);
});

test('groq: usage in x_groq unasked, and no names of users', async () => {
  const streamed = await asked('groq', '/openai/v1/chat/completions', { stream: true }, answers);
  assert.match(streamed.text, /"x_groq":\{"id":"req_01gq","usage":\{"queue_time"/);
  const named = await asked('groq', '/openai/v1/chat/completions', { messages: [{ ...messages[0], name: 'x' }] }, answers);
  assert.equal(named.status, 400);
  assert.match(named.wrong[0], /'messages\[0\]\.name' is not supported/);
});

test('deepseek: cache hits, no json_schema, comments while it waits, and what a turn with calls must bring back', async () => {
  const whole = await asked('deepseek', '/chat/completions', {}, answers);
  assert.deepEqual([whole.body.usage.prompt_cache_hit_tokens, whole.body.usage.prompt_cache_miss_tokens], [4, 20]);
  const schema = await asked('deepseek', '/v1/chat/completions', { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: {} } } }, answers);
  assert.match(schema.wrong[0], /response_format/);
  const waiting = await asked('deepseek', '/chat/completions', { stream: true }, (one) => one.answer('x', { pings: true }));
  assert.match(waiting.text, /^: keep-alive\n\n/);
  const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
  const turn = [...messages, { role: 'assistant', content: '', tool_calls: [call] }, { role: 'tool', tool_call_id: 'c1', content: '1' }];
  const dropped = await asked('deepseek', '/chat/completions', { model: 'deepseek-v4-flash', messages: turn }, answers);
  assert.match(dropped.wrong[0], /'messages\[1\]\.reasoning_content' is required/);
  const busy = await asked('deepseek', '/chat/completions', {}, (one) => one.answer({ text: 'At', finish: 'error' }));
  assert.equal(busy.body.choices[0].finish_reason, 'insufficient_system_resource');
});

test('openrouter: the price, comments, a numeric code, and an error in a body of status 200', async () => {
  const whole = await asked('openrouter', '/api/v1/chat/completions', {}, answers);
  assert.deepEqual([whole.body.provider, whole.body.usage.cost], ['OpenAI', 0.00014]);
  const streamed = await asked('openrouter', '/api/v1/chat/completions', { stream: true }, answers);
  assert.match(streamed.text, /^: OPENROUTER PROCESSING\n\n/);
  const failed = await asked('openrouter', '/api/v1/chat/completions', {}, (one) => one.refuse({ kind: 'server', status: 200 }));
  assert.deepEqual([failed.status, failed.body.error.code], [200, 502]);
});

test('vllm and llama.cpp: no key needed, numeric codes, and an error that is a text', async () => {
  for (const name of ['vllm', 'llamacpp']) {
    assert.equal((await asked(name, '/v1/chat/completions', {}, answers, {})).status, 200);
    const long = await asked(name, '/v1/chat/completions', {}, (one) => one.refuse({ kind: 'context_length' }));
    assert.equal(long.body.error.code, 400);
  }
  assert.equal((await asked('vllm', '/v1/chat/completions', {}, (one) => one.refuse({ kind: 'credentials' }))).body.error, 'Unauthorized');
  const streamed = await asked('vllm', '/v1/chat/completions', { stream: true }, (one) => one.answer('x', { error: { kind: 'server', at: 0 } }));
  assert.match(streamed.text, /data: \{"error":.*\n\ndata: \[DONE\]\n\n$/);
});

test('together: models are a bare array, and what it ignores would still fail the test', async () => {
  const upstream = await startUpstream('together');
  upstream.models(['a', 'b']);
  const list = await (await fetch(`${upstream.url}/models`, { headers: { authorization: 'Bearer k' } })).json();
  assert.deepEqual(list.map((one) => one.id), ['a', 'b']);
  await upstream.stop();
  const ignored = await asked('together', '/v1/chat/completions', { max_completion_tokens: 5 }, answers);
  assert.equal(ignored.status, 200);
  assert.match(ignored.wrong[0], /'max_completion_tokens' is not a field here/);
});
