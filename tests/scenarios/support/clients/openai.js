// OpenAI's SDK as a client, with Chat Completions and with Responses.
import OpenAI from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { embeddingsOf, given, thrown, told } from './client.js';

const connect = ({ base, key, retries = 0 }) => new OpenAI({ baseURL: base, apiKey: key, maxRetries: retries });
export const classes = {
  400: 'BadRequestError',
  401: 'AuthenticationError',
  403: 'PermissionDeniedError',
  404: 'NotFoundError',
  409: 'ConflictError',
  422: 'UnprocessableEntityError',
  429: 'RateLimitError',
  502: 'InternalServerError',
  503: 'InternalServerError',
  504: 'InternalServerError',
};
export const failure = (error) => ({
  type: error.constructor.name,
  status: error.status,
  code: error.code,
  requestId: error.requestID,
  message: error.message,
  again: error.headers?.get('retry-after'),
});
const common = {
  package: 'openai',
  connect,
  failure,
  classes,
  broken: ['APIError'],
  heeds: true,
  async embed(sdk, { model, input, float }) {
    return embeddingsOf(await sdk.embeddings.create({ model, input, ...(float && { encoding_format: 'float' }) }));
  },
  async models(sdk, id) {
    if (id) return (await sdk.models.retrieve(id)).id;
    const ids = [];
    for await (const one of sdk.models.list()) ids.push(one.id);
    return ids;
  },
};

const chatMessages = (turns) =>
  turns.flatMap(({ system, user, assistant, results }) => {
    if (system !== undefined) return [{ role: 'system', content: system }];
    if (user !== undefined) return [{ role: 'user', content: user }];
    if (assistant) return assistant.turn;
    return results.map(({ call, output }) => ({ role: 'tool', tool_call_id: call.id, content: output }));
  });
const chatChoice = (choice) => (typeof choice === 'object' ? { type: 'function', function: { name: choice.tool } } : choice);
const chatTool = ({ name, description, schema }) => ({
  type: 'function',
  function: { name, description, parameters: z.toJSONSchema(schema, { target: 'draft-7' }) },
});
export const chatBody = ({ model, turns, tools, choice, schema, max_tokens }) =>
  given({
    model,
    messages: chatMessages(turns),
    tools: tools?.map(chatTool),
    tool_choice: chatChoice(choice),
    response_format: schema && zodResponseFormat(schema, 'answer'),
    max_completion_tokens: max_tokens,
  });

export function chatAnswer(message, finish, usage, more) {
  const { role, content, refusal, tool_calls } = message;
  return told({
    text: content ?? '',
    refusal,
    calls: (tool_calls ?? []).map(({ id, function: own }) => ({ id, name: own.name, arguments: JSON.parse(own.arguments) })),
    finish,
    usage: usage && { input: usage.prompt_tokens, output: usage.completion_tokens },
    turn: [given({ role, content, tool_calls: tool_calls?.map(({ id, type, function: { name, arguments: text } }) => ({ id, type, function: { name, arguments: text } })) })],
    ...more,
  });
}

export const chat = {
  ...common,
  name: 'openai, chat',
  speaks: 'openai-chat',
  async ask(sdk, call) {
    const body = chatBody(call);
    const options = { signal: call.signal };
    const whole = await (call.schema ? sdk.chat.completions.parse(body, options) : sdk.chat.completions.create(body, options));
    const [{ message, finish_reason }] = whole.choices;
    return chatAnswer(message, finish_reason, whole.usage, { object: message.parsed, requestId: whole._request_id });
  },
  // Chunk by chunk, put together as users do without the helper.
  async stream(sdk, call) {
    const body = { ...chatBody(call), stream: true, stream_options: { include_usage: true } };
    const { data, response } = await sdk.chat.completions.create(body, { signal: call.signal }).withResponse();
    const message = { role: undefined, content: null, tool_calls: undefined };
    const seen = { pieces: [], finish: null, usage: null };
    for await (const chunk of data) {
      const piece = chunk.choices[0]?.delta?.content;
      if (piece) seen.pieces.push(piece), call.onText?.(piece);
      addChunk(message, seen, chunk);
    }
    message.content = seen.pieces.join('') || null;
    return chatAnswer(message, seen.finish, seen.usage, { pieces: seen.pieces, requestId: response.headers.get('x-request-id') });
  },
  async streamHelper(sdk, call) {
    const body = { ...chatBody(call), stream_options: { include_usage: true } };
    const stream = sdk.chat.completions.stream(body, { signal: call.signal });
    const pieces = [];
    stream.on('content.delta', ({ delta }) => (pieces.push(delta), call.onText?.(delta)));
    const whole = await stream.finalChatCompletion();
    const [{ message, finish_reason }] = whole.choices;
    return chatAnswer(message, finish_reason, whole.usage, { pieces, object: message.parsed });
  },
};

