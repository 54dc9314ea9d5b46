// Cohere v2 chat and embed, and the list of models. https://docs.cohere.com/reference/chat
import { event } from './events.js';
import { parsed } from './openai-chat-request.js';
import { vectorsOf } from './openai-chat.js';
import { between, int, open, problem, problemOf, url, z } from './shape.js';
import { subsetProblem, words } from './schema-subset.js';

const textPart = z.strictObject({ type: z.literal('text'), text: z.string() });
const text = z.union([z.string(), z.array(textPart)]);
const call = z.strictObject({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
});
const image = z.strictObject({ type: z.literal('image_url'), image_url: z.strictObject({ url, detail: z.enum(['auto', 'low', 'high']).optional() }) });
const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('system'), content: text }),
  z.strictObject({ role: z.literal('user'), content: z.union([z.string(), z.array(z.discriminatedUnion('type', [textPart, image])).min(1)]) }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z
      .union([z.string().min(1), z.array(z.discriminatedUnion('type', [textPart, z.strictObject({ type: z.literal('thinking'), thinking: z.string() })])).min(1)])
      .optional(),
    tool_calls: z.array(call).min(1).optional(),
    tool_plan: z.string().optional(),
    citations: z.array(open).optional(),
  }),
  z.strictObject({
    role: z.literal('tool'),
    tool_call_id: z.string(),
    content: z.union([
      z.string(),
      z.array(z.discriminatedUnion('type', [textPart, z.strictObject({ type: z.literal('document'), document: open })])).min(1),
    ]),
  }),
]);
const chat = z.strictObject({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  stream: z.boolean(),
  max_tokens: int.min(1).optional(),
  temperature: between(0, 1).optional(),
  p: between(0.01, 0.99).optional(),
  k: int.min(0).max(500).optional(),
  seed: int.optional(),
  stop_sequences: z.array(z.string()).max(5).optional(),
  frequency_penalty: between(0, 1).optional(),
  presence_penalty: between(0, 1).optional(),
  tools: z
    .array(
      z.strictObject({
        type: z.literal('function'),
        function: z.strictObject({ name: z.string(), description: z.string().optional(), parameters: open }),
      }),
    )
    .min(1)
    .optional(),
  strict_tools: z.boolean().optional(),
  tool_choice: z.enum(['REQUIRED', 'NONE']).optional(),
  response_format: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('text') }),
      z.strictObject({ type: z.literal('json_object'), json_schema: open.optional() }),
    ])
    .optional(),
  logprobs: z.boolean().optional(),
  thinking: z.strictObject({ type: z.enum(['enabled', 'disabled']), token_budget: int.min(1).optional() }).optional(),
  documents: z.array(z.union([z.string(), open])).optional(),
  citation_options: z.strictObject({ mode: z.enum(['ENABLED', 'DISABLED', 'FAST', 'ACCURATE', 'OFF']) }).optional(),
  safety_mode: z.enum(['CONTEXTUAL', 'STRICT', 'OFF']).optional(),
  priority: int.min(0).max(999).optional(),
});

const schemaRules = {
  keywords: words('$schema title description type properties required items enum const anyOf $ref $defs pattern format additionalProperties'),
  formats: words('date-time uuid date time'),
  rootObject: true,
  someRequired: true,
  openOnly: true,
  recursion: false,
};

function orderProblem(messages) {
  let due = [];
  for (const [i, { role, tool_calls, tool_call_id }] of messages.entries()) {
    if (role === 'tool') {
      if (!due.includes(tool_call_id)) return problem(['messages', i, 'tool_call_id'], `'${tool_call_id}' answers no tool call`);
      due = due.filter((id) => id !== tool_call_id);
    } else if (due.length > 0) return problem(['messages', i], `tool call '${due[0]}' has no result`);
    else due = (tool_calls ?? []).map((one) => one.id);
  }
  return due.length > 0 ? problem(['messages'], `tool call '${due[0]}' has no result`) : null;
}

function check(body) {
  const wrong = problemOf(chat, body) ?? orderProblem(body.messages);
  if (wrong) return wrong;
  const schema = body.response_format?.json_schema;
  if (body.response_format?.type === 'json_object' && (body.tools || body.documents))
    return problem(['response_format'], 'json_object cannot be combined with tools or documents');
  if (body.tool_choice && !body.tools) return problem(['tool_choice'], 'may only be set with tools');
  const found = schema && subsetProblem(schema, schemaRules);
  return found ? problem(['response_format', 'json_schema', ...found.path], found.what) : null;
}

