// What every scripted provider can do to a caller, whatever it speaks: shown with plain HTTP and sockets.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { framings, kinds, protocols, startUpstream } from './support/upstreams/index.js';
import { requests } from './support/vendor.js';

for (const name of Object.keys(protocols)) {
  describe(name, () => {
    let upstream;
    before(async () => (upstream = await startUpstream(name)));
    after(async () => {
      await upstream.stop();
      upstream.check();
    });
    const asked = (stream) => requests[name](stream);
    const ask = ({ stream = true, ...options } = {}) => {
      const { path, headers, body } = asked(stream);
      return fetch(upstream.origin + path, { method: 'POST', headers, body: JSON.stringify(body), ...options });
    };
    const text = async (options) => (await ask(options)).text();
    // Everything that a bare connection receives until it is closed, and how that ends.
    const bytes = (stream = true) =>
      new Promise((resolve) => {
        const { path, headers, body } = asked(stream);
        const lines = Object.entries({ host: 'x', 'content-length': JSON.stringify(body).length, ...headers });
        const socket = net.connect(Number(new URL(upstream.origin).port), '127.0.0.1');
        let got = '';
        let end = 'close';
        socket.setEncoding('latin1').on('data', (piece) => (got += piece));
        socket.on('error', () => (end = 'reset'));
        socket.on('close', () => resolve({ got, end }));
        socket.write(`POST ${path} HTTP/1.1\r\n${lines.map((one) => one.join(': ')).join('\r\n')}\r\n\r\n${JSON.stringify(body)}`);
      });

    // Whether node's own client, which decodes nothing, takes the whole answer.
    const strictly = () =>
      new Promise((resolve) => {
        const { path, headers, body } = asked(true);
        const request = http.request(upstream.origin + path, { method: 'POST', headers, agent: false }, (response) => {
          response.on('error', () => resolve('refused'));
          response.on('end', () => resolve('read')).resume();
        });
        request.on('error', () => resolve('refused'));
        request.end(JSON.stringify(body));
      });

    test('the same description is one whole body or a stream, as it is asked for', async () => {
      upstream.answer('Grüße 🙂');
      JSON.parse(await text({ stream: false }));
      upstream.answer('Grüße 🙂');
      assert.throws(() => JSON.parse(plain), SyntaxError, (plain = await text()));
      assert.equal(upstream.calls.at(-1).asked.messages.at(-1).text, 'When does the town library open?');
    });
    let plain;

    test('the bytes of a stream can be split anywhere and stay the same', async () => {
      for (const split of [1, 7, [3, 4, 90]]) {
        upstream.answer('Grüße 🙂', { split });
        assert.equal(await text(), plain);
      }
    });

    test('line ends, comments, a byte order mark, pings and what follows the end can be had', async () => {
      const eol = protocols[name].eol ?? '\n';
      const other = eol === '\n' ? '\r\n' : '\n';
      upstream.answer('Grüße 🙂', { eol: other });
      assert.equal((await text()).replaceAll(other, eol), plain);
      upstream.answer('Grüße 🙂', { bom: true });
      assert.deepEqual([...Buffer.from(await (await ask()).arrayBuffer()).subarray(0, 3)], [0xef, 0xbb, 0xbf]);
      upstream.answer('Grüße 🙂', { trailing: 'data: nonsense' });
      assert.equal(await text(), `${plain}data: nonsense`);
      if (protocols[name].framing === 'ndjson') return;
      upstream.answer('Grüße 🙂', { comments: true });
      assert.equal((await text()).replaceAll(/: comment \d+(\r?\n)+/g, ''), plain);
      upstream.answer('Grüße 🙂', { pings: true });
      assert.ok((await text()).length > plain.length);
      upstream.answer('Grüße 🙂', { space: false });
      assert.equal((await text()).replaceAll(/^(data|event):/gm, '$1: '), plain);
    });

    test('a last event without its line end, and data on several lines', async () => {
      upstream.answer('Grüße 🙂', { unended: true });
      assert.equal(await text(), plain.replace(/[\r\n]+$/, ''));
      if (protocols[name].framing === 'ndjson') return;
      upstream.answer('Grüße 🙂', { dataLines: true });
      const several = await text();
      assert.notEqual(several, plain);
      assert.equal(several.replaceAll(/^(data: \{)(\r?\n)data: /gm, '$1'), plain);
    });

    test('an answer can wait before its head, and have another status and more headers', async () => {
      const handle = upstream.answer('Grüße 🙂', { wait: true, status: 203, headers: { 'x-more': '1' } });
      const asking = ask({ stream: false });
      await handle.held;
      handle.release();
      const response = await asking;
      assert.deepEqual([response.status, response.headers.get('x-more')], [203, '1']);
      await response.text();
    });

    test('a stream without its end, or without its finish', async () => {
      upstream.answer('Grüße 🙂', { without: 'finish' });
      const unfinished = await text();
      assert.ok(plain.startsWith(unfinished) && unfinished.length < plain.length);
    });

    test('an answer is held until it is let go', async () => {
      const handle = upstream.answer('Grüße 🙂', { hold: 1 });
      const response = await ask();
      const reader = response.body.getReader();
      let got = Buffer.from((await reader.read()).value).toString();
      await handle.held;
      assert.ok(plain.startsWith(got) && got.length < plain.length, got);
      handle.release();
      for (let piece; !(piece = await reader.read()).done; ) got = Buffer.concat([Buffer.from(got), piece.value]).toString('utf8');
      await handle.done;
      assert.equal(got.length, plain.length);
    });

    test('a connection is closed or reset after n bytes', async () => {
      for (const then of ['close', 'reset']) {
        for (const most of [0, 9, 200]) {
          upstream.fault({ cut: { bytes: most, then } });
          const { got, end } = await bytes();
          assert.equal(end, then);
          if (then === 'close') assert.equal(got.length, most);
        }
        upstream.fault({ cut: { events: 1, then } });
        assert.equal((await bytes()).end, then);
      }
    });

    test('silence lasts until the caller leaves', async () => {
      const handle = upstream.fault({ cut: { bytes: 0, then: 'silence' } });
      const leave = new AbortController();
      const asking = ask({ signal: leave.signal }).catch((error) => error.name);
      const call = await handle.called;
      leave.abort();
      assert.equal(await call.closed, false);
      assert.equal(await asking, 'AbortError');
    });

    test('an answer drips in byte by byte, or never ends', async () => {
      upstream.answer('Grüße 🙂', { drip: true });
      assert.equal(await text(), plain);
      const handle = upstream.fault({ endless: true });
      const leave = new AbortController();
      const response = await ask({ signal: leave.signal });
      const call = await handle.called;
      let received = 0;
      for await (const piece of response.body) if ((received += piece.length) > 1 << 20) break;
      assert.equal(await call.closed, false);
      assert.ok(call.sent_bytes >= 1 << 20);
    });

    test('framing can be wrong in every known way: a client refuses all but what is allowed', async () => {
      const allowed = ['no_length', 'many_interim', 'surplus_bytes', 'encoded'];
      for (const framing of Object.keys(framings)) {
        upstream.fault({ framing });
        assert.equal(await strictly(), allowed.includes(framing) ? 'read' : 'refused', framing);
      }
      upstream.fault({ framing: 'encoded' });
      assert.match((await bytes()).got, /content-encoding: gzip\r\n/);
      upstream.fault({ framing: 'surplus_bytes' });
      assert.equal((await bytes()).got.match(/^HTTP\/1.1 200/gm).length, 2);
    });

    test('each kind of refusal is told as the vendor tells it, or the vendor knows no such kind', async () => {
      for (const kind of kinds) {
        if (!protocols[name].refusal(kind, {})) {
          assert.throws(() => upstream.refuse({ kind }), /no refusal of the kind/);
          continue;
        }
        upstream.refuse({ kind });
        const response = await ask({ stream: false });
        const { status, body } = protocols[name].refusal(kind, {}, upstream.calls.at(-1));
        assert.deepEqual([response.status, await response.json()], [status, JSON.parse(JSON.stringify(body))]);
      }
    });

    test('a call that nobody scripted, one of another kind and one of another path are kept', async () => {
      assert.equal((await ask()).status, 500);
      upstream.models(['x']);
      assert.equal((await ask()).status, 500);
      assert.equal(upstream.unexpected.splice(0).length, 2);
      assert.equal((await fetch(`${upstream.origin}/v9`, { method: 'POST', body: '{}' })).status, 404);
      assert.match(upstream.forgive()[0], /\/v9: there is no such path/);
    });
  });
}

test('only known keys are let in where a provider has some', async () => {
  const upstream = await startUpstream('openai-chat', { keys: ['good'] });
  const { path, headers, body } = requests['openai-chat'](false);
  const ask = (key) => fetch(upstream.origin + path, { method: 'POST', headers: { ...headers, authorization: `Bearer ${key}` }, body: JSON.stringify(body) });
  upstream.answer('x');
  assert.equal((await ask('bad')).status, 401);
  assert.equal((await ask('good')).status, 200);
  await upstream.stop();
  upstream.check();
});
