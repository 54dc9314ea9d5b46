// Gemini generateContent, streamGenerateContent, embeddings and models (v1beta).
// https://ai.google.dev/api/generate-content
import { argumentsOf } from './answer.js';
import { event } from './events.js';
import { check, read } from './gemini-request.js';
import { vectorsOf } from './openai-chat.js';
import { int, problemOf, z } from './shape.js';

const finishReason = { stop: 'STOP', length: 'MAX_TOKENS', tool_calls: 'STOP', content_filter: 'SAFETY', error: 'MALFORMED_FUNCTION_CALL' };

// Counts of zero are left out, as protobuf does; thoughts are not among the candidates' tokens.
function usageOf({ input, output, cached, reasoning }, done = 1) {
  const counts = {
    promptTokenCount: input,
    cachedContentTokenCount: cached,
    candidatesTokenCount: Math.round((output - reasoning) * done),
    thoughtsTokenCount: reasoning,
  };
  const total = input + counts.candidatesTokenCount + reasoning;
  return { ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)), totalTokenCount: total };
}

// The parts of an answer; the first call of a turn carries the signature.
function partsOf(answer, texts) {
  const signature = answer.state ?? 'CpIBtown';
  return [
    ...texts.reasoning.map((text) => ({ text, thought: true })),
    ...texts.text.map((text) => ({ text })),
    ...answer.tool_calls.map((call) => ({
      functionCall: { ...(call.id && { id: call.id }), name: call.name, args: argumentsOf(call) },
      ...(call.index === 0 && { thoughtSignature: signature }),
    })),
  ];
}

const envelope = (answer, call, candidate, done) => ({
  candidates: [{ ...candidate, index: 0 }],
  ...(answer.usage && { usageMetadata: usageOf(answer.usage, done) }),
  modelVersion: answer.model ?? call.model,
  responseId: answer.id ?? 'k3QfaTown',
});
const contentOf = (parts) => ({ content: { role: 'model', ...(parts.length > 0 && { parts }) } });
const said = (answer) => (answer.text === null && answer.refusal !== null ? [answer.refusal] : answer.pieces);

function whole(answer, call) {
  const text = said(answer);
  const parts = partsOf(answer, {
    reasoning: answer.reasoning === null ? [] : [answer.reasoning],
    text: text.length > 0 ? [text.join('')] : [],
  });
  return { body: envelope(answer, call, { ...contentOf(parts), finishReason: finishReason[answer.finish] }) };
}

// The last event with content has the reason as well, and is all there is of an end.
function stream(answer, call) {
  const parts = partsOf(answer, { reasoning: answer.reasoningPieces, text: said(answer) });
  const last = Math.max(0, parts.length - 1);
  return (parts.length > 0 ? parts : [null]).map((part, i) => {
    const end = i === last;
    const candidate = { ...contentOf(part ? [part] : []), ...(end && { finishReason: finishReason[answer.finish] }) };
    return event(envelope(answer, call, candidate, (i + 1) / (last + 1)), end ? 'content finish end' : 'content');
  });
}

