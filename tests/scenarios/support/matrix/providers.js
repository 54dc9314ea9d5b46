// The providers of the matrix: what pinion.yaml says of each, the protocol of upstreams/ that it speaks, and in what
// its protocol differs where a client can tell.
//
// model, embedder: absent, it has no embeddings; thinks: the params with which the model thinks, `back`: what it wants
// to see again of that (a state in base64, or the thought itself); any, one: its words for any tool and for one of
// them, `chooses: false`: it has no such choice; schema: 'json', its model can be told to write JSON but takes no schema;
// filters: false, its answers are never filtered.
export const providers = [
  { name: 'openai', protocol: 'openai-chat', settings: 'kind: openai', model: 'gpt-4.1-mini', embedder: 'text-embedding-3-small' },
  { name: 'openai-responses', protocol: 'openai-responses', settings: 'kind: openai, api: responses', model: 'gpt-5.2-codex', embedder: 'text-embedding-3-small', thinks: '', back: 'U3RhdGU=' },
  { name: 'anthropic', protocol: 'anthropic', settings: 'kind: anthropic', model: 'claude-sonnet-4-6', thinks: '{reasoning_effort: low}', back: 'U3RhdGU=' },
  { name: 'gemini', protocol: 'gemini', settings: 'kind: gemini', model: 'gemini-3-flash-preview', embedder: 'gemini-embedding-001', thinks: '', back: 'U3RhdGU=' },
  { name: 'mistral', protocol: 'mistral', settings: 'kind: mistral', model: 'mistral-medium-latest', embedder: 'mistral-embed', any: 'any', filters: false },
  { name: 'cohere', protocol: 'cohere', settings: 'kind: cohere', model: 'command-a-reasoning-08-2025', embedder: 'embed-v4.0', thinks: '', back: 'A city.', one: 'required', filters: false },
  { name: 'ollama', protocol: 'ollama', settings: 'kind: ollama', model: 'qwen3', embedder: 'nomic-embed-text', thinks: '{reasoning_effort: low}', back: 'A city.', chooses: false, filters: false },
  { name: 'groq', protocol: 'groq', settings: 'kind: groq', model: 'llama-3.3-70b-versatile', schema: 'json, not streamed' },
  { name: 'deepseek', protocol: 'deepseek', settings: 'kind: deepseek', model: 'deepseek-reasoner', thinks: '', back: 'A city.', schema: 'json' },
  { name: 'azure', protocol: 'azure', settings: 'kind: azure', model: 'gpt-4.1-mini', embedder: 'text-embedding-3-small' },
  { name: 'demo', model: 'demo-1', embedder: 'demo-1' },
];

// Scripted ones have a host; the built-in one has none.
export const scripted = providers.filter(({ protocol }) => protocol);

const patient = '{first_token: 60s, total: 120s}'; // on a busy machine, too

const talk = (provider) => `
provider: ${provider.name}
model: ${provider.model}
system: You are brief.
timeout: ${patient}
retry: {times: 0}
`;
const sum = (provider) => `
provider: ${provider.name}
model: ${provider.model}
system: You add numbers.
template: "What is {{a}} + {{b}}?"
input_schema: {type: object, properties: {a: {type: integer}, b: {type: integer}}, required: [a, b], additionalProperties: false}
output_schema: {type: object, properties: {sum: {type: integer, minimum: 0}}, required: [sum], additionalProperties: false}
stream: validated
timeout: ${patient}
retry: {times: 0}
`;

// The configuration folder: all providers; for each an alias, one that thinks, an endpoint for free talk and one
// with schemas. Nothing is tried twice by the gateway itself.
export function files(upstreams) {
  const providerOf = (one) =>
    `  ${one.name}: {${one.settings}, base_url: "${upstreams[one.name].url}", key: sk-test-canary, allow_http: true, allow_private: true, breaker: {faults_in_row: 0, faults_pct: 0}}`;
  const aliasOf = (name, one, more = '') => `  ${name}-${one.name}: {model: "${one.name}:${one.model}", retry: {times: 0}, timeout: ${patient}${more}}`;
  const aliases = providers.flatMap((one) => [
    aliasOf('chat', one),
    ...(one.thinks === undefined ? [] : [aliasOf('thinks', one, one.thinks && `, params: ${one.thinks}`)]),
  ]);
  return {
    'pinion.yaml': `listen: 127.0.0.1:0\nworkers: 1\nproviders:\n${scripted.map(providerOf).join('\n')}\naliases:\n${aliases.join('\n')}\n`,
    ...Object.fromEntries(providers.flatMap((one) => [[`endpoints/sum-${one.name}.yaml`, sum(one)], [`endpoints/talk-${one.name}.yaml`, talk(one)]])),
  };
}

// What a client names as its model.
export const models = (provider) => ({
  chat: `chat-${provider.name}`,
  talk: `talk-${provider.name}`,
  sum: `sum-${provider.name}`,
  thinks: provider.thinks === undefined ? `chat-${provider.name}` : `thinks-${provider.name}`,
  direct: `${provider.name}:${provider.model}`,
  embedder: `${provider.name}:${provider.embedder}`,
});
