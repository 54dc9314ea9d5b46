// Anthropic Messages and models. https://docs.anthropic.com/en/api/messages
import { argumentsOf } from './answer.js';
import { check, read } from './anthropic-request.js';
import { event } from './events.js';
import { dotted } from './shape.js';

const stopReason = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use', content_filter: 'refusal' };

// Here `input_tokens` is without what came from the cache or went into it.
const inputUsage = ({ input, cached, cache_write }) => ({
  input_tokens: input - cached - cache_write,
  cache_creation_input_tokens: cache_write,
  cache_read_input_tokens: cached,
});
const outputUsage = ({ output, reasoning }) => ({
  output_tokens: output,
  ...(reasoning > 0 && { output_tokens_details: { thinking_tokens: reasoning } }),
});

// The blocks of an answer: {start, deltas, whole}.
function blocksOf(answer) {
  const out = [];
  if (answer.reasoning !== null) {
    const signature = answer.state ?? 'EqExample==';
    out.push({
      start: { type: 'thinking', thinking: '', signature: '' },
      deltas: [
        ...answer.reasoningPieces.map((thinking) => ({ type: 'thinking_delta', thinking })),
        { type: 'signature_delta', signature },
      ],
      whole: { type: 'thinking', thinking: answer.reasoning, signature },
    });
  }
  const text = answer.text ?? answer.refusal;
  if (text !== null)
    out.push({
      start: { type: 'text', text: '' },
      deltas: (answer.text === null ? [text] : answer.pieces).map((piece) => ({ type: 'text_delta', text: piece })),
      whole: { type: 'text', text },
    });
  for (const call of answer.tool_calls) {
    const own = { type: 'tool_use', id: call.id ?? `toolu_01Tram${call.index}`, name: call.name };
    const fragments = ['', ...(call.arguments === '{}' ? [] : call.pieces)];
    out.push({
      start: { ...own, input: {} },
      deltas: fragments.map((partial_json) => ({ type: 'input_json_delta', partial_json })),
      whole: () => ({ ...own, input: argumentsOf(call) }),
    });
  }
  return out;
}

function endOf(answer) {
  const declined = answer.refusal !== null || answer.finish === 'content_filter';
  return {
    stop_reason: declined ? 'refusal' : stopReason[answer.finish],
    stop_sequence: null,
    ...(declined && { stop_details: { type: 'refusal', category: null, explanation: answer.refusal } }),
  };
}

const head = (answer, call) => ({
  id: answer.id ?? 'msg_01QhTown',
  type: 'message',
  role: 'assistant',
  model: answer.model ?? call.body.model,
});

const whole = (answer, call) => ({
  body: {
    ...head(answer, call),
    content: blocksOf(answer).map((one) => (typeof one.whole === 'function' ? one.whole() : one.whole)),
    ...endOf(answer),
    ...(answer.usage && { usage: { ...inputUsage(answer.usage), ...outputUsage(answer.usage), service_tier: 'standard' } }),
  },
});

const named = (data, mark) => event(data, mark, data.type);

function stream(answer, call) {
  const usage = answer.usage && { ...inputUsage(answer.usage), output_tokens: 1 };
  const started = { ...head(answer, call), content: [], stop_reason: null, stop_sequence: null, ...(usage && { usage }) };
  const blocks = blocksOf(answer).flatMap(({ start, deltas }, index) => [
    named({ type: 'content_block_start', index, content_block: start }),
    ...(index === 0 ? [named({ type: 'ping' })] : []),
    ...deltas.map((delta) => named({ type: 'content_block_delta', index, delta }, 'content')),
    named({ type: 'content_block_stop', index }),
  ]);
  return [
    named({ type: 'message_start', message: started }),
    ...blocks,
    named({ type: 'message_delta', delta: endOf(answer), ...(answer.usage && { usage: outputUsage(answer.usage) }) }, 'finish'),
    named({ type: 'message_stop' }, 'end'),
  ];
}

const refusals = {
  bad_request: [400, 'invalid_request_error', 'messages.0.content: Input should be a valid string'],
  context_length: [400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'],
  quota: [400, 'invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'],
  credentials: [401, 'authentication_error', 'invalid x-api-key'],
  forbidden: [403, 'permission_error', 'Your API key does not have permission to use the specified resource.'],
  unknown_model: [404, 'not_found_error', 'model: claude-9'],
  unknown_path: [404, 'not_found_error', 'Not Found'],
  too_large: [413, 'request_too_large', 'Request exceeds the maximum allowed number of bytes.'],
  rate_limit: [429, 'rate_limit_error', 'Number of requests has exceeded your per-minute rate limit.'],
  server: [500, 'api_error', 'Internal server error'],
  timeout: [504, 'timeout_error', 'Request timed out.'],
  overload: [529, 'overloaded_error', 'Overloaded'],
};

function problemText({ rule, path, what }) {
  const where = dotted(path).replace(/\[(\d+)\]/g, '.$1');
  if (rule === 'missing') return `${where}: Field required`;
  if (rule === 'unknown') return `${where}: Extra inputs are not permitted`;
  return where ? `${where}: ${what}` : what;
}

function hints(retryAfter) {
  const reset = new Date(Date.now() + retryAfter * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    'retry-after': String(Math.ceil(retryAfter)),
    'anthropic-ratelimit-requests-limit': '50',
    'anthropic-ratelimit-requests-remaining': '0',
    'anthropic-ratelimit-requests-reset': reset,
  };
}

function refusal(kind, { problem, message, retryAfter } = {}) {
  if (!refusals[kind]) return null;
  const [status, type, known] = refusals[kind];
  const text = message ?? (problem && kind === 'bad_request' ? problemText(problem) : known);
  return {
    status,
    headers: retryAfter === undefined ? {} : hints(retryAfter),
    body: { type: 'error', error: { type, message: text }, request_id: 'req_011Town' },
  };
}

const paths = { 'POST /v1/messages': 'chat', 'GET /v1/models': 'models' };
const models = (names) => ({
  body: {
    data: names.map((id) => ({ type: 'model', id, display_name: id, created_at: '2026-02-17T00:00:00Z' })),
    first_id: names[0] ?? null,
    has_more: false,
    last_id: names.at(-1) ?? null,
  },
});

// A key in x-api-key, or a token as Bearer, and never both.
function key({ headers }) {
  const own = headers['x-api-key'];
  const token = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
  return own && headers.authorization ? null : (own ?? token ?? null);
}

export const anthropic = {
  name: 'anthropic',
  base: '',
  auth: 'x-api-key: KEY, or Authorization: Bearer TOKEN, not both',
  key,
  route: (call) => {
    const operation = paths[`${call.method} ${call.pathname}`];
    return operation ? { operation } : null;
  },
  headers: () => ({ 'request-id': 'req_011Town' }),
  refusal,
  ping: named({ type: 'ping' }),
  errorEvent: (kind, options) => event(refusal(kind, options).body, '', 'error'),
  operations: {
    chat: { check, streams: (body) => body.stream === true, whole, stream, read },
    models: { whole: models },
  },
};