const finishReason = { stop: 'COMPLETE', length: 'MAX_TOKENS', tool_calls: 'TOOL_CALL', error: 'ERROR', content_filter: 'ERROR' };
const usageOf = ({ input, output, cached }) => ({
  billed_units: { input_tokens: Math.max(0, input - 10), output_tokens: output },
  tokens: { input_tokens: input, output_tokens: output },
  cached_tokens: cached,
});
const idOf = (one) => one.id ?? `${one.name}_8kq${one.index}`;
const callOf = (one, args = one.arguments) => ({ id: idOf(one), type: 'function', function: { name: one.name, arguments: args } });
// Text beside tool calls is a plan.
const plans = (answer) => answer.tool_calls.length > 0 && answer.text !== null;

function whole(answer) {
  const said = answer.text ?? answer.refusal;
  const content = [
    ...(answer.reasoning === null ? [] : [{ type: 'thinking', thinking: answer.reasoning }]),
    ...(said === null || plans(answer) ? [] : [{ type: 'text', text: said }]),
  ];
  const own = {
    role: 'assistant',
    ...(content.length > 0 && { content }),
    ...(plans(answer) && { tool_plan: answer.text }),
    ...(answer.tool_calls.length > 0 && { tool_calls: answer.tool_calls.map((one) => callOf(one)) }),
  };
  return {
    body: {
      id: answer.id ?? '4be2a6d0-5a3b-4f35-9d56-1c8a1c2f7e10',
      finish_reason: finishReason[answer.finish],
      message: own,
      ...(answer.usage && { usage: usageOf(answer.usage) }),
    },
  };
}

const named = (data, mark) => event(data, mark, data.type);
const delta = (own) => ({ delta: { message: own } });

function part(index, type, pieces) {
  return [
    named({ type: 'content-start', index, ...delta({ content: { type, [type]: '' } }) }),
    ...pieces.map((piece) => named({ type: 'content-delta', index, ...delta({ content: { [type]: piece } }) }, 'content')),
    named({ type: 'content-end', index }),
  ];
}

function callEvents(one) {
  const { index } = one;
  return [
    named({ type: 'tool-call-start', index, ...delta({ tool_calls: callOf(one, '') }) }, 'content'),
    ...one.pieces.map((piece) => named({ type: 'tool-call-delta', index, ...delta({ tool_calls: { function: { arguments: piece } } }) }, 'content')),
    named({ type: 'tool-call-end', index }),
  ];
}

const ended = (finish_reason, more = {}) => named({ type: 'message-end', delta: { finish_reason, ...more } }, 'finish end');

function stream(answer) {
  const said = answer.text === null && answer.refusal !== null ? [answer.refusal] : answer.pieces;
  const thinks = answer.reasoningPieces.length > 0;
  return [
    named({
      id: answer.id ?? '4be2a6d0-5a3b-4f35-9d56-1c8a1c2f7e11',
      type: 'message-start',
      ...delta({ role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }),
    }),
    ...(thinks ? part(0, 'thinking', answer.reasoningPieces) : []),
    ...(plans(answer)
      ? said.map((piece) => named({ type: 'tool-plan-delta', ...delta({ tool_plan: piece }) }, 'content'))
      : said.length > 0
        ? part(thinks ? 1 : 0, 'text', said)
        : []),
    ...answer.tool_calls.flatMap(callEvents),
    ended(finishReason[answer.finish], answer.usage ? { usage: usageOf(answer.usage) } : {}),
  ];
}

const refusals = {
  bad_request: [400, 'invalid request: temperature must be between 0 and 1'],
  context_length: [400, 'too many tokens: total number of tokens in the prompt cannot exceed 128000'],
  credentials: [401, 'invalid api token'],
  quota: [402, 'please add or update your payment method'],
  forbidden: [403, 'forbidden'],
  unknown_model: [404, "invalid request: model 'command-x' not found, make sure the correct model ID was used"],
  unknown_path: [404, 'not found'],
  rate_limit: [429, 'too many requests'],
  server: [500, 'internal server error'],
  overload: [503, 'service unavailable'],
  timeout: [504, 'gateway timeout'],
};

