// A primary that fails in one way after the other, a second provider that is well, and callers who are to
// notice nothing. Each way has an endpoint and a model of its own, so that no breaker remembers the last one.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { answer, serve, startMock, stopAll } from './servers.mjs';

const root = path.resolve(fileURLToPath(import.meta.url), '../../..');
const usage = `tools/bench/failover: what callers see of a primary that fails

  --build DIR       where pinion and mockprovider were built; default build/release
  --calls N         in all, evenly over the ways to fail; default 100000
  --connections N   that are kept, each with one call at a time; default 32
  --latency-ms MS   of both providers when they are well; default 2
  --no-breaker      no circuit ever opens: every call meets the primary first
  --json            the figures as one JSON document instead of a table

Ends with 1 when more than one call in 10,000 failed.
`;
const text = (fallback) => ({ type: 'string', default: fallback });
const { values: options } = parseArgs({ options: { build: text(path.join(root, 'build/release')), calls: text('100000'),
    connections: text('32'), 'latency-ms': text('2'), 'no-breaker': { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } } });
if (options.help) {
    process.stdout.write(usage);
    process.exit(0);
}
const number = (name) => {
    if (!/^[1-9][0-9]{0,7}$/.test(options[name])) {
        console.error(`failover: --${name} must be a whole number from 1, found '${options[name]}'`);
        process.exit(2);
    }
    return Number(options[name]);
};
const [calls, connections, latency] = [number('calls'), number('connections'), number('latency-ms')];
const programs = { pinion: path.join(options.build, 'pinion'), mock: path.join(options.build, 'tools/mockprovider/mockprovider') };
for (const program of Object.values(programs))
    if (!existsSync(program)) {
        console.error(`failover: '${program}' is missing: cmake --preset release && cmake --build --preset release`);
        process.exit(1);
    }

const folder = mkdtempSync(path.join(tmpdir(), 'pinion-failover-'));
const reply = (name, bytes) => {
    writeFileSync(path.join(folder, name), bytes);
    return ['--reply-file', path.join(folder, name)];
};
const well = ['--latency-ms', String(latency)];
// What the primary is told; null: it is not there.
const ways = {
    well,
    down: null,
    slow: ['--latency-ms', '600000'],
    limited: [...well, '--status', '429', '--retry-after', '1'],
    limited_unsaid: [...well, '--status', '429'],
    failing: [...well, '--status', '500'],
    flapping: [...well, '--status', '500', '--alternate', '40'],
    overloaded: [...well, '--status', '529'],
    html: [...well, ...reply('page.html', '<html><body><h1>502 Bad Gateway</h1></body></html>')],
    cut: [...well, '--break-after', '60'],
    shapeless: [...well, ...reply('shape.json', '{"id": "x", "object": "chat.completion", "choices": []}')],
    unfit: [...well, '--content', JSON.stringify({ headline: answer.title })],
};
const names = Object.keys(ways);

const endpoint = (way, more) => `
provider: primary
model: mock-${way}
system: You are a careful editor.
timeout: {first_token: 500ms, total: 30s}
failover: [{provider: second, model: mock, on: [error, timeout, rate_limit, invalid]}]
${more}`;
const schema = { type: 'object', additionalProperties: false, required: ['title', 'points'],
    properties: { title: { type: 'string' }, points: { type: 'array', items: { type: 'string' } } } };

function files(primary, second) {
    const breaker = options['no-breaker'] ? '{faults_in_row: 0, faults_pct: 0}' : '{open: 500ms, open_max: 4s}';
    const provider = (address) =>
        `{kind: openai, base_url: "http://${address}/v1", key: "sk-bench-0000000000", allow_http: true, allow_private: true, breaker: ${breaker}}`;
    return {
        'pinion.yaml': `listen: 127.0.0.1:0\nworkers: 2\nproviders:\n  primary: ${provider(primary)}\n  second: ${provider(second)}\n`,
        'schemas/out.json': JSON.stringify(schema),
        ...Object.fromEntries(names.flatMap((way) => {
            const slug = way.replace('_', '-');
            return [[`endpoints/${slug}.yaml`, endpoint(way, 'output_schema: schemas/out.json\non_invalid_output: {then: next}\n')],
                [`endpoints/${slug}-stream.yaml`, endpoint(way, 'stream: raw\n')]];
        })),
    };
}

async function freePort() {
    const server = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address();
    await new Promise((resolve) => server.close(resolve));
    return port;
}

