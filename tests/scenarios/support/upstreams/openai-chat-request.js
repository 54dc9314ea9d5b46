// What Chat Completions takes: the shape of a request, the rules between its parts, and its neutral reading.
import { base64, between, int, open, problem, problemOf, toolName, url, z } from './shape.js';
import { strictProblem } from './openai-schema.js';

export const textPart = z.strictObject({ type: z.literal('text'), text: z.string() });
const part = z.discriminatedUnion('type', [
  textPart,
  z.strictObject({
    type: z.literal('image_url'),
    image_url: z.strictObject({ url, detail: z.enum(['auto', 'low', 'high', 'original']).optional() }),
  }),
  z.strictObject({
    type: z.literal('input_audio'),
    input_audio: z.strictObject({ data: base64, format: z.enum(['wav', 'mp3']) }),
  }),
  z.strictObject({
    type: z.literal('file'),
    file: z.strictObject({ file_id: z.string().optional(), filename: z.string().optional(), file_data: z.string().optional() }),
  }),
]);
const text = z.union([z.string(), z.array(textPart).min(1)]);
const call = z.strictObject({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.strictObject({ name: toolName, arguments: z.string() }),
});
const said = z.union([
  z.string(),
  z.array(z.union([textPart, z.strictObject({ type: z.literal('refusal'), refusal: z.string() })])),
]);
const name = z.string().optional();

const messages = (more) => {
  const roles = [
    z.strictObject({ role: z.literal('system'), content: text, name }),
    z.strictObject({ role: z.literal('user'), content: z.union([z.string(), z.array(more.part ?? part).min(1)]), ...(more.userName !== false && { name }) }),
    z.strictObject({
      role: z.literal('assistant'),
      content: (more.said ?? said).nullish(),
      refusal: z.string().nullish(),
      name,
      tool_calls: z.array(call).min(1).optional(),
      ...more.assistant,
    }),
    z.strictObject({ role: z.literal('tool'), content: text, tool_call_id: z.string(), ...(more.toolName && { name }) }),
  ];
  if (more.developer !== false) roles.push(z.strictObject({ role: z.literal('developer'), content: text, name }));
  return z.array(z.discriminatedUnion('role', roles)).min(1);
};

const tool = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({
    name: toolName,
    description: z.string().optional(),
    parameters: open.optional(),
    strict: z.boolean().nullish(),
  }),
});
const choice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: toolName }) }),
]);
const schemaFormat = z.strictObject({
  type: z.literal('json_schema'),
  json_schema: z.strictObject({
    name: toolName,
    description: z.string().optional(),
    schema: open,
    strict: z.boolean().nullish(),
  }),
});
const formats = [z.strictObject({ type: z.literal('text') }), z.strictObject({ type: z.literal('json_object') })];

// The shape of a request at a host with these quirks.
export function requestShape({ fields = {}, without = [], message = {}, schemas = true }) {
  const all = {
    model: z.string().min(1),
    messages: messages(message),
    max_completion_tokens: int.min(1).nullish(),
    max_tokens: int.min(1).nullish(),
    temperature: between(0, 2).nullish(),
    top_p: between(0, 1).nullish(),
    n: int.min(1).max(128).nullish(),
    stop: z.union([z.string(), z.array(z.string()).min(1).max(4)]).nullish(),
    seed: int.nullish(),
    presence_penalty: between(-2, 2).nullish(),
    frequency_penalty: between(-2, 2).nullish(),
    logit_bias: z.record(z.string(), between(-100, 100)).nullish(),
    logprobs: z.boolean().nullish(),
    top_logprobs: int.min(0).max(20).nullish(),
    stream: z.boolean().nullish(),
    stream_options: z.strictObject({ include_usage: z.boolean().optional(), include_obfuscation: z.boolean().optional() }).nullish(),
    response_format: z.discriminatedUnion('type', schemas ? [...formats, schemaFormat] : formats).optional(),
    tools: z.array(tool).min(1).max(128).optional(),
    tool_choice: choice.optional(),
    parallel_tool_calls: z.boolean().optional(),
    reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish(),
    verbosity: z.enum(['low', 'medium', 'high']).nullish(),
    store: z.boolean().nullish(),
    metadata: z.record(z.string().max(64), z.string().max(512)).nullish(),
    service_tier: z.string().nullish(),
    prompt_cache_key: z.string().optional(),
    safety_identifier: z.string().optional(),
    user: z.string().optional(),
    ...fields,
  };
  for (const field of without) delete all[field];
  return z.strictObject(all);
}

// Every call of an assistant message is answered before any other role speaks, and nothing else is.
export function orderProblem(list) {
  let due = new Set();
  for (const [i, { role, tool_calls, tool_call_id, content }] of list.entries()) {
    if (role === 'tool' && !due.delete(tool_call_id))
      return problem(['messages', i, 'tool_call_id'], `'${tool_call_id}' answers no tool call of the message before it`);
    if (role === 'tool') continue;
    if (due.size > 0) return problem(['messages', i, 'role'], `the tool calls ${[...due].join(', ')} are not answered yet`);
    if (role === 'assistant' && content == null && !tool_calls)
      return problem(['messages', i, 'content'], 'must be there unless the message has tool_calls');
    due = new Set((tool_calls ?? []).map((one) => one.id));
  }
  return due.size > 0 ? problem(['messages'], `the tool calls ${[...due].join(', ')} are not answered`) : null;
}

