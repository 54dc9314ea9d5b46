// The neutral description of an answer, made complete. Every protocol renders the same one.
import assert from 'node:assert/strict';

const known = ['text', 'json', 'tool_calls', 'reasoning', 'state', 'refusal', 'finish', 'usage', 'model', 'id'];
const finishes = ['stop', 'length', 'tool_calls', 'content_filter', 'error'];

// A text as the pieces it is streamed in: an array says them itself, a string is cut every few characters.
const pieces = (text) => (Array.isArray(text) ? text : text === '' ? [''] : text.match(/[\s\S]{1,6}/gu));

function call(given, index) {
  assert.ok(given.name, 'a tool call has a name');
  const said = given.arguments ?? {};
  const streamed = pieces(typeof said === 'string' || Array.isArray(said) ? said : JSON.stringify(said));
  return { id: given.id, name: given.name, pieces: streamed, arguments: streamed.join(''), index };
}

// What a model would have counted; `input` includes what was cached, `output` includes reasoning.
const counted = { input: 24, output: 8, cached: 0, cache_write: 0, reasoning: 0 };

export function answerOf(given) {
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  assert.deepEqual(unknown, [], `an answer is described by ${known.join(', ')}`);
  const text = given.json === undefined ? given.text : JSON.stringify(given.json);
  const calls = (given.tool_calls ?? []).map(call);
  const finish = given.finish ?? (calls.length > 0 ? 'tool_calls' : 'stop');
  assert.ok(finishes.includes(finish), `finish is one of ${finishes.join(', ')}`);
  return {
    pieces: text === undefined ? [] : pieces(text),
    text: text === undefined ? null : pieces(text).join(''),
    tool_calls: calls,
    reasoningPieces: given.reasoning === undefined ? [] : pieces(given.reasoning),
    reasoning: given.reasoning === undefined ? null : pieces(given.reasoning).join(''),
    state: given.state, // what the provider wants back unread: a signature, encrypted reasoning
    refusal: given.refusal ?? null,
    finish,
    usage: given.usage === null ? null : { ...counted, ...given.usage },
    model: given.model,
    id: given.id,
  };
}

// The arguments of a call as an object, for providers that send one.
export const argumentsOf = (call) => JSON.parse(call.arguments || '{}');

// What can be refused; each protocol knows its own status, body and headers for these.
export const kinds = [
  'bad_request',
  'context_length',
  'unknown_model',
  'credentials',
  'forbidden',
  'quota',
  'rate_limit',
  'overload',
  'server',
  'timeout',
  'content_filter',
  'too_large',
];
