// The dashboard's screens in a real browser: each is whole in both themes and on a narrow screen, what
// can be changed is changed, and nothing that a caller or a model can write is ever more than text.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { writeFiles } from './support/gateway.js';
import { fitsWidth, isAccessible, shot, shows, skip, startDashboard, tabTo } from './support/browser.js';
import { settings } from './support/gateway.js';

// What would run, load or end an element if it were anything but text.
const HOSTILE = [
  '<img src=x onerror="window.ran=1">', '"><script>window.ran=1</script>', '<svg/onload=window.ran=1>', "javascript:window.ran=1//'", '</textarea><iframe srcdoc="<script>parent.ran=1</script>">',
  '${window.ran=1}', '{{constructor.constructor("window.ran=1")()}}', '<style>*{display:none}</style>', '<base href="https://evil.example/">', '\u202e<b>gnirts', '<form action=https://evil.example><input name=token>', 'data:text/html,<script>window.ran=1</script>',
];
const ALL = HOSTILE.join(' ');

const endpoint = (more = '') => `provider: upstream
model: gpt-4.1-mini
system: You condense.
template: "Condense: {{text}}"
input_schema: {type: object, properties: {text: {type: string, minLength: 2}, n: {type: integer}}, required: [text], additionalProperties: false}
output_schema: {type: object, properties: {title: {type: string}}, required: [title]}
params: {max_tokens: 200}
log: {content: full, retention: 24h}
${more}`;

