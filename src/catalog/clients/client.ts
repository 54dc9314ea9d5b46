// A client of the endpoint `@@slug@@`, version @@version@@, made by `pinion client ts @@slug@@`.
// It needs nothing but `fetch`: Node 18 and later, Deno, Bun, browsers. Make it again when the
// endpoint's schemas change.

@@types@@
/** Tokens, as the provider counted them. */
export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details?: { cached_tokens: number };
  completion_tokens_details?: { reasoning_tokens: number };
  estimated?: boolean;
}

/** One thing that a schema refuses; its places are JSON Pointers. */
export interface Violation {
  instance_path: string;
  schema_path?: string;
  keyword: string;
  expected?: string;
  got?: string;
  message: string;
}

//@if envelope
/** How the answer came about. */
export interface Meta {
  request_id: string;
  endpoint: string;
  version: number | null;
  route: string;
  provider: string;
  attempts: number;
  cached: boolean;
  repaired?: boolean;
  session_id?: string;
  /** US dollars, a decimal with 9 places. */
  cost_usd: string | null;
}

//@if tools
/** A tool that the model wants called. */
export interface ToolCall {
  id: string;
  name: string;
  arguments: unknown;
}

//@end
/** An answer, with how it came about. */
export interface Answer {
  ok: true;
  id: string;
  model: string;
  /** The model's text. */
  content: string;
//@if output
  /** The text's value, which the output schema has been checked against. */
  output@@maybe@@: Output;
//@end
  refusal?: string;
  finish_reason: string;
//@if tools
  tool_calls?: ToolCall[];
//@end
  usage: Usage;
  meta: Meta;
}

//@end
//@if tools
/** A function that the model may ask to have called. */
export interface Tool {
  type: 'function';
  function: { name: string; description?: string; parameters?: object; strict?: boolean };
}

//@end
export interface Message {
  role: string;
  content?: string | object[] | null;
  [key: string]: unknown;
}

export interface ClientOptions {
  /** The token, or what gives it for each call. */
  token: string | (() => string | Promise<string>);
  /** Where the gateway is. */
  baseUrl?: string;
  /** How often a call is repeated when the gateway says that it may be. 2 unless said. */
  maxRetries?: number;
  /** For a whole call with its repetitions, or to the first byte of a stream; 0: for ever. 120000 unless said. */
  timeoutMs?: number;
  fetch?: typeof globalThis.fetch;
}

export interface CallOptions {
  signal?: AbortSignal;
  /** What the request is called in logs. */
  requestId?: string;
  /** Calls with the same key and input get the same answer; then also a lost connection is tried again. */
  idempotencyKey?: string;
  /** What the call is found and summed up by afterwards: at most 8, as `{team: 'search'}`. */
  tags?: Record<string, string>;
  metadata?: Record<string, unknown>;
//@if cache
  /** For how many seconds the answer may be kept; 0: a fresh one. */
  cacheTtl?: number;
//@end
//@if session
  /** The conversation to go on with: `meta.session_id` of an earlier answer. */
  sessionId?: string;
  /** `false`: nothing of this call is kept. */
  session?: boolean;
//@end
//@if tools
  tools?: Tool[];
  parallelToolCalls?: boolean;
//@end
//@if tool_choice
  toolChoice?: 'auto' | 'none' | 'required' | { type: 'function'; function: { name: string } };
//@end
@@params@@}

/** What the gateway refused, or could not do. `code` says which: see `doc`. */
export class GatewayError extends Error {
  override name = 'GatewayError';
  readonly status: number;
  readonly code: string;
  readonly type: string;
  readonly param: string | null;
  readonly requestId: string | null;
  readonly hint: string | undefined;
  readonly doc: string | undefined;
  /** What a schema refuses: of the input when `code` is `input_schema_violation`, else of the output. */
  readonly violations: Violation[];
  readonly details: Record<string, unknown>;
  /** How long to wait before another try; undefined where it is not said. */
  readonly retryAfterMs: number | undefined;
  /** Whether another try may come to another end; undefined where it is not said. */
  readonly shouldRetry: boolean | undefined;