const textOf = (content) => (Array.isArray(content) ? content.map((one) => one.text ?? one.refusal ?? '').join('') : (content ?? ''));

// What strict schemas may say, where a host knows the word strict.
export function schemaProblem(body) {
  const format = body.response_format?.json_schema;
  const found = format?.strict && strictProblem(format.schema);
  if (found) return problem(['response_format', 'json_schema', 'schema', ...found.path], found.what, 'value', { code: 'invalid_json_schema' });
  for (const [i, { function: own }] of (body.tools ?? []).entries()) {
    const wrong = own.strict && strictProblem(own.parameters ?? { type: 'object' });
    if (wrong) return problem(['tools', i, 'function', 'parameters', ...wrong.path], wrong.what, 'value', { code: 'invalid_function_parameters' });
  }
  return null;
}

const reasons = /^(o1|o3|o4-mini|gpt-5|gpt-6)/;
const responsesOnly = /^(o1-pro|o3-pro|gpt-5(\.[245])?-pro|gpt-5(\.[123])?-codex)/;

// What OpenAI's own models refuse.
export function modelProblem(body) {
  if (responsesOnly.test(body.model))
    return problem(['model'], 'this model is only supported in v1/responses', 'value', { status: 404, code: null });
  if (!reasons.test(body.model)) return null;
  const unsupported = { code: 'unsupported_parameter' };
  if (body.max_tokens != null) return problem(['max_tokens'], 'is not supported with this model: use max_completion_tokens', 'value', unsupported);
  for (const field of ['presence_penalty', 'frequency_penalty', 'logit_bias', 'seed', 'stop'])
    if (body[field] != null) return problem([field], 'is not supported with this model', 'value', unsupported);
  const free = /^gpt-(5\.[1-9]|6)/.test(body.model) && body.reasoning_effort === 'none';
  for (const field of ['temperature', 'top_p'])
    if (!free && (body[field] ?? 1) !== 1) return problem([field], 'only the default (1) is supported', 'value', { code: 'unsupported_value' });
  return null;
}

export function rulesProblem(body) {
  if (body.max_tokens != null && body.max_completion_tokens != null)
    return problem(['max_tokens'], 'cannot be set together with max_completion_tokens');
  if (body.stream_options != null && !body.stream) return problem(['stream_options'], 'is only allowed when stream is enabled');
  for (const field of ['tool_choice', 'parallel_tool_calls'])
    if (body[field] !== undefined && !body.tools) return problem([field], 'is only allowed when tools are specified');
  if (body.response_format?.type === 'json_object' && !/json/i.test(body.messages.map(({ content }) => textOf(content)).join(' ')))
    return problem(['messages'], "must contain the word 'json' in some form to use response_format of type json_object");
  return orderProblem(body.messages);
}

const imagesOf = (content) => (Array.isArray(content) ? content.filter((one) => one.image_url).map((one) => one.image_url.url ?? one.image_url) : []);

// The arguments of a call as data; a model that was cut off may have left none.
export function parsed(text) {
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const thinkingOf = (content) =>
  Array.isArray(content) ? content.find(({ type }) => type === 'thinking')?.thinking.map((one) => one.text).join('') : undefined;

export function readMessage({ role, content, tool_calls, tool_call_id, ...more }) {
  return {
    role: role === 'developer' ? 'system' : role,
    text: textOf(content),
    images: imagesOf(content),
    reasoning: more.reasoning_content ?? more.reasoning ?? thinkingOf(content),
    tool_calls: (tool_calls ?? []).map((one) => ({ id: one.id, name: one.function.name, arguments: parsed(one.function.arguments) })),
    tool_call_id,
  };
}

export const readTool = ({ function: own }) => ({ name: own.name, description: own.description, parameters: own.parameters });

export function read(body) {
  const chosen = body.tool_choice;
  const list = body.messages.map(readMessage);
  return {
    model: body.model,
    stream: body.stream === true,
    system: list.filter(({ role }) => role === 'system').map((one) => one.text).join('\n\n'),
    messages: list.filter(({ role }) => role !== 'system'),
    max_tokens: body.max_completion_tokens ?? body.max_tokens,
    temperature: body.temperature,
    top_p: body.top_p,
    stop: body.stop === undefined ? undefined : [body.stop].flat(),
    seed: body.seed,
    effort: body.reasoning_effort,
    tools: (body.tools ?? []).map(readTool),
    tool_choice: chosen?.function ? { name: chosen.function.name } : chosen,
    json: body.response_format?.type === 'json_object',
    schema: body.response_format?.json_schema?.schema,
  };
}

export const checkWith = (shape, rules) => (body) => problemOf(shape, body) ?? rules.map((rule) => rule(body)).find(Boolean) ?? null;
