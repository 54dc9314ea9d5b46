// `pinion call`: an endpoint of a running server from the command line, whole and streamed; what is said
// goes to standard output, what is to be known of it to standard error.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'node:test';
import { binary, pinion } from './support/gateway.js';
import { closedPort } from './support/bad-hosts.js';
import { scene } from './support/scene.js';
import { chunk, data, streamed } from './support/upstream.js';

const on = scene(() => ({
  'in.json': { a: 2, b: 2 },
  'wrong.json': { a: 'two', b: 2 },
  'words.txt': 'How high is the tower?',
  'endpoints/bare.yaml': `
provider: upstream
model: gpt-4.1-mini
system: s
output_schema: {type: object, properties: {n: {type: integer}}, required: [n], additionalProperties: false}
respond: output
retry: {times: 0}
`,
  'endpoints/talk.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: s\nsession: {ttl: 30m}\nretry: {times: 0}\n',
}));
const at = (name) => path.join(on.gateway.folder, name);
const call = (...words) => pinion(['call', ...words, ...at_server()]);
const at_server = () => ['--server', on.gateway.url, '--config', on.gateway.folder];
let token;

test('a token in a file', async () => {
  await writeFile(at('token'), `${on.token}\n`);
  token = ['--token-file', at('token')];
});

test('a structured answer: the output to stdout, the rest to stderr', async () => {
  on.upstream.answer({ sum: 4 });
  const { code, stdout, stderr } = await call('sum', '-i', at('in.json'), ...token);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, '{\n  "sum": 4\n}\n');
  assert.match(stderr, /^sum version [0-9a-f]+, route default, upstream gpt-4\.1-mini, 24 tokens in, 8 out, \$0\.\d{9}\n$/);
});

test('text, an answer that is the bare output, and --quiet and --json', async () => {
  on.upstream.answer('300 metres.');
  const text = await call('chat', '-i', at('words.txt'), ...token);
  assert.equal(text.stdout, '300 metres.\n');
  assert.equal(on.upstream.calls.at(-1).body.messages.at(-1).content, 'How high is the tower?');
  on.upstream.answer({ n: 7 });
  const bare = await call('bare', '-i', at('words.txt'), ...token, '--quiet');
  assert.equal(bare.stdout, '{\n  "n": 7\n}\n');
  assert.equal(bare.stderr, '');
  on.upstream.answer('300 metres.');
  const json = await call('chat', '-i', at('words.txt'), ...token, '--json');
  assert.equal(JSON.parse(json.stdout).content, '300 metres.');
  assert.equal(json.stderr, '');
});

test('a stream is shown as it is written', async () => {
  let finish;
  on.upstream.next((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(data(chunk({ content: '300' })));
    finish = () => response.end(data(chunk({ content: ' metres.' })) + data(chunk({}, 'stop')) + data(chunk({}, null, { choices: [], usage: { prompt_tokens: 24, completion_tokens: 3, total_tokens: 27 } })) + data('[DONE]'));
  });
  const child = spawn(binary, ['call', 'chat', '-i', at('words.txt'), '--stream', ...token, ...at_server()]);
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (piece) => (stderr += piece));
  for await (const piece of child.stdout) {
    stdout += piece;
    if (stdout === '300' && finish) finish(), (finish = null);
  }
  assert.equal(finish, null);
  assert.equal(stdout, '300 metres.\n');
  if (child.exitCode === null) await once(child, 'close');
  assert.equal(child.exitCode, 0);
  assert.match(stderr, /, 24 tokens in, 3 out, \$0\.\d{9}\n$/);
});

test('a stream as JSON, an object a line', async () => {
  on.upstream.stream(streamed(['300', ' metres.']));
  const { code, stdout } = await call('chat', '-i', at('words.txt'), '--stream', '--json', ...token);
  assert.equal(code, 0);
  const chunks = stdout.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(chunks.map((one) => one.choices[0]?.delta?.content ?? '').join(''), '300 metres.');
  assert.equal(chunks.at(-1).usage.total_tokens, 27);
});

test('a stream that fails on its way: what was said, then why, exit 1', async () => {
  on.upstream.stream([...streamed(['300']).slice(0, 2), data({ error: { message: 'x', type: 'server_error' } })]);
  const { code, stdout, stderr } = await call('chat', '-i', at('words.txt'), '--stream', ...token);
  assert.equal(code, 1);
  assert.equal(stdout, '300\n');
  assert.match(stderr, /^pinion: error: .* \[upstream_failed\]\n/);
});