  constructor(status: number, body: unknown, headers?: Headers) {
    const error = memberOf(body, 'error') ?? {};
    const details = memberOf(error, 'details');
    const violations = memberOf(details, 'violations');
    super(textOf(error, 'message') ?? `the gateway answered ${status}`);
    this.status = status;
    this.code = textOf(error, 'code') ?? `http_${status}`;
    this.type = textOf(error, 'type') ?? 'unknown';
    this.param = textOf(error, 'param') ?? null;
    this.requestId = textOf(error, 'request_id') ?? headers?.get('x-request-id') ?? null;
    this.hint = textOf(error, 'hint');
    this.doc = textOf(error, 'doc');
    this.violations = Array.isArray(violations) ? (violations as Violation[]) : [];
    this.details = typeof details === 'object' && details !== null ? (details as Record<string, unknown>) : {};
    const ms = Number(headers?.get('retry-after-ms') ?? Number.NaN);
    const seconds = Number(headers?.get('retry-after') ?? Number.NaN);
    this.retryAfterMs = Number.isFinite(ms) ? ms : Number.isFinite(seconds) ? seconds * 1000 : undefined;
    const said = headers?.get('x-should-retry');
    this.shouldRetry = said === 'true' ? true : said === 'false' ? false : undefined;
  }
}

//@if stream
export type StreamEvent =
  | { type: 'text'; text: string }
//@if tools
  | { type: 'tool_call'; index: number; id?: string; name?: string; arguments: string }
//@end
  | {
      type: 'end';
      /** All of the text. */
      content: string;
      finishReason: string | null;
      usage: Usage | undefined;
//@if validated
      /** The text's value, which the output schema has been checked against. */
      output: Output;
//@end
    };

//@end
const LONGEST_WAIT_MS = 60_000;

/** @@about@@ */
export class @@Name@@Client {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Calls the endpoint; throws a GatewayError when it is refused or fails. */
  async call(input: @@input@@, options: CallOptions = {}): Promise<@@answer@@> {
    const response = await this.#send(input, options, false);
    return (await response.json()) as @@answer@@;
  }
//@if stream

  /** Calls the endpoint and gives the answer as it is written; the last event is the end. */
  async *stream(input: @@input@@, options: CallOptions = {}): AsyncGenerator<StreamEvent, void, undefined> {
    const response = await this.#send(input, options, true);
    let content = '';
    let finishReason: string | null = null;
    let usage: Usage | undefined;
    for await (const data of eventsOf(response)) {
      if (data === '[DONE]') break;
      const chunk: unknown = JSON.parse(data);
      if (memberOf(chunk, 'error') !== undefined) throw new GatewayError(200, chunk, response.headers);
      usage = (memberOf(chunk, 'usage') as Usage | null | undefined) ?? usage;
      const choice = memberOf(memberOf(chunk, 'choices'), '0');
      finishReason = textOf(choice, 'finish_reason') ?? finishReason;
      const delta = memberOf(choice, 'delta');
      const text = textOf(delta, 'content');
      if (text) {
        content += text;
        yield { type: 'text', text };
      }
//@if tools
      const calls = memberOf(delta, 'tool_calls');
      for (const call of Array.isArray(calls) ? (calls as unknown[]) : []) {
        const called = memberOf(call, 'function');
        const id = textOf(call, 'id');
        const name = textOf(called, 'name');
        yield {
          type: 'tool_call',
          index: Number(memberOf(call, 'index') ?? 0),
          ...(id === undefined ? {} : { id }),
          ...(name === undefined ? {} : { name }),
          arguments: textOf(called, 'arguments') ?? '',
        };
      }
//@end
    }
    if (finishReason === null) throw new Error('the stream ended before the answer did');
//@if validated
    yield { type: 'end', content, finishReason, usage, output: JSON.parse(content) as Output };
//@end
//@if unvalidated
    yield { type: 'end', content, finishReason, usage };
//@end
  }
//@end

