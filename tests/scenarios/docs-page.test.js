// The docs page as a caller meets it, in a real browser: with a mouse and without one, in light and dark,
// on a narrow screen, under its own Content-Security-Policy.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { described } from './support/described.js';
import { startGateway } from './support/gateway.js';

const run = promisify(execFile);
const browserPath = process.env.CHROMIUM ?? (await run('sh', ['-c', 'command -v chromium']).then(({ stdout }) => stdout.trim(), () => undefined));
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe('the docs page', { skip: browserPath ? false : 'chromium is not installed' }, () => {
  let gateway, token, browser;
  before(async () => {
    gateway = await startGateway({ files: described });
    token = (await gateway.token('*')).token;
    // Tests run as root in containers, where Chromium's sandbox cannot be; the page is our own.
    browser = await chromium.launch({ executablePath: browserPath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
  });
  after(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  // A tab, and what went wrong in it: violations of its policy, errors, requests to elsewhere.
  const visit = async (use, options = {}) => {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const wrong = [];
    await page.exposeFunction('tellWrong', (what) => wrong.push(what));
    await page.addInitScript(() => addEventListener('securitypolicyviolation', (event) => window.tellWrong(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`)));
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('console', (message) => message.type() === 'error' && !/status of (401|422)/.test(message.text()) && wrong.push(message.text()));
    page.on('request', (request) => new URL(request.url()).origin !== gateway.url && !request.url().startsWith('data:') && wrong.push(request.url()));
    try {
      await page.goto(`${gateway.url}/docs/`);
      await use(page, context);
      assert.deepEqual(wrong, []);
    } finally {
      await context.close();
    }
  };
  const enter = async (page, as = token) => {
    await page.getByLabel('Token', { exact: true }).fill(as);
    await page.keyboard.press('Enter');
  };
  const show = (page, slug) => page.getByRole('heading', { level: 1, name: slug, exact: true }).waitFor();
  const isAccessible = async (page) => {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
    assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes[0].html]), []);
  };
  const fitsWidth = async (page) => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page scrolls sideways');

  test('asks for a token, says what is wrong with it, and keeps it in the tab only', () =>
    visit(async (page, context) => {
      assert.equal(await page.evaluate(() => document.activeElement.id), 'token');
      await isAccessible(page);
      await enter(page, 'pin_live_wrong');
      await page.getByRole('alert').filter({ hasText: 'invalid_token' }).waitFor();
      await isAccessible(page);
      await enter(page);
      await show(page, '3d-order');
      await page.reload();
      await show(page, '3d-order');
      assert.deepEqual([await context.cookies(), await page.evaluate(() => localStorage.length)], [[], 0]);
      assert.ok(!page.url().includes(token));
      await page.getByRole('button', { name: 'Forget token' }).click();
      await page.getByLabel('Token', { exact: true }).waitFor();
      assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    }));

  test('shows what the token may call, and what its fields are', () =>
    visit(async (page) => {
      await enter(page, (await gateway.token('3d-order', 'list')).token);
      await show(page, '3d-order');
      assert.deepEqual(await page.getByRole('navigation').getByRole('link').allTextContents(), ['3d-order', 'list']);
      const input = await page.getByRole('table', { name: 'Fields of the input' }).innerText();
      for (const text of ['unit price', 'required', 'above 0', '"EUR" | "USD" | null', 'array of object']) assert.ok(input.includes(text), `${text}: ${input}`);
      await page.getByText('<b>', { exact: false }).first().waitFor(); // of the description, as text
      await page.getByRole('link', { name: 'list' }).click();
      await show(page, 'list');
    }));

  test('shows of very much as much as can be read', () =>
    visit(async (page) => {
      await enter(page, (await gateway.token('nested', 'wide')).token);
      await page.getByText('array of array of array of').waitFor();
      assert.deepEqual(JSON.parse(await page.getByLabel('Body').inputValue()), { variables: { input: '' } });
      await page.getByRole('button', { name: 'Call' }).click();
      await page.locator('.status.good').waitFor();
      await page.getByRole('link', { name: 'wide' }).click();
      await show(page, 'wide');
      assert.equal(await page.getByRole('table', { name: 'Fields of the input' }).locator('tbody tr').count(), 300);
      await page.getByText('There are more fields than these').waitFor();
    }));

  test('says so where there is nothing to call', () =>
    visit(async (page) => {
      await enter(page, (await gateway.token('other')).token);
      await show(page, 'No endpoints');
      await page.getByText('pinion token update').waitFor();
      await isAccessible(page);
    }));

  test('calls without a mouse: chosen, edited, called, answered', () =>
    visit(async (page) => {
      const tabTo = async (id) => {
        for (let i = 0; i < 40 && !(await page.evaluate((wanted) => document.activeElement.matches(wanted), id)); i++) await page.keyboard.press('Tab');
        assert.ok(await page.evaluate((wanted) => document.activeElement.matches(wanted), id), `${id} cannot be reached`);
      };
      await page.keyboard.type(token);
      await page.keyboard.press('Enter');
      await show(page, '3d-order');
      await tabTo('a[href="#form"]');
      await page.keyboard.press('Enter');
      await show(page, 'form');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
      await tabTo('#body');
      assert.deepEqual(JSON.parse(await page.locator('#body').inputValue()), { text: 'Hello', count: 2 });
      await page.keyboard.press('Control+Enter');
      await page.locator('.status.good').waitFor();
      assert.ok(JSON.parse(await page.locator('pre[aria-label="Output"]').innerText()).title);
      await tabTo('[role="tab"][aria-selected="true"]');
      await page.keyboard.press('ArrowRight');
      assert.match(await page.getByRole('tabpanel').innerText(), /await fetch\(/);
      await page.keyboard.press('ArrowRight');
      assert.match(await page.getByRole('tabpanel').innerText(), /urllib\.request/);
      assert.ok(!(await page.content()).includes(token));
      await isAccessible(page);
    }));

  test('shows a stream as it comes, what is refused field by field, and what is no JSON', () =>
    visit(async (page) => {
      await enter(page);
      await show(page, '3d-order');
      await page.getByRole('link', { name: 'chat' }).click();
      await show(page, 'chat');
      await page.getByLabel('Stream').check();
      await page.getByRole('button', { name: 'Call' }).click();
      await page.locator('.status.good').waitFor();
      await page.locator('.answer').filter({ hasText: /\S/ }).waitFor();
      await page.getByRole('link', { name: '3d-order' }).click();
      await show(page, '3d-order');
      await page.getByLabel('Body').fill('{"unit price": {"amount": -1}}');
      await page.getByRole('button', { name: 'Call' }).click();
      await page.locator('.status.bad').filter({ hasText: '422' }).waitFor();
      const violations = await page.getByRole('table', { name: 'Violations' }).innerText();
      assert.match(violations, /\/unit price\/amount/);
      assert.match(violations, /currency/);
      await isAccessible(page);
      await page.getByLabel('Body').fill('{"unit price": ');
      await page.getByRole('button', { name: 'Call' }).click();
      await page.getByText('The body is not JSON').waitFor();
    }));

  test('what is pasted from it works', () =>
    visit(async (page) => {
      await enter(page);
      await show(page, '3d-order');
      await page.getByRole('link', { name: 'form' }).click();
      await show(page, 'form');
      await page.getByLabel('Body').fill(JSON.stringify({ text: `It's "quoted" \\ $HOME \`x\` \${y} '''` }, null, 2));
      const snippet = async (name) => {
        await page.getByRole('tab', { name }).click();
        return page.getByRole('tabpanel').textContent();
      };
      const env = { ...process.env, TOKEN: token, NO_PROXY: '*' };
      assert.ok(JSON.parse((await run('sh', ['-c', await snippet('curl')], { env })).stdout).title);
      assert.match((await run(process.execPath, ['--input-type=module', '-e', await snippet('JavaScript')], { env })).stdout, /title/);
      const python = await run('python3', ['--version']).then(() => true, () => false);
      if (python) assert.match((await run('python3', ['-c', await snippet('Python')], { env })).stdout, /title/);
    }));

  for (const [name, options] of Object.entries({
    'a narrow screen': { viewport: { width: 360, height: 740 } },
    'a narrow screen in the dark': { viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
    'the dark': { colorScheme: 'dark' },
  }))
    test(`is whole in ${name}`, () =>
      visit(async (page) => {
        await fitsWidth(page);
        await isAccessible(page);
        await enter(page);
        await show(page, '3d-order');
        await page.getByRole('button', { name: 'Call' }).click();
        await page.locator('.status.good').waitFor();
        await fitsWidth(page);
        await isAccessible(page);
        await page.goto(`${gateway.url}/docs/errors#input_schema_violation`);
        await fitsWidth(page);
        await isAccessible(page);
      }, options));

  test('an error leads to where it is explained', () =>
    visit(async (page) => {
      const response = await gateway.call('form', {}, { token });
      const { error } = await response.json();
      await page.goto(`${gateway.url}${error.doc}`);
      assert.match(await page.locator(':target').innerText(), /^input_schema_violation\s+HTTP 422/);
      await page.getByRole('link', { name: 'Endpoints' }).click();
      await page.getByLabel('Token', { exact: true }).waitFor();
    }));

  test('may load nothing but itself', async () => {
    for (const where of ['/docs/', '/docs', '/docs/page.js', '/docs/errors']) {
      const response = await fetch(`${gateway.url}${where}`);
      assert.equal(response.status, 200, where);
      assert.equal(
        response.headers.get('content-security-policy'),
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'",
      );
      assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
      assert.match(response.headers.get('link'), /describedby/);
      const again = await fetch(`${gateway.url}${where}`, { headers: { 'if-none-match': response.headers.get('etag') } });
      assert.equal(again.status, 304);
      assert.doesNotMatch(await response.text(), /innerHTML|<script>|style=|\son[a-z]+="/);
    }
    assert.equal((await fetch(`${gateway.url}/docs/nothing.js`)).status, 404);
    assert.equal((await fetch(`${gateway.url}/docs/`, { method: 'POST' })).status, 405);
  });
});
