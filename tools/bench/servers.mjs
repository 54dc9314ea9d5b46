// What is measured: the mock alone, nginx in front of it, Pinion in front of it. Each is given as
// { name, token, body, plain, slow, stream, pids(), truncate() }: what to send, and where the plain,
// the slow and the streamed call go.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, truncateSync,
    writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';

export const answer = { title: 'The council approves the budget', points: [
    'Spending on schools rises by eight percent in the coming year.',
    'The plan to close the library was dropped after a petition of nine thousand residents.'] };

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what, milliseconds, look) {
    for (const end = Date.now() + milliseconds; Date.now() < end; await wait(5)) {
        const found = await look();
        if (found) return found;
    }
    throw new Error(`${what} was not ready after ${milliseconds} ms`);
}

// What was started and must end, whatever happens; stopAll ends it, the last first.
const running = [];

export async function stopAll() {
    while (running.length > 0) await running.pop()();
}

// To be called at once behind spawn, so that nothing is left over when its start fails. Gives how to end
// it before the others.
function keep(child, name, errors) {
    const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    const end = async () => {
        child.kill('SIGTERM');
        const late = setTimeout(() => child.kill('SIGKILL'), 10000);
        const { code, signal } = await ended;
        clearTimeout(late);
        if (code === 0) return;
        console.error(`bench: ${name} ended with ${code ?? signal}`);
        if (errors) console.error(readFileSync(errors, 'utf8').slice(-2000));
    };
    running.push(end);
    return () => (running.splice(running.indexOf(end), 1), end());
}

export async function startMock(program, folder, ...options) {
    const out = path.join(folder, `mock-${readdirSync(folder).length}.out`);
    const file = openSync(out, 'w');
    const child = spawn(program, ['--threads', '2', '--content', JSON.stringify(answer), ...options],
        { stdio: ['ignore', file, 'inherit'] });
    const stop = keep(child, 'the mock');
    closeSync(file);
    const ready = await until('the mock', 5000, () => readFileSync(out, 'utf8').split('\n', 1)[0]);
    return { address: JSON.parse(ready).address, pid: child.pid, stop };
}

const chatPath = '/v1/chat/completions';

export function direct(fast, slow) {
    return { name: 'direct', token: '', pids: () => [fast.pid], truncate() {},
        body: 'chat.json', stream_body: 'chat-stream.json',
        plain: `${fast.address}${chatPath}`, slow: `${slow.address}${chatPath}`,
        stream: `${fast.address}${chatPath}`, slow_pids: () => [slow.pid] };
}

function freePort() {
    return new Promise((resolve) => {
        const server = net.createServer().listen(0, '127.0.0.1', () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });
}

const nginxConfig = (folder, workers, fast, slow, port, slowPort) => `
daemon off;
worker_processes ${workers};
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
${process.getuid() === 0 ? 'user root;' : ''}
events { worker_connections 8192; }
http {
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path ${folder}/body;
    proxy_temp_path ${folder}/proxy;
    fastcgi_temp_path ${folder}/fastcgi;
    uwsgi_temp_path ${folder}/uwsgi;
    scgi_temp_path ${folder}/scgi;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    upstream fast { server ${fast.address}; keepalive 512; keepalive_requests 1000000000; }
    upstream slow { server ${slow.address}; keepalive 512; keepalive_requests 1000000000; }
    server {
        listen 127.0.0.1:${port} reuseport;
        location / { proxy_pass http://fast; }
    }
    server {
        listen 127.0.0.1:${slowPort} reuseport;
        location / { proxy_pass http://slow; }
    }
}
`;

function children(pid) {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).map(Number);
}

function connects(port) {
    return new Promise((resolve) => {
        const socket = net.connect(port, '127.0.0.1');
        socket.once('connect', () => (socket.destroy(), resolve(true)));
        socket.once('error', () => resolve(false));
    });
}

// null when nginx is not installed.
export async function startNginx(folder, workers, fast, slow) {
    const program = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/sbin/nginx'].find(existsSync);
    if (!program) return null;
    const home = path.join(folder, 'nginx');
    mkdirSync(home);
    const [port, slowPort] = [await freePort(), await freePort()];
    const file = path.join(home, 'nginx.conf');
    writeFileSync(file, nginxConfig(home, workers, fast, slow, port, slowPort));
    const child = spawn(program, ['-p', home, '-c', file, '-e', path.join(home, 'error.log')],
        { stdio: 'inherit' });
    keep(child, 'nginx');
    await until('nginx', 5000, async () => (await connects(port)) && (await connects(slowPort)));
    return { name: 'nginx', token: '', pids: () => [child.pid, ...children(child.pid)], truncate() {},
        body: 'chat.json', stream_body: 'chat-stream.json',
        plain: `127.0.0.1:${port}${chatPath}`, slow: `127.0.0.1:${slowPort}${chatPath}`,
        stream: `127.0.0.1:${port}${chatPath}` };
}

const inputSchema = { type: 'object', additionalProperties: false, required: ['text'], properties: {
    text: { type: 'string', minLength: 1, maxLength: 400000 },
    language: { type: 'string', minLength: 2, maxLength: 40 },
    audience: { enum: ['general', 'expert', 'young'] } } };
const outputSchema = { type: 'object', additionalProperties: false, required: ['title', 'points'],
    properties: { title: { type: 'string', minLength: 1, maxLength: 120 },
        points: { type: 'array', minItems: 1, maxItems: 5,
            items: { type: 'string', minLength: 1, maxLength: 300 } } } };

