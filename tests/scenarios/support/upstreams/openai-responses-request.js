// What the Responses API takes: the shape of a request, the rules between its parts, and its neutral reading.
import { between, int, open, problem, problemOf, toolName, url, z } from './shape.js';
import { parsed } from './openai-chat-request.js';
import { strictProblem } from './openai-schema.js';

const inputPart = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('input_text'), text: z.string() }),
  z.strictObject({
    type: z.literal('input_image'),
    image_url: url.optional(),
    file_id: z.string().optional(),
    detail: z.enum(['auto', 'low', 'high', 'original']).optional(),
  }),
  z.strictObject({
    type: z.literal('input_file'),
    filename: z.string().optional(),
    file_data: z.string().optional(),
    file_id: z.string().optional(),
    file_url: z.string().optional(),
  }),
]);
const outputPart = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('output_text'), text: z.string(), annotations: z.array(open).optional(), logprobs: z.array(open).optional() }),
  z.strictObject({ type: z.literal('refusal'), refusal: z.string() }),
]);
const status = z.enum(['in_progress', 'completed', 'incomplete']).optional();
const item = { id: z.string().optional(), status };
const message = z.discriminatedUnion('role', [
  z.strictObject({ type: z.literal('message').optional(), ...item, role: z.enum(['user', 'system', 'developer']), content: z.union([z.string(), z.array(inputPart).min(1)]) }),
  z.strictObject({
    type: z.literal('message').optional(),
    ...item,
    role: z.literal('assistant'),
    phase: z.string().nullish(),
    content: z.union([z.string(), z.array(outputPart)]),
  }),
]);
const inputItem = z.union([
  message,
  z.strictObject({ type: z.literal('function_call'), ...item, call_id: z.string(), name: toolName, arguments: z.string() }),
  z.strictObject({ type: z.literal('function_call_output'), ...item, call_id: z.string(), output: z.union([z.string(), z.array(inputPart)]) }),
  z.strictObject({
    type: z.literal('reasoning'),
    id: z.string(),
    summary: z.array(z.strictObject({ type: z.literal('summary_text'), text: z.string() })),
    encrypted_content: z.string().nullish(),
    content: z.array(open).optional(),
    status,
  }),
  z.strictObject({ type: z.literal('item_reference').optional(), id: z.string() }),
]);
const tool = z.strictObject({
  type: z.literal('function'),
  name: toolName,
  description: z.string().nullish(),
  parameters: open.nullable(),
  strict: z.boolean().nullish(),
});
const format = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({ type: z.literal('json_schema'), name: toolName, schema: open, strict: z.boolean().nullish(), description: z.string().optional() }),
]);
const shape = z.strictObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(inputItem).min(1)]),
  instructions: z.string().nullish(),
  max_output_tokens: int.min(16).nullish(),
  max_tool_calls: int.nullish(),
  temperature: between(0, 2).nullish(),
  top_p: between(0, 1).nullish(),
  top_logprobs: int.min(0).max(20).nullish(),
  tools: z.array(tool).optional(),
  tool_choice: z
    .union([z.enum(['none', 'auto', 'required']), z.strictObject({ type: z.literal('function'), name: toolName })])
    .optional(),
  parallel_tool_calls: z.boolean().nullish(),
  text: z.strictObject({ format: format.optional(), verbosity: z.enum(['low', 'medium', 'high']).nullish() }).optional(),
  reasoning: z
    .strictObject({
      effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish(),
      summary: z.enum(['auto', 'concise', 'detailed']).nullish(),
    })
    .nullish(),
  include: z.array(z.string()).nullish(),
  store: z.boolean().nullish(),
  previous_response_id: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  truncation: z.enum(['disabled', 'auto']).nullish(),
  service_tier: z.string().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_obfuscation: z.boolean().optional() }).nullish(),
  background: z.boolean().nullish(),
  prompt_cache_key: z.string().optional(),
  safety_identifier: z.string().optional(),
  user: z.string().optional(),
});

const itemsOf = (input) => (typeof input === 'string' ? [{ role: 'user', content: input }] : input);