const status = (code, name, message, details) => [code, { error: { code, message, status: name, ...(details && { details }) } }];
const reason = (own) => [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: own, domain: 'googleapis.com' }];
const violation = (quotaId) => [
  {
    '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
    violations: [{ quotaMetric: 'generativelanguage.googleapis.com/generate_content_requests', quotaId }],
  },
];
const refusals = {
  bad_request: status(400, 'INVALID_ARGUMENT', 'Request contains an invalid argument.'),
  context_length: status(400, 'INVALID_ARGUMENT', 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'),
  credentials: status(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', reason('API_KEY_INVALID')),
  forbidden: status(403, 'PERMISSION_DENIED', 'Permission denied.'),
  unknown_model: status(404, 'NOT_FOUND', 'models/gemini-9 is not found for API version v1beta.'),
  unknown_path: status(404, 'NOT_FOUND', 'Not found.'),
  too_large: status(413, 'INVALID_ARGUMENT', 'Request payload size exceeds the limit.'),
  quota: status(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota.', violation('GenerateRequestsPerDayPerProjectPerModel')),
  rate_limit: status(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota.', violation('GenerateRequestsPerMinutePerProjectPerModel')),
  server: status(500, 'INTERNAL', 'An internal error has occurred.'),
  overload: status(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'),
  timeout: status(504, 'DEADLINE_EXCEEDED', 'Deadline expired before operation could complete.'),
};

function problemText({ rule, path, what }) {
  const where = path.map((step) => (typeof step === 'number' ? `[${step}]` : step)).join('.').replaceAll('.[', '[');
  if (rule === 'unknown') return `Invalid JSON payload received. Unknown name "${path.at(-1)}": Cannot find field.`;
  return where ? `* GenerateContentRequest.${where}: ${rule === 'missing' ? 'is not specified' : what}` : what;
}

// A blocked prompt is no error: an answer without candidates, in the form that was asked for.
function blocked(call) {
  const body = { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 12, totalTokenCount: 12 }, modelVersion: call?.model };
  if (!call?.streams) return { status: 200, headers: {}, body };
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, body: `data: ${JSON.stringify(body)}\r\n\r\n` };
}

function refusal(kind, { problem, message, retryAfter } = {}, call) {
  if (kind === 'content_filter') return blocked(call);
  if (!refusals[kind]) return null;
  const [code, known] = refusals[kind];
  const { error } = structuredClone(known);
  error.message = message ?? (problem && kind === 'bad_request' ? problemText(problem) : error.message);
  if (retryAfter !== undefined)
    error.details = [...(error.details ?? []), { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryAfter}s` }];
  return { status: code, headers: {}, body: { error } };
}

const content = z.strictObject({ role: z.string().optional(), parts: z.array(z.strictObject({ text: z.string() })).min(1) });
const embedRequest = z.strictObject({
  model: z.string().regex(/^models\//),
  content,
  taskType: z.string().optional(),
  title: z.string().optional(),
  outputDimensionality: int.min(1).optional(),
});
const batch = z.strictObject({ requests: z.array(embedRequest).min(1).max(100) });
const one = z.strictObject({ ...embedRequest.shape, model: z.string().optional() });
const requestsOf = (body) => body.requests ?? [body];

function embeddings(description, call) {
  const values = vectorsOf(description, requestsOf(call.body).length).map((vector) => ({ values: vector }));
  return { body: call.body.requests ? { embeddings: values } : { embedding: values[0] } };
}
const models = (names) => ({
  body: {
    models: names.map((name) => ({
      name: `models/${name}`,
      displayName: name,
      inputTokenLimit: 1048576,
      outputTokenLimit: 65536,
      supportedGenerationMethods: ['generateContent', 'countTokens'],
    })),
  },
});

const methods = { generateContent: 'chat', streamGenerateContent: 'chat', embedContent: 'embeddings', batchEmbedContents: 'embeddings' };

function route(call) {
  if (call.method === 'GET' && call.pathname === '/v1beta/models') return { operation: 'models' };
  const found = /^\/v1beta\/models\/([^/:]+):([A-Za-z]+)$/.exec(call.pathname);
  if (call.method !== 'POST' || !found || !methods[found[2]]) return null;
  call.model = decodeURIComponent(found[1]);
  call.streams = found[2] === 'streamGenerateContent';
  return { operation: methods[found[2]] };
}

export const gemini = {
  name: 'gemini',
  base: '',
  eol: '\r\n',
  contentType: 'text/event-stream',
  auth: 'x-goog-api-key: KEY, and no key in the query',
  key: (call) => (call.query.key === undefined ? (call.headers['x-goog-api-key'] ?? null) : null),
  route,
  refusal,
  ping: { comment: ' ping', mark: '' },
  errorEvent: (kind, options) => event(refusal(kind, options).body),
  operations: {
    chat: { check, streams: (body, call) => call.streams, whole, stream, read },
    embeddings: {
      check: (body) => problemOf(body.requests ? batch : one, body),
      whole: embeddings,
      read: (body, call) => ({
        model: call.model,
        input: requestsOf(body).map((own) => own.content.parts.map(({ text }) => text).join('')),
        dimensions: requestsOf(body)[0].outputDimensionality,
      }),
    },
    models: { whole: models },
  },
};
