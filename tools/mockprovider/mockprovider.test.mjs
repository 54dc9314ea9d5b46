// What the mock promises to whoever measures with it: exact framing, pipelining, waiting without
// blocking, and broken replies that are broken where it was told.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

const program = process.env.MOCKPROVIDER ?? 'build/release/tools/mockprovider/mockprovider';

async function mock(t, ...options) {
    const child = spawn(program, options, { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.setEncoding('utf8');
    while (!out.includes('\n')) out += await once(child.stdout, 'data');
    const ready = JSON.parse(out);
    assert.equal(ready.event, 'ready');
    const [host, port] = ready.address.split(':');
    const ended = once(child, 'exit');
    let rest = '';
    child.stdout.on('data', (text) => (rest += text));
    const stop = async () => {
        child.kill('SIGTERM');
        assert.deepEqual(await ended, [0, null]);
        return JSON.parse(rest);
    };
    t.after(() => child.kill('SIGKILL'));
    return { host, port: Number(port), stop };
}

// Sends the parts, each in a write of its own, and gives everything that came until the mock closed
// or `done` found enough.
function talk(server, parts, done = () => false) {
    return new Promise((resolve, reject) => {
        const socket = net.connect(server.port, server.host);
        const reply = { text: '', chunks: [] };
        const finish = () => (socket.destroy(), resolve(reply));
        socket.setNoDelay(true);
        socket.setEncoding('latin1');
        socket.setTimeout(5000, () => reject(new Error(`nothing more after: ${reply.text}`)));
        socket.on('error', () => {}); // 'close' follows
        socket.on('close', finish);
        socket.on('data', (text) => {
            reply.text += text;
            reply.chunks.push({ text, at: performance.now() });
            if (done(reply.text)) finish();
        });
        (async () => {
            for (const part of parts) {
                socket.write(part);
                await new Promise((next) => setTimeout(next, 20));
            }
        })();
    });
}

const post = (body, more = '') =>
    `POST /v1/chat/completions HTTP/1.1\r\nHost: mock\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
const split = (text) => {
    const at = text.indexOf('\r\n\r\n');
    return [text.slice(0, at), text.slice(at + 4)];
};
const dechunk = (text) => {
    let out = '', at = 0;
    for (;;) {
        const end = text.indexOf('\r\n', at), size = parseInt(text.slice(at, end), 16);
        if (size === 0) return assert.equal(text.slice(end), '\r\n\r\n'), out;
        out += text.slice(end + 2, end + 2 + size);
        at = end + 2 + size;
        assert.equal(text.slice(at, at + 2), '\r\n');
        at += 2;
    }
};
const events = (body) => body.split('\n\n').filter(Boolean).map((event) => event.slice('data: '.length));

test('answers with a completion whose content is the one it was given', async (t) => {
    const server = await mock(t, '--content', '{"a": "\\"b\\n"}');
    const { text } = await talk(server, [post('{}', 'Connection: close\r\n')]);
    const [head, body] = split(text);
    assert.match(head, /^HTTP\/1\.1 200 /);
    assert.match(head, new RegExp(`Content-Length: ${body.length}(\r|$)`));
    assert.equal(JSON.parse(body).choices[0].message.content, '{"a": "\\"b\\n"}');
    assert.deepEqual(await server.stop(), { event: 'stop', requests: 1 });
});

test('keeps the connection, and takes requests sent ahead and requests in pieces', async (t) => {
    const server = await mock(t);
    const two = post('{"a":1}') + post('');
    const whole = post('{"b":2}');
    const parts = [two + whole.slice(0, 30), whole.slice(30, -3), whole.slice(-3)];
    const count = (text) => text.split('HTTP/1.1 200').length - 1;
    const { text } = await talk(server, parts, (text) => count(text) === 3 && text.endsWith('}}'));
    assert.equal(count(text), 3);
    assert.equal((await server.stop()).requests, 3);
});

test('a stream is the content in as many events as asked for', async (t) => {
    const content = '{"text": "naïve"}';
    const server = await mock(t, '--chunks', '5', '--content', content);
    const { text } = await talk(server, [post('{"stream" : true}', 'Connection: close\r\n')]);
    const [head, body] = split(Buffer.from(text, 'latin1').toString('latin1'));
    const list = events(dechunk(body));
    assert.match(head, /Transfer-Encoding: chunked/);
    assert.equal(list.pop(), '[DONE]');
    const read = list.map((event) => JSON.parse(Buffer.from(event, 'latin1').toString('utf8')));
    assert.equal(read.length, 1 + 5 + 1);
    assert.equal(read.map((event) => event.choices[0].delta.content ?? '').join(''), content);
    assert.equal(read.at(-1).choices[0].finish_reason, 'stop');
    assert.ok(read.at(-1).usage.total_tokens > 0);
});

test('a stream that is mentioned in a text is none', async (t) => {
    const server = await mock(t);
    const body = JSON.stringify({ messages: [{ content: '{"stream":true}' }], stream: false });
    const { text } = await talk(server, [post(body, 'Connection: close\r\n')]);
    assert.match(text, /Content-Type: application\/json/);
});

test('filler comes in events of the size asked for', async (t) => {
    const server = await mock(t, '--chunks', '3', '--chunk-bytes', '1000');
    const { text } = await talk(server, [post('{"stream":true}', 'Connection: close\r\n')]);
    const deltas = events(dechunk(split(text)[1])).slice(1, 4).map(JSON.parse);
    assert.deepEqual(deltas.map((event) => event.choices[0].delta.content.length), [1000, 1000, 1000]);
});

test('events keep their interval, and the latency comes before the first', async (t) => {
    const server = await mock(t, '--chunks', '3', '--chunk-interval-ms', '30', '--latency-ms', '50');
    const start = performance.now();
    const { chunks } = await talk(server, [post('{"stream":true}', 'Connection: close\r\n')]);
    assert.equal(chunks.length, 3);
    assert.ok(chunks[0].at - start >= 50);
    assert.ok(chunks[2].at - chunks[0].at >= 55);
});

test('three hundred calls wait at once on one thread', async (t) => {
    const server = await mock(t, '--latency-ms', '200');
    const start = performance.now();
    const one = () => talk(server, [post('{}', 'Connection: close\r\n')]);
    const replies = await Promise.all(Array.from({ length: 300 }, one));
    assert.ok(replies.every(({ text }) => text.startsWith('HTTP/1.1 200')));
    assert.ok(performance.now() - start < 3000);
});

// node tells a reset that comes together with bytes like an orderly end, so the length has to do.
test('breaks a reply after so many bytes of its body', async (t) => {
    const server = await mock(t, '--break-after', '40');
    for (const body of ['{}', '{"stream":true}']) {
        const { text } = await talk(server, [post(body)]);
        assert.equal(split(text)[1].length, 40);
    }
});

test('drips one byte at a time', async (t) => {
    const server = await mock(t, '--drip', '--content', 'x');
    const start = performance.now();
    const { text } = await talk(server, [post('{}', 'Connection: close\r\n')]);
    assert.equal(JSON.parse(split(text)[1]).choices[0].message.content, 'x');
    assert.ok(performance.now() - start >= text.length * 0.9);
});

test('a status from 400 comes with an error object, also for streams', async (t) => {
    const server = await mock(t, '--status', '429');
    const { text } = await talk(server, [post('{"stream":true}', 'Connection: close\r\n')]);
    const [head, body] = split(text);
    assert.match(head, /^HTTP\/1\.1 429 /);
    assert.equal(JSON.parse(body).error.type, 'mock_error');
});

test('a limit says when to come back', async (t) => {
    const server = await mock(t, '--status', '429', '--retry-after', '7');
    assert.match((await talk(server, [post('{}', 'Connection: close\r\n')])).text, /\r\nRetry-After: 7\r\n/);
});

test('failures and answers come in turns', async (t) => {
    const server = await mock(t, '--status', '500', '--alternate', '2');
    const { text } = await talk(server, Array(6).fill(post('{}')), (text) => text.split('HTTP/1.1').length === 7);
    assert.deepEqual([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status), ['500', '500', '200', '200', '500', '500']);
});

test('a file can be the reply', async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'mock-'));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(path.join(folder, 'reply.json'), '{"anything": 1}');
    const server = await mock(t, '--reply-file', path.join(folder, 'reply.json'));
    const { text } = await talk(server, [post('{}', 'Connection: close\r\n')]);
    assert.equal(split(text)[1], '{"anything": 1}');
});

test('what is no request, or has no length, ends the connection', async (t) => {
    const server = await mock(t, '--threads', '2');
    const chunked = 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
    const endless = 'POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n';
    assert.match((await talk(server, ['rubbish\r\n\r\n'])).text, /^HTTP\/1\.1 411 /);
    assert.match((await talk(server, [chunked])).text, /^HTTP\/1\.1 411 /);
    assert.match((await talk(server, [endless])).text, /^HTTP\/1\.1 413 /);
});

test('asks for the body when the client waits to be asked', async (t) => {
    const server = await mock(t);
    const request = post('{}', 'Expect: 100-continue\r\nConnection: close\r\n');
    const { text } = await talk(server, [request.slice(0, -2), request.slice(-2)]);
    assert.match(text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
});

test('mistakes on the command line are named', async () => {
    for (const [options, why] of [[['--chunks', '0'], /--chunks must be a whole number from 1/],
                                  [['--chunks'], /needs a value/], [['--what', '1'], /is no option/],
                                  [['--listen', 'x:1'], /IPv4 HOST:PORT/]]) {
        const child = spawn(program, options, { stdio: ['ignore', 'ignore', 'pipe'] });
        let said = '';
        child.stderr.on('data', (text) => (said += text));
        assert.deepEqual((await once(child, 'close'))[0], 2);
        assert.match(said, why);
    }
});
