// What the dashboard says of numbers, without a browser: its modules that know nothing of pages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, change, compact, ms, percent, relative, sentence, usd, utcTime } from '../../src/dashboard/web/lib/format.js';
import { diffLines, hunks } from '../../src/dashboard/web/lib/diff.js';
import { pointerAt } from '../../src/dashboard/web/lib/place.js';
import { compare, dayPlus, daysUpTo, projection, reasons, split, stack } from '../../src/dashboard/web/lib/spans.js';

test('money shows cents from a dollar on, and below as many places as say something', () => {
  assert.deepEqual(
    ['0', '0.000000042', '0.0123456', '0.5', '1', '1234.567', '98765.4', '-2.5', null, undefined, ''].map(usd),
    ['$0', '$0.000000042', '$0.0123', '$0.50', '$1.00', '$1,234.57', '$98.8K', '$-2.50', '–', '–', '–'],
  );
});

test('durations, counts, shares, sizes and changes', () => {
  assert.deepEqual([0.4231, 7.25, 87.4, 1240, 125000, null].map(ms), ['0.42 ms', '7.3 ms', '87 ms', '1.24 s', '2 min 5 s', '–']);
  assert.deepEqual([999, 9999, 1234567].map(compact), ['999', '9,999', '1.2M']);
  assert.deepEqual([percent(3, 200), percent(0, 7), percent(1, 5000), percent(1, 0), percent(50, 100)], ['1.5%', '0%', '<0.1%', '–', '50%']);
  assert.deepEqual([bytes(12), bytes(1536), bytes(5 * 1024 ** 3)], ['12 B', '1.5 KiB', '5.0 GiB']);
  assert.deepEqual([change(120, 100), change(50, 100), change(100, 100), change(5, 0), change(0, 0)], ['+20%', '−50%', '±0%', 'new', '–']);
  assert.equal(sentence('the token is not known'), 'The token is not known');
});

test('times', () => {
  const now = Date.parse('2026-11-27T12:00:00Z');
  assert.equal(utcTime('2026-11-27T00:32:04.123Z'), '2026-11-27 00:32:04.123 UTC');
  assert.deepEqual(['2026-11-27T11:59:59Z', '2026-11-27T11:30:00Z', '2026-11-25T11:00:00Z', '2026-11-27T15:00:00Z', ''].map((at) => relative(at, now)), ['1 second ago', '30 minutes ago', '2 days ago', 'in 3 hours', '–']);
  assert.equal(dayPlus('2026-02-28', 1), '2026-03-01');
  assert.deepEqual(daysUpTo('2026-01-02', 3), ['2025-12-31', '2026-01-01', '2026-01-02']);
});

const sum = (calls, cost_usd, input_tokens = calls * 100, output_tokens = calls * 50) => ({ calls, cost_usd, input_tokens, output_tokens });

test('why a cost rose: more calls, dearer calls by their tokens or without them, or both, the weightier first', () => {
  assert.deepEqual(reasons(sum(200, 2), sum(100, 1)), ['calls +100%']);
  assert.deepEqual(reasons(sum(100, 3, 30000, 5000), sum(100, 1)), ['a call costs +200%: input tokens per call +200%']);
  assert.deepEqual(reasons(sum(100, 2), sum(100, 1)), ['a call costs +100%: another model, price or cache']);
  assert.deepEqual(reasons(sum(150, 6), sum(100, 1)), ['a call costs +300%: another model, price or cache']);
  assert.deepEqual(reasons(sum(400, 8), sum(100, 1)), ['a call costs +100%: another model, price or cache', 'calls +300%']);
  assert.deepEqual(reasons(sum(5, 1), sum(0, 0)), ['was not called before']);
  assert.deepEqual(reasons(sum(0, 0), sum(5, 1)), ['is not called any more']);
  assert.deepEqual(reasons(sum(5, 0), sum(5, 0)), []);
});

test('a change of cost is made of requests, repeats, tokens, models and prices, which add up to it', () => {
  const parts = (now, before, models, requests) => Object.fromEntries(split(now, before, models, requests).map(([what, usd]) => [what, Number(usd.toFixed(6))]));
  const one = (now, before) => [{ key: 'm', now, before }];
  const same = (now, before, requests) => parts(now, before, one(now, before), requests);
  assert.deepEqual(same(sum(200, 2), sum(100, 1)), { calls: 1 });
  assert.deepEqual(same(sum(200, 2), sum(100, 1), { now: 100, before: 100 }), { 'repeats, failovers and cached answers': 1 });
  assert.deepEqual(same(sum(200, 2), sum(100, 1), { now: 150, before: 100 }), { requests: 0.5, 'repeats, failovers and cached answers': 0.5 });
  assert.deepEqual(same(sum(100, 2, 20000, 10000), sum(100, 1, 10000, 5000)), { 'tokens a call': 1 });
  assert.deepEqual(same(sum(100, 3), sum(100, 1)), { 'prices, and what was cached of prompts': 2 });
  const models = [{ key: 'cheap', now: sum(50, 0.5), before: sum(100, 1) }, { key: 'dear', now: sum(50, 5), before: sum(0, 0) }];
  assert.deepEqual(parts(sum(100, 5.5), sum(100, 1), models), { 'other models': 4.5 });
  const mixed = [{ key: 'a', now: sum(300, 9, 90000, 30000), before: sum(100, 1, 10000, 5000) }, { key: 'b', now: sum(20, 4, 1000, 100), before: sum(60, 2, 4000, 300) }];
  const all = parts(sum(320, 13, 91000, 30100), sum(160, 3, 14000, 5300), mixed, { now: 290, before: 150 });
  assert.ok(Math.abs(Object.values(all).reduce((total, usd) => total + usd, 0) - 10) < 0.1, JSON.stringify(all));
  assert.deepEqual(split(sum(5, 1), sum(0, 0), []), []);
});

