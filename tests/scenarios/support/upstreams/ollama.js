// Ollama's native chat, embeddings and models: NDJSON, streamed unless the request says otherwise.
// https://github.com/ollama/ollama/blob/main/docs/api.md
import { argumentsOf } from './answer.js';
import { event } from './events.js';
import { vectorsOf } from './openai-chat.js';
import { base64, int, open, problem, problemOf, z } from './shape.js';

const toolCall = z.strictObject({
  id: z.string().optional(),
  function: z.strictObject({ index: int.optional(), name: z.string(), arguments: open }),
});
const message = z.strictObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string().optional(),
  thinking: z.string().optional(),
  images: z.array(base64).optional(),
  tool_calls: z.array(toolCall).optional(),
  tool_name: z.string().optional(),
  tool_call_id: z.string().optional(),
});
const number = z.number().optional();
const options = z.strictObject({
  num_predict: int.min(-2).optional(),
  num_ctx: int.min(1).optional(),
  seed: int.optional(),
  stop: z.array(z.string()).optional(),
  top_k: int.optional(),
  repeat_last_n: int.optional(),
  num_keep: int.optional(),
  num_gpu: int.optional(),
  num_thread: int.optional(),
  num_batch: int.optional(),
  use_mmap: z.boolean().optional(),
  ...Object.fromEntries(
    ['temperature', 'top_p', 'min_p', 'typical_p', 'repeat_penalty', 'presence_penalty', 'frequency_penalty'].map((name) => [name, number]),
  ),
});
const keep_alive = z.union([z.string(), z.number()]).optional();
const chat = z.strictObject({
  model: z.string().min(1),
  messages: z.array(message),
  stream: z.boolean().optional(),
  format: z.union([z.literal('json'), open]).optional(),
  options: options.optional(),
  tools: z
    .array(
      z.strictObject({
        type: z.literal('function'),
        function: z.strictObject({ name: z.string(), description: z.string().optional(), parameters: z.looseObject({ type: z.literal('object') }) }),
      }),
    )
    .optional(),
  think: z.union([z.boolean(), z.enum(['low', 'medium', 'high', 'max'])]).optional(),
  keep_alive,
  truncate: z.boolean().optional(),
  shift: z.boolean().optional(),
  logprobs: z.boolean().optional(),
  top_logprobs: int.min(0).max(20).optional(),
});
const embed = z.strictObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(z.string())]),
  truncate: z.boolean().optional(),
  dimensions: int.min(1).optional(),
  options: options.optional(),
  keep_alive,
});

function check(body) {
  const wrong = problemOf(chat, body);
  if (wrong) return wrong;
  const stray = body.messages.findIndex(({ role, tool_name }) => role === 'tool' && !tool_name);
  return stray < 0 ? null : problem(['messages', stray, 'tool_name'], 'is required', 'missing');
}

const callOf = (call) => ({ id: call.id ?? `call_k2m${call.index}`, function: { index: call.index, name: call.name, arguments: argumentsOf(call) } });
const line = (answer, call, said, more = {}) => ({
  model: answer.model ?? call.body.model,
  created_at: '2026-11-20T09:20:00.512345Z',
  message: { role: 'assistant', content: '', ...said },
  done: false,
  ...more,
});

// Counts of zero are left out, as the server does.
function end(answer) {
  const counts = { prompt_eval_count: answer.usage?.input, eval_count: answer.usage?.output };
  return {
    done: true,
    done_reason: answer.finish === 'length' ? 'length' : 'stop',
    total_duration: 812345678,
    load_duration: 10234567,
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count)),
    prompt_eval_duration: 90234567,
    eval_duration: 402345678,
  };
}

function whole(answer, call) {
  const said = {
    content: answer.text ?? answer.refusal ?? '',
    ...(answer.reasoning !== null && { thinking: answer.reasoning }),
    ...(answer.tool_calls.length > 0 && { tool_calls: answer.tool_calls.map(callOf) }),
  };
  return { body: line(answer, call, said, end(answer)) };
}

