// One measurement: load from outside, and what the server's processes used meanwhile.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = path.dirname(fileURLToPath(import.meta.url));
const ticksPerSecond = 100; // USER_HZ, the same on every Linux that we build for

// user + system of the processes, in microseconds; proc(5).
function cpu(pids) {
    return pids.reduce((sum, pid) => {
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
        return sum + ((Number(fields[11]) + Number(fields[12])) * 1e6) / ticksPerSecond;
    }, 0);
}

export function rss(pids) {
    return pids.reduce((sum, pid) => {
        const kb = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
        return sum + Number(kb[1]);
    }, 0);
}

export async function load(server, { target, pids, connections, seconds, folder }) {
    const used = cpu(pids);
    let held = 0;
    const probe = setTimeout(() => (held = rss(pids)), seconds * 500);
    const { stdout } = await run('wrk', ['-t', String(Math.min(2, connections)), '-c', String(connections),
        '-d', `${seconds}s`, '--timeout', '10s', '-s', path.join(here, 'post.lua'),
        `http://${target}`, '--', path.join(folder, server.body), server.token]);
    clearTimeout(probe);
    const line = stdout.split('\n').find((one) => one.startsWith('RESULT '));
    if (!line) throw new Error(`wrk said nothing of use about ${server.name}:\n${stdout}`);
    const result = JSON.parse(line.slice('RESULT '.length));
    if (result.failed > 0 || result.requests === 0)
        throw new Error(`${server.name}: ${result.failed} of ${result.requests} requests failed`);
    server.truncate();
    return { rps: result.requests / result.seconds, p50_us: result.p50_us, p99_us: result.p99_us,
        max_us: result.max_us, cpu_us: (cpu(pids) - used) / result.requests, rss_kb: held || rss(pids) };
}

export async function streams(server, { program, count, folder }) {
    const slash = server.stream.indexOf('/');
    const { stdout } = await run(program, [server.stream.slice(0, slash), server.stream.slice(slash),
        path.join(folder, server.stream_body), String(count), ...(server.token ? [server.token] : [])]);
    server.truncate();
    return JSON.parse(stdout);
}

// One call, looked at: whatever is measured must be the right answer.
export async function look(server, target, folder, right) {
    const response = await fetch(`http://${target}`, { method: 'POST',
        body: readFileSync(path.join(folder, server.body)),
        headers: { 'content-type': 'application/json',
            ...(server.token ? { authorization: `Bearer ${server.token}` } : {}) } });
    const text = await response.text();
    if (response.status !== 200 || !right(JSON.parse(text)))
        throw new Error(`${server.name} answers ${target} with ${response.status} ${text.slice(0, 500)}`);
}