function refusal(kind, { problem: wrong, message: own, retryAfter } = {}) {
  if (!refusals[kind]) return null;
  const [status, known] = refusals[kind];
  const told = own ?? (wrong && kind === 'bad_request' ? `invalid request: ${wrong.path.join('.')} ${wrong.what}` : known);
  return {
    status: wrong && kind === 'bad_request' && wrong.rule === 'unknown' ? 422 : status,
    headers: retryAfter === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfter)) },
    body: { id: '0a6f1f0e-6d53-4b9e-8f3e-3a4f1d0c9b21', message: told },
  };
}

const joined = (content, field = 'text') =>
  typeof content === 'string' ? (field === 'text' ? content : '') : (content ?? []).map((one) => one[field] ?? '').join('');

function read(body) {
  const messages = body.messages.map((one) => ({
    role: one.role,
    text: joined(one.content) || (one.tool_plan ?? ''),
    images: Array.isArray(one.content) ? one.content.filter(({ type }) => type === 'image_url').map((part) => part.image_url.url) : [],
    reasoning: joined(one.content, 'thinking') || undefined,
    tool_calls: (one.tool_calls ?? []).map(({ id, function: own }) => ({ id, name: own.name, arguments: parsed(own.arguments) })),
    tool_call_id: one.tool_call_id,
  }));
  return {
    model: body.model,
    stream: body.stream,
    system: messages.filter(({ role }) => role === 'system').map((one) => one.text).join('\n\n'),
    messages: messages.filter(({ role }) => role !== 'system'),
    max_tokens: body.max_tokens,
    temperature: body.temperature,
    top_p: body.p,
    stop: body.stop_sequences,
    seed: body.seed,
    effort: body.thinking,
    tools: (body.tools ?? []).map(({ function: own }) => own),
    tool_choice: { REQUIRED: 'required', NONE: 'none' }[body.tool_choice],
    json: body.response_format?.type === 'json_object' && !body.response_format.json_schema,
    schema: body.response_format?.json_schema,
  };
}

const embed = z.strictObject({
  model: z.string().min(1),
  input_type: z.enum(['search_document', 'search_query', 'classification', 'clustering', 'image']),
  texts: z.array(z.string()).min(1).max(96).optional(),
  images: z.array(z.string()).optional(),
  inputs: z.array(open).optional(),
  embedding_types: z.array(z.enum(['float', 'int8', 'uint8', 'binary', 'ubinary', 'base64'])).optional(),
  output_dimension: z.literal([256, 512, 1024, 1536]).optional(),
  max_tokens: int.optional(),
  truncate: z.enum(['NONE', 'START', 'END']).optional(),
});
const embeddings = (description, { body }) => ({
  body: {
    id: 'f2f2a0d1-7f30-4d42-8f0b-0d7c2f5b1a11',
    embeddings: { float: vectorsOf(description, (body.texts ?? body.images ?? body.inputs).length) },
    texts: body.texts ?? [],
    meta: { api_version: { version: '2' }, billed_units: { input_tokens: description.usage?.input ?? 6 } },
  },
});
const models = (names) => ({
  body: { models: names.map((name) => ({ name, endpoints: ['chat'], context_length: 256000, finetuned: false, features: ['tools'], default_endpoints: [] })) },
});

const paths = { 'POST /v2/chat': 'chat', 'POST /v2/embed': 'embeddings', 'GET /v1/models': 'models' };

export const cohere = {
  name: 'cohere',
  base: '',
  auth: 'Authorization: Bearer KEY',
  key: ({ headers }) => /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? null,
  route: (call) => {
    const operation = paths[`${call.method} ${call.pathname}`];
    return operation ? { operation } : null;
  },
  headers: () => ({ 'x-debug-trace-id': 'a1b2' }),
  refusal,
  ping: { comment: ' ping', mark: '' },
  // The stream ends as usual, and says that it failed; or, with `bare`, in a datum without a type.
  errorEvent: (kind, { bare, ...more }) => (bare ? event({ message: refusal(kind, more).body.message }) : ended('ERROR', { error: refusal(kind, more).body.message })),
  operations: {
    chat: { check, streams: (body) => body.stream === true, whole, stream, read },
    embeddings: {
      check: (body) => problemOf(embed, body),
      whole: embeddings,
      read: (body) => ({ model: body.model, input: body.texts, dimensions: body.output_dimension }),
    },
    models: { whole: models },
  },
};
