// curl on Chat Completions: what a shell script sends and gets, byte for byte.
import { spawn } from 'node:child_process';
import { given, told } from './client.js';
import { z } from 'zod';

// Runs curl with a body on its standard input; gives the status, the header fields and the body, and calls `onPiece`
// with all of the body so far.
function curl({ base, key, retries }, path, body, { signal, onPiece } = {}) {
  return new Promise((resolve, reject) => {
    const args = ['-sS', '-N', `${base}${path}`, '-H', `Authorization: Bearer ${key}`, '-w', '%{stderr}%{response_code} %{header_json}'];
    if (retries > 0) args.push('-f', '--retry', String(retries));
    if (body) args.push('-H', 'Content-Type: application/json', '--data-binary', '@-');
    const child = spawn('curl', args, { signal });
    let [text, said] = ['', ''];
    child.stderr.setEncoding('utf8').on('data', (piece) => (said += piece));
    child.stdout.setEncoding('utf8').on('data', (piece) => ((text += piece), onPiece?.(text)));
    child.on('error', reject);
    child.stdin.on('error', () => {}); // it was ended while it read
    child.on('close', (code) => (code === 0 ? resolve(replyOf(said, text)) : reject(new Error(said))));
    child.stdin.end(body && JSON.stringify(body));
  });
}

// The members of curl's header object are lists; after a retry some of them are null.
function replyOf(said, text) {
  const [, status, json] = /^(\d{3}) (\{[^]*)$/m.exec(said);
  const headers = Object.fromEntries(Object.entries(JSON.parse(json)).map(([name, values]) => [name, values?.at(-1)]));
  return { status: Number(status), headers, text };
}

function checked(reply) {
  if (reply.status === 200) return reply;
  const { error } = JSON.parse(reply.text);
  throw Object.assign(new Error(error.message), { reply, error });
}

const messagesOf = (turns) =>
  turns.flatMap(({ system, user, assistant, results }) => {
    if (system !== undefined) return [{ role: 'system', content: system }];
    if (user !== undefined) return [{ role: 'user', content: user }];
    if (assistant) return assistant.turn;
    return results.map(({ call, output }) => ({ role: 'tool', tool_call_id: call.id, content: output }));
  });
const draft7 = (schema) => z.toJSONSchema(schema, { target: 'draft-7' });
const bodyOf = ({ model, turns, tools, choice, schema, max_tokens }) =>
  given({
    model,
    messages: messagesOf(turns),
    tools: tools?.map(({ name, description, schema: own }) => ({ type: 'function', function: { name, description, parameters: draft7(own) } })),
    tool_choice: typeof choice === 'object' ? { type: 'function', function: { name: choice.tool } } : choice,
    response_format: schema && { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: draft7(schema) } },
    max_tokens,
  });

function answerOf({ role, content, refusal, tool_calls }, finish, usage, { schema }, more) {
  return told({
    text: content ?? '',
    refusal,
    calls: (tool_calls ?? []).map(({ id, function: own }) => ({ id, name: own.name, arguments: JSON.parse(own.arguments) })),
    finish,
    usage: usage && { input: usage.prompt_tokens, output: usage.completion_tokens },
    turn: [given({ role, content, tool_calls })],
    ...(schema && { object: JSON.parse(content) }),
    ...more,
  });
}

// The data of each whole event so far; a last line without its end is not one.
const dataOf = (text) => text.split('\n\n').slice(0, -1).filter((one) => one.startsWith('data: ')).map((one) => one.slice(6));

function join(data) {
  const message = { role: 'assistant', content: '', tool_calls: undefined };
  const seen = { pieces: [] };
  for (const { choices, usage, error } of data) {
    if (error) throw Object.assign(new Error(error.message), { error });
    if (usage) seen.usage = usage;
    const choice = choices[0];
    if (choice?.finish_reason) seen.finish = choice.finish_reason;
    if (choice?.delta.content) seen.pieces.push(choice.delta.content);
    for (const { index, ...one } of choice?.delta.tool_calls ?? []) {
      message.tool_calls ??= [];
      if (one.id) message.tool_calls[index] = { ...one, function: { arguments: '', ...one.function } };
      else message.tool_calls[index].function.arguments += one.function.arguments;
    }
  }
  message.content = seen.pieces.join('');
  return { message, ...seen };
}

export const shell = {
  name: 'curl',
  package: 'curl',
  speaks: 'openai-chat',
  classes: Object.fromEntries([400, 401, 403, 404, 409, 422, 429, 502, 503, 504].map((status) => [status, 'Error'])),
  broken: ['Error'],
  connect: ({ base, key, retries = 0 }) => ({ base, key, retries }),
  async ask(sdk, call) {
    const { text, headers } = checked(await curl(sdk, '/chat/completions', bodyOf(call), call));
    const { choices, usage } = JSON.parse(text);
    return answerOf(choices[0].message, choices[0].finish_reason, usage, call, { requestId: headers['x-request-id'] });
  },
  async stream(sdk, call) {
    let told = 0;
    const onPiece = (text) => {
      const data = dataOf(text).slice(told);
      told += data.length;
      for (const one of data.filter((each) => each !== '[DONE]')) {
        const piece = JSON.parse(one).choices?.[0]?.delta?.content;
        if (piece) call.onText?.(piece);
      }
    };
    const body = { ...bodyOf(call), stream: true, stream_options: { include_usage: true } };
    const { text, headers } = checked(await curl(sdk, '/chat/completions', body, { ...call, onPiece }));
    const data = dataOf(text);
    const parsed = data.filter((one) => one !== '[DONE]').map((one) => JSON.parse(one));
    const { message, finish, usage, pieces } = join(parsed);
    if (data.at(-1) !== '[DONE]') throw new Error('the stream has no end mark');
    return answerOf(message, finish, usage, call, { pieces, requestId: headers['x-request-id'] });
  },
  async embed(sdk, { model, input }) {
    const { data, usage } = JSON.parse(checked(await curl(sdk, '/embeddings', { model, input })).text);
    return { vectors: data.map((one) => one.embedding), usage: usage.prompt_tokens };
  },
  async models(sdk, id) {
    const { data, id: own } = JSON.parse(checked(await curl(sdk, `/models${id ? `/${encodeURIComponent(id)}` : ''}`)).text);
    return id ? own : data.map((one) => one.id);
  },
  failure: (error) => ({
    type: error.constructor.name,
    status: error.reply?.status,
    code: error.error?.code,
    requestId: error.reply?.headers['x-request-id'],
    message: error.message,
    again: error.reply?.headers['retry-after'],
  }),
};
