// Hosts that speak Chat Completions with quirks of their own, as variations of openai-chat.js.
import { bearer, chatCompletions, usageOf } from './openai-chat.js';
import { rulesProblem, schemaProblem } from './openai-chat-request.js';
import { event } from './events.js';
import { openaiProblem, openaiRefusal } from './openai-errors.js';
import { open, problem, z } from './shape.js';

// The usual error body with the status and the fields that a host changes, per kind.
const refusalsOf = (own, form = (body) => body) => (kind, options = {}) => {
  const changed = own[kind];
  if (changed === null) return null;
  const basis = openaiRefusal(kind, options);
  if (!basis && !changed) return null;
  const [status, error] = changed ?? [basis.status, {}];
  const body = { error: { ...basis?.body.error, ...error, ...(options.message && { message: options.message }) } };
  if (options.problem && kind === 'bad_request') body.error = openaiProblem(options.problem).error;
  return { status, headers: basis?.headers ?? {}, body: form(body, status, kind) };
};

// Hosts that count their errors put the status into `code`.
const numbered = (body, status) => ({ error: { ...body.error, code: status } });
const optional = (call) => bearer(call) ?? (call.headers.authorization === undefined ? '' : null);
const reasoningBack = { reasoning: z.string().nullish(), reasoning_content: z.string().nullish() };
const sampling = { top_k: z.int().optional(), min_p: z.number().optional(), repetition_penalty: z.number().optional() };

const filterResults = { hate: { filtered: false, severity: 'safe' } };
const azureError = (code, message) => ({ code, message, type: undefined, param: undefined });
export const azure = chatCompletions({
  name: 'azure',
  base: '/openai/v1',
  auth: 'api-key: KEY, or Authorization: Bearer TOKEN',
  key: (call) => call.headers['api-key'] ?? bearer(call),
  // The dated form has the deployment in the path, and there is nothing without an api-version.
  path: ({ pathname, query }) => {
    const dated = /^\/openai\/deployments\/[^/]+(\/chat\/completions|\/embeddings)$/.exec(pathname);
    return dated && (query['api-version'] ? dated[1] : '');
  },
  modelOf: () => 'gpt-4.1-mini-2025-04-14', // what is deployed, not the name of the deployment
  rules: [rulesProblem, schemaProblem],
  request: { fields: { model: z.string().optional() } },
  headers: { 'apim-request-id': '5f1c', 'x-ms-region': 'Sweden Central' },
  refusal: refusalsOf({
    credentials: [401, azureError('401', 'Access denied due to invalid subscription key or wrong API endpoint.')],
    unknown_model: [404, azureError('DeploymentNotFound', 'The API deployment for this resource does not exist.')],
    unknown_path: [404, azureError('404', 'Resource not found')],
    rate_limit: [429, azureError('429', 'Requests to the ChatCompletions_Create Operation have exceeded token rate limit.')],
    quota: [403, azureError('403', 'The quota of the subscription is used up.')],
    timeout: [408, azureError('Timeout', 'The operation was timeout.')],
    content_filter: [
      400,
      {
        message: 'The response was filtered due to the prompt triggering the content management policy.',
        type: null,
        param: 'prompt',
        code: 'content_filter',
        status: 400,
        innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: { violence: { filtered: true, severity: 'high' } } },
      },
    ],
  }),
  body: (body) => ({
    ...body,
    prompt_filter_results: [{ prompt_index: 0, content_filter_results: filterResults }],
    choices: body.choices.map((one) => ({ ...one, content_filter_results: filterResults })),
  }),
  // The filter speaks first, in a chunk without choices, id or model.
  events: (events) => [
    event({ id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: [{ prompt_index: 0, content_filter_results: filterResults }] }),
    ...events,
  ],
});

const groqUsage = (usage) => ({ queue_time: 0.01, prompt_time: 0.002, completion_time: 0.01, total_time: 0.012, ...usage });
const noNames = ({ messages }) => {
  const at = messages.findIndex(({ name }) => name !== undefined);
  return at < 0 ? null : problem(['messages', at, 'name'], 'is not supported', 'value', { code: null });
};
export const groq = chatCompletions({
  name: 'groq',
  base: '/openai/v1',
  embeddings: false,
  refusals: false,
  reasoning: 'reasoning',
  wholeCalls: true,
  rules: [rulesProblem, schemaProblem, noNames],
  request: {
    without: ['logprobs', 'top_logprobs', 'logit_bias', 'store', 'verbosity', 'safety_identifier', 'prompt_cache_key'],
    message: { developer: false, assistant: { reasoning: z.string().nullish() } },
    fields: {
      n: z.literal(1).nullish(),
      reasoning_effort: z.enum(['none', 'default', 'low', 'medium', 'high']).nullish(),
      reasoning_format: z.enum(['hidden', 'raw', 'parsed']).nullish(),
      include_reasoning: z.boolean().nullish(),
    },
  },
  usage: (usage) => groqUsage(usageOf(usage)),
  refusal: refusalsOf({
    overload: [503, {}],
    context_length: [413, { message: 'Request too large for model.', type: 'tokens', code: 'rate_limit_exceeded', param: undefined }],
    content_filter: null,
  }),
  lastChunk: (chunk, usage) => ({ ...chunk, x_groq: { id: 'req_01gq', usage } }),
  events: ([first, ...rest]) => [{ ...first, data: { ...first.data, x_groq: { id: 'req_01gq' } } }, ...rest],
});

