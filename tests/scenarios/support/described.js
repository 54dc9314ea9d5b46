// Endpoints that are hard to describe: schemas of old drafts and of several files, names that are none
// in any language, texts that would end a comment, and every control field that there is.
export const described = {
  'pinion.yaml': 'listen: 127.0.0.1:0\nworkers: 1\n',
  'schemas/money.json': {
    $schema: 'http://json-schema.org/draft-04/schema#',
    id: 'http://schemas.example/money',
    description: 'An amount. */ """ <b>`',
    type: 'object',
    properties: {
      amount: { type: 'number', minimum: 0, exclusiveMinimum: true },
      currency: { $ref: '#/definitions/cur-rency' },
    },
    required: ['amount', 'currency'],
    additionalProperties: false,
    definitions: { 'cur-rency': { enum: ['EUR', 'USD', null] } },
  },
  'schemas/order.json': {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: {
      'unit price': { $ref: 'money.json', $comment: 'of us alone' },
      __class: { type: 'string', description: 'Line one.\nLine two. */' },
      class: { type: ['string', 'null'] },
      position: { type: 'array', items: [{ type: 'number' }, { type: 'string' }], additionalItems: false },
      tags: { type: 'object', patternProperties: { '^x-': { type: 'string' } } },
      counts: { type: 'object', additionalProperties: { type: 'integer' } },
      parts: { type: 'array', items: { $ref: '#' }, maxItems: 3 },
      how: { oneOf: [{ type: 'object', properties: { by: { const: 'post' } }, required: ['by'] }, { type: 'string' }] },
      when: { type: 'string', format: 'date' },
    },
    required: ['unit price'],
    dependencies: { class: ['when'], how: { required: ['when'] } },
    additionalProperties: false,
  },
  'schemas/receipt.json': {
    type: 'object',
    properties: {
      'order number': { type: 'integer', minimum: 1 },
      lines: { type: 'array', items: { $ref: '#/$defs/line' }, minItems: 1, maxItems: 2 },
      state: { enum: ['open', 'closed'] },
    },
    required: ['order number', 'lines', 'state'],
    additionalProperties: false,
    $defs: { line: { type: 'object', properties: { text: { type: 'string' }, of: { type: ['number', 'null'] } }, required: ['text', 'of'], additionalProperties: false } },
  },
  'endpoints/3d-order.yaml': `description: "Checks an order. It says '*/' and \\"\\"\\" and <b>."
provider: demo
model: demo-1
system: You check orders.
input_schema: schemas/order.json
output_schema: schemas/receipt.json
stream: validated
tests:
  - name: an order of one
    input: {unit price: {amount: 1.5, currency: EUR}}
    assert: [{type: status, value: 200}]
  - name: nothing is no order
    input: {}
    assert: [{type: status, value: 422}]
`,
  'endpoints/chat.yaml': `description: Answers.
provider: demo
model: demo-1
system: You answer.
allow: [temperature, max_tokens, stop]
session: {ttl: 30m, max_messages: 10}
stream: raw
tests:
  - name: a question
    input: Why is the sky blue?
    assert: [{type: status, value: 200}]
`,
  'endpoints/form.yaml': `provider: demo
model: demo-1
system: You write.
template: "{{text}} {{count}}"
variables:
  text: {type: string, max_length: 80, description: "The text | of it."}
  count: {type: integer, min: 1, default: 3}
  kind: {enum: [warm, plain], optional: true}
output_schema: {type: object, properties: {title: {type: string, minLength: 1}}, required: [title], additionalProperties: false}
respond: output
stream: 'off'
tests:
  - name: a number in words of a form
    input: {text: Hello, count: "2"}
    assert: [{type: status, value: 200}]
`,
  'endpoints/tools.yaml': `description: Looks things up.
provider: demo
model: demo-1
system: You look up.
allow: [tools, tool_choice]
cache: {max_ttl: 1h}
`,
  // Fields within fields: more than anybody wants to be told.
  'schemas/wide.json': {
    $ref: '#/$defs/a',
    $defs: Object.fromEntries(['a', 'b'].map((name) => [name, {
      type: 'object',
      properties: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${name}${i}`, { $ref: `#/$defs/${name === 'a' ? 'b' : 'a'}` }])),
      additionalProperties: false,
    }])),
  },
  'endpoints/wide.yaml': `description: Is wide.
provider: demo
model: demo-1
system: You look.
input_schema: schemas/wide.json
`,
  'endpoints/nested.yaml': `description: Takes lists of lists of lists.
provider: demo
model: demo-1
system: You count.
input_schema:
  type: object
  properties: {lists: {$ref: "#/$defs/lists"}, input: {type: string}}
  required: [input]
  additionalProperties: false
  $defs: {lists: {type: array, items: {$ref: "#/$defs/lists"}}}
`,
  'endpoints/list.yaml': `description: Sums.
deprecated: {since: 2026-01-02, sunset: 2099-03-01, successor: form}
provider: demo
model: demo-1
system: You sum.
input_schema: {type: array, items: {type: number}, minItems: 1}
output_schema: {type: number}
`,
};
