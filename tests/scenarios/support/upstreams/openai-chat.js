// OpenAI Chat Completions, models and embeddings; and, with quirks, the family of hosts that speak it
// (compatible.js). https://platform.openai.com/docs/api-reference/chat
import { event } from './events.js';
import { int, problemOf, z } from './shape.js';
import { openaiRefusal } from './openai-errors.js';
import { checkWith, modelProblem, read, requestShape, rulesProblem, schemaProblem } from './openai-chat-request.js';

const finishReason = { stop: 'stop', length: 'length', tool_calls: 'tool_calls', content_filter: 'content_filter', error: 'error' };

export const usageOf = ({ input, output, cached, cache_write, reasoning }) => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
  prompt_tokens_details: { cached_tokens: cached, ...(cache_write && { cache_write_tokens: cache_write }) },
  completion_tokens_details: { reasoning_tokens: reasoning },
});

// A scenario's own id, where the host would have made such a one.
const idOf = (call, quirks) => (call.id && (quirks.callIds ?? /./).test(call.id) ? call.id : `${quirks.callId ?? 'call_Jq7'}${call.index}`);
// Reasoning as a text of its own, or as a part of the content.
const thinkingPart = (text) => ({ type: 'thinking', thinking: [{ type: 'text', text }] });
const toolCall = (call, quirks) => ({ id: idOf(call, quirks), type: 'function', function: { name: call.name, arguments: call.arguments } });

const headOf = (answer, call, quirks, object) => ({
  id: answer.id ?? `${quirks.id ?? 'chatcmpl-'}Ck41aVh0`,
  object,
  created: 1795190400,
  model: answer.model ?? quirks.modelOf?.(call) ?? call.body.model,
});

function contentOf(answer, quirks, silent) {
  if (quirks.thinkingParts && answer.reasoning !== null)
    return [thinkingPart(answer.reasoning), { type: 'text', text: answer.text ?? '' }];
  return silent && quirks.nullContent !== false ? answer.text : (answer.text ?? '');
}

function reasoningDelta(piece, quirks) {
  if (quirks.thinkingParts) return [{ content: [thinkingPart(piece)] }];
  return quirks.reasoning ? [{ [quirks.reasoning]: piece }] : [];
}

function whole(answer, call, quirks) {
  const silent = answer.refusal !== null || answer.tool_calls.length > 0;
  const message = {
    role: 'assistant',
    content: contentOf(answer, quirks, silent),
    ...(quirks.refusals !== false && { refusal: answer.refusal, annotations: [] }),
    ...(quirks.reasoning && answer.reasoning !== null && { [quirks.reasoning]: answer.reasoning }),
    ...(answer.tool_calls.length > 0 && { tool_calls: answer.tool_calls.map((one) => toolCall(one, quirks)) }),
  };
  const body = {
    ...headOf(answer, call, quirks, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: reason(answer, quirks) }],
    ...(answer.usage && { usage: (quirks.usage ?? usageOf)(answer.usage) }),
  };
  return { body: quirks.body?.(body, answer) ?? body };
}

const reason = (answer, quirks) => quirks.finish?.[answer.finish] ?? finishReason[answer.finish];

// The deltas of one call: whole in one, or the head and then fragments of the arguments.
function callDeltas(call, quirks) {
  const { index, pieces } = call;
  if (quirks.wholeCalls) return [{ index, ...toolCall(call, quirks) }];
  return [
    { index, id: idOf(call, quirks), type: 'function', function: { name: call.name, arguments: '' } },
    ...pieces.map((piece) => ({ index, function: { arguments: piece } })),
  ];
}

function deltas(answer, quirks) {
  const calls = answer.tool_calls.flatMap((one) => callDeltas(one, quirks));
  return [
    ...answer.reasoningPieces.flatMap((piece) => reasoningDelta(piece, quirks)),
    ...answer.pieces.map((content) => ({ content })),
    ...(answer.refusal === null ? [] : [{ refusal: answer.refusal }]),
    ...calls.map((one) => ({ tool_calls: [one] })),
  ];
}

