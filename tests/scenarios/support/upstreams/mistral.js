// Mistral chat and embeddings: like Chat Completions, with names of its own and strictly validated.
// https://docs.mistral.ai/api/
import { chatCompletions } from './openai-chat.js';
import { orderProblem, textPart } from './openai-chat-request.js';
import { open, problem, url, z } from './shape.js';
import { strictProblem } from './openai-schema.js';

const part = z.discriminatedUnion('type', [
  textPart,
  z.strictObject({ type: z.literal('image_url'), image_url: z.union([url, z.strictObject({ url, detail: z.string().nullish() })]) }),
  z.strictObject({ type: z.literal('document_url'), document_url: z.string() }),
]);
const thinking = z.strictObject({
  type: z.literal('thinking'),
  thinking: z.array(textPart),
  signature: z.string().nullish(),
  closed: z.boolean().optional(),
});
const said = z.union([z.string(), z.array(z.discriminatedUnion('type', [textPart, thinking]))]);
const tool = z.strictObject({
  type: z.literal('function').optional(),
  function: z.strictObject({ name: z.string(), description: z.string().optional(), parameters: open, strict: z.boolean().optional() }),
});

const request = {
  without: [
    ...['max_completion_tokens', 'seed', 'stream_options', 'user', 'logit_bias', 'logprobs', 'top_logprobs', 'store'],
    ...['verbosity', 'safety_identifier'],
  ],
  message: { developer: false, userName: false, toolName: true, part, said, assistant: { prefix: z.boolean().optional() } },
  fields: {
    temperature: z.number().min(0).max(1.5).nullish(),
    random_seed: z.int().nullish(),
    stop: z.union([z.string(), z.array(z.string())]).optional(),
    tools: z.array(tool).nullish(),
    tool_choice: z
      .union([z.enum(['auto', 'none', 'any', 'required']), z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: z.string() }) })])
      .optional(),
    prediction: open.nullish(),
    prompt_mode: z.literal('reasoning').nullish(),
    safe_prompt: z.boolean().optional(),
    guardrails: z.array(open).nullish(),
  },
};

function rulesProblem(body) {
  const { messages } = body;
  const order = orderProblem(messages.map((one) => ({ ...one, content: one.content ?? '' })));
  if (order) return { ...order, status: 400 };
  for (const [i, { tool_calls, tool_call_id, role, name }] of messages.entries()) {
    const id = [...(tool_calls ?? []).map((one) => one.id), tool_call_id].find((one) => one !== undefined && !/^[A-Za-z0-9]{9}$/.test(one));
    if (id !== undefined) return problem(['messages', i], `tool call id was ${id} but must be a-z, A-Z, 0-9, with a length of 9`, 'value', { status: 400 });
    if (role === 'tool' && !name) return problem(['messages', i, 'name'], 'is required', 'missing');
    if (role === 'user' && messages[i - 1]?.role === 'tool')
      return problem(['messages', i, 'role'], "unexpected role 'user' after role 'tool'", 'value', { status: 400 });
  }
  const last = messages.at(-1);
  if (!['user', 'tool'].includes(last.role) && !last.prefix)
    return problem(['messages'], 'expected last role User or Tool (or Assistant with prefix True)', 'value', { status: 400 });
  const format = body.response_format?.json_schema;
  const found = format?.strict && strictProblem(format.schema);
  return found ? problem(['response_format', 'json_schema', 'schema', ...found.path], found.what, 'value', { status: 400 }) : null;
}

const error = (message, type, code) => ({ object: 'error', message, type, param: null, code });
const refusals = {
  bad_request: [400, error('Expected last role User or Tool', 'invalid_request_message_order', '3230')],
  context_length: [400, error('Prompt contains 40000 tokens, too large for model with 32768 maximum context length', 'invalid_request_error', '3051')],
  unknown_model: [400, error('Invalid model: mistral-tiny-9', 'invalid_model', '1500')],
  credentials: [401, { detail: 'Unauthorized' }],
  quota: [402, { detail: 'Payment required' }],
  forbidden: [403, { message: 'Forbidden', request_id: '9c1f' }],
  unknown_path: [404, { detail: 'Not Found' }],
  too_large: [413, { message: 'Request entity too large' }],
  rate_limit: [429, { message: 'Requests rate limit exceeded' }],
  server: [500, error('Service unavailable.', 'internal_server_error', '1000')],
  overload: [503, error('Service tier capacity exceeded for this model.', 'service_tier_capacity_exceeded', '3505')],
  timeout: [504, { message: 'Gateway Timeout' }],
};

const rules = { missing: 'missing', unknown: 'extra_forbidden', value: 'value_error' };
const validation = ({ rule, path, what }) => ({ detail: [{ type: rules[rule], loc: ['body', ...path], msg: what, input: null }] });

function refusal(kind, { problem: wrong, message, retryAfter } = {}) {
  if (!refusals[kind]) return null;
  const [status, known] = refusals[kind];
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfter)), 'x-ratelimit-remaining-req-minute': '0' };
  if (wrong && kind === 'bad_request')
    return wrong.status
      ? { status: wrong.status, headers, body: error(wrong.what, 'invalid_request_error', '3230') }
      : { status: 422, headers, body: validation(wrong) };
  return { status, headers, body: message ? { ...known, [known.detail ? 'detail' : 'message']: message } : known };
}

const usage = ({ input, output, cached }) => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
  prompt_tokens_details: { cached_tokens: cached },
});

export const mistral = chatCompletions({
  name: 'mistral',
  id: '9c1f0f3c7e3a',
  callId: 'Tr4mD3p0',
  callIds: /^[A-Za-z0-9]{9}$/,
  refusals: false,
  nullContent: false,
  thinkingParts: true,
  wholeCalls: true,
  usageInFinish: true,
  usage,
  headers: { 'mistral-correlation-id': '0193' },
  request,
  rules: [rulesProblem],
  refusal,
  // `tool_calls` is null where there are none.
  body: (body) => {
    body.choices[0].message = { tool_calls: null, prefix: false, ...body.choices[0].message };
    return body;
  },
  errorEvent: (body) => ({ data: body.object ? body : { object: 'error', ...body }, mark: '' }),
  embeddingHead: { id: '9c1f0f3c7e3a4f90' },
  embeddingUsage: { completion_tokens: 0 },
  embeddingShape: z.strictObject({
    model: z.string().min(1),
    input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
    output_dimension: z.int().min(1).optional(),
    output_dtype: z.enum(['float', 'int8', 'uint8', 'binary', 'ubinary']).optional(),
    encoding_format: z.enum(['float', 'base64']).optional(),
    metadata: open.nullish(),
  }),
});