const noImages = ({ messages }) => {
  const at = messages.findIndex(({ content }) => Array.isArray(content) && content.some((one) => one.type !== 'text'));
  return at < 0 ? null : problem(['messages', at, 'content'], 'only text is supported');
};
// While thinking, a turn with tool calls must come back with its reasoning.
const keepsReasoning = ({ messages, model, thinking }) => {
  if (!/v4/.test(model) || thinking?.type === 'disabled') return null;
  const at = messages.findIndex(({ tool_calls, reasoning_content }) => tool_calls && reasoning_content === undefined);
  return at < 0 ? null : problem(['messages', at, 'reasoning_content'], 'is required', 'missing');
};
export const deepseek = chatCompletions({
  name: 'deepseek',
  base: '',
  path: ({ pathname }) => pathname.replace(/^\/(v1|beta)\//, '/'),
  ignoresUnknown: true,
  embeddings: false,
  refusals: false,
  id: 'ds-',
  reasoning: 'reasoning_content',
  usageInFinish: true,
  finish: { error: 'insufficient_system_resource' },
  rules: [rulesProblem, noImages, keepsReasoning],
  request: {
    schemas: false,
    without: ['max_completion_tokens', 'seed', 'n', 'logit_bias', 'user', 'store', 'metadata', 'service_tier'],
    message: { developer: false, assistant: { reasoning_content: z.string().nullish(), prefix: z.boolean().optional() } },
    fields: {
      stop: z.union([z.string(), z.array(z.string()).max(16)]).nullish(),
      thinking: z.strictObject({ type: z.enum(['enabled', 'disabled']) }).optional(),
      reasoning_effort: z.enum(['low', 'high', 'max']).optional(),
      user_id: z.string().optional(),
    },
  },
  usage: (usage) => ({ ...usageOf(usage), prompt_cache_hit_tokens: usage.cached, prompt_cache_miss_tokens: usage.input - usage.cached }),
  refusal: refusalsOf({
    quota: [402, { message: 'Insufficient Balance', type: 'unknown_error', code: 'invalid_request_error' }],
    content_filter: null,
  }),
});

export const together = chatCompletions({
  name: 'together',
  ignoresUnknown: true,
  refusals: false,
  reasoning: 'reasoning',
  usageInFinish: true,
  finish: { stop: 'eos' },
  rules: [rulesProblem],
  request: {
    without: ['max_completion_tokens', 'store', 'metadata', 'service_tier', 'verbosity'],
    message: { developer: false, assistant: { reasoning: z.string().nullish() } },
    fields: {
      ...sampling,
      logprobs: z.int().optional(),
      context_length_exceeded_behavior: z.enum(['error', 'truncate']).optional(),
      reasoning: open.optional(),
      chat_template_kwargs: open.optional(),
    },
  },
  refusal: refusalsOf({
    quota: [402, { message: 'Credit limit exceeded.', type: 'credit_limit', code: null }],
    context_length: [422, { message: 'Input validation error: inputs tokens + max_new_tokens must be <= 8193.' }],
    content_filter: null,
  }),
  // Each chunk says again who speaks.
  events: (events) =>
    events.map((one) => (one.mark === 'content' ? { ...one, data: { ...one.data, choices: one.data.choices.map((c) => ({ ...c, delta: { role: 'assistant', ...c.delta } })) } } : one)),
  models: (names) => ({ body: names.map((id) => ({ id, object: 'model', created: 1744316542, type: 'chat' })) }),
});

const routed = { provider: 'OpenAI' };
export const openrouter = chatCompletions({
  name: 'openrouter',
  base: '/api/v1',
  ignoresUnknown: true,
  id: 'gen-',
  reasoning: 'reasoning',
  rules: [rulesProblem, schemaProblem],
  ping: { comment: ' OPENROUTER PROCESSING', mark: '' },
  headers: { 'x-generation-id': 'gen-01' },
  request: {
    message: { assistant: { reasoning: z.string().nullish(), reasoning_details: z.array(open).optional() } },
    fields: {
      ...sampling,
      top_a: z.number().optional(),
      models: z.array(z.string()).optional(),
      provider: open.optional(),
      reasoning: open.optional(),
      plugins: z.array(open).optional(),
      transforms: z.array(z.string()).optional(),
      usage: z.strictObject({ include: z.boolean() }).optional(),
      session_id: z.string().optional(),
    },
  },
  usage: (usage) => ({ ...usageOf(usage), cost: 0.00014, is_byok: false }),
  refusal: refusalsOf(
    {
      quota: [402, { message: 'Insufficient credits.' }],
      content_filter: [403, { message: 'Input was flagged.', metadata: { reasons: ['violence'] } }],
      unknown_model: [404, { message: 'No endpoints found for openai/gpt-9.' }],
      server: [502, { message: 'Provider returned error', metadata: { raw: 'upstream', provider_name: 'OpenAI' } }],
    },
    ({ error: { message, metadata } }, status) => ({ error: { code: status, message, ...(metadata && { metadata }) } }),
  ),
  body: (body, answer) => ({
    ...body,
    ...routed,
    choices: body.choices.map((one) => ({
      ...one,
      native_finish_reason: one.finish_reason,
      message: { ...one.message, ...(answer.reasoning !== null && { reasoning_details: [{ type: 'reasoning.text', text: answer.reasoning, signature: answer.state ?? null }] }) },
    })),
  }),
  events: (events) => [
    { comment: ' OPENROUTER PROCESSING', mark: '' },
    ...events.map((one) => (typeof one.data === 'object' ? { ...one, data: { ...one.data, ...routed } } : one)),
  ],
  errorEvent: ({ error: { code, message } }) =>
    event({ id: 'gen-01', object: 'chat.completion.chunk', ...routed, error: { code, message }, choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }] }),
});