function stream(answer, call) {
  const texts = answer.text === null && answer.refusal !== null ? [answer.refusal] : answer.pieces;
  const messages = [
    ...answer.reasoningPieces.map((thinking) => ({ thinking })),
    ...texts.map((content) => ({ content })),
    ...answer.tool_calls.map((one) => ({ tool_calls: [callOf(one)] })),
  ];
  return [...messages.map((one) => event(line(answer, call, one), 'content')), event(line(answer, call, {}, end(answer)), 'finish end')];
}

const refusals = {
  bad_request: [400, 'invalid options: temperature'],
  context_length: [400, 'input length exceeds the context length'],
  credentials: [401, 'unauthorized'],
  forbidden: [403, 'this model requires a subscription'],
  unknown_model: [404, 'model "llama9" not found, try pulling it first'],
  unknown_path: [404, '404 page not found'],
  rate_limit: [429, 'too many requests'],
  quota: [429, 'you have reached your weekly usage limit'],
  server: [500, 'llama runner process has terminated: exit status 2'],
  overload: [503, 'server busy, please try again.  maximum pending requests exceeded'],
  timeout: [502, 'upstream unreachable'],
};

function refusal(kind, { problem: wrong, message: own, retryAfter } = {}) {
  if (!refusals[kind]) return null;
  const [status, known] = refusals[kind];
  const text = own ?? (wrong && kind === 'bad_request' ? `json: ${wrong.path.join('.')} ${wrong.what}` : known);
  return { status, headers: retryAfter === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfter)) }, body: { error: text } };
}

function read(body) {
  const messages = body.messages.map((one) => ({
    role: one.role,
    text: one.content ?? '',
    images: one.images ?? [],
    reasoning: one.thinking,
    tool_calls: (one.tool_calls ?? []).map(({ id, function: own }) => ({ id, name: own.name, arguments: own.arguments })),
    tool_call_id: one.tool_call_id,
  }));
  const { num_predict, temperature, top_p, stop, seed } = body.options ?? {};
  return {
    model: body.model,
    stream: body.stream !== false,
    system: messages.filter(({ role }) => role === 'system').map((one) => one.text).join('\n\n'),
    messages: messages.filter(({ role }) => role !== 'system'),
    max_tokens: num_predict,
    temperature,
    top_p,
    stop,
    seed,
    effort: body.think,
    tools: (body.tools ?? []).map(({ function: own }) => own),
    tool_choice: undefined,
    json: body.format === 'json',
    schema: typeof body.format === 'object' ? body.format : undefined,
  };
}

const embeddings = (description, call) => ({
  body: {
    model: description.model ?? call.body.model,
    embeddings: vectorsOf(description, [call.body.input].flat().length),
    total_duration: 14143917,
    load_duration: 1019500,
    prompt_eval_count: description.usage?.input ?? 6,
  },
});
const models = (names) => ({
  body: { models: names.map((name) => ({ name, model: name, modified_at: '2026-11-20T09:20:00Z', size: 2019393189, digest: 'a80c', details: { format: 'gguf', family: 'llama' } })) },
});

const paths = { 'POST /api/chat': 'chat', 'POST /api/embed': 'embeddings', 'GET /api/tags': 'models' };

export const ollama = {
  name: 'ollama',
  base: '',
  framing: 'ndjson',
  contentType: 'application/x-ndjson',
  ignoresUnknown: true,
  auth: 'none, or Authorization: Bearer KEY',
  key: ({ headers }) => (headers.authorization === undefined ? '' : (/^Bearer (\S+)$/.exec(headers.authorization)?.[1] ?? null)),
  route: (call) => {
    const operation = paths[`${call.method} ${call.pathname}`];
    return operation ? { operation } : null;
  },
  refusal,
  ping: event(''), // an empty line
  errorEvent: (kind, more) => event(refusal(kind, more).body),
  operations: {
    chat: { check, streams: (body) => body.stream !== false, whole, stream, read },
    embeddings: {
      check: (body) => problemOf(embed, body),
      whole: embeddings,
      read: (body) => ({ model: body.model, input: [body.input].flat(), dimensions: body.dimensions }),
    },
    models: { whole: models },
  },
};
