// One interleaved run of bench_schema and ajv: in every round each measurement of one is followed by
// the same of the other, so that what the machine does meanwhile hits both alike.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../../..');
const usage = `tools/bench/schema/run: how fast JSON is read and checked against a schema, beside ajv

  --data DIR     folder of workloads; default ../shared/data/json-schema-bench beside the repository
  --build DIR    where to build; default build/release
  --only LIST    of workloads; default all ten
  --rounds N     default 5; each has five batches of a few milliseconds
  --no-build     bench_schema and ajv are there already
  --no-ajv       without ajv
  --json         the figures as one JSON document
`;
const allWorkloads = ['summary', 'chatreq', 'tree', 'entities5', 'invoice', 'entities', 'invoice50', 'dict', 'longtext', 'uneval'];
const ours = ['verdict', 'read', 'check', 'explain', 'follow', 'follow-20', 'compile', 'json-c'];
const theirs = ['verdict', 'read', 'check', 'compile'];

function readOptions() {
    const text = (fallback) => ({ type: 'string', default: fallback });
    const flag = { type: 'boolean', default: false };
    const { values } = parseArgs({
        options: {
            data: text(path.resolve(root, '../shared/data/json-schema-bench')),
            build: text(path.join(root, 'build/release')),
            only: text(allWorkloads.join(',')),
            rounds: text('5'),
            'no-build': flag,
            'no-ajv': flag,
            json: flag,
            help: flag,
        },
    });
    if (values.help) {
        process.stdout.write(usage);
        process.exit(0);
    }
    return { ...values, rounds: Number(values.rounds), workloads: values.only.split(',') };
}

function build(options) {
    const quiet = { stdio: ['ignore', 'ignore', 'inherit'], cwd: root };
    if (!existsSync(path.join(options.build, 'CMakeCache.txt')))
        execFileSync('cmake', ['--preset', 'release', '-B', options.build], quiet);
    execFileSync('cmake', ['--build', options.build, '--target', 'bench_schema'], quiet);
    if (!options['no-ajv'] && !existsSync(path.join(here, 'node_modules/ajv')))
        execFileSync('npm', ['ci', '--silent'], { ...quiet, cwd: here });
}

// A process that answers one line with one line.
function start(command, args) {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return {
        async ask(question) {
            child.stdin.write(`${question}\n`);
            const { value, done } = await lines.next();
            if (done) throw new Error(`${command} ended while asked for '${question}'`);
            return value === 'unknown' ? undefined : Number(value);
        },
        stop: () => child.stdin.end(),
    };
}

async function keepLeast(figures, key, asked) {
    const value = await asked;
    if (value !== undefined) figures[key] = Math.min(figures[key] ?? Infinity, value);
}

async function measure(options) {
    const pinion = start(path.join(options.build, 'tools/bench/schema/bench_schema'), [options.data, ...options.workloads]);
    const ajv = options['no-ajv'] ? undefined
        : start(process.execPath, [path.join(here, 'ajv.mjs'), options.data, ...options.workloads]);
    const results = options.workloads.map((name) => ({ name, pinion: {}, ajv: {} }));
    for (const result of results) {
        result.bytes = await pinion.ask(`${result.name} bytes`);
        result.invalidBytes = await pinion.ask(`${result.name} invalid-bytes`);
        if (ajv) result.ajv.refused = await ajv.ask(`${result.name} refused`);
    }
    for (let round = 0; round < options.rounds; round++) {
        for (const result of results) {
            for (const key of ours) {
                await keepLeast(result.pinion, key, pinion.ask(`${result.name} ${key}`));
                if (ajv && theirs.includes(key)) await keepLeast(result.ajv, key, ajv.ask(`${result.name} ${key}`));
            }
        }
    }
    pinion.stop();
    ajv?.stop();
    return results;
}

