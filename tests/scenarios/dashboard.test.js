// The dashboard's frame in a real browser: logging in and out, the bounds of a login, its files, its
// theme, its navigation without a mouse and on a narrow screen, what it costs. Most screens have tests of
// their own.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fitsWidth, isAccessible, logIn, shows, shot, skip, startDashboard, tabTo } from './support/browser.js';
import { described } from './support/described.js';

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'";
const SCRIPT = '<img src=x onerror=alert(1)>';

describe('the dashboard', { skip }, () => {
  let dashboard;
  before(async () => (dashboard = await startDashboard({ files: described })));
  after(() => dashboard?.stop());

  const ask = (path, { method = 'GET', headers = {}, body, url = dashboard.url } = {}) =>
    fetch(url + path, { method, headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers }, body: body === undefined ? undefined : JSON.stringify(body) });
  const enter = async (token, url = dashboard.url) => {
    const cookie = await logIn(url, token);
    const login = await (await ask('/dashboard/login', { headers: { cookie }, url })).json();
    return { cookie, login };
  };

  test('asks for a token, says what is wrong with it, and logs in and out', () =>
    dashboard.visit(
      async (page, context) => {
        await shows(page, 'Log in');
        assert.equal(await page.evaluate(() => document.activeElement.id), 'token');
        await isAccessible(page);
        await shot(page, 'login');
        await page.keyboard.type('pin_admin_wrong');
        await page.keyboard.press('Enter');
        await page.getByRole('alert').filter({ hasText: 'invalid_token' }).waitFor();
        await isAccessible(page);
        await page.getByLabel('Token', { exact: true }).fill(dashboard.credential);
        await page.keyboard.press('Enter');
        await shows(page, 'Overview');
        const [cookie] = await context.cookies();
        assert.deepEqual([cookie.name, cookie.httpOnly, cookie.secure, cookie.sameSite, cookie.path, cookie.expires], ['__Host-pinion', true, true, 'Strict', '/', -1]);
        assert.ok(!(await page.content()).includes(dashboard.credential));
        assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);
        await page.reload();
        await shows(page, 'Overview');
        await page.getByRole('button', { name: 'Log out' }).click();
        await page.getByText('Logged out').waitFor();
        assert.deepEqual(await context.cookies(), []);
        const again = await ask('/admin/v1/status', { headers: { cookie: `__Host-pinion=${cookie.value}` } });
        assert.equal(again.status, 401);
        assert.equal((await again.json()).error.code, 'expired_token');
      },
      { as: null, expects: [401] },
    ));

  test('a revoked credential ends its logins with the next request, and the address stays', async () => {
    const { token, id } = await dashboard.create({ kind: 'admin', name: 'leaver', verbs: ['*'] });
    await dashboard.visit(
      async (page) => {
        await shows(page, 'Costs');
        assert.equal((await dashboard.api('POST', `/tokens/${id}/revoke`)).status, 200);
        await page.getByLabel('By', { exact: true }).selectOption('model');
        await page.getByText('The token was revoked.').waitFor();
        assert.match(page.url(), /\/dashboard\/costs\?days=30&by=model$/);
        await page.getByLabel('Token', { exact: true }).fill(dashboard.credential);
        await page.keyboard.press('Enter');
        await shows(page, 'Costs');
      },
      { at: '/costs?days=30', as: token, expects: [401] },
    );
  });

  test('a login counts for pages of its own origin only, and changes nothing without its proof', async () => {
    const { cookie, login } = await enter(dashboard.credential);
    const proof = { cookie, 'pinion-csrf': login.proof };
    const status = async (...how) => (await ask(...how)).status;
    assert.deepEqual([login.kind, login.name, login.verbs.includes('config')], ['admin', 'operator', true]);
    assert.equal(await status('/admin/v1/status', { headers: { cookie } }), 200);
    assert.equal(await status('/admin/v1/status', { headers: { cookie, 'sec-fetch-site': 'same-origin' } }), 200);
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: dashboard.publicUrl }])
      assert.equal(await status('/admin/v1/status', { headers: { cookie, ...headers } }), 403, JSON.stringify(headers));
    assert.equal(await status('/admin/v1/reload', { method: 'POST', headers: proof }), 200);
    assert.equal(await status('/admin/v1/reload', { method: 'POST', headers: { ...proof, origin: dashboard.url } }), 200);
    for (const headers of [{ cookie }, { cookie, 'pinion-csrf': '' }, { cookie, 'pinion-csrf': login.proof.slice(1) }, { cookie, 'pinion-csrf': '0'.repeat(32) }, { ...proof, origin: 'https://evil.example' }, { 'pinion-csrf': login.proof }])
      assert.ok([401, 403].includes(await status('/admin/v1/reload', { method: 'POST', headers })), JSON.stringify(headers));
    assert.equal(await status('/admin/v1/tokens/tok_x', { method: 'PATCH', headers: { cookie }, body: {} }), 403);
    assert.equal(await status('/dashboard/logout', { method: 'POST', headers: { cookie } }), 403);
    assert.equal(await status('/dashboard/login', { method: 'POST', headers: { origin: 'https://evil.example' }, body: { token: dashboard.credential } }), 403);
    for (const body of [{}, { token: 7 }, { token: '' }, [], 'x']) assert.ok([400, 401].includes(await status('/dashboard/login', { method: 'POST', body })), JSON.stringify(body));
    for (const broken of ['', '__Host-pinion=', '__Host-pinion=x', `a=b; __Host-pinionx=${'0'.repeat(64)}`, `__Host-pinion=${'0'.repeat(64)}`, `__Host-pinion=${'x'.repeat(4000)}`])
      assert.equal(await status('/admin/v1/status', { headers: { cookie: broken } }), 401, broken);
    assert.equal(await status('/admin/v1/status', { headers: { cookie: `other=1; ${cookie}; more=2` } }), 200);
    // Another name that leads here is none of this listener's.
    const { rebound } = await new Promise((resolve, reject) => {
      import('node:http').then(({ default: http }) => http.get(`${dashboard.url}/admin/v1/status`, { headers: { cookie, host: 'evil.example' } }, (response) => resolve({ rebound: response.statusCode })).on('error', reject));
    });
    assert.equal(rebound, 403);
  });

  test('an operator is none to callers, and a caller none to operators', async () => {
    const caller = await dashboard.create({ scopes: ['*'], name: SCRIPT, verbs: ['call', 'models', 'usage'], limits: { per_minute: 60 }, budget: { daily_usd: '2.50' } });
    const refused = await ask('/dashboard/login', { method: 'POST', body: { token: dashboard.credential }, url: dashboard.publicUrl });
    assert.equal(refused.status, 403);
    assert.match((await refused.json()).error.message, /on the admin listener/);
    const operator = await enter(dashboard.credential);
    assert.equal((await ask('/v1/usage', { headers: { cookie: operator.cookie }, url: dashboard.publicUrl })).status, 403);
    assert.deepEqual(await (await ask('/dashboard/login', { headers: { cookie: operator.cookie }, url: dashboard.publicUrl })).json(), { object: 'login', kind: null });
    const { cookie, login } = await enter(caller.token, dashboard.publicUrl);
    assert.deepEqual([login.kind, login.id], ['caller', caller.id]);
    assert.equal((await ask('/admin/v1/status', { headers: { cookie } })).status, 403);
    assert.equal((await ask('/admin/v1/status', { headers: { cookie }, url: dashboard.publicUrl })).status, 404);
    // A call needs the token itself: what a browser sends by itself makes none.
    assert.equal((await ask('/3d-order', { method: 'POST', headers: { cookie }, body: {}, url: dashboard.publicUrl })).status, 401);
    for (const url of [dashboard.publicUrl, dashboard.url])
      await dashboard.visit(
        async (page) => {
          await shows(page, 'Your usage');
          await page.getByText(SCRIPT, { exact: false }).first().waitFor();
          await page.getByText('of $2.50').waitFor();
          assert.match(await page.getByRole('region', { name: 'Limits' }).innerText(), /Requests a minute\s+60\s+Requests an hour\s+no limit/);
          await page.getByRole('table').getByRole('link', { name: '3d-order' }).waitFor();
          await isAccessible(page);
          await shot(page, 'me');
        },
        { as: caller.token, at: '/me', url },
      );
    await dashboard.visit((page) => page.getByText('pinion token update').waitFor(), { as: (await dashboard.token('3d-order')).token, url: dashboard.publicUrl });
  });

  test('who may less sees less, and is told what is missing', async () => {
    const as = await dashboard.newCredential('audit');
    await dashboard.visit(
      async (page) => {
        await page.getByText("lacks the verb 'usage'").waitFor();
        assert.equal(await page.getByRole('navigation').getByRole('link', { name: 'Costs' }).count(), 0);
        await isAccessible(page);
      },
      { as },
    );
    await dashboard.visit(async (page) => {
      await shows(page, 'There is nothing here');
      await page.getByRole('link', { name: 'To the start' }).click();
      await shows(page, 'Overview');
    }, { at: '/no/such/screen' });
  });

  test('shows what was spent, and every figure leads to what it is made of', async () => {
    const { token } = await dashboard.token('*');
    for (const message of ['one', 'two', 'three']) assert.equal((await dashboard.call('chat', { message }, { token })).status, 200);
    await dashboard.visit(async (page) => {
      await shows(page, 'Overview');
      await page.getByText('Spent today').waitFor();
      await page.getByRole('table', { name: 'Endpoints by what they cost more' }).waitFor();
      await isAccessible(page);
      await page.getByRole('link', { name: 'chat', exact: true }).first().click();
      await shows(page, 'Costs');
      assert.match(page.url(), /endpoint=chat/);
      await page.getByRole('table', { name: 'Costs by model' }).getByRole('row').nth(1).waitFor();
      await page.getByRole('button', { name: 'As a table' }).click();
      assert.equal(await page.getByRole('group', { name: 'What was spent each day, by model' }).getByRole('row').count(), 15);
      await isAccessible(page);
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export CSV' }).click()]);
      assert.equal(download.suggestedFilename(), 'usage-by-model.csv');
      await page.goBack();
      await shows(page, 'Overview');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
    });
  });

  test('is used without a mouse', () =>
    dashboard.visit(async (page) => {
      await shows(page, 'Overview');
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
      await page.keyboard.press('Enter');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
      await page.reload();
      await shows(page, 'Overview');
      await tabTo(page, '.nav a[href="/dashboard/costs"]');
      assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), 'none');
      await page.keyboard.press('Enter');
      await shows(page, 'Costs');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
      assert.equal(await page.title(), 'Costs – Pinion');
      await tabTo(page, 'select');
      await tabTo(page, 'a[download]');
    }));

  test('has the theme of the system, or the one that is chosen', () =>
    dashboard.visit(
      async (page) => {
        const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
        await shows(page, 'Overview');
        await page.getByText('Nobody is near a limit').waitFor();
        await page.getByText('Spent today').waitFor();
        const dark = await ground();
        await isAccessible(page);
        await page.getByLabel('Theme').selectOption('light');
        const light = await ground();
        assert.notEqual(light, dark);
        await page.reload();
        await shows(page, 'Overview');
        await page.getByText('Nobody is near a limit').waitFor();
        await page.getByText('Spent today').waitFor();
        assert.equal(await ground(), light);
        await isAccessible(page);
        await page.getByLabel('Theme').selectOption('');
        assert.equal(await ground(), dark);
      },
      { colorScheme: 'dark' },
    ));

  test('is whole on a narrow screen', () =>
    dashboard.visit(
      async (page) => {
        await shows(page, 'Overview');
        await page.getByText('Spent today').waitFor();
        await fitsWidth(page);
        await page.getByRole('button', { name: 'Menu' }).click();
        await page.getByRole('navigation').getByRole('link', { name: 'Costs' }).click();
        await shows(page, 'Costs');
        assert.equal(await page.getByRole('navigation').isVisible(), false);
        await fitsWidth(page);
        await isAccessible(page);
      },
      { viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
    ));

  test('says so when the server cannot be reached, and goes on when it can', () =>
    dashboard.visit(async (page, context) => {
      await shows(page, 'Overview');
      await context.route('**/admin/v1/usage**', (route) => route.abort());
      await page.getByRole('navigation').getByRole('link', { name: 'Costs' }).click();
      await page.getByRole('alert').filter({ hasText: 'The server cannot be reached' }).waitFor();
      await isAccessible(page);
      await context.unroute('**/admin/v1/usage**');
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByRole('table').first().waitFor();
    }, { expectsErrors: /ERR_FAILED/ }));

  test('whoever guesses is slowed down, and all of it is in the audit log', async () => {
    const words = (await dashboard.api('GET', '/audit?action=dashboard&limit=200')).body.data;
    assert.ok(words.some((one) => one.action === 'dashboard.login') && words.some((one) => one.action === 'dashboard.logout'));
    const statuses = [];
    for (let i = 0; i < 14; i++) statuses.push((await ask('/dashboard/login', { method: 'POST', body: { token: `pin_admin_${i}` } })).status);
    assert.equal(statuses.at(-1), 429);
    assert.ok(statuses.includes(401) || statuses[0] === 429);
  });

  test('its files are small, constant, compressed, and may load nothing but one another', async () => {
    const page = await ask('/dashboard/');
    assert.equal(page.headers.get('content-security-policy'), POLICY);
    assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(page.headers.get('cache-control'), 'no-cache');
    const text = await page.text();
    assert.doesNotMatch(text, /<script>|<style|style=|\son[a-z]+=/);
    assert.equal(await (await ask('/dashboard/requests/req_1')).text(), text);
    const root = /href="(\/dashboard\/assets\/[0-9a-f]{16}\/)style\.css"/.exec(text)[1];
    const seen = new Map(); // by path: {bytes, needs, loads}, what it imports at once and when it is gone to
    const look = async (path) => {
      if (seen.has(path)) return;
      const it = { bytes: 0, needs: [], loads: [] };
      seen.set(path, it);
      const response = await ask(path);
      assert.equal(response.status, 200, path);
      assert.equal(response.headers.get('cache-control'), 'public, max-age=31536000, immutable');
      assert.equal(response.headers.get('content-security-policy'), POLICY);
      assert.equal(response.headers.get('content-encoding'), 'gzip');
      it.bytes = Number(response.headers.get('content-length'));
      assert.equal((await ask(path, { headers: { 'if-none-match': response.headers.get('etag') } })).status, 304);
      const plain = await ask(path, { headers: { 'accept-encoding': 'identity' } });
      const body = await plain.text();
      assert.equal(plain.headers.get('content-encoding'), null);
      assert.notEqual(plain.headers.get('etag'), response.headers.get('etag'));
      assert.equal(await response.text(), body);
      if (!path.endsWith('.js')) return;
      if (!path.includes('/vendor/')) assert.doesNotMatch(body, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/, path);
      for (const [, how, next] of body.matchAll(/(from\s*|import\s*\(\s*|import\s*)['"](\.[^'"]+\.js)['"]/g)) {
        const other = new URL(next, `http://x${path}`).pathname;
        (how.includes('(') ? it.loads : it.needs).push(other);
        await look(other);
      }
    };
    const first = [...text.matchAll(/(?:src|href)="(\/dashboard\/assets\/[^"]+)"/g)].map(([, path]) => path);
    for (const path of first) await look(path);
    await look(`${root}vendor/uplot.css`);
    const size = (paths, vendor) => [...paths].filter((path) => path.includes('/vendor/') === vendor).reduce((sum, path) => sum + seen.get(path).bytes, 0);
    const whole = (paths, all = new Set()) => (paths.forEach((path) => all.has(path) || whole(seen.get(path).needs, all.add(path))), all);
    const screens = [...seen.values()].flatMap(({ loads }) => loads).filter((path) => path.includes('/screens/'));
    const largest = Math.max(...screens.map((path) => size(whole([...first, path]), false)));
    const vendor = size(seen.keys(), true), own = size(seen.keys(), false);
    console.log(`# gzip: vendor ${vendor} bytes, own ${own} bytes in ${seen.size} files, with one screen at most ${largest} bytes`);
    assert.ok(screens.length > 10);
    assert.ok(vendor <= 45 * 1024, `vendor: ${vendor}`);
    assert.ok(largest <= 60 * 1024, `own, with one screen: ${largest}`);
    assert.ok(vendor + own <= (45 + 60) * 1024, `all: ${vendor + own}`);
    const licences = await (await ask(`${root}vendor/licences.txt`)).text();
    for (const word of ['preact', 'htm', 'uplot', 'MIT License', 'Apache License']) assert.ok(licences.includes(word), word);
    assert.equal((await ask(`${root}nothing.js`)).status, 404);
    assert.equal((await ask('/dashboard/', { method: 'POST' })).status, 405);
  });
});
