// How long the dashboard's screens take to be there in Chromium, with as many requests in the log as a
// busy day has. The log is filled by calling the gateway: some thousand requests a second.
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startMock, stopAll } from './servers.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const usage = `usage: tools/bench/pages [--rows 100000] [--rounds 10] [--build build/release] [--only NAME,...] [--json]

Fills the log of a gateway, then opens each screen --rounds times: "ms" is from the start of the
navigation until what the screen is about is there and nothing is being loaded, min / median / max;
"first" is the same with an empty cache of the browser, once; "api" the longest call of the admin
API, in the median; "cpu" what one load takes of the
processors, gateway and browser together, which is what depends least on what else runs.
`;
const { values: options } = parseArgs({
    options: {
        rows: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '10' }, only: { type: 'string' },
        build: { type: 'string', default: 'build/release' }, json: { type: 'boolean' }, help: { type: 'boolean' },
    },
});
if (options.help) {
    process.stdout.write(usage);
    process.exit(0);
}
const build = path.resolve(root, options.build);
process.env.PINION_BIN = path.join(build, 'pinion');
const { startDashboard, browserPath, logIn } = await import(path.join(root, 'tests/scenarios/support/browser.js'));
const { settings } = await import(path.join(root, 'tests/scenarios/support/gateway.js'));
if (!browserPath) {
    console.error('pages: chromium is not installed; install it, or name it in CHROMIUM');
    process.exit(1);
}

/* --- the day --- */

const text = 'The council of Utrecht decided on Tuesday to close four streets around the Domplein to cars from March on.';
const rules = `routing:
  - {name: long documents, when: {input_tokens: ">= 30000"}, use: {model: gpt-4.1}}
  - {name: canary, when: {percent: 5, sticky: request}, use: {model: gpt-4.1-nano}}
`;
const input = 'input_schema: {type: object, properties: {text: {type: string, minLength: 20}}, required: [text], additionalProperties: false}\n';
const plain = (more) => `provider: upstream\nmodel: gpt-4.1-mini\nsystem: You condense.\nparams: {max_tokens: 200}\nretry: {times: 0}\n${more}`;

function files(mock) {
    const all = {
        'pinion.yaml': settings(`http://${mock.address}/v1`, 'budget: {monthly_usd: 5000}\n')
            .replace('providers:\n', 'providers:\n  gone: {kind: openai, base_url: "http://127.0.0.1:1/v1", allow_http: true, allow_private: true, key: none}\n'),
        'endpoints/misfit.yaml': plain(`${input}template: "{{text}}"\noutput_schema: {type: object, properties: {title: {type: integer}}, required: [title]}\nlog: {content: full, retention: 24h}\n`),
        'endpoints/shaky.yaml': plain('').replace('provider: upstream', 'provider: gone') + 'failover: [{provider: upstream, model: gpt-4.1-mini, on: [error]}]\n',
        'endpoints/ruled.yaml': plain(`${rules}log: {content: full, retention: 24h}\n`),
    };
    for (let i = 0; i < 8; i++) all[`endpoints/team-${i}.yaml`] = plain('budget: {monthly_usd: 500}\nsession: {ttl: 1h}\n');
    return all;
}

/** Of every hundred calls: what is called, and with what. */
function orderOf(i) {
    const at = i % 100;
    if (at < 2) return ['misfit', { input: { text } }];
    if (at < 4) return ['misfit', { input: { text: 'short' } }];
    if (at < 5) return ['unknown-slug', { message: text }];
    if (at < 7) return ['shaky', { message: text }];
    if (at < 20) return ['ruled', { message: text }];
    return [`team-${at % 8}`, { message: text, session: false }];
}

function caller(base, agent) {
    const { hostname, port } = new URL(base);
    return (slug, order, token) =>
        new Promise((resolve, reject) => {
            const body = JSON.stringify(order);
            const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
            const request = http.request({ agent, hostname, port, path: `/${slug}`, method: 'POST', headers }, (response) => {
                response.resume().on('end', () => resolve({ status: response.statusCode, id: response.headers['x-request-id'] }));
            });
            request.on('error', reject).end(body);
        });
}

async function fill(dashboard, rows) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 48 });
    const call = caller(dashboard.publicUrl, agent);
    const tokens = [];
    for (let i = 0; i < 12; i++) tokens.push((await dashboard.create({ scopes: ['*'], name: `team ${i}` })).token);
    const statuses = {};
    let sent = 0;
    const one = async () => {
        while (sent < rows) {
            const i = sent++;
            const { status, id } = await call(...orderOf(i), tokens[(i * 7) % tokens.length]);
            statuses[status] = (statuses[status] ?? 0) + 1;
            if (i === Math.floor(rows / 200) * 100) statuses.early = id; // an answer that did not fit, in the middle of the day
        }
    };
    await Promise.all(Array.from({ length: 48 }, one));
    agent.destroy();
    return statuses;
}

/* --- the screens --- */

