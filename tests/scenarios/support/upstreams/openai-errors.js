// What OpenAI says when it refuses, for Chat Completions and Responses.
import { dotted } from './shape.js';

const error = (message, type, code = null, param = null) => ({ error: { message, type, param, code } });
const asked = 'invalid_request_error';

const refusals = {
  bad_request: [400, error("Invalid value for 'temperature': expected a number between 0 and 2.", asked, 'invalid_value', 'temperature')],
  context_length: [
    400,
    error("This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.", asked, 'context_length_exceeded', 'messages'),
  ],
  content_filter: [400, error('Your request was rejected by the safety system.', asked, 'content_policy_violation')],
  credentials: [401, error('Incorrect API key provided.', asked, 'invalid_api_key')],
  forbidden: [403, error('Country, region, or territory not supported.', 'permission_error', 'unsupported_country_region_territory')],
  unknown_model: [404, error('The model `gpt-9` does not exist or you do not have access to it.', asked, 'model_not_found', 'model')],
  unknown_path: [404, error('Invalid URL', asked)],
  too_large: [413, error('Request body is too large.', asked)],
  quota: [429, error('You exceeded your current quota, please check your plan and billing details.', 'insufficient_quota', 'insufficient_quota')],
  rate_limit: [429, error('Rate limit reached for requests per min.', 'requests', 'rate_limit_exceeded')],
  overload: [503, error('The server is currently overloaded with other requests.', 'service_unavailable_error', 'server_is_overloaded')],
  server: [500, error('The server had an error while processing your request.', 'server_error')],
  timeout: [504, error('The request timed out.', 'server_error', 'timeout')],
};

// The problem of a request in the vendor's words.
export function openaiProblem({ rule, path, what, code }) {
  const param = dotted(path);
  if (rule === 'missing') return error(`Missing required parameter: '${param}'.`, asked, 'missing_required_parameter', param);
  if (rule === 'unknown') return error(`Unknown parameter: '${param}'.`, asked, 'unknown_parameter', param);
  return error(param ? `Invalid value for '${param}': ${what}.` : `The request ${what}.`, asked, code ?? 'invalid_value', param || null);
}

// Go durations, as in the x-ratelimit-reset headers.
export function goDuration(seconds) {
  if (seconds < 1) return `${Math.round(seconds * 1000)}ms`;
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

const hints = (retryAfter) => ({
  'retry-after': String(Math.ceil(retryAfter)),
  'retry-after-ms': String(Math.round(retryAfter * 1000)),
  'x-ratelimit-limit-requests': '500',
  'x-ratelimit-remaining-requests': '0',
  'x-ratelimit-reset-requests': goDuration(retryAfter),
});

export function openaiRefusal(kind, { problem, message, retryAfter } = {}) {
  const known = refusals[kind];
  if (!known) return null;
  const [status, body] = known;
  const own = problem && kind === 'bad_request' ? openaiProblem(problem) : structuredClone(body);
  if (message) own.error.message = message;
  return { status: problem?.status ?? status, headers: retryAfter === undefined ? {} : hints(retryAfter), body: own };
}