test('two spans are compared by day, and what is on other days is in neither', () => {
  const rows = [
    { day: '2026-11-27', endpoint: 'a', calls: 2, cost_usd: '0.200000000' },
    { day: '2026-11-21', endpoint: 'a', calls: 1, cost_usd: '0.100000000' },
    { day: '2026-11-20', endpoint: 'a', calls: 4, cost_usd: '0.400000000' },
    { day: '2026-11-13', endpoint: 'a', calls: 9, cost_usd: '9' },
    { day: '2026-11-14', endpoint: 'b', calls: 1, cost_usd: '0.5' },
  ];
  const [a, b] = compare({ rows, today: '2026-11-27' }, 'endpoint', 7);
  assert.deepEqual([a.key, a.now.calls, a.before.calls, b.key, b.now.calls, b.before.calls], ['a', 3, 4, 'b', 0, 1]);
});

test('a chart shows the dearest few, and all others as one', () => {
  const rows = ['a', 'b', 'c'].flatMap((endpoint, i) => [{ day: '2026-11-26', endpoint, calls: 1, cost_usd: `${i + 1}` }, { day: '2026-11-27', endpoint, calls: 1, cost_usd: '1' }]);
  assert.deepEqual(stack({ rows }, 'endpoint', ['2026-11-26', '2026-11-27'], 1), [
    { label: 'c', values: [3, 1] },
    { label: '2 others', values: [3, 2], rest: true },
  ]);
});

test('two texts differ by as few lines as can be, and both can be read from the difference', () => {
  // All pairs of short texts, against the length of their longest common part by the book.
  const texts = [];
  for (let n = 0; n < 3 ** 4; n++) texts.push([0, 1, 2, 3].map((i) => 'abc'[Math.floor(n / 3 ** i) % 3]).slice(0, 1 + (n % 4)));
  const common = (a, b) => (a.length === 0 || b.length === 0 ? 0 : a[0] === b[0] ? 1 + common(a.slice(1), b.slice(1)) : Math.max(common(a.slice(1), b), common(a, b.slice(1))));
  for (const a of texts)
    for (const b of texts) {
      const lines = diffLines(a.join('\n'), b.join('\n'));
      const of = (kind) => lines.filter((line) => line.kind === ' ' || line.kind === kind).map((line) => line.text);
      assert.deepEqual([of('-'), of('+'), lines.filter((line) => line.kind === ' ').length], [a, b, common(a, b)]);
    }
  const long = Array.from({ length: 3000 }, (_, i) => `a${i}`).join('\n');
  assert.equal(diffLines(long, long.replaceAll('a', 'b')).length, 6000);
  assert.deepEqual(hunks(diffLines('1\n2\n3\n4\n5\n6', '1\n2\n3\n4\n5\nsix'), 1).map((line) => line.kind + line.text), ['@…', ' 5', '-6', '+six']);
});

test('a budget is projected to its end by what was spent so far, but not at its beginning', () => {
  const budget = { period: 'daily', resets_at: '2026-11-28T00:00:00.000Z', spent_usd: '2' };
  assert.equal(projection(budget, Date.parse('2026-11-27T12:00:00Z')), 4);
  assert.equal(projection(budget, Date.parse('2026-11-27T01:00:00Z')), undefined);
  assert.equal(projection({ period: 'monthly', resets_at: '2026-12-01T00:00:00.000Z', spent_usd: '10' }, Date.parse('2026-11-16T00:00:00Z')), 20);
});

test('a byte of a JSON text is in one of its values', () => {
  const text = '{"title": 7, "é": [1, {"a/b": "x"}, 3], "extra": "<b>"}';
  const at = (part) => pointerAt(text, Buffer.byteLength(text.slice(0, text.indexOf(part))));
  assert.deepEqual(['7', '[1', '1,', '{"a', '"x"', '3]', '"<b>"', '"extra"'].map(at), ['/title', '/é', '/é/0', '/é/1', '/é/1/a~1b', '/é/2', '/extra', '/extra']);
  assert.deepEqual([pointerAt('"x"', 0), pointerAt('[]', 0), pointerAt('[[],{}, 5]', 8), pointerAt('{"a": ', 2)], ['', '', '/2', undefined]);
});
