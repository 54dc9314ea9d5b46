// What every client is asked for, and how it tells what it got, in neutral words.
//
// A client is one object:
//   name, package      as the matrix and package.json call it
//   speaks             the protocol of upstreams/ that it speaks itself; absent: none of them
//   tools              it knows nothing but tools, which the endpoints are
//   connect            ({base, key, retries}) -> the SDK's own client, which the rest takes first
//   ask, stream        (sdk, call) -> answer; `streamHelper` where there is a second way to stream
//   embed, models      (sdk, {model, input, float}) -> {vectors, usage}; (sdk, id?) -> ids; absent: it has none
//   failure            (error) -> {type, status, code, requestId, message, again}
//   classes            status -> the `type` that its users catch
//   broken             the `type`s of a stream that broke off
//   heeds              it repeats nothing that `x-should-retry: false` forbids
//   drops              the choices of tools that it does not send
//   refers             it sends the ids of what was answered instead of the conversation
//
// A call is {model, turns, tools: [{name, description, schema}], choice: 'auto' | 'required' | 'none' | {tool},
// schema, max_tokens, signal, onText}; schemas are zod's. Turns are {system}, {user}, {assistant: answer} and
// {results: [{call, output}]}; an answer keeps in `turn` what its client puts into the conversation itself.
import assert from 'node:assert/strict';

const members = ['text', 'refusal', 'calls', 'finish', 'usage', 'object', 'turn', 'pieces', 'requestId'];

export function told(answer) {
  assert.deepEqual(Object.keys(answer).filter((name) => !members.includes(name)), []);
  return { calls: [], ...answer };
}

// An object without what was not given.
export const given = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

export const embeddingsOf = ({ data, usage }) => ({
  vectors: data.map(({ embedding }) => Array.from(embedding)),
  usage: usage.prompt_tokens,
});

// An error that a client only delivers, where its users would throw one.
export function thrown(type, { message, code }) {
  const error = new Error(message);
  error.delivered = { type, code };
  return error;
}
