// One interleaved run: every round measures every server, so that what the machine does meanwhile
// hits all of them alike.
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { load, look, rss, streams } from './load.mjs';
import { spreads, table } from './report.mjs';
import { answer, besideOf, besides, direct, startMock, startNginx, startPinion, stopAll, version, writeBodies } from './servers.mjs';

const root = path.resolve(fileURLToPath(import.meta.url), '../../..');
const usage = `tools/bench/run: what the gateway costs

  --build DIR         where pinion, mockprovider and bench_first_byte were built; default build/release
  --rounds N          default 5
  --seconds S         of each measurement; default 3
  --body-bytes N      of the text in the request; default 1024
  --workers N         of Pinion and of nginx; default 2
  --connections LIST  default 64,1
  --in-flight LIST    calls that wait for a slow provider at once; default 64,1000,5000
  --latency-ms MS     of that provider; default 50
  --only LIST         of direct,nginx,pinion,hit,guarded; default the first three
  --skip LIST         of load,streams,calls
  --json              the figures as one JSON document instead of tables
`;

function fail(message) {
    console.error(`bench: ${message}`);
    process.exit(1);
}

function readOptions() {
    const text = (fallback) => ({ type: 'string', default: fallback });
    try {
        const { values } = parseArgs({ options: { build: text(path.join(root, 'build/release')),
            rounds: text('5'), seconds: text('3'), 'body-bytes': text('1024'), workers: text('2'),
            connections: text('64,1'), 'in-flight': text('64,1000,5000'), 'latency-ms': text('50'), only: text('direct,nginx,pinion'), skip: text(''),
            json: { type: 'boolean' }, help: { type: 'boolean' } } });
        if (values.help) {
            process.stdout.write(usage);
            process.exit(0);
        }
        const number = (name, value) => {
            if (!/^[1-9][0-9]{0,6}$/.test(value))
                fail(`--${name} must be a whole number from 1, found '${value}'`);
            return Number(value);
        };
        const list = (value) => value.split(',').filter(Boolean);
        return { ...values, build: path.resolve(values.build), rounds: number('rounds', values.rounds),
            seconds: number('seconds', values.seconds), workers: number('workers', values.workers),
            bytes: number('body-bytes', values['body-bytes']), only: list(values.only),
            skip: list(values.skip), latency: number('latency-ms', values['latency-ms']),
            connections: list(values.connections).map((value) => number('connections', value)),
            in_flight: list(values['in-flight']).map((value) => number('in-flight', value)) };
    } catch (error) {
        return fail(`${error.message}; --help lists the options`);
    }
}

const options = readOptions();
const notes = [];
const note = (text) => (notes.push(text), console.error(`bench: ${text}`));
const built = (name) => path.join(options.build, name);
const wanted = (name) => options.only.includes(name);
const measured = (name) => !options.skip.includes(name);
const programs = { pinion: built('pinion'), mock: built('tools/mockprovider/mockprovider'),
    first_byte: built('tools/bench/bench_first_byte') };

function checkPrograms() {
    if (version('sh', '-c', 'command -v wrk') === '') fail('wrk is missing: apt-get install wrk');
    for (const name of ['mock', 'first_byte'])
        if (!existsSync(programs[name]))
            fail(`'${programs[name]}' is missing: cmake --preset release && cmake --build --preset release`);
}

async function startServers(folder, fast, slow) {
    const servers = [];
    if (wanted('direct')) servers.push(direct(fast, slow));
    if (wanted('nginx')) {
        const nginx = await startNginx(folder, options.workers, fast, slow);
        if (nginx) servers.push(nginx);
        else note('nginx is missing and left out: apt-get install nginx-light');
    }
    if (wanted('pinion')) {
        if (existsSync(programs.pinion))
            servers.push(await startPinion(programs.pinion, folder, options.workers, fast, slow));
        else note(`'${programs.pinion}' is missing, Pinion is left out`);
        const pinion = servers.at(-1);
        for (const name of Object.keys(besides))
            if (wanted(name) && pinion?.name === 'pinion') servers.push(besideOf(pinion, name));
    }
    return servers;
}

async function lookAtAll(servers, folder) {
    const right = { chat: (body) => body.choices[0].message.content === JSON.stringify(answer),
        slug: (body) => body.ok === true && body.output.title === answer.title };
    for (const server of servers)
        for (const target of [server.plain, server.slow])
            await look(server, target, folder, server.body === 'slug.json' ? right.slug : right.chat);
}

