// A provider that keeps an invoice: what it has received, it charges, whoever still wants the answer.
// It says how many earlier messages it was given, and counts what it was sent by the last one's text in
// `seen`, as far as that begins with "pay". `hold()` keeps its answers back until `let_go()`.
import http from 'node:http';
import { completion } from './upstream.js';

export async function startInvoicing({ random = (below) => Math.floor(Math.random() * below) } = {}) {
  const provider = { invoice: 0n, calls: 0, seen: new Map() };
  let held;
  const waiters = new Set();
  const server = http.createServer((request, response) => {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => {
      const { messages } = JSON.parse(Buffer.concat(pieces));
      const usage = { prompt_tokens: 20 + random(50), completion_tokens: 1 + random(20) };
      usage.total_tokens = usage.prompt_tokens + usage.completion_tokens;
      provider.invoice += BigInt(usage.prompt_tokens) * 400n + BigInt(usage.completion_tokens) * 1600n;
      provider.calls++;
      const text = messages.at(-1).content;
      if (text.startsWith('pay')) provider.seen.set(text, (provider.seen.get(text) ?? 0) + 1);
      for (const waiter of waiters) waiter();
      const earlier = messages.filter(({ role }) => role !== 'system').length - 1;
      const answer = () => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(completion(`${earlier} earlier messages`, { usage })));
      };
      if (held) held.push(answer);
      else setTimeout(answer, random(4));
    });
    request.on('error', () => {});
    response.on('error', () => {});
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  provider.url = `http://127.0.0.1:${server.address().port}`;
  provider.hold = () => (held ??= []);
  provider.letGo = () => {
    const answers = held;
    held = undefined;
    for (const answer of answers) answer();
  };
  // Until it has been called so often.
  provider.called = (count) =>
    new Promise((resolve) => {
      const look = () => provider.calls >= count && (waiters.delete(look), resolve());
      waiters.add(look);
      look();
    });
  provider.stop = () => (server.closeAllConnections(), server.close());
  return provider;
}
