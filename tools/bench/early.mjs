// A model that writes one token after the other, and a gateway whose callers want whole answers: how many
// tokens it has written when the gateway lets it go, against all that it would have written.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cases, good, schema } from './early-cases.mjs';
import { serve, stopAll } from './servers.mjs';

const root = path.resolve(fileURLToPath(import.meta.url), '../../..');
const usage = `tools/bench/early: what early cancelling saves

  --build DIR       where pinion was built; default build/release
  --token-ms MS     the model writes a token of about four bytes in that time; default 5
  --json            the figures as one JSON document instead of a table

Ends with 1 when an answer that fits was cancelled, or a caller did not get one that fits.
`;
const { values: options } = parseArgs({ options: { build: { type: 'string', default: path.join(root, 'build/release') },
    'token-ms': { type: 'string', default: '5' }, json: { type: 'boolean' }, help: { type: 'boolean' } } });
if (options.help) {
    process.stdout.write(usage);
    process.exit(0);
}
const program = path.join(options.build, 'pinion');
const token_ms = Number(options['token-ms']);
if (!(token_ms >= 0 && token_ms <= 1000) || !existsSync(program)) {
    console.error(existsSync(program) ? 'early: --token-ms must be from 0 to 1000' : `early: '${program}' is missing: cmake --preset release && cmake --build --preset release`);
    process.exit(2);
}

// About four bytes each, never inside a character.
const tokens = (answer) => Buffer.from(answer).toString('utf8').match(/[^]{1,4}/gu) ?? [];
const chunk = (choice, usage = null) => `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'mock', choices: choice ? [{ index: 0, finish_reason: null, ...choice }] : [], usage })}\n\n`;
const usageOf = (count) => ({ prompt_tokens: 20, completion_tokens: count, total_tokens: count + 20 });

// The model: writes the next of `script`, and notes how far it came.
const script = [];
const written = [];
const pause = () => (token_ms > 0 ? new Promise((resolve) => setTimeout(resolve, token_ms)) : new Promise((resolve) => setImmediate(resolve)));
async function write(response, stream) {
    const list = tokens(script.shift());
    const one = { tokens: 0, bytes: 0, all: list.length };
    written.push(one);
    if (stream) response.writeHead(200, { 'content-type': 'text/event-stream' }).write(chunk({ delta: { role: 'assistant', content: '' } }));
    for (const content of list) {
        await pause();
        if (response.destroyed) return;
        one.tokens++;
        one.bytes += Buffer.byteLength(content);
        if (stream) response.write(chunk({ delta: { content } }));
    }
    if (stream) response.end(chunk({ delta: {}, finish_reason: 'stop' }) + chunk(null, usageOf(list.length)) + 'data: [DONE]\n\n');
    else
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'mock',
            choices: [{ index: 0, message: { role: 'assistant', content: list.join('') }, finish_reason: 'stop' }], usage: usageOf(list.length) }));
}
const model = http.createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    await write(response, JSON.parse(body).stream === true);
});

const endpoint = (early) => `provider: model\nmodel: mock\nsystem: Condense.\noutput_schema: schemas/out.json\nretry: {times: 0}\non_invalid_output: {reask: 1, early: ${early}}\n`;
const files = (port) => ({
    'pinion.yaml': `listen: 127.0.0.1:0\nworkers: 1\nproviders:\n  model: {kind: openai, base_url: "http://127.0.0.1:${port}/v1", key: "sk-bench-0000000000", allow_http: true, allow_private: true}\n`,
    'schemas/out.json': JSON.stringify(schema),
    'endpoints/early.yaml': endpoint(true),
    'endpoints/whole.yaml': endpoint(false),
});

// The case once; if it is refused, an answer that fits follows. How far the model came with the first.
async function ask(server, slug, { answer }) {
    script.splice(0, Infinity, answer, JSON.stringify(good));
    written.length = 0;
    const response = await fetch(`http://${server.address}/${slug}`, { method: 'POST', body: JSON.stringify({ message: 'Condense this.' }),
        headers: { 'content-type': 'application/json', authorization: `Bearer ${server.token}` } });
    const body = await response.json();
    return { ...written[0], status: response.status, attempts: body.meta?.attempts, output: body.output };
}

const folder = mkdtempSync(path.join(tmpdir(), 'pinion-early-'));
const problems = [];
try {
    await new Promise((resolve) => model.listen(0, '127.0.0.1', resolve));
    const server = await serve(program, folder, files(model.address().port));
    const rows = [];
    for (const one of cases) {
        const whole = await ask(server, 'whole', one), early = await ask(server, 'early', one);
        for (const [how, got] of Object.entries({ whole, early })) {
            if (got.status !== 200) problems.push(`${one.name}: ${how}: ${got.status}`);
            if (got.attempts !== (one.fits || one.found ? 1 : 2)) problems.push(`${one.name}: ${how}: ${got.attempts} attempts`);
        }
        rows.push({ case: one.name, broken: !one.fits && !one.found, tokens: whole.tokens, bytes: whole.bytes, read: early.tokens, read_bytes: early.bytes });
    }
    const broken = rows.filter((row) => row.broken);
    const sum = (name, list) => list.reduce((total, row) => total + row[name], 0);
    const totals = { cases: rows.length, broken: broken.length, token_ms, tokens: sum('tokens', broken), read: sum('read', broken),
        estimate: Math.round(sum('bytes', broken) / 4), estimate_read: Math.round(sum('read_bytes', broken) / 4) };
    if (options.json) console.log(JSON.stringify({ ...totals, rows, problems }, null, 2));
    else {
        const line = (cells) => console.log(cells.map((cell, i) => (i === 0 ? String(cell).padEnd(40) : String(cell).padStart(10))).join(''));
        line(['answer', 'tokens', 'written', 'saved', 'bytes/4', 'saved']);
        for (const row of rows)
            line([row.broken ? row.case : `${row.case} *`, row.tokens, row.read, row.tokens - row.read, Math.round(row.bytes / 4), Math.round((row.bytes - row.read_bytes) / 4)]);
        const share = ((100 * (totals.tokens - totals.read)) / totals.tokens).toFixed(1);
        console.log(`\n* is used as it is, and not counted below\n${totals.broken} broken answers of ${totals.tokens} tokens in all: ${totals.read} were written, ${totals.tokens - totals.read} (${share} %) saved; ` +
            `by bytes/4: ${totals.estimate - totals.estimate_read} of ${totals.estimate}`);
        for (const problem of problems) console.log(`wrong: ${problem}`);
    }
} catch (error) {
    problems.push(error.message);
    console.error(`early: ${error.message}`);
} finally {
    await stopAll();
    model.closeAllConnections();
    model.close();
    rmSync(folder, { recursive: true, force: true });
}
process.exitCode = problems.length > 0 ? 1 : 0;