// measure(server) for every server in every round; the first server changes from round to round.
async function interleave(servers, rounds, measure) {
    const found = Object.fromEntries(servers.map((server) => [server.name, []]));
    for (let i = 0; i < rounds; i++)
        for (let k = 0; k < servers.length; k++) {
            const server = servers[(i + k) % servers.length];
            found[server.name].push(await measure(server));
        }
    return Object.fromEntries(Object.entries(found).map(([name, list]) => [name, spreads(list)]));
}

const loaded = (server, folder, target, connections, seconds) => load(server, { target, connections,
    seconds, folder, pids: target === server.slow && server.slow_pids ? server.slow_pids() : server.pids() });

// What one waiting call holds: the memory beyond that of the idle server, its client's connection and
// the one to the provider included.
async function waiting(server, folder, calls, idle) {
    const result = await loaded(server, folder, server.slow, calls, options.seconds);
    return { ...result, call_kb: Math.max(0, result.rss_kb - idle) / calls };
}

async function measureAll(servers, folder) {
    const idle = Object.fromEntries(servers.map((server) => [server.name, rss(server.pids())]));
    const sections = [];
    for (const server of servers) await loaded(server, folder, server.plain, 64, 1); // warm
    if (measured('load'))
        for (const connections of options.connections)
            sections.push({ title: `${connections} connection${connections > 1 ? 's' : ''}`,
                keys: ['rps', 'p50_us', 'p99_us', 'cpu_us', 'rss_kb'],
                results: await interleave(servers, options.rounds, (server) =>
                    loaded(server, folder, server.plain, connections, options.seconds)) });
    if (measured('streams'))
        sections.push({ title: 'streams, one at a time',
            keys: ['first_p50_us', 'first_p99_us', 'whole_p50_us', 'whole_p99_us'],
            results: await interleave(servers, options.rounds, (server) =>
                streams(server, { program: programs.first_byte, count: 200, folder })) });
    if (measured('calls'))
        for (const calls of options.in_flight)
            sections.push({ title: `${calls} calls in flight, ${options.latency} ms each`,
                keys: ['rps', 'p50_us', 'p99_us', 'max_us', 'cpu_us', 'rss_kb', 'call_kb'],
                results: await interleave(servers, options.rounds, (server) =>
                    waiting(server, folder, calls, idle[server.name])) });
    return { idle, sections };
}

function print({ idle, sections }, servers) {
    const pinion = servers.find((server) => server.name === 'pinion');
    const subject = { cores: cpus().length, machine: cpus()[0].model, body_bytes: options.bytes,
        workers: options.workers, rounds: options.rounds, seconds: options.seconds, idle_rss_kb: idle,
        ...(pinion ? { pinion_ready_ms: Math.round(pinion.ready_ms),
            pinion_binary_bytes: statSync(programs.pinion).size } : {}), notes };
    if (options.json) {
        console.log(JSON.stringify({ ...subject, sections: sections.map(({ title, results }) =>
            ({ title, results })) }, null, 2));
        return;
    }
    console.log(`${subject.cores} cores, ${subject.machine}; ${options.bytes} bytes of text; ` +
        `${options.rounds} rounds of ${options.seconds} s; min / median / max`);
    console.log(`idle RSS KiB: ${Object.entries(idle).map(([name, kb]) => `${name} ${kb}`).join(', ')}` +
        (pinion ? `; Pinion ready after ${subject.pinion_ready_ms} ms, ` +
            `binary ${(subject.pinion_binary_bytes / 1048576).toFixed(1)} MiB` : ''));
    for (const { title, results, keys } of sections) console.log(`\n${table(title, results, keys)}`);
    for (const text of notes) console.log(`\nnote: ${text}`);
}

checkPrograms();
const folder = mkdtempSync(path.join(tmpdir(), 'pinion-bench-'));
const cleanUp = async () => {
    await stopAll();
    rmSync(folder, { recursive: true, force: true });
};
for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => cleanUp().finally(() => process.exit(130)));
try {
    writeBodies(folder, options.bytes);
    const fast = await startMock(programs.mock, folder, '--chunk-interval-ms', '2');
    const slow = await startMock(programs.mock, folder, '--latency-ms', String(options.latency));
    const servers = await startServers(folder, fast, slow);
    if (servers.length === 0) fail('there is nothing to measure');
    await lookAtAll(servers, folder);
    print(await measureAll(servers, folder), servers);
} catch (error) {
    console.error(`bench: ${error.message}`);
    process.exitCode = 1;
} finally {
    await cleanUp();
}
