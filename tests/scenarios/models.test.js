// What `model` names: aliases, models by their own names, whose they are, and where clients find them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { startGateway, writeFiles } from './support/gateway.js';
import { startUpstream } from './support/upstreams/index.js';

const question = [{ role: 'user', content: 'Where?' }];
const kinds = { openai: 'openai-chat', anthropic: 'anthropic', google: 'gemini', mistral: 'mistral', cohere: 'cohere', groq: 'groq' };

const settings = (upstreams, more = '') => `
listen: 127.0.0.1:0
workers: 2
providers:
${Object.entries(upstreams)
  .map(
    ([name, { url }]) =>
      `  ${name}: {kind: ${name}, base_url: "${url}", key: "sk-test-canary", allow_http: true, allow_private: true, breaker: {faults_in_row: 0, faults_pct: 0}}`,
  )
  .join('\n')}
projects: {acme: {}, ai: {}}
mounts: [/v1/ai, /api/ai, /api/ai/v1, /chat]
cache: {max_ttl: 2s}
prices:
  openai/gpt-house: {input: 1000, output: 2000}
aliases:
  fast: openai:gpt-4o-mini
  editor:
    model: openai:gpt-4.1
    system: You are a careful editor.
    params: {temperature: 0.2, max_tokens: 800}
    failover: [{provider: anthropic, model: claude-haiku-4-5}]
    retry: {times: 0}
${more}`;

