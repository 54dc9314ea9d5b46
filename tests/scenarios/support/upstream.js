// The provider that most scenarios start from: Chat Completions, where `answer` takes the content itself,
// a text or the object of a structured answer. The whole family is in upstreams/.
import { startUpstream as start } from './upstreams/index.js';

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
  const upstream = await start('openai-chat');
  return {
    ...upstream,
    // The neutral description and how it is sent, as the other protocols take it in `answer`.
    describe: upstream.answer,
    answer(content, more) {
      return upstream.json(completion(typeof content === 'string' ? content : JSON.stringify(content), more));
    },
    // Events at once; with `cut` the connection is reset behind them.
    stream(events, { cut = false } = {}) {
      return upstream.next((response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
        for (const event of events) response.write(event);
        if (cut) response.flushHeaders(), setImmediate(() => response.destroy());
        else response.end();
      });
    },
  };
}
