// What Gemini's generateContent takes: the shape of a request, the rules between its parts, and its
// neutral reading. The model and whether it streams are in the path.
import { base64, between, int, open, problem, problemOf, z } from './shape.js';
import { subsetProblem, words } from './schema-subset.js';

const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/);
const kinds = ['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse'];
const part = z
  .strictObject({
    text: z.string().optional(),
    thought: z.boolean().optional(),
    thoughtSignature: z.string().optional(),
    inlineData: z.strictObject({ mimeType: z.string(), data: base64 }).optional(),
    fileData: z.strictObject({ mimeType: z.string().optional(), fileUri: z.string() }).optional(),
    functionCall: z.strictObject({ id: z.string().optional(), name, args: open.optional() }).optional(),
    functionResponse: z.strictObject({ id: z.string().optional(), name, response: open }).optional(),
  })
  .refine((own) => kinds.filter((kind) => own[kind] !== undefined).length === 1, { error: `one of ${kinds.join(', ')} must be set` });
const content = z.strictObject({ role: z.enum(['user', 'model']), parts: z.array(part).min(1) });

const declaration = z.strictObject({
  name,
  description: z.string().optional(),
  parameters: open.optional(),
  parametersJsonSchema: open.optional(),
});
const generationConfig = z.strictObject({
  maxOutputTokens: int.min(1).optional(),
  temperature: between(0, 2).optional(),
  topP: between(0, 1).optional(),
  topK: z.number().optional(),
  stopSequences: z.array(z.string()).max(5).optional(),
  seed: int.min(-(2 ** 31)).max(2 ** 31 - 1).optional(),
  presencePenalty: between(-2, 2).optional(),
  frequencyPenalty: between(-2, 2).optional(),
  candidateCount: z.literal(1).optional(),
  responseLogprobs: z.boolean().optional(),
  logprobs: int.optional(),
  responseMimeType: z.enum(['application/json', 'text/plain', 'text/x.enum']).optional(),
  responseSchema: open.optional(),
  responseJsonSchema: open.optional(),
  responseModalities: z.array(z.enum(['TEXT'])).optional(),
  thinkingConfig: z
    .strictObject({
      thinkingBudget: int.min(-1).max(32768).optional(),
      thinkingLevel: z.string().regex(/^(minimal|low|medium|high|xhigh)$/i).optional(),
      includeThoughts: z.boolean().optional(),
    })
    .optional(),
  mediaResolution: z.string().optional(),
});
const shape = z.strictObject({
  contents: z.array(content).min(1),
  systemInstruction: z.strictObject({ role: z.string().optional(), parts: z.array(z.strictObject({ text: z.string() })).min(1) }).optional(),
  generationConfig: generationConfig.optional(),
  tools: z.array(z.strictObject({ functionDeclarations: z.array(declaration).min(1) })).optional(),
  toolConfig: z
    .strictObject({
      functionCallingConfig: z.strictObject({ mode: z.enum(['AUTO', 'ANY', 'NONE', 'VALIDATED']), allowedFunctionNames: z.array(z.string()).optional() }),
    })
    .optional(),
  safetySettings: z.array(z.strictObject({ category: z.string(), threshold: z.string() })).optional(),
  cachedContent: z.string().optional(),
  continuationToken: z.string().optional(),
});

const jsonSchema = {
  keywords: words(
    '$id $defs $ref $anchor type format title description enum items prefixItems minItems maxItems minimum maximum anyOf oneOf' +
      ' properties additionalProperties required propertyOrdering',
  ),
  booleans: true,
};
const openapiSchema = {
  keywords: words(
    'type nullable enum items properties required propertyOrdering anyOf format minimum maximum minItems maxItems minLength maxLength' +
      ' pattern description title',
  ),
};

function schemaProblem({ generationConfig: config = {}, tools = [] }) {
  if (config.responseSchema && config.responseJsonSchema)
    return problem(['generationConfig'], 'only one of responseSchema and responseJsonSchema can be set');
  const schema = config.responseJsonSchema ?? config.responseSchema;
  if (schema && config.responseMimeType !== 'application/json')
    return problem(['generationConfig', 'responseMimeType'], 'a response schema is only allowed with application/json');
  const named = config.responseJsonSchema ? 'responseJsonSchema' : 'responseSchema';
  const found = schema && subsetProblem(schema, config.responseJsonSchema ? jsonSchema : openapiSchema);
  if (found) return problem(['generationConfig', named, ...found.path], found.what);
  for (const [i, own] of tools.flatMap((one) => one.functionDeclarations).entries()) {
    if (own.parameters && own.parametersJsonSchema) return problem(['tools', i], 'only one of parameters and parametersJsonSchema can be set');
    const wrong = own.parameters && subsetProblem(own.parameters, openapiSchema);
    if (wrong) return problem(['tools', i, 'parameters', ...wrong.path], wrong.what);
  }
  return null;
}

const third = (model) => /^gemini-([3-9]|\d\d)/.test(model);