test('refusals are readable and have their exit codes', async () => {
  const wrong = await call('sum', '-i', at('wrong.json'), ...token);
  assert.equal(wrong.code, 1);
  assert.equal(wrong.stdout, '');
  assert.match(wrong.stderr, /\[422 input_schema_violation\]\n  at \/a: .*\n$/);
  const json = await call('sum', '-i', at('wrong.json'), '--json', ...token);
  assert.equal(JSON.parse(json.stderr).error.code, 'input_schema_violation');
  assert.equal((await call('sum', '-i', at('in.json'))).code, 4);
  await writeFile(at('bad-token'), 'pin_live_nobody\n');
  const denied = await call('sum', '-i', at('in.json'), '--token-file', at('bad-token'));
  assert.equal(denied.code, 4);
  assert.match(denied.stderr, /\[401 invalid_token\]/);
  const lost = await call('sun', '-i', at('in.json'), ...token);
  assert.equal(lost.code, 5);
  assert.match(lost.stderr, /there is no endpoint 'sun' \[404 endpoint_not_found\]\n  help: did you mean 'sum'\?/);
  on.upstream.refuse({ kind: 'server' });
  const failing = await call('sum', '-i', at('in.json'), ...token);
  assert.equal(failing.code, 1);
  assert.match(failing.stderr, /\[502 upstream_failed\]\n  attempt 1: upstream\/gpt-4\.1-mini status 500, server_error, \d+ ms\n/);
});

test('a version may be called by its number', async () => {
  const denied = await call('chat@1', '-i', at('words.txt'), ...token);
  assert.equal(denied.code, 4);
  await writeFile(at('versions'), (await on.gateway.token('chat@*')).token);
  const versions = ['--token-file', at('versions')];
  on.upstream.answer('300 metres.');
  const first = await call('chat@1', '-i', at('words.txt'), ...versions);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /^chat version 1, /);
  const lost = await call('chat@99', '-i', at('words.txt'), ...versions);
  assert.equal(lost.code, 5);
  assert.match(lost.stderr, /\[404 version_not_found\]/);
  assert.equal((await call('chat@', '-i', at('words.txt'), ...token)).code, 2);
});

test('a session goes on, and a header goes along', async () => {
  on.upstream.answer('Hello Ann.');
  const first = await call('talk', '-i', at('words.txt'), ...token, '--header', 'X-Request-Id: mine-1');
  const [, session] = first.stderr.match(/, session (ses_\w+)/);
  assert.ok(await on.gateway.logged((line) => line.event === 'request' && line.request_id === 'mine-1'));
  on.upstream.answer('Ann.');
  const second = await call('talk', '-i', at('words.txt'), ...token, '--session', session);
  assert.equal(second.code, 0, second.stderr);
  assert.equal(on.upstream.calls.at(-1).body.messages.length, 4);
});

test('a server that is not there, that says nothing in time, or cuts its stream: exit 7', async () => {
  const gone = await pinion(['call', 'sum', '-i', at('in.json'), '--server', `http://127.0.0.1:${await closedPort()}`]);
  assert.equal(gone.code, 7);
  assert.match(gone.stderr, /^pinion: error: no answer from http:\/\/127\.0\.0\.1:\d+\/sum: /);
  const odd = createServer((request, response) => {
    if (request.url === '/silent') return;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (request.url === '/endless') return void response.write(`data: ${'x'.repeat(1 << 20)}`.repeat(20));
    response.write(`data: ${JSON.stringify({ choices: [{ delta: { content: 'half' } }] })}\r\n\r\n`);
    setImmediate(() => (request.url === '/cut' ? response.destroy() : response.end()));
  }).listen(0, '127.0.0.1');
  await once(odd, 'listening');
  const url = ['--server', `http://127.0.0.1:${odd.address().port}`];
  const silent = await pinion(['call', 'silent', '-i', at('in.json'), '--timeout', '1', ...url]);
  assert.equal(silent.code, 7);
  for (const slug of ['cut', 'short']) {
    const cut = await pinion(['call', slug, '-i', at('in.json'), '--stream', ...url]);
    assert.equal(cut.code, 7);
    assert.equal(cut.stdout, 'half\n');
    assert.match(cut.stderr, /the stream ended before the answer was complete/);
  }
  const endless = await pinion(['call', 'endless', '-i', at('in.json'), '--stream', ...url]);
  assert.equal(endless.code, 7);
  assert.match(endless.stderr, /a line that is too long/);
  odd.closeAllConnections();
  odd.close();
});

test('what is wrong with the command line: exit 2, and nothing is sent', async () => {
  const asked = on.upstream.calls.length;
  assert.equal((await call('sum', ...token)).code, 2);
  assert.equal((await call('../sum', '-i', at('in.json'))).code, 2);
  assert.equal((await call('sum', '-i', at('in.json'), '--session', 'a b')).code, 2);
  assert.equal((await call('sum', '-i', '-', '--token-file', '-')).code, 2);
  assert.equal((await pinion(['call', 'sum', '-i', at('in.json'), '--server', 'ftp://x'])).code, 2);
  assert.equal((await call('sum', '-i', at('nothing'))).code, 5);
  assert.equal(on.upstream.calls.length, asked);
});