describe('the screens of the dashboard', { skip }, () => {
  let dashboard, upstream, token, answered, refused, misfit, ruled, called, broken;
  let answer = { title: 'Fine' };
  let reply; // in its place: what the provider does
  before(async () => {
    upstream = http.createServer((request, response) => {
      request.resume().on('end', () => {
        if (reply) return reply(response);
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ id: 'x', object: 'chat.completion', model: 'gpt-4.1-mini', choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: JSON.stringify(answer) } }], usage: { prompt_tokens: 800, completion_tokens: 40, total_tokens: 840 } }));
      });
    });
    await new Promise((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    dashboard = await startDashboard({
      files: {
        'pinion.yaml': settings(`http://127.0.0.1:${upstream.address().port}/v1`, 'budget: {monthly_usd: 5}\nrouting_headers: [x-tier]\n'),
        'endpoints/summarize.yaml': endpoint('budget: {daily_usd: 0.002}\nsession: {ttl: 1h}\n'),
        'endpoints/ruled.yaml': endpoint(`routing:
  - {name: long, when: {input_tokens: ">= 30000"}, use: {model: gpt-4.1-nano}}
  - {name: gold, when: {all: [{header: {x-tier: true}}, {not: {input: {/text: short}}}]}, use: {model: gpt-4.1}}
  - {name: rest, use: {model: gpt-4.1-nano}}
allow: [tools]
retry: {times: 0}
`),
        'endpoints/plain.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: You help.\nparams: {max_tokens: 200}\nsession: {ttl: 1h}\n',
      },
    });
    token = await dashboard.create({ scopes: ['*'], name: ALL.slice(0, 120), verbs: ['call', 'usage', 'sessions'] });
    const call = async (slug, body, status, headers) => {
      const response = await dashboard.call(slug, body, { token: token.token, headers });
      assert.equal(response.status, status, await response.clone().text());
      return response.headers.get('x-request-id');
    };
    answered = await call('summarize', { input: { text: ALL } }, 200);
    ruled = await call('ruled', { input: { text: ALL } }, 200, { 'X-Tier': HOSTILE[0] });
    reply = (response) => response.end(JSON.stringify({ id: 'x', object: 'chat.completion', model: 'gpt-4.1-mini', choices: [{ index: 0, finish_reason: 'tool_calls', message: { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: JSON.stringify({ [HOSTILE[1]]: ALL }) } }] } }], usage: { prompt_tokens: 8, completion_tokens: 4, total_tokens: 12 } }));
    called = await call('ruled', { input: { text: ALL }, tools: [{ type: 'function', function: { name: 'look', description: ALL, parameters: { type: 'object' } } }] }, 200);
    reply = (response) => response.writeHead(500, { 'content-type': 'text/html' }).end(`<h1>${ALL}</h1>`);
    broken = await call('ruled', { input: { text: ALL } }, 502);
    reply = undefined;
    refused = await call('summarize', { input: { text: 'x', [HOSTILE[0]]: ALL } }, 422);
    answer = { title: 7, [HOSTILE[1]]: ALL };
    misfit = await call('summarize', { input: { text: ALL } }, 422);
    await call('plain', { message: ALL }, 200);
    await writeFiles(dashboard.folder, { 'endpoints/plain.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: You help a lot.\nparams: {max_tokens: 200}\nsession: {ttl: 1h}\n' });
    assert.equal((await dashboard.api('POST', '/reload')).status, 200);
  });
  after(async () => {
    await dashboard?.stop();
    upstream?.close();
    upstream?.closeAllConnections();
  });

  const screens = () => [
    ['/', 'Overview', 'Spent today'], ['/costs', 'Costs', 'A call'], ['/requests', 'Requests', 'summarize'], [`/requests/${misfit}`, 'summarize', 'Where the money went'],
    [`/requests/${refused}`, 'summarize', 'Nothing was sent'], [`/requests/${ruled}`, 'ruled', 'Attempt 1'], [`/requests/${called}`, 'ruled', 'Calls look'], [`/requests/${broken}`, 'ruled', 'server error'],
    ['/endpoints', 'Endpoints', 'summarize'], ['/playground?endpoint=summarize', 'Playground', 'real call'], ['/endpoints/plain?tab=compare', 'plain', 'You help a lot.'], ['/explain?endpoint=summarize', 'Explain routing', 'A call'],
    ['/tokens', 'Tokens', 'operator'], [`/tokens/${token.id}`, token.name, 'What it is'], ['/budgets', 'Budgets', 'endpoint summarize'], ['/sessions', 'Sessions', 'plain'], ['/audit', 'Audit', 'token.create'],
  ];

  for (const [how, options, name] of [['in the light', {}, 'light'], ['in the dark, on a narrow screen', { colorScheme: 'dark', viewport: { width: 360, height: 740 } }, 'narrow']])
    test(`each is whole ${how}, and says nothing but text`, () =>
      dashboard.visit(async (page) => {
        for (const [at, title, text] of screens()) {
          await page.goto(`${dashboard.url}/dashboard${at}`);
          await shows(page, title);
          await page.getByText(text, { exact: false }).locator('visible=true').first().waitFor();
          if (at.startsWith('/requests/')) await page.evaluate(() => document.querySelectorAll('main details').forEach((one) => (one.open = true)));
          await fitsWidth(page);
          await isAccessible(page);
          assert.equal(await page.evaluate(() => window.ran), undefined, at);
          assert.equal(await page.locator('main iframe, main img, main form[action*=evil]').count(), 0, at);
          await shot(page, `${title.length > 30 ? 'token' : title.toLowerCase().replaceAll(' ', '-')}-${name}`);
        }
      }, options));

  test('a request says why it was a 422, where, and what it cost', () =>
    dashboard.visit(async (page) => {
      await shows(page, 'Requests');
      await page.getByLabel('Status').selectOption('422');
      await page.waitForURL(/status=422/);
      await page.locator(`a[href$="${misfit}"]`).click();
      await shows(page, 'summarize');
      await page.getByText('did not fit the endpoint').waitFor();
      await page.getByText('output_schema_violation').first().waitFor();
      assert.match(await page.getByRole('group', { name: 'Answer' }).innerText(), /"title": 7,[^]*\^ type: expected string, found integer/);
      assert.match(await page.getByRole('table', { name: 'Violations' }).innerText(), /\/title/);
      assert.match(await page.getByRole('table', { name: 'Where the time went' }).innerText(), /call/);
      assert.match(await page.getByRole('table', { name: 'Where the money went' }).innerText(), /Input\s+800\s+\$0\.0/);
      await page.getByRole('tab', { name: /Rendered prompt/ }).click();
      assert.ok((await page.getByRole('tabpanel').innerText()).includes(`Condense: ${HOSTILE[0]}`));
      await page.goBack();
      await shows(page, 'Requests');
      assert.match(page.url(), /status=422/);
    }, { at: '/requests' }));

  test('a request says by which rule it went to which model, and what each condition saw', () =>
    dashboard.visit(async (page) => {
      await shows(page, 'ruled');
      const way = page.locator('.way');
      assert.match(await way.innerText(), /Rule\s+gold\s+Model\s+upstream gpt-4\.1/);
      const rules = (await page.locator('.rules').innerText()).replace(/\s+/g, ' ');
      assert.match(rules, /long did not hold to upstream gpt-4\.1-nano ✗ input_tokens >= 30000 was \d+ , did not hold/);
      assert.ok(rules.includes(`gold held to upstream gpt-4.1 ✓ all 2 of 2 held , held ✓ header x-tier present was ${HOSTILE[0]} , held ✓ not , held ✗ input /text == "short" was "`), rules);
      assert.match(rules, /rest not reached/);
      await page.goto(`${dashboard.url}/dashboard/requests/${called}`);
      await page.getByText('Calls look').waitFor();
      assert.ok((await page.getByRole('group', { name: 'Answer, part 1, arguments of look' }).innerText()).includes(JSON.stringify(ALL)));
      assert.match((await page.locator('.rules').innerText()).replace(/\s+/g, ' '), /gold did not hold .*header x-tier present was none.* rest held .*always/);
    }, { at: `/requests/${ruled}` }));

  test('a request says what each attempt sent and got, without a mouse', () =>
    dashboard.visit(async (page) => {
      await shows(page, 'ruled');
      await page.getByText('server error').waitFor();
      await tabTo(page, 'summary');
      assert.ok(await page.locator('main details[open]').count(), 'the exchange that failed is open');
      const side = (name) => page.getByRole('group', { name: `Attempt 1, ${name}` }).innerText();
      assert.match(await side('sent'), /"model": "gpt-4\.1-nano"[^]*"role": "user"/);
      assert.ok((await side('received')).includes(`<h1>${ALL}</h1>`));
      assert.equal(await page.getByRole('tab', { name: 'Answer' }).count(), 0);
      await page.keyboard.press('Enter');
      assert.equal(await page.locator('main details[open]').count(), 0);
      await page.getByRole('link', { name: 'rest' }).click();
      assert.equal(await page.evaluate(() => location.hash), '#rules');
    }, { at: `/requests/${broken}` }));

  test('what of an input did not fit is marked in it', () =>
    dashboard.visit(async (page) => {
      await page.getByRole('tab', { name: 'Input 2' }).waitFor();
      const input = await page.getByRole('group', { name: 'Input' }).innerText();
      assert.match(input, /"text": "x",[^]*\^ minLength: expected at least 2 characters, found string of 1 character/);
      assert.ok(input.split('\n').findIndex((line) => line.includes(JSON.stringify(HOSTILE[0]))) > 0);
      assert.match(input, /\^ additionalProperties: expected nothing/);
      const command = await page.locator('.copyable code').last().innerText();
      assert.ok(command.startsWith('curl "$PINION_URL/summarize"') && command.includes(`'{"input":{"text":"x",`), command);
    }, { at: `/requests/${refused}` }));

  test('requests come in as they are answered, those that are wanted, until it is paused', () =>
    dashboard.visit(async (page) => {
      const call = (slug) => dashboard.call(slug, { message: 'live' }, { token: token.token });
      const rows = () => page.getByRole('table', { name: 'Requests' }).locator('tbody tr').count();
      await page.getByText('live', { exact: true }).waitFor();
      const before = await rows();
      await call('no-such-endpoint');
      const wanted = (await call('plain')).headers.get('x-request-id');
      await page.locator(`a[href$="${wanted}"]`).waitFor();
      assert.equal(await rows(), before + 1);
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByText('paused').waitFor();
      const missed = (await call('plain')).headers.get('x-request-id');
      await dashboard.api('GET', `/logs/${missed}`); // it is stored
      assert.equal(await page.locator(`a[href$="${missed}"]`).count(), 0);
      await page.getByRole('button', { name: 'Resume' }).click();
      await page.locator(`a[href$="${missed}"]`).waitFor();
    }, { at: '/requests?endpoint=plain' }));

  test('what was said is erased when it is asked for, and only then', () =>
    dashboard.visit(async (page) => {
      await page.getByRole('button', { name: 'Erase' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Erase' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Erase' }).click();
      await page.getByText('What was said is not kept any more.').waitFor();
    }, { at: `/requests/${answered}` }));

  test('a request that was never sent says so, and one that is not there too', () =>
    dashboard.visit(async (page) => {
      await page.getByText('Nothing was sent to a provider, and nothing was paid.').waitFor();
      await page.goto(`${dashboard.url}/dashboard/requests/req_nothing`);
      await page.getByRole('alert').filter({ hasText: 'log_not_found' }).waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type(misfit);
      await page.keyboard.press('Enter');
      await page.getByText('output_schema_violation').first().waitFor();
    }, { at: `/requests/${refused}`, expects: [404] }));

  test('a token is made, its secret shown once, another one given, and revoked', () =>
    dashboard.visit(async (page) => {
      await shows(page, 'Tokens');
      await page.getByRole('button', { name: 'New token' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Name').fill(HOSTILE[0]);
      await dialog.getByRole('button', { name: 'Create' }).click();
      await dialog.getByRole('alert').waitFor();
      await isAccessible(page);
      await dialog.getByLabel('Scopes').fill('summarize, plain-*');
      await dialog.getByLabel('Requests a minute').fill('60');
      await dialog.getByRole('button', { name: 'Create' }).click();
      await dialog.getByText('it is shown this once').waitFor();
      const secret = await dialog.locator('.secret').innerText();
      assert.match(secret, /^pin_live_/);
      await isAccessible(page);
      await dialog.getByRole('button', { name: 'Done' }).click();
      assert.ok(!(await page.content()).includes(secret));
      await page.getByRole('link', { name: HOSTILE[0], exact: true }).click();
      await shows(page, HOSTILE[0]);
      assert.match(await page.locator('dl').innerText(), /60 per minute/);
      await page.getByRole('button', { name: 'Rotate' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
      const other = await page.getByRole('dialog').locator('.secret').innerText();
      assert.notEqual(other, secret);
      await page.keyboard.press('Escape');
      await page.getByText('the one before is good until').waitFor();
      await page.getByRole('button', { name: 'Revoke' }).click();
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Revoke' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
      await page.getByText('revoked').first().waitFor();
      const refusal = await dashboard.call('plain', { message: 'x' }, { token: other });
      assert.equal((await refusal.json()).error.code, 'revoked_token');
      assert.equal(await page.evaluate(() => window.ran), undefined);
    }, { at: '/tokens', expects: [400] }));

  test('who may only read tokens makes none', async () => {
    const as = await dashboard.newCredential('tokens:read');
    await dashboard.visit(async (page) => {
      await page.getByRole('link', { name: 'operator', exact: true }).waitFor();
      assert.equal(await page.getByRole('button', { name: 'New token' }).count(), 0);
    }, { at: '/tokens', as });
  });

  test('an endpoint goes back to a version, after it was shown what changes', () =>
    dashboard.visit(async (page) => {
      await page.getByRole('tab', { name: 'Versions' }).waitFor();
      await page.getByRole('button', { name: 'Go back' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('You help.', { exact: false }).first().waitFor();
      assert.match(await dialog.innerText(), /system: You help a lot\.[^]*system: You help\./);
      await isAccessible(page);
      await dialog.getByRole('button', { name: 'Go back' }).click();
      await page.getByText('rolled back').first().waitFor();
      const { body } = await dashboard.api('GET', '/endpoints');
      assert.deepEqual(body.data.map((one) => [one.id, one.version, one.rolled_back]), [['plain', 3, true], ['ruled', 1, false], ['summarize', 1, false]]);
    }, { at: '/endpoints/plain?tab=versions' }));

  test('an endpoint is called from a form made of its schema, and the call is one of its token', async () => {
    const bearer = await dashboard.create({ scopes: ['*', '*@*'], name: 'form', limits: { per_minute: 3 } });
    await dashboard.visit(async (page) => {
      await shows(page, 'Playground');
      await page.getByLabel('As', { exact: true }).selectOption(bearer.id);
      await page.getByLabel('text *').fill(HOSTILE[0]);
      await page.getByLabel('n', { exact: true }).fill('x');
      await page.getByText('A whole number').waitFor();
      await page.getByLabel('n', { exact: true }).fill('7');
      answer = { title: HOSTILE[1] };
      await isAccessible(page);
      await page.getByRole('button', { name: 'Call' }).click();
      await page.locator('.badge.good').filter({ hasText: '200' }).waitFor();
      assert.ok((await page.getByRole('group', { name: 'Answer' }).innerText()).includes(JSON.stringify(HOSTILE[1])));
      assert.match(await page.getByRole('group', { name: 'Test' }).innerText(), /"pointer":"\/title"/);
      await isAccessible(page);
      answer = { title: 7 };
      await page.getByRole('button', { name: 'Call' }).click();
      await page.getByText('output_schema_violation').waitFor();
      await page.getByRole('link', { name: 'Inspect' }).click();
      await shows(page, 'summarize');
      await page.getByRole('link', { name: bearer.id }).first().waitFor();
      await page.getByRole('link', { name: 'Open in the playground' }).click();
      await shows(page, 'Playground');
      await page.getByLabel('Endpoint', { exact: true }).selectOption('plain');
      await page.getByLabel('As', { exact: true }).selectOption(bearer.id);
      await page.getByLabel('Beside it, version').selectOption('1');
      await page.getByLabel('message').fill(ALL);
      await page.getByRole('button', { name: 'Call' }).click();
      await page.locator('.badge').filter({ hasText: /200/ }).first().waitFor();
      await page.locator('.badge').filter({ hasText: /429/ }).first().waitFor(); // the token's limit is one for this, too
      assert.equal(await page.evaluate(() => window.ran), undefined);
      await shot(page, 'playground-light');
    }, { at: '/playground?endpoint=summarize', expects: [422, 429] });
    const acts = (await dashboard.api('GET', '/audit?action=call&order=desc')).body.data;
    assert.equal(acts.length, 4);
    assert.deepEqual([acts.at(-1).action, acts.at(-1).object, acts.at(-1).outcome], ['call.try', `summarize as ${bearer.id}`, 'ok']);
  });

  test('calls as a token are for those who may make tokens, of tokens that are good', async () => {
    const body = (more) => ({ endpoint: 'plain', body: { message: 'x' }, token: token.id, ...more });
    const code = async (order, as = dashboard.credential) => {
      const response = await fetch(`${dashboard.url}/admin/v1/try`, { method: 'POST', headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' }, body: JSON.stringify(order) });
      return response.ok ? response.status : (await response.json()).error.code;
    };
    assert.equal(await code(body()), 200);
    assert.equal(await code(body(), await dashboard.newCredential('tokens:read', 'config')), 'scope_denied');
    assert.equal(await code(body({ token: undefined })), 'invalid_request');
    assert.equal(await code(body({ token: 'tok_nobody' })), 'token_not_found');
    assert.equal(await code(body({ at: '2026-11-27T00:00:00Z' })), 'unknown_field');
    const narrow = await dashboard.token('summarize');
    assert.equal(await code(body({ token: narrow.id })), 'scope_denied');
    await dashboard.api('POST', `/tokens/${narrow.id}/revoke`);
    assert.equal(await code(body({ token: narrow.id })), 'invalid_request');
    assert.equal(await code(body({ body: { message: 7 } })), 'invalid_request');
  });

  test('routing is explained for an input, without a mouse', () =>
    dashboard.visit(async (page) => {
      await shows(page, 'Explain routing');
      await tabTo(page, 'textarea');
      await page.keyboard.press('Control+A');
      await page.keyboard.type('{"text": ');
      await tabTo(page, 'button.main');
      await page.keyboard.press('Enter');
      await page.getByText('This is not JSON').waitFor();
      await page.getByLabel('Input').fill('{"text": "hello"}');
      await tabTo(page, 'button.main');
      await page.keyboard.press('Enter');
      await page.getByText('Tried in this order').waitFor();
    }, { at: '/explain?endpoint=summarize' }));

  test('a conversation is read, cut back, copied and deleted', async () => {
    const [{ id }] = (await dashboard.api('GET', '/sessions?endpoint=plain')).body.data.sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
    await dashboard.visit(async (page) => {
      await shows(page, id);
      await page.locator('.messages .code').first().waitFor();
      assert.ok((await page.locator('main').innerText()).includes(HOSTILE[1]));
      await page.getByRole('button', { name: 'Copy it' }).click();
      await page.getByText('Copied').first().waitFor();
      await page.waitForURL((url) => !url.pathname.endsWith(id));
      await page.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await shows(page, 'Sessions');
      assert.equal(await page.evaluate(() => window.ran), undefined);
    }, { at: `/sessions/${id}` });
  });
});