  /** Sends the call, again where the gateway says that this may help. */
  async #send(input: @@input@@, options: CallOptions, stream: boolean): Promise<Response> {
    const ends = new AbortController();
    const stop = () => ends.abort(options.signal?.reason);
    const timeout = this.#options.timeoutMs ?? 120_000;
    const timer = timeout > 0 ? setTimeout(() => ends.abort(new Error(`no answer within ${timeout} ms`)), timeout) : undefined;
    if (options.signal?.aborted) stop();
    options.signal?.addEventListener('abort', stop);
    try {
      const response = await this.#attempts(input, options, stream, ends.signal);
      if (stream) return response; // from here on only the caller's signal ends it
      const body = await response.arrayBuffer();
      return new Response(body, { status: response.status, headers: response.headers });
    } finally {
      clearTimeout(timer);
      if (!stream) options.signal?.removeEventListener('abort', stop);
    }
  }

  async #attempts(input: @@input@@, options: CallOptions, stream: boolean, signal: AbortSignal): Promise<Response> {
    const most = this.#options.maxRetries ?? 2;
    for (let attempt = 0; ; attempt++) {
      let refusal: GatewayError | undefined;
      try {
        const response = await this.#fetch(input, options, stream, signal, attempt);
        if (response.ok) return response;
        refusal = new GatewayError(response.status, await response.json().catch(() => undefined), response.headers);
        if (!mayHelp(refusal)) throw refusal;
        if (attempt >= most || (refusal.retryAfterMs ?? 0) > LONGEST_WAIT_MS) throw refusal;
      } catch (error) {
        // Without a key nobody knows whether a call whose connection was lost has been made.
        if (refusal === error || signal.aborted || attempt >= most || options.idempotencyKey === undefined) throw error;
      }
      await pause(refusal?.retryAfterMs ?? Math.min(8000, 500 * 2 ** attempt) * (0.75 + Math.random() / 2), signal);
    }
  }

  async #fetch(input: @@input@@, options: CallOptions, stream: boolean, signal: AbortSignal, attempt: number): Promise<Response> {
    const { token, baseUrl = @@origin@@, fetch = globalThis.fetch } = this.#options;
    const headers: Record<string, string> = {
      authorization: `Bearer ${typeof token === 'function' ? await token() : token}`,
      'content-type': 'application/json',
      'x-stainless-retry-count': String(attempt),
    };
    if (options.requestId !== undefined) headers['x-request-id'] = options.requestId;
    if (options.idempotencyKey !== undefined) headers['idempotency-key'] = options.idempotencyKey;
    if (options.tags !== undefined) headers['pinion-tag'] = tagList(options.tags);
//@if cache
    if (options.cacheTtl !== undefined) headers['x-cache-ttl'] = String(options.cacheTtl);
//@end
    const body = {
//@if text
      ...(typeof input === 'string' ? { message: input } : { messages: input }),
//@end
      metadata: options.metadata,
//@if session
      session_id: options.sessionId,
      session: options.session,
//@end
//@if tools
      tools: options.tools,
      parallel_tool_calls: options.parallelToolCalls,
//@end
//@if tool_choice
      tool_choice: options.toolChoice,
//@end
@@param_members@@      ...(stream ? { stream } : {}),
//@if schema
      @@payload@@,
//@end
    };
    return fetch(`${baseUrl.replace(/\/+$/, '')}/@@slug@@`, { method: 'POST', headers, body: JSON.stringify(body), signal });
  }
}

/** A list of `name="value"`, its bytes UTF-8: a header has no others. */
function tagList(tags: Record<string, string>): string {
  const list = Object.entries(tags).map(([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&')}"`);
  return Array.from(new TextEncoder().encode(list.join(', ')), (byte) => String.fromCharCode(byte)).join('');
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function textOf(value: unknown, name: string): string | undefined {
  const text = memberOf(value, name);
  return typeof text === 'string' ? text : undefined;
}

function mayHelp(error: GatewayError): boolean {
  return error.shouldRetry ?? (error.status === 429 || error.status === 503);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
//@if stream

/** What the lines `data: ...` of a stream of events say. */
async function* eventsOf(response: Response): AsyncGenerator<string, void, undefined> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.startsWith('data: ')) yield line.slice(6).trimEnd();
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
//@end