describe('models', () => {
  const on = {};
  const client = (token = on.token, path = '/v1', headers = {}) =>
    new OpenAI({ apiKey: token, baseURL: `${on.gateway.url}${path}`, maxRetries: 0, defaultHeaders: headers });
  const ask = (model, { token, path, headers, ...more } = {}) =>
    client(token, path, headers).chat.completions.create({ model, messages: question, ...more });
  const asked = (name) => on.upstreams[name].calls.at(-1).asked;
  const issue = async (...scopes) => (await on.gateway.token(...scopes)).token;
  const answers = async (name, model, options) => {
    on.upstreams[name].answer({ text: 'Ghent.' });
    const completion = await ask(model, options);
    assert.equal(completion.choices[0].message.content, 'Ghent.');
    return completion;
  };

  before(async () => {
    on.upstreams = {};
    for (const [name, protocol] of Object.entries(kinds)) on.upstreams[name] = await startUpstream(protocol);
    on.gateway = await startGateway({
      files: {
        'pinion.yaml': settings(on.upstreams),
        'endpoints/summarize.yaml': 'provider: openai\nmodel: gpt-4.1-mini\nsystem: You summarize.\nallow: [max_tokens]\nretry: {times: 0}\n',
      },
    });
    on.token = await issue('*', '*:*');
  });
  after(async () => {
    const end = await on.gateway?.stop();
    for (const upstream of Object.values(on.upstreams)) await upstream.stop();
    for (const upstream of Object.values(on.upstreams)) upstream.check();
    assert.equal(end?.code, 0, end?.stderr());
  });

  test('a slug, an alias and a model, by every form of the name and below every place', async () => {
    const forms = {
      summarize: 'gpt-4.1-mini', 'pinion:summarize': 'gpt-4.1-mini',
      fast: 'gpt-4o-mini', 'pinion:fast': 'gpt-4o-mini',
      'openai:gpt-4o-mini': 'gpt-4o-mini', 'gpt-4o-mini': 'gpt-4o-mini', 'openai:gpt-unheard-of': 'gpt-unheard-of',
    };
    for (const [name, model] of Object.entries(forms)) {
      await answers('openai', name);
      assert.equal(asked('openai').model, model, name);
    }
    // one mount point may lie below another, or where something else is served
    for (const path of ['/v1', '/api/default/v1', '/v1/ai', '/api/ai', '/api/ai/v1', '/chat', ''])
      await answers('openai', 'fast', { path });
    await assert.rejects(ask('fast', { path: '/api/acme/v1' }), OpenAI.PermissionDeniedError);
  });

  test('a bare model goes to the first provider that is known to have it, streamed and not', async () => {
    const bare = {
      'gpt-4.1-nano': 'openai', 'claude-sonnet-4-6': 'anthropic', 'gemini-2.5-flash': 'google', 'llama-3.3-70b-versatile': 'groq',
    };
    for (const [model, name] of Object.entries(bare)) {
      const completion = await answers(name, model, { path: '/v1/ai' });
      assert.equal(completion.pinion.endpoint, `${name}:${model}`);
      assert.equal(asked(name).model, model);
      on.upstreams[name].answer({ text: 'Ghent, then.' });
      const stream = await ask(model, { path: '/v1/ai', stream: true });
      let text = '';
      for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? '';
      assert.equal(text, 'Ghent, then.');
    }
  });

  test('X-AI-Provider says whose a bare model is, known or not; each was asked in its own format', async () => {
    const models = { anthropic: 'claude-later', openai: 'gpt-later', google: 'gemini-later', mistral: 'mistral-later', cohere: 'command-later' };
    for (const [name, model] of Object.entries(models)) {
      const completion = await answers(name, model, { headers: { 'X-AI-Provider': name }, max_tokens: 9 });
      assert.equal(completion.pinion.endpoint, `${name}:*`);
      assert.equal(completion.pinion.cost_usd, null);
      assert.deepEqual([asked(name).model, asked(name).max_tokens], [model, 9]);
    }
    for (const [model, provider] of [['openai:gpt-4o', 'anthropic'], ['summarize', 'google'], ['fast', 'cohere'], ['gpt-4o', 'nobody']])
      await assert.rejects(ask(model, { headers: { 'X-AI-Provider': provider } }), { status: 400, param: 'X-AI-Provider' });
  });

  test('what a token does not cover tells it nothing: not whose model it is, nor in which version', async () => {
    const token = await issue('summarize');
    for (const provider of ['openai', 'cohere', 'nobody'])
      await assert.rejects(ask('fast', { token, headers: { 'X-AI-Provider': provider } }), (error) => {
        assert.equal(error.code, 'scope_denied');
        assert.deepEqual([...error.headers.keys()].filter((name) => name.startsWith('pinion-')), []);
        return true;
      });
  });

  test("what an alias says holds where the caller says nothing, and the caller's own wins", async () => {
    await answers('openai', 'editor');
    assert.deepEqual(
      [asked('openai').system, asked('openai').temperature, asked('openai').max_tokens],
      ['You are a careful editor.', 0.2, 800],
    );
    on.upstreams.openai.answer({ text: 'Ghent.' });
    await client().chat.completions.create({
      model: 'editor', temperature: 1, max_completion_tokens: 5,
      messages: [{ role: 'developer', content: 'You are terse.' }, ...question],
    });
    assert.deepEqual([asked('openai').system, asked('openai').temperature, asked('openai').max_tokens], ['You are terse.', 1, 5]);
  });

  test('a conversation may end with an answer that the model is to go on with', async () => {
    on.upstreams.openai.answer({ text: '"Ghent"}' });
    await client().chat.completions.create({ model: 'fast', messages: [...question, { role: 'assistant', content: '{"city": ' }] });
    assert.deepEqual(asked('openai').messages.map(({ role, text }) => [role, text]), [['user', 'Where?'], ['assistant', '{"city": ']]);
    await assert.rejects(
      client().chat.completions.create({ model: 'summarize', messages: [...question, { role: 'assistant', content: 'x' }] }),
      { status: 400, param: '/messages' },
    );
  });

  test('callers bring tools and the schema of the answer to aliases and models', async () => {
    const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object', properties: { at: { type: 'string' } } } } }];
    for (const model of ['fast', 'openai:gpt-4o']) {
      on.upstreams.openai.answer({ tool_calls: [{ name: 'look', arguments: { at: 'map' } }] });
      const called = await ask(model, { tools, tool_choice: 'required' });
      assert.equal(called.choices[0].message.tool_calls[0].function.name, 'look');
      on.upstreams.openai.answer({ text: '{"name": 7}' });
      const schema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'], additionalProperties: false };
      await assert.rejects(ask(model, { response_format: { type: 'json_schema', json_schema: { name: 'city', schema, strict: true } } }), {
        status: 422, code: 'output_schema_violation',
      });
    }
  });

  test('what stands in for an alias answers when it fails', async () => {
    on.upstreams.openai.refuse({ kind: 'overload' });
    const completion = await answers('anthropic', 'editor');
    assert.deepEqual([completion.pinion.endpoint, completion.pinion.attempts], ['editor', 2]);
    assert.equal(asked('anthropic').system, 'You are a careful editor.');
  });

  test('what there is not, what is not configured, what is out of scope, and what is down', async () => {
    await assert.rejects(ask('fats'), (error) => {
      assert.ok(error instanceof OpenAI.NotFoundError);
      assert.deepEqual([error.code, error.param, error.type], ['model_not_found', 'model', 'not_found_error']);
      assert.match(error.message, /the model 'fats' does not exist or this token may not use it/);
      assert.match(error.error.hint, /'fast'/);
      return true;
    });
    await assert.rejects(ask('nobody:gpt-4o'), OpenAI.BadRequestError);
    const token = await issue('summarize', 'openai:gpt-4*');
    for (const model of ['fast', 'openai:o3', 'claude-sonnet-4-6']) await assert.rejects(ask(model, { token }), OpenAI.PermissionDeniedError);
    await assert.rejects(ask('summarise', { token }), (error) => /'summarize'/.test(error.error.hint));
    await assert.rejects(ask('fats', { token }), (error) => error.error.hint === undefined || !/fast/.test(error.error.hint));
    await answers('openai', 'gpt-4o', { token });
    await assert.rejects(ask('fast@1'), { status: 404 });
    on.upstreams.openai.refuse({ kind: 'unknown_model' });
    await assert.rejects(ask('openai:gpt-nowhere'), { status: 404, code: 'model_not_found', param: 'model' });
    await assert.rejects(ask('fast', { headers: { 'Pinion-Endpoint-Version': '1' } }), { status: 404, code: 'version_not_found' });
    for (let i = 0; i < 2; i++) on.upstreams.openai.refuse({ kind: 'server' });
    await assert.rejects(ask('openai:gpt-4o'), (error) => error instanceof OpenAI.InternalServerError && error.status === 502);
  });

  test('no scope but one with a colon is of models', async () => {
    const token = await issue('*');
    await answers('openai', 'fast', { token });
    for (const model of ['openai:gpt-4o', 'gpt-4o']) {
      await assert.rejects(ask(model, { token }), (error) => error.status === 403 && /openai:\*/.test(error.error.hint));
      await assert.rejects(ask(model, { token: await issue('anthropic:*') }), { status: 403 });
    }
    const made = await on.gateway.cli('token', 'create', '--scope', 'openai:*', '--name', 'app', '--json');
    assert.equal(made.code, 0, made.stderr);
    await answers('openai', 'openai:gpt-4o', { token: JSON.parse(made.stdout).token });
    const bad = await on.gateway.cli('token', 'create', '--scope', 'open ai:*');
    assert.deepEqual([bad.code, /'open ai:\*' is no scope/.test(bad.stderr)], [2, true]);
  });

  test("a token's models, expiry, rate and budget hold", async () => {
    const make = async (order) => {
      const made = await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['*', '*:*'], ...order });
      assert.equal(made.status, 201, JSON.stringify(made.body));
      return made.body.token;
    };
    const narrow = await make({ models: ['openai:gpt-4o-mini'] });
    await answers('openai', 'fast', { token: narrow });
    await assert.rejects(ask('gpt-4.1-nano', { token: narrow }), { status: 403 });
    const rated = await make({ limits: { per_minute: 1 } });
    await answers('openai', 'openai:gpt-4o', { token: rated });
    await assert.rejects(ask('openai:gpt-4o', { token: rated }), OpenAI.RateLimitError);
    const tokens = await make({ limits: { tokens_per_minute: 10 } });
    await answers('openai', 'openai:gpt-4o', { token: tokens, max_tokens: 100 });
    await assert.rejects(ask('openai:gpt-4o', { token: tokens, max_tokens: 100 }), { status: 429 });
    const poor = await make({ budget: { monthly_usd: 0.001 } });
    await assert.rejects(ask('gpt-house', { token: poor, max_tokens: 1000 }), { status: 422, code: 'monthly_budget_exceeded' });
    await assert.rejects(ask('openai:gpt-unheard-of', { token: poor, max_tokens: 9 }), (error) => {
      assert.deepEqual([error.status, error.code], [422, 'price_unknown']);
      assert.match(error.error.hint, /prices/);
      return true;
    });
  });

  test('the same question is answered once where the caller allows it', async () => {
    const headers = { 'X-Cache-TTL': '3600' };
    for (const model of ['fast', 'openai:gpt-4o']) {
      const results = [];
      on.upstreams.openai.answer({ text: 'Ghent.' });
      for (let i = 0; i < 2; i++) {
        const { data, response } = await client(on.token, '/v1', headers)
          .chat.completions.create({ model, messages: [{ role: 'user', content: `Once, ${model}?` }] })
          .withResponse();
        assert.equal(data.choices[0].message.content, 'Ghent.');
        results.push(response.headers.get('x-cache'));
      }
      assert.deepEqual(results, ['miss', 'hit'], model);
      on.upstreams.openai.answer({ text: 'Bruges.' });
      const other = await client(on.token, '/v1', headers).chat.completions.create({ model, messages: [{ role: 'user', content: `Else, ${model}?` }] });
      assert.equal(other.choices[0].message.content, 'Bruges.');
    }
  });

  test('the list has what the token may use, in order, and nothing of what stands behind it', async () => {
    const token = await issue('*', 'anthropic:claude-*');
    const list = await client(token).models.list();
    const ids = list.data.map(({ id }) => id);
    assert.deepEqual(ids, [...ids].sort());
    assert.deepEqual(ids.filter((id) => !id.includes(':')), ['editor', 'fast', 'summarize']);
    assert.ok(ids.includes('anthropic:claude-sonnet-4-6'));
    assert.deepEqual(ids.filter((id) => id.startsWith('openai:')), []);
    assert.deepEqual(list.data.find(({ id }) => id === 'fast'), { id: 'fast', object: 'model', created: 1795132800, owned_by: 'pinion' });
    assert.equal(list.data.find(({ id }) => id.startsWith('anthropic:')).owned_by, 'anthropic');
    assert.doesNotMatch(JSON.stringify(list), /careful|summarize\./);
    const all = (await client(on.token, '/api/ai/v1').models.list()).data.map(({ id }) => id);
    assert.ok(all.includes('openai:gpt-house') && all.includes('groq:llama-3.3-70b-versatile'));
    const none = await on.gateway.admin('POST', '/admin/v1/tokens', { scopes: ['*'], verbs: ['call'] });
    await assert.rejects(client(none.body.token).models.list(), OpenAI.PermissionDeniedError);
    await assert.rejects(client('pin_live_no').models.list(), OpenAI.AuthenticationError);
  });

  test('one of them, by whatever name', async () => {
    for (const [id, owner] of [['fast', 'pinion'], ['openai:gpt-4o-mini', 'openai'], ['claude-sonnet-4-6', 'anthropic']])
      assert.deepEqual(await client().models.retrieve(id), { id, object: 'model', created: 1795132800, owned_by: owner });
    for (const id of ['nobody', 'nobody:x', 'openai:gpt-unheard-of', 'a/b'])
      await assert.rejects(client().models.retrieve(id), { status: 404, code: 'model_not_found', param: 'model' });
    await assert.rejects(client(await issue('summarize')).models.retrieve('fast'), { status: 404, code: 'model_not_found' });
    const malformed = await fetch(`${on.gateway.url}/v1/models/%`, { headers: { authorization: `Bearer ${on.token}` } });
    assert.match((await malformed.json()).error.message, /^the model '%' does not exist/);
  });

  test("Anthropic's client lists them in its own form", async () => {
    const anthropic = new Anthropic({ apiKey: on.token, baseURL: on.gateway.url, maxRetries: 0 });
    const ids = [];
    for await (const model of anthropic.models.list()) {
      assert.deepEqual([model.type, model.created_at, model.display_name], ['model', '2026-11-20T00:00:00.000Z', model.id]);
      ids.push(model.id);
    }
    assert.ok(ids.includes('fast') && ids.includes('anthropic:claude-sonnet-4-6'));
    assert.equal((await anthropic.models.retrieve('fast')).id, 'fast');
    await assert.rejects(anthropic.models.retrieve('nobody'), (error) => {
      assert.ok(error instanceof Anthropic.NotFoundError);
      assert.deepEqual([error.error.type, error.error.error.type], ['error', 'not_found_error']);
      return true;
    });
  });

  test('at a mount point: plain fetch, an unknown model, and no CORS for browsers', async () => {
    const url = `${on.gateway.url}/api/ai/v1/chat/completions`;
    on.upstreams.openai.answer({ text: 'Ghent.' });
    const headers = { authorization: `Bearer ${on.token}`, 'content-type': 'application/json' };
    const send = (model) => fetch(url, { method: 'POST', headers, body: JSON.stringify({ model, messages: question, stream: false }) });
    assert.equal((await (await send('fast')).json()).choices[0].message.content, 'Ghent.');
    const missing = await send('gpt-nope');
    assert.deepEqual([missing.status, (await missing.json()).error.code], [404, 'model_not_found']);
    const preflight = await fetch(url, { method: 'OPTIONS', headers: { origin: 'https://x.example', 'access-control-request-method': 'POST' } });
    assert.equal(preflight.headers.get('access-control-allow-origin'), null);
    const journal = await on.gateway.journal(missing);
    assert.deepEqual([journal.path, journal.status], ['/api/ai/v1/chat/completions', 404]);
  });

  test('every surface calls them, and an alias gives way to the system prompt of each', async () => {
    const told = [];
    const one = async (send, text) => {
      on.upstreams.openai.answer({ text: 'Ghent.' });
      const answer = await send();
      assert.equal(text(answer), 'Ghent.');
      told.push([asked('openai').model, asked('openai').system]);
    };
    const openai = client(on.token, '/api/ai/v1');
    const anthropic = new Anthropic({ apiKey: on.token, baseURL: on.gateway.url, maxRetries: 0 });
    const said = (answer) => answer.content[0].text;
    await one(() => openai.responses.create({ model: 'editor', input: 'Where?' }), (answer) => answer.output_text);
    await one(() => openai.responses.create({ model: 'editor', input: 'Where?', instructions: 'Be terse.' }), (answer) => answer.output_text);
    await one(() => openai.responses.create({ model: 'gpt-4o', input: 'Where?' }), (answer) => answer.output_text);
    await one(() => anthropic.messages.create({ model: 'editor', max_tokens: 9, messages: question }), said);
    await one(() => anthropic.messages.create({ model: 'editor', max_tokens: 9, messages: question, system: 'Be terse.' }), said);
    await one(() => anthropic.messages.create({ model: 'openai:gpt-4o', max_tokens: 9, messages: question }), said);
    const careful = ['gpt-4.1', 'You are a careful editor.'];
    const terse = ['gpt-4.1', 'Be terse.'];
    assert.deepEqual(told.map(([model, system]) => [model, system || undefined]), [careful, terse, ['gpt-4o', undefined], careful, terse, ['gpt-4o', undefined]]);
    await assert.rejects(openai.responses.create({ model: 'fats', input: 'Where?' }), { status: 404, code: 'model_not_found' });
    await assert.rejects(anthropic.messages.create({ model: 'fats', max_tokens: 9, messages: question }), Anthropic.NotFoundError);
  });

  test('the log, the usage and the cache know them by name', async () => {
    const logs = await on.gateway.cli('logs', 'list', '--endpoint', 'openai:gpt-4o', '--json');
    assert.equal(logs.code, 0, logs.stderr);
    assert.match(logs.stdout, /"endpoint":"openai:gpt-4o"/);
    const usage = await on.gateway.cli('usage', '--by', 'endpoint,model', '--csv');
    assert.equal(usage.code, 0, usage.stderr);
    for (const line of ['fast,gpt-4o-mini', 'openai:gpt-4o,gpt-4o', 'google:*,*']) assert.ok(usage.stdout.includes(line), usage.stdout);
    const purged = await on.gateway.cli('cache', 'purge', 'fast');
    assert.equal(purged.code, 0, purged.stderr);
  });

  test('callers cannot make labels of metrics', async () => {
    const metrics = await (await fetch(`${on.gateway.url}/metrics`)).text();
    assert.match(metrics, /endpoint="openai:gpt-4o"/);
    assert.match(metrics, /endpoint="openai:\*"/);
    assert.doesNotMatch(metrics, /unheard|later/);
  });

  test('`check --resolved` shows them, and a deployment is provisioned for models', async () => {
    const { stdout } = await on.gateway.cli('check', '--resolved', '--json');
    const { aliases, mounts } = JSON.parse(stdout);
    assert.deepEqual([aliases.editor.model, aliases.editor.system, aliases.fast.provider], ['gpt-4.1', 'You are a careful editor.', 'openai']);
    assert.deepEqual(mounts, ['/v1/ai', '/api/ai', '/api/ai/v1', '/chat']);
    const made = JSON.parse((await on.gateway.cli('token', 'provision', 'shop-eu', '--scope', 'openai:*', '--json')).stdout);
    assert.equal(made.is_new, true);
    await answers('openai', 'gpt-4o', { token: made.key });
  });

  test('an alias that is swapped goes elsewhere with the next call', async () => {
    await answers('openai', 'fast');
    await writeFiles(on.gateway.folder, { 'pinion.yaml': settings(on.upstreams).replace('fast: openai:gpt-4o-mini', 'fast: anthropic:claude-haiku-4-5') });
    const reloaded = await on.gateway.cli('reload');
    assert.equal(reloaded.code, 0, reloaded.stderr);
    await answers('anthropic', 'fast');
    assert.equal(asked('anthropic').model, 'claude-haiku-4-5');
  });
});
