// A small set of endpoint files that most scenarios start from.
import { settings } from './gateway.js';

export const sumIn = {
  type: 'object',
  properties: {
    a: { type: 'integer' },
    b: { type: 'integer' },
    style: { type: 'string', maxLength: 40 },
  },
  required: ['a', 'b'],
  additionalProperties: false,
};
export const sumOut = {
  type: 'object',
  properties: { sum: { type: 'integer', minimum: 0 } },
  required: ['sum'],
  additionalProperties: false,
};

export const sum = `
slug: sum
description: Adds two numbers.
provider: upstream
model: gpt-4.1-mini
params: {temperature: 0, max_tokens: 50}
system: You add numbers. {{style}}
template: "What is {{a}} + {{b}}?"
input_schema: schemas/sum.in.json
output_schema: schemas/sum.out.json
retry: {times: 0}
`;
export const chat = `
slug: chat
description: Free text.
provider: upstream
model: gpt-4.1-mini
system: You are brief.
retry: {times: 0}
`;

export const files = (upstream, more = {}, kind = 'openai') => ({
  'pinion.yaml': settings(upstream.url, '', kind),
  'endpoints/sum.yaml': sum,
  'endpoints/chat.yaml': chat,
  'schemas/sum.in.json': sumIn,
  'schemas/sum.out.json': sumOut,
  ...more,
});
