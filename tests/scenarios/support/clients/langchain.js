// LangChain's OpenAI package, over Chat Completions and over Responses.
import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { given, told } from './client.js';
import { classes } from './openai.js';

const messagesOf = (turns) =>
  turns.flatMap(({ system, user, assistant, results }) => {
    if (system !== undefined) return [new SystemMessage(system)];
    if (user !== undefined) return [new HumanMessage(user)];
    if (assistant) return assistant.turn;
    return results.map(({ call, output }) => new ToolMessage({ tool_call_id: call.id, content: output }));
  });

function modelOf({ base, key, retries, useResponsesApi }, { model, tools, choice, max_tokens }) {
  const chat = new ChatOpenAI(
    given({ model, apiKey: key, configuration: { baseURL: base }, maxRetries: retries, useResponsesApi, maxTokens: max_tokens, ...(useResponsesApi && { zdrEnabled: true }) }),
  );
  if (!tools) return chat;
  const bound = tools.map(({ name, description, schema }) => tool(() => '', { name, description, schema }));
  return chat.bindTools(bound, choice && { tool_choice: typeof choice === 'object' ? choice.tool : choice });
}

const finishes = { max_output_tokens: 'length' };
function finishOf({ finish_reason, incomplete_details }, calls) {
  const cut = incomplete_details?.reason;
  return finish_reason ?? finishes[cut] ?? cut ?? (calls.length > 0 ? 'tool_calls' : 'stop');
}

function answerOf(message, more) {
  const calls = message.tool_calls.map(({ id, name, args }) => ({ id, name, arguments: args }));
  const usage = message.usage_metadata;
  return told({
    text: message.text,
    refusal: message.additional_kwargs.refusal,
    calls,
    finish: finishOf(message.response_metadata, calls),
    usage: usage && { input: usage.input_tokens, output: usage.output_tokens },
    turn: [message],
    ...more,
  });
}

async function ask(sdk, call) {
  const model = modelOf(sdk, call);
  if (call.schema) {
    const structured = model.withStructuredOutput(call.schema, { name: 'answer', method: 'jsonSchema', includeRaw: true });
    const { raw, parsed } = await structured.invoke(messagesOf(call.turns), { signal: call.signal });
    return answerOf(raw, { object: parsed });
  }
  return answerOf(await model.invoke(messagesOf(call.turns), { signal: call.signal }));
}

async function stream(sdk, call) {
  const pieces = [];
  let object;
  let whole;
  let model = modelOf(sdk, call);
  if (call.schema) model = model.withStructuredOutput(call.schema, { name: 'answer', method: 'jsonSchema', includeRaw: true });
  for await (const chunk of await model.stream(messagesOf(call.turns), { signal: call.signal })) {
    if (chunk.parsed !== undefined) object = chunk.parsed;
    const message = call.schema ? chunk.raw : chunk;
    if (!message) continue;
    whole = whole?.concat(message) ?? message;
    if (message.text) pieces.push(message.text), call.onText?.(message.text);
  }
  const turn = [new AIMessage({ content: whole.content, tool_calls: whole.tool_calls, response_metadata: whole.response_metadata, additional_kwargs: whole.additional_kwargs })];
  return answerOf(whole, { pieces, turn, ...(call.schema && { object }) });
}

const failure = (error) => ({
  type: error.constructor.name,
  status: error.status,
  code: error.code ?? error.error?.code,
  requestId: error.requestID,
  message: error.message,
  again: error.headers?.get?.('retry-after'),
});

// `usage` is what LangChain leaves out of its answer.
async function embed({ base, key, retries }, { model, input, float }) {
  const embedder = new OpenAIEmbeddings(
    given({ model, apiKey: key, configuration: { baseURL: base }, maxRetries: retries, encodingFormat: float ? 'float' : undefined }),
  );
  const vectors = typeof input === 'string' ? [await embedder.embedQuery(input)] : await embedder.embedDocuments(input);
  return { vectors };
}

const connect = (useResponsesApi) => ({ base, key, retries = 0 }) => ({ base, key, retries, useResponsesApi });
const common = { package: '@langchain/openai', ask, stream, failure, classes, broken: ['APIError'], embed };

export const langchain = { ...common, name: '@langchain/openai', speaks: 'openai-chat', connect: connect(false) };
export const langchainResponses = {
  ...common,
  name: '@langchain/openai, useResponsesApi',
  speaks: 'openai-responses',
  drops: ['required'], // a choice that is no tool's name does not leave it
  connect: connect(true),
};