function stream(answer, call, quirks) {
  const asked = call.body.stream_options?.include_usage === true;
  const usage = answer.usage && (quirks.usage ?? usageOf)(answer.usage);
  const chunk = (choices, more = {}) => ({
    ...headOf(answer, call, quirks, 'chat.completion.chunk'),
    choices,
    ...(asked && !quirks.usageInFinish && { usage: null }),
    ...more,
  });
  const choice = (delta, finish_reason = null) => [{ index: 0, delta, logprobs: null, finish_reason }];
  const first = { role: 'assistant', content: answer.tool_calls.length > 0 && answer.text === null && quirks.nullContent !== false ? null : '' };
  if (quirks.refusals !== false) first.refusal = null;
  const last = chunk(choice({}, reason(answer, quirks)), quirks.usageInFinish && usage ? { usage } : {});
  const events = [
    event(chunk(choice(first))),
    ...deltas(answer, quirks).map((delta) => event(chunk(choice(delta)), 'content')),
    event(quirks.lastChunk?.(last, usage) ?? last, 'finish'),
    ...(asked && usage && !quirks.usageInFinish ? [event(chunk([], { usage }))] : []),
    ...(quirks.doneMark === false ? [] : [event('[DONE]', 'end')]),
  ];
  return quirks.events?.(events) ?? events;
}

const input = z.union([
  z.string().min(1),
  z.array(z.string().min(1)).min(1).max(2048),
  z.array(int).min(1),
  z.array(z.array(int).min(1)).min(1).max(2048),
]);
const embeddingShape = z.strictObject({
  model: z.string().min(1),
  input,
  dimensions: int.min(1).optional(),
  encoding_format: z.enum(['float', 'base64']).optional(),
  user: z.string().optional(),
});

// How many inputs an embeddings call has: token lists are one or several.
export const inputsOf = (given) => (typeof given === 'string' || typeof given[0] === 'number' ? 1 : given.length);
export const base64Floats = (vector) => Buffer.from(Float32Array.from(vector).buffer).toString('base64');
// Vectors that say which input they belong to, unless the scenario gives its own.
export const vectorsOf = (description, count) => description.vectors ?? Array.from({ length: count }, (_, i) => [i + 0.25, -0.5, 0.125]);

function embeddings(description, call, quirks) {
  const vectors = vectorsOf(description, inputsOf(call.body.input));
  const written = call.body.encoding_format === 'base64' ? base64Floats : (vector) => vector;
  const tokens = description.usage?.input ?? 6;
  return {
    body: {
      ...quirks.embeddingHead,
      object: 'list',
      data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: written(vector) })),
      model: description.model ?? call.body.model,
      usage: { prompt_tokens: tokens, total_tokens: tokens, ...quirks.embeddingUsage },
    },
  };
}

const models = (names) => ({
  body: { object: 'list', data: names.map((id) => ({ id, object: 'model', created: 1744316542, owned_by: 'system' })) },
});

export const bearer = ({ headers }) => /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? null;

const paths = { 'POST /chat/completions': 'chat', 'POST /embeddings': 'embeddings', 'GET /models': 'models' };

// A protocol of this family: `quirks` say in what a host differs from OpenAI.
export function chatCompletions(quirks) {
  const shape = requestShape(quirks.request ?? {});
  const refusal = quirks.refusal ?? openaiRefusal;
  const base = quirks.base ?? '/v1';
  return {
    name: quirks.name,
    base,
    auth: quirks.auth ?? 'Authorization: Bearer KEY',
    key: quirks.key ?? bearer,
    ignoresUnknown: quirks.ignoresUnknown ?? false,
    route: (call) => {
      const path = quirks.path?.(call) ?? (call.pathname.startsWith(`${base}/`) ? call.pathname.slice(base.length) : '');
      const operation = paths[`${call.method} ${path}`];
      return operation && (operation !== 'embeddings' || quirks.embeddings !== false) ? { operation } : null;
    },
    headers: () => ({ 'x-request-id': 'req_8d1f0c', ...quirks.headers }),
    refusal,
    ping: quirks.ping ?? { comment: ' keep-alive', mark: '' },
    // An error inside a stream is a datum of its own, and the stream is over.
    errorEvent: (kind, options, before) => quirks.errorEvent?.(refusal(kind, options).body, before) ?? event(refusal(kind, options).body),
    operations: {
      chat: {
        check: checkWith(shape, quirks.rules ?? [modelProblem, rulesProblem, schemaProblem]),
        streams: (body) => body.stream === true,
        whole: (answer, call) => whole(answer, call, quirks),
        stream: (answer, call) => stream(answer, call, quirks),
        read,
      },
      ...(quirks.embeddings !== false && {
        embeddings: {
          check: (body) => problemOf(quirks.embeddingShape ?? embeddingShape, body),
          whole: (description, call) => embeddings(description, call, quirks),
          read: (body) => ({ model: body.model, input: [body.input].flat(), dimensions: body.dimensions ?? body.output_dimension }),
        },
      }),
      models: { whole: quirks.models ?? models },
    },
  };
}

export const openaiChat = chatCompletions({ name: 'openai-chat' });
