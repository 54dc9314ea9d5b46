// The part of JSON Schema that a provider's structured output understands. The rules come from the
// provider; the walk is the same for all.

const inside = {
  one: ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'propertyNames', 'contains'],
  list: ['anyOf', 'allOf', 'oneOf', 'prefixItems'],
  map: ['properties', '$defs', 'definitions', 'patternProperties', 'dependentSchemas'],
};
const isSchema = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

function* children(schema, path) {
  for (const word of inside.one) if (isSchema(schema[word])) yield [schema[word], [...path, word]];
  for (const word of inside.list)
    for (const [i, one] of (schema[word] ?? []).entries()) yield [one, [...path, word, i]];
  for (const word of inside.map)
    for (const [name, one] of Object.entries(schema[word] ?? {})) yield [one, [...path, word, name]];
}

const isObject = (schema) => [schema.type].flat().includes('object') || schema.properties !== undefined;

function referTo(root, ref) {
  if (ref === '#') return root;
  return ref.startsWith('#/')
    ? ref.slice(2).split('/').reduce((inner, step) => inner?.[step.replaceAll('~1', '/').replaceAll('~0', '~')], root)
    : undefined;
}

function recursive(root, schema, open) {
  if (!isSchema(schema)) return false;
  if (open.includes(schema)) return true;
  const next = [...open, schema];
  const targets = schema.$ref ? [referTo(root, schema.$ref)] : [];
  const below = [...children(schema, [])].filter(([, path]) => !['$defs', 'definitions'].includes(path[0]));
  return [...targets, ...below.map(([one]) => one)].some((one) => recursive(root, one, next));
}

function ownProblem(schema, rules, root) {
  const word = Object.keys(schema).find((name) => !rules.keywords.has(name));
  if (word !== undefined) return [[word], `'${word}' is not supported`];
  if (schema.format !== undefined && rules.formats && !rules.formats.has(schema.format))
    return [['format'], `format '${schema.format}' is not supported`];
  if (schema.$ref !== undefined && referTo(root, schema.$ref) === undefined)
    return [['$ref'], `'${schema.$ref}' refers to nothing here`];
  if (rules.minItems && schema.minItems !== undefined && !rules.minItems.includes(schema.minItems))
    return [['minItems'], `'minItems' must be one of ${rules.minItems.join(', ')}`];
  if (rules.lookAround === false && /\(\?<?[=!]/.test(schema.pattern ?? '')) return [['pattern'], 'look-around is not supported'];
  if (!isObject(schema)) return null;
  const names = Object.keys(schema.properties ?? {});
  if (rules.closed && schema.additionalProperties !== false)
    return [[], "'additionalProperties' is required to be supplied and to be false"];
  if (rules.openOnly && ![undefined, false].includes(schema.additionalProperties))
    return [['additionalProperties'], "'additionalProperties' may only be false"];
  const free = names.find((name) => !(schema.required ?? []).includes(name));
  if (rules.allRequired && free !== undefined) return [['required'], `'required' must include every property: '${free}' is missing`];
  if (rules.someRequired && !(schema.required ?? []).some((name) => names.includes(name)))
    return [['required'], 'an object needs at least one required property'];
  return null;
}

// null, or the first thing that `rules` do not allow: {path, what}.
export function subsetProblem(root, rules) {
  const count = { properties: 0, optional: 0, enums: 0 };
  const walk = (schema, path, depth) => {
    if (schema === true || schema === false) return rules.booleans ? null : { path, what: 'a boolean is not supported as a schema' };
    if (!isSchema(schema)) return { path, what: 'a schema is an object' };
    const own = ownProblem(schema, rules, root);
    if (own) return { path: [...path, ...own[0]], what: own[1] };
    const names = Object.keys(schema.properties ?? {});
    count.properties += names.length;
    count.optional += names.filter((name) => !(schema.required ?? []).includes(name)).length;
    count.enums += schema.enum?.length ?? 0;
    const deeper = depth + (isObject(schema) ? 1 : 0);
    if (rules.depth && deeper > rules.depth) return { path, what: `more than ${rules.depth} levels of nesting` };
    for (const [one, where] of children(schema, path)) {
      const found = walk(one, where, deeper);
      if (found) return found;
    }
    return null;
  };
  if (rules.rootObject && (!isSchema(root) || root.type !== 'object' || root.anyOf))
    return { path: [], what: "the schema must be of 'type: \"object\"' at its root" };
  const found = walk(root, [], 0);
  if (found) return found;
  for (const [what, most] of Object.entries(rules.most ?? {}))
    if (count[what] > most) return { path: [], what: `more than ${most} ${what}` };
  if (rules.recursion === false && recursive(root, root, [])) return { path: [], what: 'recursive schemas are not supported' };
  return null;
}

export const words = (text) => new Set(text.split(/\s+/));