function geometricMean(values) {
    return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

function table(rows) {
    const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
    for (const row of rows) console.log(row.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  '));
    console.log();
}

const number = (value, digits = 0) => (value === undefined ? '-' : value.toFixed(digits));
const ratio = (a, b) => (a === undefined || b === undefined ? undefined : a / b);
const perByte = (result) => ratio(ratio(result.pinion.explain, result.invalidBytes), ratio(result.pinion.check, result.bytes));

function print(results) {
    console.log('ns per document; "x" is how many times as long ajv takes\n');
    table([
        ['workload', 'bytes', 'verdict', 'MB/s', 'ajv', 'x', 'read', 'check', 'MB/s', 'ajv', 'x', 'json-c'],
        ...results.map(({ name, bytes, pinion, ajv }) => [
            name, number(bytes),
            number(pinion.verdict), number((bytes / pinion.verdict) * 1e3), number(ajv.verdict), number(ratio(ajv.verdict, pinion.verdict), 2),
            number(pinion.read),
            number(pinion.check), number((bytes / pinion.check) * 1e3), number(ajv.check), number(ratio(ajv.check, pinion.check), 2),
            number(pinion['json-c']),
        ]),
    ]);
    for (const { name, ajv } of results) {
        if (ajv.refused) console.log(`ajv wrongly refuses ${ajv.refused} documents of ${name}; measured with an equivalent schema it gets right\n`);
    }
    table([
        ['workload', 'explain', '/check', 'follow', '20 bytes', '/whole', 'compile', 'ajv'],
        ...results.map((result) => [
            result.name, number(result.pinion.explain), number(perByte(result), 2),
            number(result.pinion.follow), number(result.pinion['follow-20']),
            number(ratio(result.pinion['follow-20'], result.pinion.follow), 2),
            number(result.pinion.compile), number(result.ajv.compile),
        ]),
    ]);
}

function goal(met, text) {
    console.log(`${met ? 'met   ' : 'MISSED'}  ${text}`);
}

// Those whose every figure is there.
function figures(results, of) {
    return results.map((result) => [result.name, of(result)]).filter(([, value]) => value !== undefined);
}

function goalForEach(results, what, of, holds) {
    const all = figures(results, of);
    if (all.length === 0) return;
    const bad = all.filter(([, value]) => !holds(value));
    const listed = (bad.length ? bad : all).map(([name, value]) => `${name} ${value.toFixed(2)}`).join(', ');
    goal(bad.length === 0, `${what}: ${listed}`);
}

function judge(results) {
    const usual = results.filter(({ name }) => name !== 'uneval');
    const uneval = results.filter(({ name }) => name === 'uneval');
    const against = (key) => ({ pinion, ajv }) => ratio(ajv[key], pinion[key]);
    for (const [key, what, least] of [['verdict', 'bytes to verdict', 8], ['check', 'check alone', 2.5]]) {
        const all = figures(usual, against(key)).map(([, value]) => value);
        if (all.length) {
            const mean = geometricMean(all);
            goal(mean >= least, `${what}, geometric mean without uneval at least ${least} times as fast as ajv: ${mean.toFixed(2)}`);
        }
    }
    goalForEach(usual, 'check alone nowhere slower than ajv', against('check'), (x) => x >= 1);
    goalForEach(uneval, 'uneval, bytes to verdict at least as fast as ajv', against('verdict'), (x) => x >= 1);
    goalForEach(uneval, 'uneval, check alone at least as fast as ajv', against('check'), (x) => x >= 1);
    goalForEach(results, 'explain at most 3 times a check of as many bytes', perByte, (x) => x <= 3);
    goalForEach(results, 'follow in 20-byte pieces at most 1.5 times one piece',
        ({ pinion }) => ratio(pinion['follow-20'], pinion.follow), (x) => x <= 1.5);
    goalForEach(results, 'compile at most 1 ms', ({ pinion }) => pinion.compile / 1e6, (x) => x <= 1);
}

const options = readOptions();
if (!options['no-build']) build(options);
const results = await measure(options);
if (options.json) {
    console.log(JSON.stringify({ processor: cpus()[0]?.model, node: process.version, results }, null, 2));
} else {
    console.log(`${cpus()[0]?.model}, node ${process.version}, ${options.rounds} rounds\n`);
    print(results);
    judge(results);
}