export const vllm = chatCompletions({
  name: 'vllm',
  auth: 'Authorization: Bearer KEY, or none',
  key: optional,
  ignoresUnknown: true,
  callId: 'chatcmpl-tool-',
  reasoning: 'reasoning',
  rules: [rulesProblem],
  request: {
    message: { assistant: reasoningBack },
    fields: {
      ...sampling,
      min_tokens: z.int().optional(),
      stop_token_ids: z.array(z.int()).optional(),
      chat_template_kwargs: open.optional(),
      structured_outputs: open.optional(),
      include_reasoning: z.boolean().optional(),
      priority: z.int().optional(),
    },
  },
  refusal: refusalsOf(
    { context_length: [400, { message: "This model's maximum context length is 8192 tokens.", type: 'BadRequestError' }], quota: null, content_filter: null },
    (body, status, kind) => (kind === 'credentials' ? { error: 'Unauthorized' } : numbered(body, status)),
  ),
  body: (body) => ({ ...body, prompt_logprobs: null, kv_transfer_params: null, choices: body.choices.map((one) => ({ ...one, stop_reason: null })) }),
  errorEvent: (body) => [event(body), event('[DONE]', 'end')],
});

const llamaTypes = {
  credentials: 'authentication_error',
  unknown_model: 'not_found_error',
  unknown_path: 'not_found_error',
  overload: 'unavailable_error',
  server: 'server_error',
  context_length: 'exceed_context_size_error',
};
export const llamacpp = chatCompletions({
  name: 'llamacpp',
  auth: 'Authorization: Bearer KEY, or none',
  key: optional,
  ignoresUnknown: true,
  reasoning: 'reasoning_content',
  refusals: false,
  rules: [rulesProblem],
  request: {
    message: { assistant: reasoningBack },
    fields: {
      ...sampling,
      repeat_penalty: z.number().optional(),
      cache_prompt: z.boolean().optional(),
      n_probs: z.int().optional(),
      grammar: z.string().optional(),
      json_schema: open.optional(),
      chat_template_kwargs: open.optional(),
      reasoning_format: z.enum(['none', 'deepseek', 'auto']).optional(),
    },
  },
  refusal: refusalsOf({ quota: null, content_filter: null, rate_limit: null, forbidden: null }, ({ error: { message } }, status, kind) => ({
    error: { code: status, message, type: llamaTypes[kind] ?? 'invalid_request_error', ...(kind === 'context_length' && { n_prompt_tokens: 9001, n_ctx: 8192 }) },
  })),
  body: (body) => ({ ...body, timings: { prompt_n: 24, prompt_ms: 20.5, predicted_n: 8, predicted_ms: 90.1, cache_n: 0 } }),
});

export const compatible = [azure, groq, deepseek, together, openrouter, vllm, llamacpp];
