// What Anthropic Messages takes: the shape of a request, the rules between its parts and per model, and
// its neutral reading.
import { base64, between, int, open, problem, problemOf, z } from './shape.js';
import { subsetProblem, words } from './schema-subset.js';

const cache_control = z.strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() }).nullish();
const id = z.string().regex(/^[A-Za-z0-9_-]+$/);
const name = z.string().regex(/^[A-Za-z0-9_-]{1,128}$/);
const spoken = z.string().regex(/\S/, { error: 'text content blocks must be non-empty' });

const textBlock = z.strictObject({ type: z.literal('text'), text: spoken, cache_control, citations: z.any().optional() });
const imageBlock = z.strictObject({
  type: z.literal('image'),
  source: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('base64'),
      media_type: z.enum(['image/jpeg', 'image/png', 'image/gif', 'image/webp']),
      data: base64,
    }),
    z.strictObject({ type: z.literal('url'), url: z.string().regex(/^https?:\/\//) }),
    z.strictObject({ type: z.literal('file'), file_id: z.string() }),
  ]),
  cache_control,
});
const documentBlock = z.strictObject({
  type: z.literal('document'),
  source: open,
  title: z.string().nullish(),
  context: z.string().nullish(),
  citations: open.nullish(),
  cache_control,
});
const toolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: id,
  content: z.union([z.string(), z.array(z.discriminatedUnion('type', [textBlock, imageBlock, documentBlock]))]).optional(),
  is_error: z.boolean().optional(),
  cache_control,
});
const assistantBlock = z.discriminatedUnion('type', [
  textBlock,
  z.strictObject({ type: z.literal('tool_use'), id, name, input: open, cache_control }),
  z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string().min(1) }),
  z.strictObject({ type: z.literal('redacted_thinking'), data: z.string() }),
]);
const message = z.discriminatedUnion('role', [
  z.strictObject({
    role: z.literal('user'),
    content: z.union([spoken, z.array(z.discriminatedUnion('type', [textBlock, imageBlock, documentBlock, toolResult])).min(1)]),
  }),
  z.strictObject({ role: z.literal('assistant'), content: z.union([spoken, z.array(assistantBlock).min(1)]) }),
]);

const tool = z.strictObject({
  type: z.literal('custom').optional(),
  name,
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal('object') }),
  strict: z.boolean().optional(),
  eager_input_streaming: z.boolean().nullish(),
  cache_control,
});
const disable_parallel_tool_use = z.boolean().optional();
const shape = z.strictObject({
  model: z.string().min(1),
  max_tokens: int.min(0),
  messages: z.array(message).min(1),
  system: z.union([z.string(), z.array(textBlock)]).optional(),
  stop_sequences: z.array(z.string().regex(/\S/, { error: 'each stop sequence must contain non-whitespace' })).optional(),
  temperature: between(0, 1).optional(),
  top_p: between(0, 1).optional(),
  top_k: int.min(0).optional(),
  stream: z.boolean().optional(),
  tools: z.array(tool).optional(),
  tool_choice: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('auto'), disable_parallel_tool_use }),
      z.strictObject({ type: z.literal('any'), disable_parallel_tool_use }),
      z.strictObject({ type: z.literal('tool'), name, disable_parallel_tool_use }),
      z.strictObject({ type: z.literal('none') }),
    ])
    .optional(),
  thinking: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('adaptive'), display: z.enum(['summarized', 'omitted']).nullish() }),
      z.strictObject({ type: z.literal('enabled'), budget_tokens: int.min(1024), display: z.enum(['summarized', 'omitted']).nullish() }),
      z.strictObject({ type: z.literal('disabled') }),
      z.strictObject({ type: z.literal('between_tools') }),
    ])
    .optional(),
  output_config: z
    .strictObject({
      effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish(),
      format: z.strictObject({ type: z.literal('json_schema'), schema: open }).nullish(),
    })
    .optional(),
  metadata: z.strictObject({ user_id: z.string().nullish() }).optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
  cache_control,
});

const blocks = (content) => (typeof content === 'string' ? [{ type: 'text', text: content }] : content);

// The API merges messages of one role that follow each other.
function merged(messages) {
  const out = [];
  for (const [at, { role, content }] of messages.entries()) {
    if (out.at(-1)?.role === role) out.at(-1).content.push(...blocks(content));
    else out.push({ role, content: [...blocks(content)], at });
  }
  return out;
}

// Each tool_use is answered in the very next message, before any other block, and nothing else is.
function toolProblem(list) {
  let due = [];
  for (const { role, content, at } of list) {
    const results = content.filter(({ type }) => type === 'tool_result').map((one) => one.tool_use_id);
    const stray = results.find((one) => !due.includes(one));
    if (stray !== undefined) return problem(['messages', at], `unexpected tool_use_id '${stray}' in tool_result blocks`);
    const unanswered = due.find((one) => !results.includes(one));
    if (unanswered !== undefined) return problem(['messages', at], `tool_use '${unanswered}' has no tool_result block in the next message`);
    if (results.length > 0 && content.slice(0, results.length).some(({ type }) => type !== 'tool_result'))
      return problem(['messages', at], 'tool_result blocks must come before any other content');
    due = role === 'assistant' ? content.filter(({ type }) => type === 'tool_use').map((one) => one.id) : [];
  }
  return due.length > 0 ? problem(['messages'], `tool_use '${due[0]}' has no tool_result block after it`) : null;
}

const schemaRules = {
  keywords: words('$schema type properties required items enum const anyOf allOf $defs $ref title description additionalProperties minItems format'),
  formats: words('date-time time date duration email hostname uri ipv4 ipv6 uuid'),
  minItems: [0, 1],
  closed: true,
  recursion: false,
  most: { optional: 24 },
};