const endpoint = (provider, more) => `
provider: ${provider}
model: mock
params: {temperature: 0.2, max_tokens: 800}
system: You are a careful editor. Write for {{audience}} readers, in {{language}}.
template: |
  Condense this text:
  {{text}}
input_schema: schemas/bench.in.json
limits: {per_minute: 100000000, concurrent: 10000, tokens_per_minute: 1000000000}
budget: {monthly_usd: 1000000, request_tokens: 200000}
${more}`;

const writeAll = (home, files) => {
    for (const [name, content] of Object.entries(files)) {
        mkdirSync(path.dirname(path.join(home, name)), { recursive: true });
        writeFileSync(path.join(home, name), content);
    }
};

const filesOf = (fast, slow, workers) => ({
        'pinion.yaml': `
listen: 127.0.0.1:0
workers: ${workers}
limits: {connections: 20000}
providers:
  fast: {kind: openai, base_url: "http://${fast.address}/v1", key: "sk-bench-0000000000", allow_http: true, allow_private: true}
  slow: {kind: openai, base_url: "http://${slow.address}/v1", key: "sk-bench-0000000000", allow_http: true, allow_private: true}
prices:
  fast/mock: {input: 0.4, output: 1.6}
  slow/mock: {input: 0.4, output: 1.6}
`,
        'endpoints/bench.yaml': endpoint('fast', 'output_schema: schemas/bench.out.json\n'),
        'endpoints/bench-kept.yaml': endpoint('fast', 'output_schema: schemas/bench.out.json\ncache: {ttl: 1h}\n'),
        'endpoints/bench-guarded.yaml': endpoint('fast', 'output_schema: schemas/bench.out.json\nguardrails: {pii: mask, secrets: block, injection: block}\n'),
        'endpoints/bench-slow.yaml': endpoint('slow', 'output_schema: schemas/bench.out.json\n'),
        'endpoints/bench-stream.yaml': endpoint('fast', 'stream: raw\n'),
        'schemas/bench.in.json': JSON.stringify(inputSchema),
        'schemas/bench.out.json': JSON.stringify(outputSchema),
});

function createToken(socketPath) {
    return new Promise((resolve, reject) => {
        const request = http.request({ socketPath, path: '/admin/v1/tokens', method: 'POST',
            headers: { 'content-type': 'application/json' } }, (response) => {
            let text = '';
            response.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => {
                if (response.statusCode === 201) resolve(JSON.parse(text).token);
                else reject(new Error(`no token from Pinion: ${response.statusCode} ${text}`));
            });
        });
        request.on('error', reject);
        request.end(JSON.stringify({ scopes: ['*'] }));
    });
}

// Pinion on these files. Its log goes to a file that is emptied between two measurements.
export async function serve(program, folder, files) {
    const home = path.join(folder, 'pinion'), store = path.join(folder, 'store');
    const log = path.join(folder, 'pinion.log'), errors = path.join(folder, 'pinion.err');
    mkdirSync(store);
    writeAll(home, files);
    const file = openSync(log, 'a');
    const started = performance.now();
    const child = spawn(program, ['serve', '--config', home, '--store', store, '--listen', '127.0.0.1:0'],
        { stdio: ['ignore', file, openSync(errors, 'w')] });
    keep(child, 'Pinion', errors);
    closeSync(file);
    const line = await until('Pinion', 5000, () => {
        if (child.exitCode !== null)
            throw new Error(`Pinion ended with ${child.exitCode}\n${readFileSync(errors, 'utf8')}`);
        return readFileSync(log, 'utf8').split('\n').slice(0, -1)
            .find((one) => one.includes('"start"') && one.includes('"admin"'));
    });
    const ready_ms = performance.now() - started;
    const ready = JSON.parse(line);
    const [host, port] = ready.address.split(':');
    return { token: await createToken(ready.admin.replace(/^unix:/, '')), ready_ms, address: ready.address, host, port: Number(port),
        admin: ready.admin, pids: () => [child.pid], truncate: () => truncateSync(log) };
}

export async function startPinion(program, folder, workers, fast, slow) {
    const { address, ...server } = await serve(program, folder, filesOf(fast, slow, workers));
    return { name: 'pinion', address, ...server, body: 'slug.json', stream_body: 'slug-stream.json', plain: `${address}/bench`,
        slow: `${address}/bench-slow`, stream: `${address}/bench-stream` };
}

// The same process, at endpoints beside the one that all figures are of: where every call but the first is
// answered from the cache, and where all that is said is looked through.
export const besides = { hit: 'bench-kept', guarded: 'bench-guarded' };
export const besideOf = (pinion, name) => ({ ...pinion, name, plain: `${pinion.address}/${besides[name]}`,
    slow: `${pinion.address}/${besides[name]}` });

// The bodies of about `bytes`: what a caller of Pinion sends, and what a provider gets.
export function writeBodies(folder, bytes) {
    const sentence = 'The city council met on Tuesday and approved the budget by 31 votes to 12. ';
    const text = sentence.repeat(Math.ceil(bytes / sentence.length)).slice(0, bytes);
    const chat = { model: 'mock', temperature: 0.2, max_tokens: 800, messages: [
        { role: 'system', content: 'You are a careful editor. Write for general readers, in English.' },
        { role: 'user', content: `Condense this text:\n${text}` }] };
    const slug = { text, language: 'English', audience: 'general' };
    const files = { 'chat.json': chat, 'chat-stream.json': { ...chat, stream: true }, 'slug.json': slug,
        'slug-stream.json': { input: slug, stream: true } };
    for (const [name, body] of Object.entries(files))
        writeFileSync(path.join(folder, name), JSON.stringify(body));
}

export const version = (program, ...options) => {
    try {
        return execFileSync(program, options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
    } catch {
        return '';
    }
};
