// The strict subset of JSON Schema that OpenAI's structured output and strict tools take.
import { subsetProblem, words } from './schema-subset.js';

const strict = {
  keywords: words(
    '$schema $id $defs definitions $ref title description type enum const anyOf properties required additionalProperties items' +
      ' pattern format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems',
  ),
  formats: words('date-time time date duration email hostname ipv4 ipv6 uuid'),
  rootObject: true,
  closed: true,
  allRequired: true,
  lookAround: false,
  depth: 10,
  most: { properties: 5000, enums: 1000 },
};

export const strictProblem = (schema) => subsetProblem(schema, strict);
