// A provider that answers by script: each call takes the next reply, and a call that nobody scripted
// fails the test. It speaks Chat Completions as the vendor does.
import http from 'node:http';
import { once } from 'node:events';

export const completion = (content, more = {}) => ({
  id: 'chatcmpl-Ck41aVh0',
  object: 'chat.completion',
  created: 1795190400,
  model: 'gpt-4.1-mini-2025-04-14',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content, refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: more.finish_reason ?? 'stop',
    },
  ],
  usage: more.usage ?? {
    prompt_tokens: 24,
    completion_tokens: 8,
    total_tokens: 32,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  },
});

export const chunk = (delta, finish_reason = null, more = {}) => ({
  id: 'chatcmpl-Ck41aVh1',
  object: 'chat.completion.chunk',
  created: 1795190400,
  model: 'gpt-4.1-mini-2025-04-14',
  choices: [{ index: 0, delta, logprobs: null, finish_reason }],
  usage: null,
  ...more,
});

export const data = (value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;

// The events of a whole streamed answer, its text in the given pieces.
export const streamed = (pieces) => [
  data(chunk({ role: 'assistant', content: '', refusal: null })),
  ...pieces.map((content) => data(chunk({ content }))),
  data(chunk({}, 'stop')),
  data(
    chunk({}, null, {
      choices: [],
      usage: { prompt_tokens: 24, completion_tokens: 3, total_tokens: 27 },
    }),
  ),
  data('[DONE]'),
];

export async function startUpstream() {
  const script = [];
  const calls = [];
  const unexpected = [];
  const waiters = [];

  const server = http.createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const text = Buffer.concat(pieces).toString();
    const call = {
      method: request.method,
      path: request.url,
      headers: request.headers,
      body: text ? JSON.parse(text) : undefined,
      request,
      response,
      closed: new Promise((resolve) => response.on('close', () => resolve(response.writableFinished))),
    };
    calls.push(call);
    for (const wake of waiters.splice(0)) wake();
    const reply = script.shift();
    if (!reply) {
      unexpected.push(`${request.method} ${request.url}`);
      response.writeHead(500).end('{"error":{"message":"not scripted"}}');
      return;
    }
    await reply(response, call);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    calls,
    unexpected,
    // Any reply: a function of the response and the call.
    next(reply) {
      script.push(reply);
    },
    json(body, { status = 200, headers = {} } = {}) {
      script.push((response) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    },
    answer(content, more) {
      this.json(completion(typeof content === 'string' ? content : JSON.stringify(content), more));
    },
    // Events at once; with `cut` the connection is reset behind them.
    stream(events, { cut = false } = {}) {
      script.push((response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
        for (const event of events) response.write(event);
        if (cut) response.flushHeaders(), setImmediate(() => response.destroy());
        else response.end();
      });
    },
    // Resolves with the n-th call (1-based), now or when it comes.
    async called(n) {
      while (calls.length < n) await new Promise((resolve) => waiters.push(resolve));
      return calls[n - 1];
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
