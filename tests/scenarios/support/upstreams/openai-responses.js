// OpenAI Responses, with the models and embeddings of openai-chat.js.
// https://platform.openai.com/docs/api-reference/responses
import { event } from './events.js';
import { bearer, openaiChat } from './openai-chat.js';
import { check, read } from './openai-responses-request.js';
import { openaiRefusal } from './openai-errors.js';

const usageOf = ({ input, output, cached, cache_write, reasoning }) => ({
  input_tokens: input,
  input_tokens_details: { cached_tokens: cached, cache_write_tokens: cache_write },
  output_tokens: output,
  output_tokens_details: { reasoning_tokens: reasoning },
  total_tokens: input + output,
});

const textPart = (text) => ({ type: 'output_text', text, annotations: [], logprobs: [] });

// The items of an answer, each with the parts that are streamed: {added, steps, done}.
function reasoningItem(answer, call) {
  const sealed = (call.body.include ?? []).includes('reasoning.encrypted_content');
  const summary = [{ type: 'summary_text', text: answer.reasoning }];
  const own = { id: 'rs_0a41bb91', type: 'reasoning' };
  const at = { item_id: own.id, summary_index: 0 };
  return {
    added: { ...own, summary: [] },
    done: { ...own, summary, ...(sealed && { encrypted_content: answer.state ?? 'gAAAAexample' }) },
    steps: [
      ['response.reasoning_summary_part.added', { ...at, part: { type: 'summary_text', text: '' } }],
      ...answer.reasoningPieces.map((delta) => ['response.reasoning_summary_text.delta', { ...at, delta }]),
      ['response.reasoning_summary_text.done', { ...at, text: answer.reasoning }],
      ['response.reasoning_summary_part.done', { ...at, part: summary[0] }],
    ],
  };
}

function messageItem(answer, status) {
  const refused = answer.text === null;
  const part = refused ? { type: 'refusal', refusal: answer.refusal } : textPart(answer.text);
  const own = { id: 'msg_0a41bb73', type: 'message', role: 'assistant' };
  const at = { item_id: own.id, content_index: 0 };
  const pieces = refused ? [answer.refusal] : answer.pieces;
  const name = refused ? 'response.refusal' : 'response.output_text';
  const more = refused ? {} : { logprobs: [] };
  return {
    added: { ...own, status: 'in_progress', content: [] },
    done: { ...own, status, content: [part] },
    steps: [
      ['response.content_part.added', { ...at, part: refused ? { type: 'refusal', refusal: '' } : textPart('') }],
      ...pieces.map((delta) => [`${name}.delta`, { ...at, delta, ...more }]),
      [`${name}.done`, { ...at, ...(refused ? { refusal: answer.refusal } : { text: answer.text }), ...more }],
      ['response.content_part.done', { ...at, part }],
    ],
  };
}

function callItem(call) {
  const own = { id: `fc_0a41bb9${call.index}`, type: 'function_call', call_id: call.id ?? `call_Jq7${call.index}`, name: call.name };
  const at = { item_id: own.id };
  return {
    added: { ...own, status: 'in_progress', arguments: '' },
    done: { ...own, status: 'completed', arguments: call.arguments },
    steps: [
      ...call.pieces.map((delta) => ['response.function_call_arguments.delta', { ...at, delta }]),
      ['response.function_call_arguments.done', { ...at, name: call.name, arguments: call.arguments }],
    ],
  };
}

const cut = { length: 'max_output_tokens', content_filter: 'content_filter' };
const statusOf = ({ finish }) => (finish === 'error' ? 'failed' : cut[finish] ? 'incomplete' : 'completed');

function itemsOf(answer, call) {
  const status = statusOf(answer) === 'completed' ? 'completed' : 'incomplete';
  return [
    ...(answer.reasoning === null ? [] : [reasoningItem(answer, call)]),
    ...(answer.text === null && answer.refusal === null ? [] : [messageItem(answer, status)]),
    ...answer.tool_calls.map(callItem),
  ];
}

function responseOf(answer, call, status, output) {
  const { body } = call;
  const ended = status !== 'in_progress';
  return {
    id: answer.id ?? 'resp_0a41bb72',
    object: 'response',
    created_at: 1795190400,
    status,
    background: false,
    error: status === 'failed' ? { code: 'server_error', message: 'The model backend went away.' } : null,
    incomplete_details: status === 'incomplete' ? { reason: cut[answer.finish] } : null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    metadata: body.metadata ?? {},
    model: answer.model ?? body.model,
    output,
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: null,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: body.reasoning?.summary ?? null },
    service_tier: 'default',
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: { format: { type: 'text' }, verbosity: 'medium', ...body.text },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_p: body.top_p ?? 1,
    truncation: 'disabled',
    usage: ended && answer.usage ? usageOf(answer.usage) : null,
  };
}

const whole = (answer, call) => ({ body: responseOf(answer, call, statusOf(answer), itemsOf(answer, call).map((one) => one.done)) });

function stream(answer, call) {
  const items = itemsOf(answer, call);
  const status = statusOf(answer);
  const begun = responseOf(answer, call, 'in_progress', []);
  const steps = [
    ['response.created', { response: begun }],
    ['response.in_progress', { response: begun }],
    ...items.flatMap(({ added, done, steps: own }, output_index) => [
      ['response.output_item.added', { output_index, item: added }],
      ...own.map(([type, more]) => [type, { output_index, ...more }]),
      ['response.output_item.done', { output_index, item: done }],
    ]),
    [`response.${status}`, { response: responseOf(answer, call, status, items.map((one) => one.done)) }],
  ];
  return steps.map(([type, more], sequence_number) => {
    const mark = type.endsWith('.delta') ? 'content' : sequence_number === steps.length - 1 ? 'finish end' : '';
    return event({ type, sequence_number, ...more }, mark, type);
  });
}

// A bare error event, or with `failed` a response that failed.
function errorEvent(kind, { failed, ...options }, before) {
  const { code, message } = openaiRefusal(kind, options).body.error;
  const sequence_number = before.length;
  if (!failed) return event({ type: 'error', sequence_number, code, message, param: null }, '', 'error');
  const response = { ...before[0]?.data.response, status: 'failed', error: { code: code ?? 'server_error', message } };
  return event({ type: 'response.failed', sequence_number, response }, '', 'response.failed');
}

export const openaiResponses = {
  ...openaiChat,
  name: 'openai-responses',
  key: bearer,
  route: (call) => {
    if (call.method === 'POST' && call.pathname === '/v1/responses') return { operation: 'chat' };
    const other = openaiChat.route(call);
    return other?.operation === 'chat' ? null : other;
  },
  ping: event({ type: 'keepalive', sequence_number: 0 }, '', 'keepalive'),
  errorEvent,
  operations: {
    ...openaiChat.operations,
    chat: { check, streams: (body) => body.stream === true, whole, stream, read },
  },
};
