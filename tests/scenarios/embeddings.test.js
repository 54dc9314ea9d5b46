// POST /v1/embeddings as the SDKs use it: over every kind of provider that has embeddings, and with all
// that holds for other calls.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createOpenAI } from '@ai-sdk/openai';
import { OpenAIEmbeddings } from '@langchain/openai';
import { embed, embedMany } from 'ai';
import OpenAI from 'openai';
import { startGateway } from './support/gateway.js';
import { nanoOf } from './support/invoice.js';
import { base64Floats } from './support/upstreams/openai-chat.js';
import { startUpstream } from './support/upstreams/index.js';

const provider = (name, upstream, kind, more = '') =>
  `  ${name}: {kind: ${kind}, base_url: "${upstream.url}", key: "sk-test-canary", allow_http: true, allow_private: true, breaker: {faults_in_row: 0, faults_pct: 0}${more}}\n`;

// A gateway in front of one scripted provider of each protocol.
function scene(protocols, more) {
  const on = {};
  before(async () => {
    on.upstreams = Object.fromEntries(
      await Promise.all(Object.entries(protocols).map(async ([name, protocol]) => [name, await startUpstream(protocol)])),
    );
    on.gateway = await startGateway({ files: more(on.upstreams) });
    ({ token: on.token, id: on.id } = await on.gateway.token('*', '*:*'));
  });
  after(async () => {
    const end = await on.gateway?.stop();
    for (const upstream of Object.values(on.upstreams)) await upstream.stop();
    for (const [name, upstream] of Object.entries(on.upstreams)) {
      assert.deepEqual(upstream.wrong, [], `requests that ${name} would refuse`);
      assert.deepEqual(upstream.unexpected, [], `calls of ${name} that nobody scripted`);
    }
    assert.equal(end?.code, 0, end?.stderr());
  });
  on.client = (token = on.token) => new OpenAI({ apiKey: token, baseURL: `${on.gateway.url}/v1`, maxRetries: 0 });
  on.post = (body, headers = {}, token = on.token) =>
    fetch(`${on.gateway.url}/v1/embeddings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  on.refusal = async (response, status) => {
    const { error } = await response.json();
    assert.equal(response.status, status, JSON.stringify(error));
    return error;
  };
  return on;
}

const texts = (count) => Array.from({ length: count }, (_, i) => `text ${i}`);

describe('one provider of each kind', () => {
  const models = {
    openai: ['openai-chat', 'openai', 'text-embedding-3-small'],
    responses: ['openai-responses', 'openai', 'text-embedding-3-large', ', api: responses'],
    azure: ['azure', 'azure', 'text-embedding-3-small'],
    vllm: ['vllm', 'vllm', 'BAAI/bge-m3'],
    together: ['together', 'together', 'BAAI/bge-base-en-v1.5'],
    mistral: ['mistral', 'mistral', 'mistral-embed'],
    gemini: ['gemini', 'gemini', 'gemini-embedding-001'],
    cohere: ['cohere', 'cohere', 'embed-v4.0'],
    ollama: ['ollama', 'ollama', 'nomic-embed-text'],
  };
  const on = scene(Object.fromEntries(Object.entries(models).map(([name, [protocol]]) => [name, protocol])), (upstreams) => ({
    'pinion.yaml':
      'listen: 127.0.0.1:0\nproviders:\n' +
      Object.entries(models).map(([name, [, kind, , more]]) => provider(name, upstreams[name], kind, more)).join('') +
      provider('claude', upstreams.openai, 'anthropic') +
      `aliases:\n  claude-alias: claude:claude-haiku-4-5\n  cohere-queries: {model: "cohere:embed-v4.0", input_type: query}\n  gemini-queries: {model: "gemini:gemini-embedding-001", input_type: query}\n${Object.entries(models).map(([name, [, , model]]) => `  ${name}-vectors: "${name}:${model}"\n`).join('')}`,
  }));

  for (const [name, [, , model]] of Object.entries(models))
    test(`${name}: a list in its order, as numbers, as bytes, and by the model's own name`, async () => {
      const upstream = on.upstreams[name];
      const vectors = [[0.25, -0.5, 0.125], [1, 0.1, 3e-9]];
      const singles = vectors.map((vector) => [...Float32Array.from(vector)]);
      upstream.embed({ vectors, usage: { input: 5 } });
      const given = await on.client().embeddings.create({ model: `${name}-vectors`, input: ['tram', 'ferry'] });
      assert.deepEqual(given.data.map(({ embedding }) => [...Float32Array.from(embedding)]), singles);
      assert.deepEqual(given.data.map(({ index, object }) => [index, object]), [[0, 'embedding'], [1, 'embedding']]);
      assert.equal(given.model, `${name}-vectors`);
      assert.equal(given.usage.prompt_tokens, given.usage.total_tokens);
      assert.ok(given.usage.total_tokens > 0);
      const call = upstream.calls.at(-1);
      assert.equal(call.asked?.model ?? model, model);

      upstream.embed({ vectors });
      const numbers = await on.client().embeddings.create({ model: `${name}:${model}`, input: ['tram', 'ferry'], encoding_format: 'float' });
      assert.deepEqual(numbers.data.map(({ embedding }) => [...Float32Array.from(embedding)]), singles);
      upstream.embed({ vectors: [vectors[0]] });
      const bytes = await (await on.post({ model: `${name}-vectors`, input: 'tram', encoding_format: 'base64', ...(name !== 'cohere' && { dimensions: 3 }) })).json();
      assert.deepEqual(bytes.data, [{ object: 'embedding', index: 0, embedding: base64Floats(vectors[0]) }]);
    });

  test('numbers of tokens go to hosts that take them, and are refused for others', async () => {
    for (const name of ['azure', 'vllm']) {
      on.upstreams[name].embed({});
      const response = await on.post({ model: `${name}-vectors`, input: [[1, 22], [333]] });
      const body = await response.json();
      assert.equal(body.data?.length, 2, JSON.stringify(body));
      assert.deepEqual(on.upstreams[name].calls.at(-1).body.input, [[1, 22], [333]]);
    }
    for (const name of ['cohere', 'gemini', 'mistral', 'ollama', 'together']) {
      const error = await on.refusal(await on.post({ model: `${name}-vectors`, input: [1, 22] }), 400);
      assert.equal(error.param, '/input');
      assert.match(error.hint, /check_embedding_ctx_length=False/);
    }
  });

  test('a provider that takes few texts at a time is asked for them in parts, which are one call', async () => {
    for (const [name, most] of [['cohere', 96], ['gemini', 100]]) {
      const upstream = on.upstreams[name];
      const before_ = upstream.calls.length;
      for (let from = 0; from < 201; from += most)
        upstream.embed({ vectors: texts(Math.min(most, 201 - from)).map((_, i) => [from + i, 0.5]), usage: { input: 7 } });
      const response = await on.post({ model: `${name}-vectors`, input: texts(201) });
      const { data, usage } = await response.json();
      assert.deepEqual(data.map(({ embedding }) => embedding[0]), texts(201).map((_, i) => i));
      assert.equal(upstream.calls.length - before_, 3);
      if (name === 'cohere') assert.equal(usage.total_tokens, 21);
      const line = await on.gateway.journal(response);
      assert.equal(line.attempts, 1);
      assert.equal(line.input_tokens, usage.total_tokens);
    }
  });

  test('an alias says what its texts are embedded for, to providers that want to know', async () => {
    const told = async (name, model, of) => {
      on.upstreams[name].embed({});
      await (await on.post({ model, input: 'tram' })).json();
      return of(on.upstreams[name].calls.at(-1).body);
    };
    const cohere = (body) => body.input_type, gemini = (body) => body.requests[0].taskType;
    assert.equal(await told('cohere', 'cohere-queries', cohere), 'search_query');
    assert.equal(await told('cohere', 'cohere-vectors', cohere), 'search_document');
    assert.equal(await told('gemini', 'gemini-queries', gemini), 'RETRIEVAL_QUERY');
    assert.equal(await told('gemini', 'gemini-vectors', gemini), undefined);
  });

  test('what came of the parts before one that failed is paid for', async () => {
    on.upstreams.cohere.embed({ vectors: texts(96).map(() => [1, 2]), usage: { input: 1000 } });
    on.upstreams.cohere.refuse({ kind: 'bad_request' });
    const response = await on.post({ model: 'cohere-vectors', input: texts(100) });
    const error = await on.refusal(response, 400);
    assert.equal(error.code, 'upstream_rejected');
    const line = await on.gateway.journal(response);
    assert.equal(line.input_tokens, 1000);
    assert.equal(line.cost_usd, '0.000120000');
  });

  test('who asks a model for what it does not do is told what to do', async () => {
    const anthropic = await on.refusal(await on.post({ model: 'claude-alias', input: 'tram' }), 400);
    assert.match(anthropic.message, /has no embeddings/);
    const chat = await on.refusal(await on.post({ model: 'openai:gpt-4.1', input: 'tram' }), 400);
    assert.match(chat.message, /is a chat model/);
    assert.equal(chat.param, '/model');
    await assert.rejects(
      on.client().chat.completions.create({ model: 'openai-vectors', messages: [{ role: 'user', content: 'hi' }] }),
      (error) => error instanceof OpenAI.BadRequestError && /turns texts into vectors/.test(error.message),
    );
  });

  test('vectors of another length than was asked for are none', async () => {
    on.upstreams.ollama.embed({ vectors: [[1, 2, 3]] });
    const error = await on.refusal(await on.post({ model: 'ollama-vectors', input: 'tram', dimensions: 256 }), 400);
    assert.match(error.message, /vectors of 3 numbers, and not of 256/);
  });

  test('many long vectors come as they are, in either form, also when the provider gives them in parts', async () => {
    const long = (count, numbers) => texts(count).map((_, at) => Array.from({ length: numbers }, (_, i) => Math.fround(Math.sin(at * numbers + i) / 9)));
    for (const [name, count, numbers] of [['vllm', 300, 1024], ['mistral', 300, 1024], ['gemini', 250, 768]]) {
      const vectors = long(count, numbers);
      for (const encoding_format of ['float', 'base64']) {
        const most = name === 'gemini' ? 100 : count;
        for (let from = 0; from < count; from += most) on.upstreams[name].embed({ vectors: vectors.slice(from, from + most) });
        const { data } = await (await on.post({ model: `${name}-vectors`, input: texts(count), encoding_format })).json();
        assert.deepEqual(data.map(({ index }) => index), texts(count).map((_, i) => i));
        if (encoding_format === 'float') assert.deepEqual(data.map(({ embedding }) => embedding.map(Math.fround)), vectors);
        else assert.deepEqual(data.map(({ embedding }) => embedding), vectors.map(base64Floats));
      }
    }
  });

  test('a long reply that does not read is a failure like any other; one that nobody waits for is let go', async () => {
    const bad = JSON.stringify({ object: 'list', data: [{ index: 0, embedding: '!'.repeat(200000) }] });
    on.upstreams.vllm.json(bad);
    const error = await on.refusal(await on.post({ model: 'vllm-vectors', input: 'tram' }), 502);
    assert.equal(error.code, 'upstream_invalid_response');
    for (let i = 0; i < 20; i++) {
      const leaving = new AbortController();
      const held = on.upstreams.vllm.embed({ vectors: texts(300).map(() => Array(1024).fill(0.1)) }, { wait: true });
      const gone = fetch(`${on.gateway.url}/v1/embeddings`, {
        method: 'POST', signal: leaving.signal, headers: { authorization: `Bearer ${on.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'vllm-vectors', input: texts(300) }),
      }).catch(() => {});
      await held.held;
      held.release();
      if (i % 2 === 0) await held.done;
      leaving.abort();
      await gone;
    }
    on.upstreams.vllm.embed({});
    assert.equal((await on.post({ model: 'vllm-vectors', input: 'tram' })).status, 200);
  });

  test('LangChain and the AI SDK', async () => {
    const { openai } = on.upstreams;
    const langchain = new OpenAIEmbeddings({ model: 'openai-vectors', apiKey: on.token, maxRetries: 0, configuration: { baseURL: `${on.gateway.url}/v1` } });
    openai.embed({ vectors: [[0.25, 0.5]] });
    assert.deepEqual(await langchain.embedQuery('tram'), [0.25, 0.5]);
    openai.embed({ vectors: [[0.25, 0.5], [1, 2]] });
    assert.deepEqual(await langchain.embedDocuments(['tram', 'ferry']), [[0.25, 0.5], [1, 2]]);
    const sdk = createOpenAI({ apiKey: on.token, baseURL: `${on.gateway.url}/v1` });
    openai.embed({ vectors: [[0.25, 0.5]], usage: { input: 3 } });
    const one = await embed({ model: sdk.embedding('openai-vectors'), value: 'tram', maxRetries: 0 });
    assert.deepEqual([one.embedding, one.usage.tokens], [[0.25, 0.5], 3]);
    openai.embed({ vectors: [[0.25, 0.5], [1, 2]] });
    const many = await embedMany({ model: sdk.embedding('openai:text-embedding-3-small'), values: ['tram', 'ferry'], maxRetries: 0 });
    assert.deepEqual(many.embeddings, [[0.25, 0.5], [1, 2]]);
  });
});

describe('what holds for every call holds for embeddings', () => {
  const on = scene({ first: 'openai-chat', second: 'openai-chat', third: 'vllm' }, (upstreams) => ({
    'pinion.yaml': `
listen: 127.0.0.1:0
providers:
${provider('first', upstreams.first, 'openai')}${provider('second', upstreams.second, 'openai')}${provider('third', upstreams.third, 'vllm')}
guardrails: {pii: mask}
cache: {max_ttl: 1h}
aliases:
  plain: first:text-embedding-3-small
  kept: {model: first:text-embedding-3-small, cache: {ttl: 1h}}
  backed: {model: first:text-embedding-3-small, retry: {times: 0}, failover: [{provider: second, model: text-embedding-3-small, on: [error]}]}
  minute: {model: first:text-embedding-3-small, limits: {per_minute: 1}}
  wordy: {model: first:text-embedding-3-small, limits: {tokens_per_minute: 195}}
  poor: {model: first:text-embedding-3-small, budget: {monthly_usd: 0}}
  capped: {model: first:text-embedding-3-small, budget: {request_tokens: 100}}
  strict: {model: first:text-embedding-3-small, guardrails: {secrets: block, words: {block: [forbidden]}, pii: off}}
  logged: {model: first:text-embedding-3-small, log: {content: full}}
`,
    'endpoints/summarize.yaml': 'provider: first\nmodel: gpt-4.1-mini\nsystem: s\n',
  }));
  // A token's own use, once what was answered is stored.
  const used = async (token) => {
    await on.gateway.admin('GET', '/admin/v1/usage');
    return (await (await fetch(`${on.gateway.url}/v1/usage`, { headers: { authorization: `Bearer ${token}` } })).json()).today;
  };
  const embedOnce = (usage = { input: 6 }) => on.upstreams.first.embed({ usage });

  test('it is logged, priced and counted', async () => {
    const { body: made } = await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['plain'], verbs: ['embeddings', 'usage'] });
    embedOnce({ input: 50000 });
    const response = await on.post({ model: 'plain', input: ['tram', 'ferry'] }, {}, made.token);
    const body = await response.json();
    assert.equal(response.headers.get('pinion-cost-usd'), '0.001000000');
    assert.equal(response.headers.get('pinion-endpoint'), 'plain');
    assert.equal(body.pinion.cost_usd, '0.001000000');
    const line = await on.gateway.journal(response);
    assert.deepEqual(
      [line.surface, line.endpoint, line.provider, line.model, line.input_tokens, line.output_tokens, line.cost_usd],
      ['embeddings', 'plain', 'first', 'text-embedding-3-small', 50000, 0, '0.001000000'],
    );
    const { body: row } = await on.gateway.admin('GET', `/admin/v1/logs/${line.request_id}`);
    assert.equal(row.surface, 'embeddings');
    const today = await used(made.token);
    assert.equal(today.input_tokens, 50000);
    assert.equal(today.cost_usd, '0.001000000');
    const metrics = await (await fetch(`${on.gateway.url}/metrics`)).text();
    assert.match(metrics, /pinion_tokens_total\{endpoint="plain",provider="first",model="text-embedding-3-small",direction="input"\} 50000/);
  });

  test('a token needs the verb, and the name in its scope', async () => {
    const { body: caller } = await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['*'], verbs: ['call'] });
    const verb = await on.refusal(await on.post({ model: 'plain', input: 'tram' }, {}, caller.token), 403);
    assert.match(verb.message, /'embeddings'/);
    const { token: narrow } = await on.gateway.token('kept');
    assert.equal((await on.refusal(await on.post({ model: 'plain', input: 'tram' }, {}, narrow), 403)).code, 'scope_denied');
    await on.refusal(await on.post({ model: 'first:text-embedding-3-small', input: 'tram' }, {}, narrow), 403);
    await assert.rejects(on.client('pin_live_no').embeddings.create({ model: 'plain', input: 'tram' }), OpenAI.AuthenticationError);
    const { body: embedder } = await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['*'], verbs: ['embeddings'] });
    embedOnce();
    assert.equal((await on.post({ model: 'plain', input: 'tram' }, {}, embedder.token)).status, 200);
    await assert.rejects(
      on.client(embedder.token).chat.completions.create({ model: 'summarize', messages: [{ role: 'user', content: 'hi' }] }),
      OpenAI.PermissionDeniedError,
    );
  });

  test('an endpoint with a prompt is no embedding model', async () => {
    const error = await on.refusal(await on.post({ model: 'summarize', input: 'tram' }), 400);
    assert.match(error.message, /'summarize' is an endpoint/);
    assert.match(error.hint, /embedding model/);
    await assert.rejects(on.client().embeddings.create({ model: 'nothing', input: 'tram' }), OpenAI.NotFoundError);
  });

  test('guardrails look at every text: what is masked is embedded masked, what is blocked goes nowhere', async () => {
    embedOnce();
    const response = await on.post({ model: 'plain', input: ['tram', 'write to ada@example.com'] });
    assert.equal(response.status, 200);
    assert.deepEqual(on.upstreams.first.calls.at(-1).body.input, ['tram', 'write to [EMAIL_1]']);
    assert.match((await on.gateway.journal(response)).guardrails?.[0]?.rule ?? '', /email/);
    const blocked = await on.refusal(await on.post({ model: 'strict', input: ['tram', 'a forbidden word'] }), 422);
    assert.deepEqual([blocked.code, blocked.param], ['guardrail_blocked', '/input/1']);
    const one = await on.refusal(await on.post({ model: 'strict', input: 'a forbidden word' }), 422);
    assert.equal(one.param, '/input');
    const tokens = await on.refusal(await on.post({ model: 'third:BAAI/bge-m3', input: [1, 2, 3] }), 400);
    assert.match(tokens.message, /cannot read numbers of tokens/);
  });

  test('limits on calls and on tokens', async () => {
    embedOnce();
    assert.equal((await on.post({ model: 'minute', input: 'tram' })).status, 200);
    assert.equal((await on.refusal(await on.post({ model: 'minute', input: 'tram' }), 429)).code, 'rate_limit_exceeded');
    embedOnce({ input: 190 });
    assert.equal((await on.post({ model: 'wordy', input: 'tram' })).status, 200);
    const error = await on.refusal(await on.post({ model: 'wordy', input: 'tram' }), 429);
    assert.equal(error.details.limit, 'tokens_per_minute');
  });

  test('as many calls pass as a budget covers, and it is charged what they cost', async () => {
    const { details } = await on.refusal(await on.post({ model: 'poor', input: 'tram' }), 422);
    const worst = nanoOf(details.budget.needed_usd);
    // 20 nano-USD a token: a prompt of 1 word is held at twice 9 tokens
    assert.equal(worst, 360n);
    const { body: made } = await on.gateway.admin('POST', '/admin/v1/tokens', {
      scopes: ['plain'], verbs: ['embeddings', 'usage'], budget: { daily_usd: '0.000003600' },
    });
    for (let i = 0; i < 10; i++) embedOnce({ input: 18 });
    const answers = await Promise.all(Array.from({ length: 40 }, () => on.post({ model: 'plain', input: 'tram' }, {}, made.token)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 10);
    assert.ok(answers.every(({ status }) => status === 200 || status === 422));
    const today = await used(made.token);
    assert.equal(today.left_usd, '0.000000000');
    const capped = await on.refusal(await on.post({ model: 'capped', input: 'word '.repeat(400) }), 422);
    assert.equal(capped.code, 'request_token_cap_exceeded');
  });

  test('the same texts have the same vectors for as long as is said', async () => {
    embedOnce();
    const first = await on.post({ model: 'kept', input: ['tram', 'ferry'] });
    const again = await on.post({ model: 'kept', input: ['tram', 'ferry'] });
    assert.deepEqual([first, again].map(({ headers }) => headers.get('x-cache')), ['miss', 'hit']);
    const bodies = [await first.json(), await again.json()];
    assert.deepEqual(bodies[1].data, bodies[0].data);
    assert.equal(bodies[1].pinion.cost_usd, '0.000000000');
    const bytes = await (await on.post({ model: 'kept', input: ['tram', 'ferry'], encoding_format: 'base64' })).json();
    assert.deepEqual(bytes.data.map(({ embedding }) => embedding), bodies[0].data.map(({ embedding }) => base64Floats(embedding)));
    on.upstreams.first.embed({ vectors: [[1, 2], [3, 4]] });
    assert.equal((await on.post({ model: 'kept', input: ['tram', 'ferry'], dimensions: 2 })).headers.get('x-cache'), 'miss');
    embedOnce();
    assert.equal((await on.post({ model: 'plain', input: 'bus' }, { 'x-cache-ttl': '60' })).headers.get('x-cache'), 'miss');
    assert.equal((await on.post({ model: 'plain', input: 'bus' }, { 'x-cache-ttl': '60' })).headers.get('x-cache'), 'hit');
  });

  test('another target answers in place of one that fails; a second call with a key is the first', async () => {
    on.upstreams.first.refuse({ kind: 'server' });
    on.upstreams.second.embed({});
    const response = await on.post({ model: 'backed', input: 'tram' });
    assert.deepEqual([response.status, response.headers.get('pinion-provider'), response.headers.get('pinion-attempts')], [200, 'second', '2']);
    embedOnce();
    const key = { 'idempotency-key': 'one' };
    const bodies = [];
    for (let i = 0; i < 2; i++) bodies.push(await (await on.post({ model: 'plain', input: 'tram' }, key)).json());
    assert.deepEqual(bodies[0], bodies[1]);
  });

  test('what is kept of contents are the texts, and how many vectors there were', async () => {
    embedOnce();
    const response = await on.post({ model: 'logged', input: ['tram', 'ferry'] });
    await response.json();
    const { body } = await on.gateway.admin('GET', `/admin/v1/logs/${response.headers.get('x-request-id')}`);
    assert.deepEqual(body.content.messages.map(({ content }) => content), ['tram', 'ferry']);
    assert.deepEqual([body.content.answer.vectors, body.content.answer.dimensions], [2, 3]);
  });
});