// One call: what the caller got, by whom and after how many attempts.
function call(server, agent, slug, stream) {
    const body = JSON.stringify({ message: 'Condense this.', ...(stream ? { stream } : {}) });
    const started = performance.now();
    return new Promise((resolve) => {
        const done = (failure, headers = {}) => resolve({ failure, ms: performance.now() - started,
            attempts: Number(headers['pinion-attempts'] ?? 0), provider: headers['pinion-provider'] });
        const request = http.request({ host: server.host, port: server.port, path: `/${slug}`, method: 'POST', agent,
            headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), authorization: `Bearer ${server.token}` } },
        (response) => {
            let got = '';
            response.setEncoding('utf8').on('data', (piece) => (got += piece));
            response.on('error', (error) => done(error.code, response.headers));
            response.on('end', () => done(wrong(response, got, stream), response.headers));
        });
        request.on('error', (error) => done(error.code));
        request.end(body);
    });
}

function wrong(response, got, stream) {
    if (response.statusCode !== 200) return `${response.statusCode} ${/"code":"(\w+)"/.exec(got)?.[1] ?? ''}`;
    if (stream) return got.endsWith('data: [DONE]\n\n') && !got.includes('"error"') ? undefined : 'a stream without its end';
    return JSON.parse(got).output?.title === answer.title ? undefined : 'another answer';
}

async function run(server, way, count) {
    const slug = way.replace('_', '-'), results = [];
    const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
    let left = count;
    await Promise.all(Array.from({ length: Math.min(connections, count) }, async () => {
        while (left-- > 0) {
            const stream = left % 4 === 0;
            results.push(await call(server, agent, stream ? `${slug}-stream` : slug, stream));
        }
    }));
    agent.destroy();
    return results;
}

function figures(way, results, seconds) {
    const ms = results.map((one) => one.ms).sort((a, b) => a - b);
    const failures = {};
    for (const { failure } of results) if (failure) failures[failure] = (failures[failure] ?? 0) + 1;
    const failed = results.filter((one) => one.failure).length;
    return { way, calls: results.length, failed, failures, attempts: results.reduce((sum, one) => sum + one.attempts, 0),
        by_second: results.filter((one) => one.provider === 'second').length,
        p50_ms: ms[Math.floor(ms.length / 2)], p99_ms: ms[Math.floor(ms.length * 0.99)], max_ms: ms.at(-1), seconds };
}

function print(rows) {
    const base = rows.find(({ way }) => way === 'well');
    console.log(`${connections} connections, breakers ${options['no-breaker'] ? 'off' : 'on'}, one call in four a stream; the second provider takes ${latency} ms; added: to the same load with a primary that is well\n`);
    const line = (cells) => console.log(cells.map((cell, i) => (i === 0 ? String(cell).padEnd(16) : String(cell).padStart(12))).join(''));
    line(['primary', 'calls', 'failed', 'attempts', 'by second', 'p50 ms', 'p99 ms', 'max ms', 'p50 added', 'p99 added']);
    for (const row of rows)
        line([row.way, row.calls, row.failed, (row.attempts / row.calls).toFixed(2), row.by_second, row.p50_ms.toFixed(1), row.p99_ms.toFixed(1), row.max_ms.toFixed(0),
            (row.p50_ms - base.p50_ms).toFixed(1), (row.p99_ms - base.p99_ms).toFixed(1)]);
    for (const row of rows) if (row.failed > 0) console.log(`${row.way}: ${JSON.stringify(row.failures)}`);
}

let failed = true;
try {
    const second = await startMock(programs.mock, folder, ...well);
    const address = `127.0.0.1:${await freePort()}`;
    const server = await serve(programs.pinion, folder, files(address, second.address));
    const rows = [];
    for (const [i, way] of names.entries()) {
        const primary = ways[way] && (await startMock(programs.mock, folder, '--listen', address, ...ways[way]));
        const count = Math.floor((calls * (i + 1)) / names.length) - Math.floor((calls * i) / names.length);
        if (i === 0) await run(server, way, Math.min(2000, count)); // warm
        const started = performance.now();
        rows.push(figures(way, await run(server, way, count), (performance.now() - started) / 1000));
        server.truncate();
        if (!options.json) console.error(`failover: ${way}: ${rows.at(-1).failed} of ${count} failed, ${rows.at(-1).seconds.toFixed(1)} s`);
        await primary?.stop();
    }
    const sum = { calls: rows.reduce((n, row) => n + row.calls, 0), failed: rows.reduce((n, row) => n + row.failed, 0) };
    failed = sum.failed * 10000 > sum.calls;
    if (options.json) console.log(JSON.stringify({ connections, latency_ms: latency, ...sum, rows }, null, 2));
    else {
        print(rows);
        console.log(`\n${sum.failed} of ${sum.calls} calls failed: ${((100 * sum.failed) / sum.calls).toFixed(4)} %, ${failed ? 'more than' : 'within'} the 0.01 % allowed`);
    }
} catch (error) {
    console.error(`failover: ${error.message}`);
} finally {
    await stopAll();
    rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
