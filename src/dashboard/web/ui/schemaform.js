// A form made from a JSON Schema, for what has a plain field: texts, numbers, choices, switches, and
// objects of them. Anything else is a field of JSON. What is not filled in is left out.
import { html, useState } from '../lib/html.js';
import { AreaField, CheckField, SelectField, TextField } from './form.js';

const DEEPEST = 3;

/** The schema that references lead to. */
function resolve(document, schema) {
  for (let i = 0; i < 32 && schema?.$ref; i++) {
    let target = document;
    for (const step of schema.$ref.slice(2).split('/')) target = target?.[step.replaceAll('~1', '/').replaceAll('~0', '~')];
    const { $ref, ...own } = schema;
    schema = { ...target, ...own };
  }
  return schema ?? {};
}

const typeOf = (schema) => [schema.type ?? []].flat().find((type) => type !== 'null');
const short = (value) => (typeof value === 'string' ? value : JSON.stringify(value));

function JsonField({ label, hint, value, onInput }) {
  const [text, setText] = useState(value === undefined ? '' : JSON.stringify(value, null, 2));
  const [wrong, setWrong] = useState();
  const read = (next) => {
    setText(next);
    try {
      onInput(next.trim() === '' ? undefined : JSON.parse(next));
      setWrong(undefined);
    } catch (error) {
      setWrong(`This is not JSON: ${error.message}`);
    }
  };
  return html`<${AreaField} label=${label} hint=${hint ?? 'JSON'} rows=${4} value=${text} error=${wrong} onInput=${read} />`;
}

function NumberField({ whole, value, onInput, ...rest }) {
  const [text, setText] = useState(value === undefined ? '' : String(value));
  const wrong = text.trim() !== '' && (Number.isNaN(Number(text)) || (whole && !Number.isInteger(Number(text)))) ? (whole ? 'A whole number' : 'A number') : undefined;
  return html`<${TextField} ...${rest} inputmode="decimal" value=${text} error=${wrong} onInput=${(next) => (setText(next), onInput(next.trim() === '' ? undefined : Number.isNaN(Number(next)) ? next : Number(next)))} />`;
}

/** One value of a schema. name: its label; needed: it has to be there. */
export function SchemaField({ document, schema: given, name, needed, value, onInput, depth = 0 }) {
  const schema = resolve(document, given);
  const props = { label: needed ? `${name} *` : name, hint: schema.description, value, onInput };
  if (schema.enum) {
    const words = schema.enum.map(short);
    return html`<${SelectField} ...${props} value=${value === undefined ? '' : short(value)} options=${[['', '–'], ...words.map((word) => [word, word])]} onInput=${(word) => onInput(word === '' ? undefined : schema.enum[words.indexOf(word)])} />`;
  }
  switch (typeOf(schema)) {
    case 'string':
      return (schema.maxLength ?? Infinity) <= 120 || schema.format
        ? html`<${TextField} ...${props} value=${value ?? ''} onInput=${(text) => onInput(text === '' ? undefined : text)} />`
        : html`<${AreaField} ...${props} rows=${4} value=${value ?? ''} onInput=${(text) => onInput(text === '' ? undefined : text)} />`;
    case 'integer':
    case 'number':
      return html`<${NumberField} ...${props} whole=${typeOf(schema) === 'integer'} />`;
    case 'boolean':
      return needed
        ? html`<${CheckField} label=${name} checked=${value === true} onInput=${onInput} />`
        : html`<${SelectField} ...${props} value=${value === undefined ? '' : String(value)} options=${[['', '–'], 'true', 'false']} onInput=${(word) => onInput(word === '' ? undefined : word === 'true')} />`;
    case 'object':
      if (schema.properties && depth < DEEPEST) return html`<${ObjectFields} document=${document} schema=${schema} name=${depth > 0 ? props.label : undefined} value=${value} onInput=${onInput} depth=${depth} />`;
  }
  return html`<${JsonField} ...${props} />`;
}

function ObjectFields({ document, schema, name, value, onInput, depth }) {
  const set = (key, next) => {
    const { [key]: gone, ...rest } = value ?? {};
    const whole = next === undefined ? rest : { ...rest, [key]: next };
    onInput(depth > 0 && Object.keys(whole).length === 0 ? undefined : whole);
  };
  const fields = Object.entries(schema.properties).map(([key, one]) => html`<${SchemaField} key=${key} document=${document} schema=${one} name=${key} needed=${(schema.required ?? []).includes(key)} value=${value?.[key]} onInput=${(next) => set(key, next)} depth=${depth + 1} />`);
  return name === undefined ? html`<div class="form">${fields}</div>` : html`<fieldset><legend>${name}</legend><div class="form">${fields}</div></fieldset>`;
}

/** The schema of an endpoint's input, or undefined where it takes messages. */
export function inputOf(document, slug) {
  const operation = document.paths[`/${slug}`]?.post;
  const request = resolve(document, operation?.requestBody?.content?.['application/json']?.schema);
  for (const form of request.anyOf ?? []) {
    const input = resolve(document, form).properties?.input;
    if (input?.$ref) return input; // an input without a schema is a text, as message is
  }
  return undefined;
}

/** The input of the first example of a test, else nothing. */
export function exampleOf(document, slug) {
  const [first] = Object.values(document.paths[`/${slug}`]?.post?.requestBody?.content?.['application/json']?.examples ?? {});
  return first?.value?.input ?? first?.value?.message ?? first?.value;
}
