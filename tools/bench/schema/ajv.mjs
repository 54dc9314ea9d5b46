// ajv behind the protocol of bench_schema: lines "WORKLOAD MEASUREMENT" in, nanoseconds out.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import Ajv from 'ajv/dist/2020.js';

const batches = 5;
const batchNs = 3e6;
const warmUpNs = 400e6; // until V8 has optimised what it will
const [folder, ...names] = process.argv.slice(2);

function compile(schema) {
    return new Ajv({ strict: false, validateFormats: false }).compile(schema);
}

function accepted(validate, values) {
    return values.reduce((count, value) => count + (validate(value) ? 1 : 0), 0);
}

// if/then/else as one more member of allOf, which means the same. As written, ajv 8.20 forgets what
// allOf has evaluated when it comes to if, and so refuses valid documents of 'uneval'.
function rewritten(schema) {
    if (Array.isArray(schema)) return schema.map(rewritten);
    if (schema === null || typeof schema !== 'object') return schema;
    const { if: condition, then, else: otherwise, ...rest } = schema;
    const copy = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, rewritten(value)]));
    if (condition !== undefined) copy.allOf = [...(copy.allOf ?? []), { if: condition, then, else: otherwise }];
    return copy;
}

function load(name) {
    const file = (of) => readFileSync(path.join(folder, name, of));
    const buffers = file('instances.jsonl').toString().split('\n').filter(Boolean).map((line) => Buffer.from(line));
    const values = buffers.map((buffer) => JSON.parse(buffer.toString()));
    let schema = JSON.parse(file('schema-noformat.json').toString());
    let validate = compile(schema);
    const refused = values.length - accepted(validate, values);
    if (refused) {
        schema = rewritten(schema);
        validate = compile(schema);
        if (accepted(validate, values) !== values.length) throw new Error(`ajv refuses documents of ${name}`);
    }
    return { schema, buffers, values, validate, refused, warm: new Set() };
}

const passes = {
    verdict({ buffers, validate }) {
        let count = 0;
        for (const buffer of buffers) count += validate(JSON.parse(buffer.toString())) ? 1 : 0;
        return count;
    },
    read({ buffers }) {
        let count = 0;
        for (const buffer of buffers) count += JSON.parse(buffer.toString()) !== null ? 1 : 0;
        return count;
    },
    check({ values, validate }) {
        let count = 0;
        for (const value of values) count += validate(value) ? 1 : 0;
        return count;
    },
};

function spent(workload, pass, times) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < times; i++) {
        if (pass(workload) !== workload.buffers.length) throw new Error('a wrong verdict');
    }
    return Number(process.hrtime.bigint() - start);
}

function measure(workload, name) {
    const pass = passes[name];
    let total = 0;
    let times = 0;
    const until = workload.warm.has(name) ? batchNs : warmUpNs;
    while (total < until) {
        total += spent(workload, pass, 1);
        times++;
    }
    workload.warm.add(name);
    times = Math.max(1, Math.round((times * batchNs) / total));
    let least = Infinity;
    for (let i = 0; i < batches; i++) least = Math.min(least, spent(workload, pass, times));
    return least / times / workload.buffers.length;
}

function measureCompile(workload) {
    const start = process.hrtime.bigint();
    compile(workload.schema);
    return Number(process.hrtime.bigint() - start);
}

function answer(workload, measurement) {
    if (measurement === 'refused') return workload.refused;
    return measurement === 'compile' ? measureCompile(workload) : measure(workload, measurement);
}

const workloads = Object.fromEntries(names.map((name) => [name, load(name)]));
for await (const line of createInterface({ input: process.stdin })) {
    const [name, measurement] = line.trim().split(' ');
    console.log(answer(workloads[name], measurement));
}