export function addChunk(message, seen, { choices, usage }) {
  const choice = choices[0];
  if (usage) seen.usage = usage;
  if (choice?.finish_reason) seen.finish = choice.finish_reason;
  message.role ??= choice?.delta.role;
  for (const { index, id, type, function: own } of choice?.delta.tool_calls ?? []) {
    message.tool_calls ??= [];
    const call = (message.tool_calls[index] ??= { id, type, function: { name: own.name, arguments: '' } });
    call.function.arguments += own.arguments ?? '';
  }
}

const inputOf = (turns) =>
  turns.flatMap(({ system, user, assistant, results }) => {
    if (system !== undefined) return [{ role: 'system', content: system }];
    if (user !== undefined) return [{ role: 'user', content: user }];
    if (assistant) return assistant.turn;
    return results.map(({ call, output }) => ({ type: 'function_call_output', call_id: call.id, output }));
  });
export const responsesBody = ({ model, turns, tools, choice, schema, max_tokens }) =>
  given({
    model,
    input: inputOf(turns),
    store: false,
    tools: tools?.map(({ name, description, schema: own }) => ({
      type: 'function',
      name,
      description,
      strict: false,
      parameters: z.toJSONSchema(own, { target: 'draft-7' }),
    })),
    tool_choice: typeof choice === 'object' ? { type: 'function', name: choice.tool } : choice,
    text: schema && { format: zodTextFormat(schema, 'answer') },
    max_output_tokens: max_tokens,
  });
const responseFinish = { max_output_tokens: 'length', content_filter: 'content_filter' };

export function responsesAnswer(whole, more) {
  const calls = whole.output.filter((one) => one.type === 'function_call');
  const parts = whole.output.flatMap((one) => (one.type === 'message' ? one.content : []));
  return told({
    text: parts.filter((one) => one.type === 'output_text').map((one) => one.text).join(''),
    refusal: parts.find((one) => one.type === 'refusal')?.refusal,
    calls: calls.map((one) => ({ id: one.call_id, name: one.name, arguments: JSON.parse(one.arguments) })),
    finish: responseFinish[whole.incomplete_details?.reason] ?? (calls.length > 0 ? 'tool_calls' : 'stop'),
    usage: whole.usage && { input: whole.usage.input_tokens, output: whole.usage.output_tokens },
    object: whole.output_parsed,
    turn: whole.output.map(({ parsed_arguments, ...one }) => (one.content ? { ...one, content: one.content.map(({ parsed, ...part }) => part) } : one)),
    ...more,
  });
}

export const responses = {
  ...common,
  name: 'openai, responses',
  speaks: 'openai-responses',
  async ask(sdk, call) {
    const body = responsesBody(call);
    const options = { signal: call.signal };
    const whole = await (call.schema ? sdk.responses.parse(body, options) : sdk.responses.create(body, options));
    return responsesAnswer(whole, { requestId: whole._request_id });
  },
  async stream(sdk, call) {
    const { data, response } = await sdk.responses.create({ ...responsesBody(call), stream: true }, { signal: call.signal }).withResponse();
    const pieces = [];
    let whole;
    let next = 0;
    for await (const event of data) {
      if (event.sequence_number !== next++) throw new Error(`event ${event.type} has the number ${event.sequence_number}, not ${next - 1}`);
      if (event.type === 'response.output_text.delta') pieces.push(event.delta), call.onText?.(event.delta);
      if (['response.completed', 'response.incomplete'].includes(event.type)) whole = event.response;
      if (event.type === 'response.failed') throw thrown('ResponseFailed', event.response.error);
    }
    if (!whole) throw new Error('the stream ended early');
    return responsesAnswer(whole, { pieces, requestId: response.headers.get('x-request-id') });
  },
  async streamHelper(sdk, call) {
    const stream = sdk.responses.stream(responsesBody(call), { signal: call.signal });
    const pieces = [];
    stream.on('response.output_text.delta', ({ delta }) => (pieces.push(delta), call.onText?.(delta)));
    return responsesAnswer(await stream.finalResponse(), { pieces });
  },
};
