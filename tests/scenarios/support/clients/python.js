// Python's openai and langchain-openai, in a process of theirs that is told what to do (python_worker.py). They are
// run by tools/matrix-python, where $MATRIX_PYTHON has them.
import { spawn } from 'node:child_process';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { told } from './client.js';
import { addChunk, chatAnswer, chatBody, classes, responsesAnswer, responsesBody } from './openai.js';

let worker;

// While a call is under way the worker keeps this process from its end, and only then.
const hold = (child, how) => [child, child.stdin, child.stdout].forEach((one) => one[how]());

// The process that all of them share: it ends when this one does.
function start() {
  const child = spawn(process.env.MATRIX_PYTHON, [fileURLToPath(new URL('python_worker.py', import.meta.url))], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map();
  readline.createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, piece, ok, error } = JSON.parse(line);
    const { resolve, reject, onText } = waiting.get(id);
    if (piece !== undefined) return onText?.(piece);
    waiting.delete(id);
    if (waiting.size === 0) hold(child, 'unref');
    return error ? reject(Object.assign(new Error(error.message), { python: error })) : resolve(ok);
  });
  child.on('exit', (code) => [...waiting.values()].forEach(({ reject }) => reject(new Error(`python ended with ${code}`))));
  return { child, waiting, next: 0 };
}

function run(op, call, { signal, onText } = {}) {
  worker ??= start();
  const { child, waiting } = worker;
  const id = worker.next++;
  hold(child, 'ref');
  const write = (line) => child.stdin.write(`${JSON.stringify(line)}\n`);
  signal?.addEventListener('abort', () => write({ id, op: 'cancel' }));
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject, onText });
    write({ id, op, ...call });
  });
}

const connect = (more) => ({ base, key, retries = 0 }) => ({ base, key, retries, ...more });
const failure = (error) => error.python ?? { type: 'Error', message: error.message };

async function streamed(op, call, options) {
  const pieces = [];
  const onText = (piece) => (pieces.push(piece), options.onText?.(piece));
  return [await run(op, call, { ...options, onText }), pieces];
}

const openai = (api, bodyOf, answerOf) => ({
  package: 'openai (Python)',
  connect: connect({}),
  failure,
  classes,
  broken: ['APIError'],
  heeds: true,
  async ask(sdk, call) {
    const { schema, ...rest } = call;
    const got = await run(`${api}_ask`, { ...sdk, body: bodyOf(rest), schema: schema !== undefined }, call);
    return answerOf(got.whole, { requestId: got.request_id });
  },
  async stream(sdk, call) {
    const { schema, ...rest } = call;
    const [got, pieces] = await streamed(`${api}_stream`, { ...sdk, body: bodyOf(rest), schema: schema !== undefined }, call);
    return answerOf(got.whole ?? joined(got.chunks), { pieces });
  },
  embed: (sdk, { model, input, float }) => run('embed', { ...sdk, model, input, float }),
  models: (sdk, id) => run('models', { ...sdk, model: id }),
});

function joined(chunks) {
  const message = { role: undefined, content: null, tool_calls: undefined };
  const seen = { finish: null, usage: null };
  for (const chunk of chunks) addChunk(message, seen, chunk);
  message.content = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('') || null;
  return { choices: [{ message, finish_reason: seen.finish }], usage: seen.usage };
}

const wholeChat = ({ choices: [{ message, finish_reason }], usage }, more) => chatAnswer(message, finish_reason, usage, { object: message.parsed ?? undefined, ...more });
const parsed = (whole) => whole.output.flatMap(({ content }) => content ?? []).find((one) => one.parsed)?.parsed;
const wholeResponse = (whole, more) => responsesAnswer({ ...whole, output_parsed: parsed(whole) }, more);

const messagesOf = (turns) =>
  turns.flatMap(({ system, user, assistant, results }) => {
    if (system !== undefined) return [{ type: 'system', data: { content: system } }];
    if (user !== undefined) return [{ type: 'human', data: { content: user } }];
    if (assistant) return assistant.turn;
    return results.map(({ call, output }) => ({ type: 'tool', data: { content: output, tool_call_id: call.id } }));
  });
const toolOf = ({ name, description, schema }) => ({
  type: 'function',
  function: { name, description, parameters: z.toJSONSchema(schema, { target: 'draft-7' }) },
});
const finishes = { max_output_tokens: 'length' };

function langchainCall(sdk, { model, turns, tools, choice, schema, max_tokens }) {
  return { ...sdk, model, messages: messagesOf(turns), tools: tools?.map(toolOf), choice: choice?.tool ?? choice, schema: schema !== undefined, max_tokens };
}

function langchainAnswer({ incomplete, finish, ...got }, more) {
  const ended = finish ?? finishes[incomplete] ?? incomplete ?? (got.calls.length > 0 ? 'tool_calls' : 'stop');
  return told({ ...got, finish: ended, object: got.object ?? undefined, ...more });
}

const langchain = (name, responses) => ({
  name,
  package: 'langchain-openai (Python)',
  connect: connect({ responses }),
  failure,
  classes,
  broken: ['APIError'],
  heeds: true,
  ask: async (sdk, call) => langchainAnswer(await run('langchain_ask', langchainCall(sdk, call), call)),
  async stream(sdk, call) {
    const [got, pieces] = await streamed('langchain_stream', langchainCall(sdk, call), call);
    return langchainAnswer(got, { pieces });
  },
  embed: (sdk, { model, input }) => run('langchain_embed', { ...sdk, model, input }),
});

export const python = [
  { ...openai('chat', chatBody, wholeChat), name: 'openai, chat (Python)' },
  { ...openai('responses', responsesBody, wholeResponse), name: 'openai, responses (Python)' },
  langchain('langchain-openai (Python)', false),
  langchain('langchain-openai, use_responses_api (Python)', true),
];
