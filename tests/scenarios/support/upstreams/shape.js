// Requests are checked against zod shapes; a problem is told in the neutral form from which every
// protocol words its own refusal: which rule, where, and what.
import { z } from 'zod';

// The branch of a union that got furthest is the one that was meant.
function deepest(issue) {
  if (issue.code !== 'invalid_union' || !issue.errors?.length) return issue;
  const found = issue.errors.filter((branch) => branch.length > 0).map((branch) => deepest(branch[0]));
  if (found.length === 0) return issue;
  const best = found.reduce((a, b) => (b.path.length > a.path.length ? b : a));
  return { ...best, path: [...issue.path, ...best.path] };
}

const at = (value, path) => path.reduce((inner, step) => inner?.[step], value);

// null, or the first problem of `value`: {rule: 'missing' | 'unknown' | 'value', path, what}.
export function problemOf(shape, value) {
  const result = shape.safeParse(value, { reportInput: true });
  if (result.success) return null;
  const issues = result.error.issues.map(deepest);
  const issue = issues.find((one) => one.code !== 'unrecognized_keys') ?? issues[0];
  if (issue.code === 'unrecognized_keys')
    return { rule: 'unknown', path: [...issue.path, issue.keys[0]], what: 'is not a field here' };
  const missing = issue.code.startsWith('invalid_') && at(value, issue.path) === undefined && issue.path.length > 0;
  return missing
    ? { rule: 'missing', path: issue.path, what: 'is required' }
    : { rule: 'value', path: issue.path, what: issue.message };
}

export const problem = (path, what, rule = 'value', more = {}) => ({ rule, path, what, ...more });
export const dotted = (path) => path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i ? `.${step}` : step)).join('');

// Shapes that several protocols share.
export const open = z.looseObject({});
export const int = z.int();
export const between = (low, high) => z.number().min(low).max(high);
export const url = z.string().regex(/^(https?:\/\/|data:image\/(png|jpeg|webp|gif);base64,[A-Za-z0-9+/]+={0,2}$)/, {
  error: 'an http(s) URL or a base64 data URL of png, jpeg, webp or gif',
});
export const base64 = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/, { error: 'bare base64' });
export const jsonText = z.string();
export const toolName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
export { z };