const screens = (ids) => [
    ['overview', '/', '.figure-value'],
    ['costs', '/costs', 'tbody tr'],
    ['requests', '/requests', 'tbody tr:nth-child(50)'],
    ['requests 422', '/requests?status=422', 'tbody tr:nth-child(50)'],
    ['requests of a model', '/requests?model=gpt-4.1-nano', 'tbody tr:nth-child(20)'],
    ['requests, none', '/requests?endpoint=ruled&status=5xx', '.state-title'],
    ['a request', `/requests/${ids.early}`, '.bars tr'],
    ['budgets', '/budgets', 'tbody tr, .list .bar'],
    ['tokens', '/tokens', 'tbody tr'],
    ['endpoints', '/endpoints', 'tbody tr'],
    ['sessions', '/sessions', '.state-title, tbody tr'],
    ['providers', '/providers', 'tbody tr'],
    ['secrets', '/secrets', '.state-title, tbody tr'],
    ['backups', '/backups', '.state-title, tbody tr'],
    ['webhooks', '/webhooks', '.state-title, tbody tr'],
    ['audit', '/audit', 'tbody tr'],
];

/** In the page: tells when what is wanted is there and has been drawn. Looks at changes only. */
function watch(wanted) {
    const look = () => {
        if (!document.querySelector(`main :is(${wanted})`) || document.querySelector('.loading, .stale')) return;
        observer.disconnect();
        const calls = performance.getEntriesByType('resource').filter(({ name }) => name.includes('/admin/v1/'));
        const longest = Math.max(0, ...calls.map(({ requestStart, responseEnd }) => responseEnd - requestStart));
        requestAnimationFrame(() => setTimeout(() => window.tellThere(performance.now(), longest)));
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { subtree: true, childList: true, attributes: true });
}

async function open(dashboard) {
    const context = await dashboard.browser.newContext({ viewport: { width: 1280, height: 860 } });
    const [name, value] = (await logIn(dashboard.url, dashboard.credential)).split('=');
    await context.addCookies([{ name, value, domain: new URL(dashboard.url).hostname, path: '/', secure: true, httpOnly: true, sameSite: 'Strict' }]);
    return context;
}

/** User and system time of this program's children and theirs, in milliseconds; the load's own apart. */
function cpuMs() {
    const stats = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((pid) => {
        try {
            const [, rest] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'));
            const fields = rest.split(' ');
            return { pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
        } catch {
            return { pid: 0, parent: -1, ticks: 0 }; // it has ended meanwhile
        }
    });
    const ours = new Set([process.pid]);
    for (let before = 0; before < ours.size; ) {
        before = ours.size;
        for (const { pid, parent } of stats) if (ours.has(parent)) ours.add(pid);
    }
    ours.delete(process.pid);
    return stats.reduce((sum, { pid, ticks }) => sum + (ours.has(pid) ? ticks * 10 : 0), 0);
}

async function measure(dashboard, [name, at, wanted], rounds) {
    const url = `${dashboard.url}/dashboard${at}`;
    const context = await open(dashboard);
    const page = await context.newPage();
    let there;
    const calls = [];
    await page.exposeFunction('tellThere', (ms, longest) => (calls.push(longest), there(ms)));
    await page.addInitScript(watch, wanted);
    const load = async () => {
        const known = new Promise((resolve, reject) => {
            there = resolve;
            setTimeout(() => reject(new Error(`${name}: ${wanted} was not there after a minute`)), 60000).unref();
        });
        await page.goto(url, { waitUntil: 'commit' });
        return known;
    };
    const first = await load();
    calls.length = 0;
    const times = [];
    const before = cpuMs();
    for (let i = 0; i < rounds; i++) times.push(await load());
    const cpu = (cpuMs() - before) / rounds;
    await context.close();
    const middle = (list) => list.sort((a, b) => a - b)[list.length >> 1];
    times.sort((a, b) => a - b);
    return { name, first, cpu, api: middle(calls), min: times[0], median: times[times.length >> 1], max: times.at(-1) };
}

/* --- all of it --- */

const folder = mkdtempSync(path.join(os.tmpdir(), 'pinion-pages-'));
let dashboard;
try {
    const mock = await startMock(path.join(build, 'tools/mockprovider/mockprovider'), folder);
    dashboard = await startDashboard({ files: files(mock) });
    const began = Date.now();
    const ids = await fill(dashboard, Number(options.rows));
    const { early, ...statuses } = ids;
    if (!options.json) console.log(`${options.rows} requests in ${((Date.now() - began) / 1000).toFixed(1)} s: ${JSON.stringify(statuses)}`);
    await dashboard.api('GET', '/logs?limit=1'); // all of them are stored
    const wanted = options.only?.split(',');
    const figures = [];
    for (const screen of screens(ids)) {
        if (wanted && !wanted.includes(screen[0])) continue;
        const row = await measure(dashboard, screen, Number(options.rounds));
        figures.push(row);
        if (!options.json)
            console.log(`${row.name.padEnd(22)} ms ${[row.min, row.median, row.max].map((ms) => ms.toFixed(0).padStart(5)).join(' /')}   first ${row.first.toFixed(0).padStart(5)}   api ${row.api.toFixed(0).padStart(4)}   cpu ${row.cpu.toFixed(0).padStart(4)}`);
    }
    if (options.json) console.log(JSON.stringify({ rows: Number(options.rows), statuses, screens: figures }));
} finally {
    await dashboard?.stop();
    await stopAll();
    rmSync(folder, { recursive: true, force: true });
}
