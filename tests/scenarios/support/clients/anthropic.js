// Anthropic's SDK as a client: Messages.
import Anthropic from '@anthropic-ai/sdk';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { z } from 'zod';
import { given, told } from './client.js';
import { classes } from './openai.js';

const messagesOf = (turns) =>
  turns.flatMap(({ user, assistant, results }) => {
    if (user !== undefined) return [{ role: 'user', content: user }];
    if (assistant) return assistant.turn;
    if (!results) return [];
    return [{ role: 'user', content: results.map(({ call, output }) => ({ type: 'tool_result', tool_use_id: call.id, content: output })) }];
  });
const choices = { auto: { type: 'auto' }, required: { type: 'any' }, none: { type: 'none' } };
const bodyOf = ({ model, turns, tools, choice, schema, max_tokens = 500 }) =>
  given({
    model,
    max_tokens,
    system: turns.find((one) => one.system !== undefined)?.system,
    messages: messagesOf(turns),
    tools: tools?.map(({ name, description, schema: own }) => ({ name, description, input_schema: z.toJSONSchema(own, { target: 'draft-7' }) })),
    tool_choice: typeof choice === 'object' ? { type: 'tool', name: choice.tool } : choices[choice],
    output_config: schema && { format: zodOutputFormat(schema) },
  });
const finishes = { end_turn: 'stop', stop_sequence: 'stop', max_tokens: 'length', tool_use: 'tool_calls', refusal: 'content_filter' };

function answerOf(message, more) {
  const { content, stop_reason, usage } = message;
  return told({
    text: content.filter((one) => one.type === 'text').map((one) => one.text).join(''),
    calls: content.filter((one) => one.type === 'tool_use').map(({ id, name, input }) => ({ id, name, arguments: input })),
    finish: finishes[stop_reason] ?? stop_reason,
    usage: { input: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0), output: usage.output_tokens },
    object: message.parsed_output,
    turn: [{ role: 'assistant', content: content.map(({ parsed_output, ...one }) => one) }],
    ...more,
  });
}

// A message put together of the events, as users do without the helper.
function addEvent(message, event) {
  const block = message.content?.[event.index];
  if (event.type === 'message_start') Object.assign(message, event.message, { content: [] });
  if (event.type === 'content_block_start') message.content[event.index] = { ...event.content_block, json: '' };
  if (event.type === 'content_block_delta') {
    const { delta } = event;
    if (delta.type === 'text_delta') block.text += delta.text;
    if (delta.type === 'thinking_delta') block.thinking += delta.thinking;
    if (delta.type === 'signature_delta') block.signature = delta.signature;
    if (delta.type === 'input_json_delta') block.json += delta.partial_json;
  }
  if (event.type === 'content_block_stop') {
    const { json, ...own } = block;
    message.content[event.index] = own.type === 'tool_use' ? { ...own, input: JSON.parse(json || '{}') } : own;
  }
  if (event.type === 'message_delta') Object.assign(message, event.delta, { usage: { ...message.usage, ...event.usage } });
}

export const messages = {
  name: '@anthropic-ai/sdk',
  package: '@anthropic-ai/sdk',
  speaks: 'anthropic',
  classes: { ...classes, 503: 'ServiceUnavailableError', 504: 'GatewayTimeoutError' },
  broken: ['APIError'],
  heeds: true,
  // The SDK puts /v1 behind its base itself.
  connect: ({ base, key, retries = 0 }) => new Anthropic({ baseURL: base.replace(/\/v1$/, ''), apiKey: key, maxRetries: retries }),
  async ask(sdk, call) {
    const options = { signal: call.signal };
    const whole = await (call.schema ? sdk.messages.parse(bodyOf(call), options) : sdk.messages.create(bodyOf(call), options));
    return answerOf(whole, { requestId: whole._request_id });
  },
  async stream(sdk, call) {
    const { data, response } = await sdk.messages.create({ ...bodyOf(call), stream: true }, { signal: call.signal }).withResponse();
    const message = {};
    const pieces = [];
    for await (const event of data) {
      addEvent(message, event);
      if (event.delta?.type === 'text_delta') pieces.push(event.delta.text), call.onText?.(event.delta.text);
    }
    return answerOf(message, { pieces, requestId: response.headers.get('request-id') });
  },
  async streamHelper(sdk, call) {
    const stream = sdk.messages.stream(bodyOf(call), { signal: call.signal });
    const pieces = [];
    stream.on('text', (delta) => (pieces.push(delta), call.onText?.(delta)));
    return answerOf(await stream.finalMessage(), { pieces });
  },
  async models(sdk, id) {
    if (id) return (await sdk.models.retrieve(id)).id;
    const ids = [];
    for await (const one of sdk.models.list()) ids.push(one.id);
    return ids;
  },
  failure: (error) => ({
    type: error.constructor.name,
    status: error.status,
    code: error.error?.error?.code ?? error.error?.error?.type,
    requestId: error.requestID,
    message: error.message,
    again: error.headers?.get('retry-after'),
  }),
};
