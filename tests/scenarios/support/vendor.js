// A vendor's own SDK on a scripted provider, and what every vendor is asked. That the SDK reads what the
// provider says, and that the provider takes what the SDK sends, shows that the provider is like the vendor.
import { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { startUpstream } from './upstreams/index.js';

// `connect` makes the SDK's client of the provider's address.
export function vendor(protocol, connect, options) {
  const on = {};
  before(async () => {
    on.upstream = await startUpstream(protocol, options);
    on.sdk = connect(on.upstream);
  });
  after(async () => {
    await on.upstream.stop();
    on.upstream.check();
  });
  return on;
}

// What went wrong, as the SDK throws it.
export async function failure(promise) {
  try {
    const value = await promise;
    assert.fail(`answered: ${JSON.stringify(value)}`);
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    return error;
  }
}

export async function collect(stream) {
  const all = [];
  for await (const one of stream) all.push(one);
  return all;
}

export const stopSchema = {
  type: 'object',
  properties: { stop: { type: 'string' } },
  required: ['stop'],
  additionalProperties: false,
};
export const hoursSchema = {
  type: 'object',
  properties: { place: { type: 'string' }, opens_at: { type: 'string' } },
  required: ['place', 'opens_at'],
  additionalProperties: false,
};
export const hours = { place: 'Town library', opens_at: '09:00' };
export const departures = { name: 'tram_departures', description: 'Lists the next departures of one stop.' };
export const tram = { id: 'call_Jq7', name: 'tram_departures', arguments: { stop: 'Harbour' } };
export const png = 'iVBORw0KGgo=';
export const usage = { input: 58, output: 44, cached: 8, reasoning: 30 };

// The same question in the words of each protocol: what a caller without an SDK sends.
const question = 'When does the town library open?';
const json = { 'content-type': 'application/json' };
const bearer = { ...json, authorization: 'Bearer k' };
const messages = [{ role: 'user', content: question }];
const compatible = (path, model, headers = bearer) => (stream) => ({ path, headers, body: { model, messages, stream } });
export const requests = {
  'openai-chat': compatible('/v1/chat/completions', 'gpt-4.1'),
  'openai-responses': (stream) => ({ path: '/v1/responses', headers: bearer, body: { model: 'gpt-4.1', input: question, stream } }),
  anthropic: (stream) => ({
    path: '/v1/messages',
    headers: { ...json, 'x-api-key': 'k', 'anthropic-version': '2023-06-01' },
    body: { model: 'claude-sonnet-4-6', max_tokens: 9, messages, stream },
  }),
  gemini: (stream) => ({
    path: `/v1beta/models/gemini-2.5-flash:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    headers: { ...json, 'x-goog-api-key': 'k' },
    body: { contents: [{ role: 'user', parts: [{ text: question }] }] },
  }),
  mistral: compatible('/v1/chat/completions', 'mistral-small-latest'),
  cohere: compatible('/v2/chat', 'command-a-03-2025'),
  ollama: compatible('/api/chat', 'llama3.2:3b', json),
  azure: compatible('/openai/deployments/mine/chat/completions?api-version=2024-10-21', 'mine', { ...json, 'api-key': 'k' }),
  groq: compatible('/openai/v1/chat/completions', 'llama-3.3-70b-versatile'),
  deepseek: compatible('/chat/completions', 'deepseek-chat'),
  together: compatible('/v1/chat/completions', 'openai/gpt-oss-20b'),
  openrouter: compatible('/api/v1/chat/completions', 'openai/gpt-4.1-mini'),
  vllm: compatible('/v1/chat/completions', 'qwen3', json),
  llamacpp: compatible('/v1/chat/completions', 'local', json),
};
