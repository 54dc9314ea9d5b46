// Vercel's AI SDK, with its OpenAI provider (Responses by default, or Chat Completions) and with the one for
// compatible hosts.
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { embed, embedMany, generateText, jsonSchema, Output, RetryError, streamText, tool } from 'ai';
import { z } from 'zod';
import { given, told } from './client.js';

globalThis.AI_SDK_LOG_WARNINGS = false;

const messagesOf = (turns) =>
  turns.flatMap(({ user, assistant, results }) => {
    if (user !== undefined) return [{ role: 'user', content: user }];
    if (assistant) return assistant.turn;
    if (!results) return [];
    const content = results.map(({ call, output }) => ({
      type: 'tool-result',
      toolCallId: call.id,
      toolName: call.name,
      output: { type: 'text', value: output },
    }));
    return [{ role: 'tool', content }];
  });
const toolsOf = (tools) => Object.fromEntries(tools.map(({ name, description, schema }) => [name, tool({ description, inputSchema: schema })]));
const settings = ({ model, retries }, call) =>
  given({
    model: model(call.model),
    instructions: call.turns.find((one) => one.system !== undefined)?.system,
    messages: messagesOf(call.turns),
    tools: call.tools && toolsOf(call.tools),
    toolChoice: typeof call.choice === 'object' ? { type: 'tool', toolName: call.choice.tool } : call.choice,
    output: call.schema && Output.object({ schema: call.schema }),
    maxOutputTokens: call.max_tokens,
    maxRetries: retries,
    abortSignal: call.signal,
  });
const finishes = { 'tool-calls': 'tool_calls', 'content-filter': 'content_filter' };

const answerOf = (result, more) =>
  told({
    text: result.text,
    calls: result.toolCalls.map(({ toolCallId, toolName, input }) => ({ id: toolCallId, name: toolName, arguments: input })),
    finish: finishes[result.finishReason] ?? result.finishReason,
    usage: { input: result.usage.inputTokens, output: result.usage.outputTokens },
    turn: result.responseMessages,
    requestId: result.response.headers['x-request-id'],
    ...more,
  });

async function ask(sdk, call) {
  const result = await generateText(settings(sdk, call));
  return answerOf(result, call.schema && { object: result.output });
}

async function stream(sdk, call) {
  let failed;
  const result = streamText({ ...settings(sdk, call), onError: ({ error }) => (failed ??= error) });
  const pieces = [];
  for await (const part of result.stream) {
    if (part.type === 'text-delta') pieces.push(part.text), call.onText?.(part.text);
    if (part.type === 'abort') failed ??= call.signal.reason;
    if (part.type === 'error') failed ??= part.error;
  }
  if (failed) throw failed;
  const names = ['text', 'toolCalls', 'finishReason', 'usage', 'responseMessages', 'response'];
  const whole = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await result[name]])));
  return answerOf(whole, { pieces, ...(call.schema && { object: await result.output }) });
}

function failure(thrown) {
  const error = RetryError.isInstance(thrown) ? thrown.lastError : thrown;
  return {
    type: error.name ?? error.constructor.name,
    status: error.statusCode,
    code: (error.data?.error ?? error.error ?? error).code,
    requestId: error.responseHeaders?.['x-request-id'],
    message: error.message,
    again: error.responseHeaders?.['retry-after'],
    retryable: error.isRetryable,
  };
}
const classes = Object.fromEntries([400, 401, 403, 404, 409, 422, 429, 502, 503, 504].map((status) => [status, 'AI_APICallError']));

async function vectors({ embedder, retries }, { model, input }) {
  if (typeof input === 'string') {
    const one = await embed({ model: embedder(model), value: input, maxRetries: retries });
    return { vectors: [one.embedding], usage: one.usage.tokens };
  }
  const many = await embedMany({ model: embedder(model), values: input, maxRetries: retries });
  return { vectors: many.embeddings, usage: many.usage.tokens };
}

const common = { package: 'ai', ask, stream, failure, classes, broken: ['AI_StreamProviderError', 'AI_APICallError'], embed: vectors };
const openai = (modelOf) => ({ base, key, retries = 0 }) => {
  const provider = createOpenAI({ baseURL: base, apiKey: key });
  return { model: modelOf(provider), embedder: (id) => provider.embeddingModel(id), retries };
};

export const aiResponses = {
  ...common,
  name: 'ai, @ai-sdk/openai',
  speaks: 'openai-responses',
  refers: true,
  connect: openai((provider) => (id) => provider(id)),
};
export const aiChat = {
  ...common,
  name: 'ai, @ai-sdk/openai .chat()',
  speaks: 'openai-chat',
  connect: openai((provider) => (id) => provider.chat(id)),
};
export const aiCompatible = {
  ...common,
  name: 'ai, @ai-sdk/openai-compatible',
  speaks: 'openai-chat',
  connect: ({ base, key, retries = 0 }) => {
    const provider = createOpenAICompatible({ name: 'pinion', baseURL: base, apiKey: key, includeUsage: true, supportsStructuredOutputs: true });
    return { model: (id) => provider(id), embedder: (id) => provider.embeddingModel(id), retries };
  },
};
