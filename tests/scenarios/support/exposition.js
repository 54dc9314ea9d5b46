// Reads what /metrics says as strictly as its two formats are written down: Prometheus' text format
// 0.0.4, and OpenMetrics 1.0. Gives families by name; throws where a scraper might stumble.
import assert from 'node:assert/strict';

const nameOf = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const suffixes = {
  text: { counter: [''], gauge: [''], histogram: ['_bucket', '_sum', '_count'] },
  openmetrics: { counter: ['_total'], gauge: [''], histogram: ['_bucket', '_sum', '_count'] },
};

function number(text, line) {
  assert.match(text, /^([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]Inf|NaN)$/, line);
  return text.endsWith('Inf') ? (text[0] === '-' ? -Infinity : Infinity) : Number(text);
}

// {a="x",b="y"}: the labels, and what is behind them.
function labelsOf(text, line) {
  const labels = {};
  if (text[0] !== '{') return [labels, text];
  for (text = text.slice(1); text[0] !== '}'; ) {
    const match = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,(?!\})|(?=\}))/.exec(text);
    assert.ok(match, line);
    assert.ok(!(match[1] in labels), line);
    labels[match[1]] = match[2].replace(/\\(.)/g, (_, byte) => (byte === 'n' ? '\n' : byte));
    text = text.slice(match[0].length);
  }
  return [labels, text.slice(1)];
}

function meta(families, line, form) {
  const [, word, name, rest] = /^# (HELP|TYPE|UNIT) (\S+) (.+)$/.exec(line) ?? assert.fail(line);
  assert.equal(nameOf.exec(name)?.[0], name, line);
  if (!families.has(name)) families.set(name, { samples: [], name });
  assert.equal([...families.keys()].at(-1), name, `not in one place: ${line}`);
  const family = families.get(name);
  assert.equal(family.samples.length, 0, `behind its samples: ${line}`);
  assert.ok(!(word.toLowerCase() in family), `twice: ${line}`);
  if (word === 'TYPE') assert.ok(rest in suffixes[form], line);
  if (word === 'UNIT') assert.ok(form === 'openmetrics' && name.endsWith(`_${rest}`), line);
  family[word.toLowerCase()] = rest;
}

function sample(families, line, form) {
  const name = nameOf.exec(line)?.[0] ?? assert.fail(line);
  const [labels, rest] = labelsOf(line.slice(name.length), line);
  const family = [...families.values()].at(-1);
  assert.ok(family?.help && family.type, `without HELP and TYPE: ${line}`);
  assert.ok(suffixes[form][family.type].some((suffix) => name === family.name + suffix), `not of ${family.name}: ${line}`);
  assert.equal(rest[0], ' ', line);
  family.samples.push({ name, labels, value: number(rest.slice(1), line) });
}

const key = ({ name, labels: { le, ...labels } }) => JSON.stringify([name.replace(/_(bucket|sum|count)$/, ''), labels]);

function checkHistogram(family, form) {
  const groups = Map.groupBy(family.samples, key);
  for (const [series, samples] of groups) {
    const buckets = samples.filter(({ name }) => name.endsWith('_bucket'));
    const [sum, count] = ['_sum', '_count'].map((suffix) => samples.filter(({ name }) => name.endsWith(suffix)));
    assert.ok(sum.length === 1 && count.length === 1, series);
    assert.equal(buckets.at(-1)?.labels.le, '+Inf', series);
    assert.equal(buckets.at(-1).value, count[0].value, series);
    buckets.reduce((before, { labels: { le }, value }) => {
      if (form === 'openmetrics') assert.match(le, /[.e]|^\+Inf$/, 'a bound looks like a number with a point');
      assert.ok(number(le, series) > before.le && value >= before.value, `${series} goes back at ${le}`);
      return { le: number(le, series), value };
    }, { le: -Infinity, value: 0 });
  }
}

export function readExposition(text, form = 'text') {
  const families = new Map();
  assert.ok(text.endsWith('\n'), 'the last line ends');
  const lines = text.slice(0, -1).split('\n');
  if (form === 'openmetrics') assert.equal(lines.pop(), '# EOF');
  for (const line of lines) (line[0] === '#' ? meta : sample)(families, line, form);
  for (const family of families.values()) {
    const seen = family.samples.map(({ name, labels }) => JSON.stringify([name, Object.entries(labels).sort()]));
    assert.equal(new Set(seen).size, seen.length, `${family.name}: a series twice`);
    if (family.type === 'counter') {
      assert.ok(form === 'openmetrics' || family.name.endsWith('_total'), family.name);
      for (const { value } of family.samples) assert.ok(value >= 0, family.name);
    }
    if (family.type === 'histogram') checkHistogram(family, form);
  }
  return families;
}