function modelProblem({ generationConfig: config = {}, tools, toolConfig, contents }, model) {
  const thinking = config.thinkingConfig ?? {};
  if (thinking.thinkingBudget !== undefined && thinking.thinkingLevel !== undefined)
    return problem(['generationConfig', 'thinkingConfig'], 'only one of thinkingBudget and thinkingLevel can be set');
  if (/^gemini-2\.5-pro/.test(model) && thinking.thinkingBudget >= 0 && thinking.thinkingBudget < 128)
    return problem(['generationConfig', 'thinkingConfig', 'thinkingBudget'], 'this model only works in thinking mode');
  if (thinking.thinkingLevel !== undefined && !third(model))
    return problem(['generationConfig', 'thinkingConfig', 'thinkingLevel'], 'is not supported by this model');
  const penalty = ['presencePenalty', 'frequencyPenalty'].find((field) => config[field] !== undefined);
  if (penalty && /^gemini-2\.5/.test(model)) return problem(['generationConfig', penalty], 'penalty is not enabled for this model');
  const mode = toolConfig?.functionCallingConfig.mode ?? 'AUTO';
  if (tools && config.responseMimeType === 'application/json' && (!third(model) || mode !== 'AUTO'))
    return problem(['generationConfig', 'responseMimeType'], "function calling with 'application/json' is unsupported");
  for (const [i, { role, parts }] of contents.entries()) {
    const first = parts.find((one) => one.functionCall);
    if (third(model) && role === 'model' && first && !first.thoughtSignature)
      return problem(['contents', i], 'function call is missing a `thought_signature`');
  }
  return null;
}

// A turn of calls is answered, in its order and number, by the very next content.
function orderProblem(contents) {
  for (const [i, { role, parts }] of contents.entries()) {
    const answers = parts.filter((one) => one.functionResponse).map((one) => one.functionResponse.name);
    const before = contents[i - 1]?.parts ?? [];
    const asked = before.filter((one) => one.functionCall).map((one) => one.functionCall.name);
    if (answers.length !== asked.length || answers.some((own) => !asked.includes(own)))
      return problem(['contents', i], 'the number of function response parts must equal the number of function call parts of the turn before');
    if (answers.length > 0 && role !== 'user') return problem(['contents', i, 'role'], "a function response must come from 'user'");
  }
  const unanswered = contents.at(-1).parts.some((one) => one.functionCall);
  return unanswered ? problem(['contents'], 'a function call turn must be followed by its function responses') : null;
}

export function check(body, call) {
  if (call.streams && call.query.alt !== 'sse') return problem([], 'streams a JSON array without alt=sse', 'value');
  return problemOf(shape, body) ?? modelProblem(body, call.model) ?? orderProblem(body.contents) ?? schemaProblem(body);
}

const textOf = (parts, thought = false) => parts.filter((one) => one.text !== undefined && (one.thought ?? false) === thought).map((one) => one.text).join('');

// A content of function responses is a neutral message for each.
function readContent({ role, parts }) {
  const results = parts.filter((one) => one.functionResponse);
  if (results.length > 0)
    return results.map(({ functionResponse: own }) => ({
      role: 'tool',
      text: JSON.stringify(own.response),
      images: [],
      tool_calls: [],
      tool_call_id: own.id,
      name: own.name,
    }));
  return {
    role: role === 'model' ? 'assistant' : role,
    text: textOf(parts),
    images: parts.filter((one) => one.inlineData ?? one.fileData).map(({ inlineData, fileData }) => fileData?.fileUri ?? `data:${inlineData.mimeType};base64,${inlineData.data}`),
    reasoning: textOf(parts, true) || undefined,
    state: parts.find((one) => one.thoughtSignature)?.thoughtSignature,
    tool_calls: parts.filter((one) => one.functionCall).map(({ functionCall: own }) => ({ id: own.id, name: own.name, arguments: own.args ?? {} })),
  };
}

const choices = { AUTO: 'auto', ANY: 'required', NONE: 'none', VALIDATED: 'auto' };
export function read(body, call) {
  const config = body.generationConfig ?? {};
  const choice = body.toolConfig?.functionCallingConfig;
  return {
    model: call.model,
    stream: call.streams,
    system: (body.systemInstruction?.parts ?? []).map((one) => one.text).join('\n\n'),
    messages: body.contents.flatMap(readContent),
    max_tokens: config.maxOutputTokens,
    temperature: config.temperature,
    top_p: config.topP,
    stop: config.stopSequences,
    seed: config.seed,
    effort: config.thinkingConfig?.thinkingLevel ?? config.thinkingConfig?.thinkingBudget,
    tools: (body.tools ?? []).flatMap((one) => one.functionDeclarations).map((one) => ({ name: one.name, description: one.description, parameters: one.parametersJsonSchema ?? one.parameters })),
    tool_choice: choice?.allowedFunctionNames?.length === 1 ? { name: choice.allowedFunctionNames[0] } : choices[choice?.mode],
    json: config.responseMimeType === 'application/json' && !config.responseJsonSchema && !config.responseSchema,
    schema: config.responseJsonSchema ?? config.responseSchema,
  };
}
