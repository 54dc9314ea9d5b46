// The dashboard's screens for operating: providers and how they fare, secrets, and backups, in a real
// browser; and that who lacks a verb, or whom another site sends, changes nothing there.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fitsWidth, isAccessible, logIn, shot, shows, skip, startDashboard, tabTo } from './support/browser.js';

const HOSTILE = '<img src=x onerror="window.ran=1">';
const KEY = 'sk-proj-0123456789-first-wxyz';

describe('the dashboard for operating', { skip }, () => {
  let dashboard, upstream, home, token, keys;
  let gone = true; // so does a receiver of events answer
  before(async () => {
    keys = [];
    upstream = http.createServer((request, response) => {
      keys.push(request.headers.authorization);
      request.resume().on('end', () => {
        if (request.url.startsWith('/hook')) return response.writeHead(gone && request.url === '/hook/gone' ? 410 : 200).end();
        const refused = request.url.startsWith('/spent');
        response.writeHead(request.url.startsWith('/broken') ? 503 : refused ? 401 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(refused ? { error: { message: 'no', code: 'invalid_api_key' } } : { id: 'x', object: 'chat.completion', model: 'm', choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Fine.' } }], usage: { prompt_tokens: 8, completion_tokens: 4, total_tokens: 12 } }));
      });
    });
    await new Promise((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    home = await mkdtemp(path.join(os.tmpdir(), 'pinion-home-'));
    const provider = (where, key) => `{kind: openai, base_url: "http://127.0.0.1:${upstream.address().port}/${where}", key: ${key}, allow_http: true, allow_private: true, breaker: {open: 10m, open_max: 10m}}`;
    const hook = (name, kinds) => `  - {name: ${name}, url: "http://127.0.0.1:${upstream.address().port}/hook/${name}", secret: "\${env:HOOK_SECRET}", events: [${kinds}], allow_http: true, allow_private: true}\n`;
    const endpoint = (to, more = '') => `provider: ${to}\nsystem: s\nmodel: ${more || 'gpt-4.1-mini'}\nretry: {times: 0}\n`;
    dashboard = await startDashboard({
      env: { XDG_CONFIG_HOME: home, FIRST_KEY: 'sk-first-of-two', SECOND_KEY: 'sk-second-of-two', HOOK_SECRET: 'sk-what-events-are-signed-with' },
      files: {
        'pinion.yaml': `listen: 127.0.0.1:0\nprices: {openai/own-model: {input: 0.5, output: 2}}\nproviders:\n  good: ${provider('good', '["${env:FIRST_KEY}", "${env:SECOND_KEY}"]')}\n  broken: ${provider('broken', '"${env:FIRST_KEY}"')}\n  spent: ${provider('spent', '"${env:SECOND_KEY}"')}\nwebhooks:\n${hook('ops', 'rollback')}${hook('gone', 'reload')}`,
        'endpoints/fine.yaml': endpoint('good'),
        'endpoints/own.yaml': `${endpoint('good', 'own-model')}failover: [{provider: broken, model: gpt-4.1-mini, on: [error]}]\n`,
        'endpoints/broken.yaml': endpoint('broken'),
        'endpoints/hostile.yaml': endpoint('good', JSON.stringify(HOSTILE)),
        'endpoints/refused.yaml': endpoint('spent'),
      },
    });
    token = await dashboard.token('*');
    const call = async (slug) => (await dashboard.call(slug, { message: 'x' }, { token: token.token })).status;
    for (let i = 0; i < 3; i++) assert.equal(await call('fine'), 200);
    assert.equal(await call('hostile'), 200);
    for (let i = 0; i < 6; i++) assert.ok([502, 503].includes(await call('broken')));
    assert.equal(await call('refused'), 502);
  });
  after(async () => {
    await dashboard?.stop();
    upstream?.close();
    upstream?.closeAllConnections();
    if (home) await rm(home, { recursive: true, force: true });
  });

  for (const [how, options, name] of [['in the light', {}, 'light'], ['in the dark, on a narrow screen', { colorScheme: 'dark', viewport: { width: 360, height: 740 } }, 'narrow']])
    test(`each is whole ${how}, also with nothing in it, and says nothing but text`, () =>
      dashboard.visit(async (page) => {
        for (const [at, title, text] of [['/providers', 'Providers', 'left alone'], ['/secrets', 'Secrets', 'Nothing is sealed yet'], ['/backups', 'Backups', 'There is no backup'], ['/webhooks', 'Webhooks', 'ops']]) {
          await page.goto(`${dashboard.url}/dashboard${at}`);
          await shows(page, title);
          await page.getByText(text, { exact: false }).first().waitFor();
          await fitsWidth(page);
          await isAccessible(page);
          assert.equal(await page.evaluate(() => window.ran), undefined);
          await shot(page, `${title.toLowerCase()}-${name}`);
        }
      }, options));

  test('a provider says whether it is reached, which keys rest, what it costs and who uses it', () =>
    dashboard.visit(async (page) => {
      const card = (name) => page.getByRole('region', { name, exact: true });
      await card('broken').getByText('down').waitFor();
      await card('broken').getByText('100%').waitFor(); // what was called today is asked for by itself
      assert.match(await card('broken').innerText(), /ready[^]*\$\{env:FIRST_KEY\}[^]*gpt-4\.1-mini\s+left alone[^]*5\s+100%[^]*broken, own/);
      assert.match(await card('spent').innerText(), /up\nrefused \$\{env:SECOND_KEY\}/);
      assert.match(await card('good').innerText(), /gpt-4\.1-mini\s+in use[^]*\$0\.40 \/ \$1\.60[^]*fine/);
      assert.match(await card('good').innerText(), /own-model[^]*\$0\.50 \/ \$2\.00\*\s+own/);
      assert.ok((await card('good').innerText()).includes(HOSTILE));
      assert.ok(!(await page.content()).includes('-of-two'));
      await card('broken').getByRole('link', { name: 'gpt-4.1-mini' }).click();
      await shows(page, 'Costs');
      await page.getByRole('link', { name: 'Show all, not only provider broken' }).waitFor();
    }, { at: '/providers' }));

  test('who is near a limit is on the overview and with the budgets, and leads to whose it is', async () => {
    const near = await dashboard.create({ scopes: ['*'], name: HOSTILE, limits: { per_minute: 4 } });
    for (let i = 0; i < 3; i++) assert.equal((await dashboard.call('fine', { message: 'x' }, { token: near.token })).status, 200);
    await dashboard.visit(async (page) => {
      await page.getByRole('link', { name: `token ${HOSTILE}`, exact: true }).waitFor();
      const list = page.getByRole('region', { name: 'Near limits' });
      assert.match(await list.innerText(), /3 of 4 calls a minute/);
      await isAccessible(page);
      await page.goto(`${dashboard.url}/dashboard/budgets`);
      const near = page.getByRole('region', { name: 'Near a limit' });
      await near.getByRole('link', { name: HOSTILE }).first().waitFor();
      await isAccessible(page);
      await shot(page, 'budgets-near');
      await near.locator('li').filter({ hasText: 'calls a minute' }).getByRole('link').click();
      await shows(page, HOSTILE);
      assert.equal(await page.evaluate(() => window.ran), undefined);
    });
  });

  test('the last day is there hour by hour, beside the week before', () =>
    dashboard.visit(async (page) => {
      const card = page.getByRole('region', { name: 'The last 24 hours' });
      await card.getByRole('link', { name: 'Failed' }).waitFor();
      const calls = (await dashboard.api('GET', '/series')).body.points[0];
      const figures = await card.locator('.figures').innerText();
      assert.match(figures, new RegExp(`Calls\\s+${calls.calls}[^]*Failed\\s+${Math.round((100 * calls.errors) / calls.calls)}%[^]*95% answered within\\s+[\\d.]+ m?s`));
      await card.getByRole('button', { name: 'As a table' }).click();
      const column = async () => (await card.getByRole('table').locator('tbody tr td:nth-child(2)').allInnerTexts());
      assert.deepEqual((await column()).length, 24);
      assert.equal((await column()).reduce((sum, one) => sum + Number(one), 0), calls.calls);
      await isAccessible(page);
      await card.getByLabel('Hour by hour').selectOption('Failed, of calls');
      assert.ok((await column()).includes(`${((100 * calls.errors) / calls.calls).toFixed(1)}%`));
      await card.getByLabel('Hour by hour').selectOption('95% answered within (p95)');
      assert.ok((await column()).some((one) => / m?s$/.test(one)));
      await shot(page, 'overview-hours');
    }));

  test('what is not as it usually is is on the overview, and leads to the calls that say so', () =>
    dashboard.visit(async (page) => {
      await page.getByText('Nothing out of the ordinary.').waitFor();
      const since = new Date(Date.now() - 600000).toISOString();
      const note = (id, kind, state, over) => ({ id, endpoint: 'fine', kind, state, noted: since, since, over, usual: 0.01, now: 0.3, worst: 0.3, calls: 120, message: `30 % of 120 calls in an hour failed ${HOSTILE}`, look: 'pinion logs list' });
      await page.route('**/admin/v1/notes*', (route) => route.fulfill({ json: { object: 'list', data: [note('note_2', 'error_rate', 'open', null), note('note_1', 'spend', 'over', since)], has_more: false } }));
      await page.reload();
      const noted = page.getByRole('region', { name: 'Noticed' });
      await noted.getByText(HOSTILE).first().waitFor();
      assert.equal(await noted.getByText(HOSTILE).count(), 2);
      await isAccessible(page);
      await noted.getByRole('link', { name: 'fine' }).first().click();
      await shows(page, 'Requests');
      assert.match(page.url(), /endpoint=fine&status=5xx&from=/);
      assert.equal(await page.evaluate(() => window.ran), undefined);
    }));

  test('why a cost rose is told in money', () =>
    dashboard.visit(async (page) => {
      const today = new Date().toISOString().slice(0, 10);
      const yesterday = new Date(Date.parse(today) - 86400000).toISOString().slice(0, 10);
      const row = (day, model, calls, input_tokens, cost_usd) => ({ day, endpoint: HOSTILE, model, calls, errors: 0, input_tokens, output_tokens: 0, cost_usd, billed_usd: cost_usd, unpriced_calls: 0 });
      await page.route('**/admin/v1/usage?*', (route) => route.fulfill({ json: { object: 'list', from: yesterday, to: today, has_more: false, data: [row(yesterday, 'm', 100, 10000, '1.000000000'), row(today, 'm', 200, 40000, '4.000000000'), row(today, 'dear', 20, 4000, '3.000000000')] } }));
      await page.route('**/admin/v1/series?from*', (route) => route.fulfill({ json: { points: [{ calls: route.request().url().includes(`to=${today}`) ? 100 : 110 }] } }));
      await page.goto(`${dashboard.url}/dashboard/costs?days=1`);
      await page.getByRole('heading', { name: 'Why it is +$6.00' }).waitFor();
      const why = await page.locator('dl.facts').innerText();
      // 1 USD: 100 requests of one call each. 110 of two calls each are 0.10 and 1.10 more; all but 20 cost
      // a cent at first and two by their length; 20 cost 15 cents each instead of one.
      assert.match(why, /Other models\s+\+\$2\.80\s+Tokens a call\s+\+\$2\.00\s+Repeats, failovers and cached answers\s+\+\$1\.10\s+Requests\s+\+\$0\.10/);
      await isAccessible(page);
      await shot(page, 'costs-why');
      assert.equal(await page.evaluate(() => window.ran), undefined);
    }));

  test('what calls are for is a way to look at costs, and leads to the requests', async () => {
    const value = `${HOSTILE}, Ltd`;
    const response = await dashboard.call('fine', { message: 'x' }, { token: token.token, headers: { 'pinion-tag': `customer=${JSON.stringify(value)}` } });
    assert.equal(response.status, 200);
    await dashboard.visit(async (page) => {
      await page.getByLabel('By', { exact: true }).selectOption('tag:customer');
      await page.getByRole('table', { name: 'Costs by tag:customer' }).getByRole('link', { name: value }).waitFor();
      await isAccessible(page);
      const links = await page.getByRole('link', { name: /^Export/ }).evaluateAll((all) => all.map((one) => one.href));
      for (const [i, type] of [['0', 'text/csv'], ['1', 'application/jsonl']]) {
        const file = await page.request.get(links[i]);
        assert.ok(file.headers()['content-type'].startsWith(type), file.headers()['content-type']);
        assert.ok((await file.text()).includes('Ltd'));
      }
      await page.getByRole('link', { name: value }).click();
      await shows(page, 'Requests');
      await page.getByRole('table', { name: 'Requests' }).getByRole('link').first().waitFor();
      assert.equal(await page.getByRole('table', { name: 'Requests' }).locator('tbody tr').count(), 1);
      assert.equal(await page.evaluate(() => window.ran), undefined);
    }, { at: '/costs' });
  });

  test('a secret is sealed, replaced, and deleted, and its value is in no answer', async () => {
    await dashboard.visit(async (page) => {
      const answers = [];
      page.on('response', async (response) => /admin\/v1\/secrets/.test(response.url()) && answers.push(await response.text().catch(() => '')));
      await shows(page, 'Secrets');
      await page.getByRole('button', { name: 'New secret' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Name').fill('Not a name');
      await dialog.getByLabel('Value').fill(KEY);
      await dialog.getByRole('button', { name: 'Seal it' }).click();
      await dialog.getByRole('alert').waitFor();
      await isAccessible(page);
      await dialog.getByLabel('Name').fill('openai');
      await dialog.getByRole('button', { name: 'Seal it' }).click();
      await page.getByText('a master key that was made just now').waitFor();
      const row = () => page.getByRole('table', { name: 'Secrets' }).locator('tbody tr');
      assert.match(await row().innerText(), /openai\s+opens\s+…wxyz[^]*nobody/);
      await page.getByRole('button', { name: 'Replace openai' }).click();
      await dialog.getByLabel('Value').fill(`${KEY}-2222`);
      await dialog.getByRole('button', { name: 'Seal it' }).click();
      await row().filter({ hasText: '…2222' }).waitFor();
      await page.getByRole('button', { name: 'Rotate the master key' }).click();
      await dialog.getByRole('button', { name: 'Rotate' }).click();
      await page.getByText('1 sealed anew under').waitFor();
      await isAccessible(page);
      await shot(page, 'secrets-used');
      await page.getByRole('button', { name: 'Delete openai' }).click();
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      assert.equal(await row().count(), 1);
      await page.getByRole('button', { name: 'Delete openai' }).click();
      await dialog.getByRole('button', { name: 'Delete' }).click();
      await page.getByText('Nothing is sealed yet').waitFor();
      assert.ok(answers.length > 5 && !answers.join('').includes('0123456789'));
      assert.ok(!(await page.content()).includes('0123456789'));
    }, { at: '/secrets', expects: [400] });
    const acts = (await dashboard.api('GET', '/audit?action=secret&order=desc')).body.data;
    assert.deepEqual([acts[0].action, acts[0].object, acts[0].actor], ['secret.delete', 'openai', 'admin']);
  });

  test('whoever uses a secret is named, and it goes only when its name is typed', async () => {
    assert.equal((await dashboard.api('PUT', '/secrets/keyed', { value: KEY })).status, 200);
    const file = path.join(dashboard.folder, 'pinion.yaml');
    const handle = await open(file, 'r+');
    const text = (await handle.readFile('utf8')).replace('["${env:FIRST_KEY}", "${env:SECOND_KEY}"]', '"${secret:keyed}"');
    await handle.truncate(0);
    await handle.write(text, 0);
    await handle.close();
    assert.equal((await dashboard.api('POST', '/reload')).status, 200);
    assert.equal((await dashboard.call('fine', { message: 'x' }, { token: token.token })).status, 200);
    assert.equal(keys.at(-1), `Bearer ${KEY}`);
    await dashboard.visit(async (page) => {
      const row = page.getByRole('table', { name: 'Secrets' }).locator('tbody tr');
      await row.getByRole('link', { name: 'good' }).waitFor();
      await page.getByRole('button', { name: 'Delete keyed' }).click();
      const dialog = page.getByRole('dialog');
      assert.equal(await dialog.getByRole('button', { name: 'Delete' }).isDisabled(), true);
      await dialog.getByRole('textbox').fill('keyed');
      await dialog.getByRole('button', { name: 'Delete' }).click();
      await page.getByText('the configuration is not good').waitFor();
      await page.goto(`${dashboard.url}/dashboard/providers`);
      await page.getByText('${secret:keyed}').waitFor();
    }, { at: '/secrets' });
    assert.equal((await dashboard.call('fine', { message: 'x' }, { token: token.token })).status, 200);
  });

  test('a backup is taken, looked at, found damaged, and deleted, without a mouse', async () => {
    await dashboard.visit(async (page) => {
      await shows(page, 'Backups');
      await tabTo(page, '#main button.main');
      await page.keyboard.press('Enter');
      await page.getByText('is taken, durable and whole').waitFor();
      const [name] = await readdir(path.join(dashboard.store, 'backups'));
      await page.getByText(`pinion restore ${name}`).waitFor();
      await isAccessible(page);
      await shot(page, 'backups-used');
      await tabTo(page, `[aria-label="Verify ${name}"]`);
      await page.keyboard.press('Enter');
      await page.locator('.badge.good').filter({ hasText: 'whole' }).waitFor();
      const data = await open(path.join(dashboard.store, 'backups', name, 'data.mdb'), 'r+');
      const { size } = await data.stat();
      await data.write(randomBytes(64), 0, 64, size - 5000);
      await data.close();
      await page.getByRole('button', { name: `Verify ${name}` }).click();
      await page.locator('.badge.bad').filter({ hasText: 'damaged' }).waitFor();
      await page.getByRole('button', { name: `Delete ${name}` }).click();
      await page.getByRole('dialog').getByRole('textbox').fill(name);
      await page.keyboard.press('Enter');
      await page.getByText('There is no backup').waitFor();
      assert.deepEqual(await readdir(path.join(dashboard.store, 'backups')), []);
    }, { at: '/backups', expects: [500] });
    const acts = (await dashboard.api('GET', '/audit?action=backup&order=desc')).body.data;
    assert.deepEqual(acts.map((one) => one.action), ['backup.delete', 'backup.create']);
  });

  test('a receiver of events is tried, and what it did not take is sent again or forgotten', async () => {
    for (let i = 0; i < 2; i++) assert.equal((await dashboard.api('POST', '/reload')).status, 422); // its key was deleted
    for (let dead = 0; dead < 3; ) dead = (await dashboard.api('GET', '/webhooks/dead')).body.data.length; // that one, too
    await dashboard.visit(async (page) => {
      await shows(page, 'Webhooks');
      const receivers = page.getByRole('table', { name: 'Receivers' });
      assert.match(await receivers.innerText(), /ops\s+ok[^]*gone\s+failing[^]*0\s+3/);
      await page.getByRole('button', { name: 'Test ops' }).click();
      await page.getByText('ops has taken a test event: 200').waitFor();
      await page.getByRole('button', { name: 'Test gone' }).click();
      await page.getByText('gone has not taken it: status 410').waitFor();
      const dead = page.getByRole('table', { name: 'Given up' }).locator('tbody tr');
      assert.equal(await dead.count(), 3);
      await dead.first().locator('summary').click();
      await dead.first().getByText('"type": "reload"').waitFor();
      await fitsWidth(page);
      await isAccessible(page);
      await shot(page, 'webhooks');
      await dead.first().getByRole('button', { name: 'Forget' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click();
      await page.getByText('1 forgotten.').waitFor();
      gone = false;
      await dead.first().getByRole('button', { name: 'again' }).click();
      await page.getByText('1 will be sent again.').waitFor();
      await page.getByRole('button', { name: 'Send again: all of gone' }).click();
      await page.getByText('Every event was taken, or still is sent again.').waitFor();
      assert.ok(!(await page.content()).includes('signed-with'));
    }, { at: '/webhooks' });
    const acts = (await dashboard.api('GET', '/audit?action=webhook&order=desc')).body.data;
    assert.deepEqual(acts.map((one) => one.action), ['webhook.retry', 'webhook.retry', 'webhook.forget', 'webhook.test', 'webhook.test']);
  });

  test('who lacks the verb sees and does none of it, nor does another site with a cookie', async () => {
    const writes = [['PUT', '/secrets/x', { value: 'y' }], ['DELETE', '/secrets/x'], ['POST', '/secrets/rotate'], ['POST', '/backups', {}], ['POST', '/backups/x/verify'], ['DELETE', '/backups/x'], ['POST', '/webhooks/ops/test', {}], ['POST', '/webhooks/ops/retry', {}], ['DELETE', '/webhooks/ops/dead']];
    const as = await dashboard.newCredential('usage');
    const ask = (method, where, headers, body) => fetch(`${dashboard.url}/admin/v1${where}`, { method, headers: { ...headers, ...(body && { 'content-type': 'application/json' }) }, body: body && JSON.stringify(body) });
    for (const [method, where, body] of [...writes, ['GET', '/providers'], ['GET', '/secrets'], ['GET', '/backups'], ['GET', '/webhooks'], ['GET', '/webhooks/dead']]) {
      const response = await ask(method, where, { authorization: `Bearer ${as}` }, body);
      assert.deepEqual([response.status, (await response.json()).error.code], [403, 'scope_denied'], `${method} ${where}`);
    }
    const cookie = await logIn(dashboard.url, dashboard.credential);
    for (const headers of [{ cookie }, { cookie, origin: 'https://evil.example' }, { cookie, 'pinion-csrf': 'x' }])
      for (const [method, where, body] of writes) assert.equal((await ask(method, where, headers, body)).status, 403, `${method} ${where}`);
    assert.equal((await dashboard.api('GET', '/backups')).body.data.length, 0);
    await dashboard.visit(async (page) => {
      await shows(page, 'Overview');
      for (const screen of ['Secrets', 'Backups', 'Providers']) assert.equal(await page.getByRole('link', { name: screen, exact: true }).count(), 0);
      await page.goto(`${dashboard.url}/dashboard/secrets`);
      await page.getByText("Your credential lacks the verb 'secrets'.").waitFor();
    }, { as });
    await dashboard.visit(async (page) => {
      await page.getByRole('region', { name: 'broken' }).getByText('${env:FIRST_KEY}').waitFor();
      assert.match(await page.getByRole('region', { name: 'good', exact: true }).innerText(), /–/); // what is only for those who may see usage
    }, { at: '/providers', as: await dashboard.newCredential('config') });
  });
});
