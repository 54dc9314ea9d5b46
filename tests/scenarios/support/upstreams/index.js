// Scripted providers, one for each protocol that the gateway speaks upstream. See README.md beside this.
import assert from 'node:assert/strict';
import { anthropic } from './anthropic.js';
import { cohere } from './cohere.js';
import { compatible } from './compatible.js';
import { gemini } from './gemini.js';
import { mistral } from './mistral.js';
import { ollama } from './ollama.js';
import { openaiChat } from './openai-chat.js';
import { openaiResponses } from './openai-responses.js';
import { listen } from './server.js';

const all = [openaiChat, openaiResponses, anthropic, gemini, mistral, cohere, ollama, ...compatible];
export const protocols = Object.fromEntries(all.map((one) => [one.name, one]));

// Starts one on a free port of 127.0.0.1. With `keys` only these are let in; others get the vendor's 401.
export async function startUpstream(name, options = {}) {
  assert.ok(protocols[name], `a protocol is one of ${Object.keys(protocols).join(', ')}`);
  return listen(protocols[name], options);
}
export { kinds } from './answer.js';
export { framings } from './reply.js';