function schemaProblem(body) {
  const schema = body.output_config?.format?.schema;
  const found = schema && subsetProblem(schema, schemaRules);
  if (found) return problem(['output_config', 'format', 'schema', ...found.path], found.what);
  for (const [i, one] of (body.tools ?? []).entries()) {
    const wrong = one.strict && subsetProblem(one.input_schema, schemaRules);
    if (wrong) return problem(['tools', i, 'input_schema', ...wrong.path], wrong.what);
  }
  return null;
}

const manual = /^claude-(3|(haiku|sonnet|opus)-4-[0-6])/;
const oneSampling = /^claude-(haiku|sonnet|opus)-4-[56](-|$)/;
const noForcedTools = /^claude-(sonnet-5-5|opus-5-5|fable-5-[12])/;
const alwaysThinks = /^claude-(opus-5-5|fable-5)/;

// What a model of this name refuses: one that is not known yet as the newest do, one of another vendor
// that speaks this protocol nothing.
function modelProblem(body) {
  const { model, thinking, tool_choice } = body;
  if (!model.startsWith('claude-')) return null;
  if (/\d\.\d/.test(model)) return problem(['model'], model, 'value', { kind: 'unknown_model' });
  const sampling = ['temperature', 'top_p', 'top_k'].find((field) => body[field] !== undefined);
  if (sampling && !manual.test(model)) return problem([sampling], `\`${sampling}\` is deprecated for this model`);
  if (oneSampling.test(model) && body.temperature !== undefined && body.top_p !== undefined)
    return problem([], '`temperature` and `top_p` cannot both be specified for this model');
  if (thinking?.type === 'enabled' && !manual.test(model)) return problem(['thinking'], 'a budget is not supported by this model');
  if (thinking?.type === 'enabled' && thinking.budget_tokens >= body.max_tokens)
    return problem(['max_tokens'], '`max_tokens` must be greater than `thinking.budget_tokens`');
  if (thinking?.type === 'disabled' && alwaysThinks.test(model)) return problem(['thinking'], 'cannot be disabled for this model');
  const forced = tool_choice?.type === 'any' || tool_choice?.type === 'tool';
  if (forced && (thinking?.type === 'enabled' || noForcedTools.test(model)))
    return problem(['tool_choice'], 'forced tool use is not possible here');
  if (body.messages.at(-1).role === 'assistant' && !/^claude-(3|(haiku|sonnet|opus)-4-[0-25])/.test(model))
    return problem(['messages'], 'this model does not support assistant message prefill');
  return null;
}

function rulesProblem(body) {
  if (body.messages[0].role !== 'user') return problem(['messages'], 'the first message must use the user role');
  if (body.tool_choice && !body.tools) return problem(['tool_choice'], 'may only be specified while providing tools');
  const list = merged(body.messages);
  const history = list.some(({ content }) => content.some(({ type }) => type === 'tool_use'));
  if (history && !body.tools) return problem(['tools'], 'are needed where the messages hold tool_use blocks');
  return toolProblem(list) ?? schemaProblem(body);
}

export function check(body, call) {
  const version = call.headers['anthropic-version'];
  if (version === undefined) return problem([], 'anthropic-version: header is required');
  if (!['2023-06-01', '2026-10-21'].includes(version)) return problem([], `anthropic-version: '${version}' is not a valid version`);
  const sampling = ['temperature', 'top_p', 'top_k'].find((field) => field in body);
  if (version === '2026-10-21' && sampling) return problem([sampling], 'Extra inputs are not permitted', 'unknown');
  return problemOf(shape, body) ?? modelProblem(body) ?? rulesProblem(body);
}

const textOf = (list) => list.filter(({ type }) => type === 'text').map((one) => one.text).join('');
const imageUrl = ({ source }) => (source.type === 'base64' ? `data:${source.media_type};base64,${source.data}` : (source.url ?? source.file_id));

// One of our messages may hold several tool results: each is a neutral message of its own.
function readMessage({ role, content }) {
  const list = blocks(content);
  const results = list.filter(({ type }) => type === 'tool_result');
  const rest = list.filter(({ type }) => type !== 'tool_result');
  const own = {
    role,
    text: textOf(rest),
    images: rest.filter(({ type }) => type === 'image').map(imageUrl),
    reasoning: rest.find(({ type }) => type === 'thinking')?.thinking,
    state: rest.find(({ type }) => type === 'thinking')?.signature,
    tool_calls: rest.filter(({ type }) => type === 'tool_use').map((one) => ({ id: one.id, name: one.name, arguments: one.input })),
  };
  const answers = results.map((one) => ({
    role: 'tool',
    text: textOf(blocks(one.content ?? '')),
    images: [],
    tool_calls: [],
    tool_call_id: one.tool_use_id,
  }));
  return rest.length > 0 ? [...answers, own] : answers;
}

const choices = { auto: 'auto', any: 'required', none: 'none' };
export function read(body) {
  const { tool_choice } = body;
  return {
    model: body.model,
    stream: body.stream === true,
    system: typeof body.system === 'string' ? body.system : (body.system ?? []).map((one) => one.text).join('\n\n'),
    messages: body.messages.flatMap(readMessage),
    max_tokens: body.max_tokens,
    temperature: body.temperature,
    top_p: body.top_p,
    stop: body.stop_sequences,
    seed: undefined,
    effort: body.output_config?.effort ?? undefined,
    tools: (body.tools ?? []).map((one) => ({ name: one.name, description: one.description, parameters: one.input_schema })),
    tool_choice: tool_choice && (tool_choice.type === 'tool' ? { name: tool_choice.name } : choices[tool_choice.type]),
    json: false,
    schema: body.output_config?.format?.schema,
  };
}