// Every output answers a call before it, every call has one, and no reasoning stands alone.
function orderProblem(items) {
  const due = new Set();
  for (const [i, one] of items.entries()) {
    if (one.type === 'function_call') due.add(one.call_id);
    if (one.type === 'function_call_output' && !due.delete(one.call_id))
      return problem(['input', i, 'call_id'], `no tool call found for function call output with call_id ${one.call_id}`);
    if (one.type === 'reasoning' && !['function_call', 'message', 'reasoning'].includes(items[i + 1]?.type ?? (items[i + 1]?.role === 'assistant' ? 'message' : '')))
      return problem(['input', i], `item '${one.id}' of type 'reasoning' was provided without its required following item`);
  }
  return due.size > 0 ? problem(['input'], `no tool output found for function call ${[...due][0]}`) : null;
}

function schemaProblem(body) {
  const own = body.text?.format;
  const found = own?.type === 'json_schema' && own.strict !== false && strictProblem(own.schema);
  if (found) return problem(['text', 'format', 'schema', ...found.path], found.what, 'value', { code: 'invalid_json_schema' });
  for (const [i, one] of (body.tools ?? []).entries()) {
    // On this API a tool is strict unless it says that it is not.
    const wrong = one.strict !== false && strictProblem(one.parameters ?? { type: 'object', additionalProperties: false });
    if (wrong) return problem(['tools', i, 'parameters', ...wrong.path], wrong.what, 'value', { code: 'invalid_function_parameters' });
  }
  return null;
}

function modelProblem(body) {
  if (!/^(o1|o3|o4-mini|gpt-5|gpt-6)/.test(body.model)) return null;
  const free = /^gpt-(5\.[1-9]|6)/.test(body.model) && body.reasoning?.effort === 'none';
  const field = ['temperature', 'top_p'].find((name) => body[name] != null && body[name] !== 1);
  return field && !free ? problem([field], 'is not supported with this model', 'value', { code: 'unsupported_parameter' }) : null;
}

export const check = (body) => problemOf(shape, body) ?? modelProblem(body) ?? orderProblem(itemsOf(body.input)) ?? schemaProblem(body);

const textOf = (content) => (typeof content === 'string' ? content : (content ?? []).map((one) => one.text ?? one.refusal ?? '').join(''));

// Items are one neutral message each, but calls and reasoning belong to the assistant's turn.
function readItems(items) {
  const out = [];
  const turn = () => {
    if (out.at(-1)?.role !== 'assistant') out.push({ role: 'assistant', text: '', images: [], tool_calls: [] });
    return out.at(-1);
  };
  for (const one of items) {
    if (one.type === 'function_call') turn().tool_calls.push({ id: one.call_id, name: one.name, arguments: parsed(one.arguments) });
    else if (one.type === 'reasoning') Object.assign(turn(), { reasoning: textOf(one.summary), state: one.encrypted_content ?? undefined });
    else if (one.type === 'function_call_output') out.push({ role: 'tool', text: textOf(one.output), images: [], tool_calls: [], tool_call_id: one.call_id });
    else if (one.role === 'assistant') turn().text += textOf(one.content);
    else {
      const images = Array.isArray(one.content) ? one.content.filter((part) => part.type === 'input_image').map((part) => part.image_url) : [];
      out.push({ role: one.role === 'developer' ? 'system' : one.role, text: textOf(one.content), images, tool_calls: [] });
    }
  }
  return out;
}

export function read(body) {
  const messages = readItems(itemsOf(body.input));
  const own = body.text?.format;
  const system = messages.filter(({ role }) => role === 'system').map((one) => one.text);
  return {
    model: body.model,
    stream: body.stream === true,
    system: [...(body.instructions ? [body.instructions] : []), ...system].join('\n\n'),
    messages: messages.filter(({ role }) => role !== 'system'),
    max_tokens: body.max_output_tokens,
    temperature: body.temperature,
    top_p: body.top_p,
    stop: undefined,
    seed: undefined,
    effort: body.reasoning?.effort,
    tools: (body.tools ?? []).map((one) => ({ name: one.name, description: one.description, parameters: one.parameters })),
    tool_choice: body.tool_choice?.name ? { name: body.tool_choice.name } : body.tool_choice,
    json: own?.type === 'json_object',
    schema: own?.schema,
  };
}
