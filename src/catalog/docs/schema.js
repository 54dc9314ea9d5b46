// JSON Schemas as tables, and as a value to start from.
import { view } from './view.js';

const DEEPEST = 4;
const MOST_ROWS = 300; // fields within fields may be very many
const MOST_VALUES = 300;
const MOST_CHOICES = 12;

/** The schema that references lead to; its own words win over those of what it refers to. */
export function resolve(document, schema) {
  for (let i = 0; i < 32 && schema?.$ref; i++) {
    const { $ref, ...own } = schema;
    let target = document;
    for (const step of $ref.slice(2).split('/')) target = target?.[step.replaceAll('~1', '/').replaceAll('~0', '~')];
    schema = { ...(typeof target === 'object' ? target : {}), ...own };
  }
  return typeof schema === 'object' && schema !== null ? schema : {};
}

// Arrays may be of arrays of themselves, and one of several may be one of several more.
function typeOf(document, schema, depth = 0) {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return several(schema.enum.map((value) => JSON.stringify(value)));
  const types = [schema.type ?? []].flat();
  const inner = (at) => (depth < DEEPEST ? typeOf(document, resolve(document, at), depth + 1) : 'any');
  const named = types.map((type) => (type === 'array' && schema.items ? `array of ${inner(schema.items)}` : type));
  if (named.length > 0) return named.join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return several(choices.slice(0, MOST_CHOICES + 1).map(inner));
  return schema.properties ? 'object' : 'any';
}

const several = (words) => (words.length > MOST_CHOICES ? [...words.slice(0, MOST_CHOICES), '…'] : words).join(' | ');

const count = (n, noun) => `${n} ${noun}${n === 1 ? '' : 's'}`;
const RULES = [
  ['minLength', (n) => `at least ${count(n, 'character')}`], ['maxLength', (n) => `at most ${count(n, 'character')}`],
  ['minimum', (n) => `from ${n}`], ['maximum', (n) => `up to ${n}`],
  ['exclusiveMinimum', (n) => `above ${n}`], ['exclusiveMaximum', (n) => `below ${n}`],
  ['multipleOf', (n) => `a multiple of ${n}`], ['pattern', (text) => `matches ${text}`], ['format', (text) => text],
  ['minItems', (n) => `at least ${count(n, 'item')}`], ['maxItems', (n) => `at most ${count(n, 'item')}`], ['uniqueItems', (on) => on && 'no two alike'],
  ['default', (value) => `${JSON.stringify(value)} unless said`],
];

const rulesOf = (schema) => RULES.filter(([key]) => schema[key] !== undefined).map(([key, say]) => say(schema[key])).filter(Boolean).join(', ');

function rowsOf(document, schema, depth, above, rows) {
  for (const [name, written] of Object.entries(schema.properties ?? {})) {
    if (rows.length >= MOST_ROWS) break;
    const field = resolve(document, written);
    const inside = field.items ? resolve(document, field.items) : field;
    rows.push(
      view('tr', null,
        view('td', { class: `name deep${depth}` }, view('code', null, name), ' ', (schema.required ?? []).includes(name) && view('span', { class: 'must' }, 'required')),
        view('td', null, view('span', { class: 'mono' }, typeOf(document, field))),
        view('td', null, field.description, field.description && rulesOf(field) && view('br'), view('span', { class: 'rules' }, rulesOf(field))),
      ),
    );
    if (depth < DEEPEST && inside.properties && !above.includes(inside.properties))
      rowsOf(document, inside, depth + 1, [...above, inside.properties], rows);
  }
  return rows;
}

/** What a value consists of; where it is no object, what it is. */
export function fieldTable(document, schema, label) {
  const top = resolve(document, schema);
  const inside = top.items ? resolve(document, top.items) : top;
  if (!inside.properties)
    return view('p', null, view('span', { class: 'mono' }, typeOf(document, top)), top.description && ` – ${top.description}`);
  const rows = rowsOf(document, inside, 0, [inside.properties], []);
  return view('div', { class: 'wide' },
    view('table', { class: 'fields', 'aria-label': label },
      view('thead', null, view('tr', null, ['Field', 'Type', 'About'].map((name) => view('th', { scope: 'col' }, name)))),
      view('tbody', null, rows),
    ),
    rows.length >= MOST_ROWS && view('p', { class: 'row note' }, 'There are more fields than these; /openapi.json has all.'),
  );
}

/** A value of about the right form, to be filled in. */
export function start(document, schema) {
  let left = MOST_VALUES;
  const make = (written, depth) => {
    const at = resolve(document, written);
    const type = [at.type ?? []].flat()[0];
    if (at.default !== undefined) return at.default;
    if (at.examples?.length > 0) return at.examples[0];
    if (at.const !== undefined) return at.const;
    if (at.enum?.length > 0) return at.enum[0];
    if (depth > 6 || left-- <= 0) return null;
    if (type === 'object' || at.properties) {
      const wanted = Object.entries(at.properties ?? {}).filter(([name]) => (at.required ?? []).includes(name));
      return Object.fromEntries(wanted.map(([name, field]) => [name, make(field, depth + 1)]));
    }
    if (type === 'array') return at.minItems > 0 && at.items ? [make(at.items, depth + 1)] : [];
    if (type === 'string') return '';
    if (type === 'integer' || type === 'number') return at.minimum ?? 0;
    if (type === 'boolean') return false;
    const choice = (at.anyOf ?? at.oneOf ?? at.allOf)?.[0];
    return choice ? make(choice, depth + 1) : null;
  };
  return make(schema, 0);
}
