// The dashboard in a real browser. startDashboard() is a gateway whose dashboard can be reached, with an
// operator's credential; visit() a tab in which everything that goes wrong by itself fails the test:
// violations of the Content-Security-Policy, script errors, requests to elsewhere, answers of 400 and
// above that were not announced. Ends with: await dashboard.stop().
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { startGateway } from './gateway.js';

const run = promisify(execFile);
export const browserPath = process.env.CHROMIUM ?? (await run('sh', ['-c', 'command -v chromium']).then(({ stdout }) => stdout.trim(), () => undefined));
/** For describe(): why it cannot run here, or false. */
export const skip = browserPath ? false : 'chromium is not installed';
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * A gateway on `files` with its dashboard at `url`. As startGateway, and: credential (of an operator
 * with all verbs), newCredential(...verbs), api(method, path, body) with that credential, browser,
 * visit(use, options).
 */
export async function startDashboard({ args = [], ...options }) {
  const gateway = await startGateway({ ...options, args: [...args, '--dashboard', '127.0.0.1:0'] });
  const made = await gateway.admin('POST', '/admin/v1/tokens', { kind: 'admin', name: 'operator', verbs: ['*'] });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const url = `http://${gateway.lines.find((line) => line.event === 'start' && line.dashboard).dashboard}`;
  const credential = made.body.token;
  const api = async (method, where, body) => {
    const response = await fetch(`${url}/admin/v1${where}`, {
      method,
      headers: { authorization: `Bearer ${credential}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text && response.headers.get('content-type') === 'application/json' ? JSON.parse(text) : text };
  };
  const create = async (order) => {
    const { status, body } = await api('POST', '/tokens', order);
    assert.equal(status, 201, JSON.stringify(body));
    return body;
  };
  // Tests run as root in containers, where Chromium's sandbox cannot be; the pages are our own.
  const browser = await chromium.launch({ executablePath: browserPath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
  const dashboard = {
    ...gateway,
    publicUrl: gateway.url,
    url,
    credential,
    browser,
    api,
    token: (...scopes) => create({ scopes }),
    create,
    newCredential: async (...verbs) => (await create({ kind: 'admin', name: verbs.join(' '), verbs })).token,
    visit: (use, options) => visit(dashboard, use, options),
    async stop() {
      await browser.close();
      return gateway.stop();
    },
  };
  return dashboard;
}

/**
 * Opens a tab, logged in (as: a token; null: not logged in), at `at` below /dashboard, and hands it to
 * use(page). expects: statuses of 400 and above that may be answered; expectsErrors: what the console may say. More options are those of a
 * context: viewport, colorScheme.
 */
async function visit(dashboard, use, { at = '/', as = dashboard.credential, expects = [], expectsErrors, url = dashboard.url, ...options } = {}) {
  const context = await dashboard.browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  const wrong = [];
  try {
    await context.exposeFunction('tellWrong', (what) => wrong.push(what));
    await context.addInitScript(() => addEventListener('securitypolicyviolation', (event) => window.tellWrong(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`)));
    const page = await context.newPage();
    page.on('pageerror', (error) => wrong.push(error.stack ?? error.message));
    page.on('console', (message) => message.type() === 'error' && !/status of \d+/.test(message.text()) && !expectsErrors?.test(message.text()) && wrong.push(message.text()));
    page.on('request', (request) => new URL(request.url()).origin !== url && !/^(data|blob):/.test(request.url()) && wrong.push(request.url()));
    page.on('response', (response) => response.status() >= 400 && !expects.includes(response.status()) && wrong.push(`${response.status()} ${response.request().method()} ${response.url()}`));
    if (as !== null) {
      const [name, value] = (await logIn(url, as)).split('=');
      await context.addCookies([{ name, value, domain: new URL(url).hostname, path: '/', secure: true, httpOnly: true, sameSite: 'Strict' }]);
    }
    await page.goto(`${url}/dashboard${at}`);
    await use(page, context);
    assert.deepEqual(wrong, []);
  } finally {
    await context.close();
  }
}

/** The cookie of a new login, without the form, which has its own test. */
export async function logIn(url, token) {
  const response = await fetch(`${url}/dashboard/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token }) });
  assert.equal(response.status, 200, await response.text());
  return response.headers.get('set-cookie').split(';')[0];
}

/** The screen of that name is shown. */
export const shows = (page, title) => page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();

/** axe finds nothing, by the rules of WCAG 2.2 AA and its best practices. */
export async function isAccessible(page) {
  await page.waitForFunction(() => !document.querySelector('.loading, .stale')); // not while it fades in
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes[0].html, nodes[0].failureSummary]), []);
}

/** Nothing scrolls sideways but what is made to. */
export const fitsWidth = async (page) =>
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page scrolls sideways');

/** Presses Tab until what the selector names has the focus, which must be visible there. */
export async function tabTo(page, selector, most = 80) {
  const there = () => page.evaluate((wanted) => document.activeElement.matches(wanted), selector);
  for (let i = 0; i < most && !(await there()); i++) await page.keyboard.press('Tab');
  assert.ok(await there(), `${selector} cannot be reached by Tab`);
}

/** A screenshot for docs/, where PINION_SHOTS names a folder; tests themselves compare none. */
export async function shot(page, name) {
  if (process.env.PINION_SHOTS) await page.screenshot({ path: path.join(process.env.PINION_SHOTS, `${name}.png`), fullPage: false });
}
