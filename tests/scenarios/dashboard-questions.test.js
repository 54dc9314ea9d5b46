// What an operator wants to know, found in the dashboard alone: from the overview on, by clicks and
// keys, no address typed. Behind it are weeks of requests, and a few calls of just now. How many
// steps and how long each took is said with the test; PINION_QUESTIONS_REQUESTS=100000 asks of more.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { shot, shows, skip, startDashboard } from './support/browser.js';
import { binary, settings } from './support/gateway.js';
import { completion } from './support/upstream.js';

const fill = path.join(path.dirname(binary), 'tests/store/store_fill_day');
const missing = skip || (existsSync(fill) ? false : 'store_fill_day is not built');
const REQUESTS = Number(process.env.PINION_QUESTIONS_REQUESTS ?? 3000);
const HOURS = 39 * 24; // in the last sixth of which one token spends much more

const FILE = 'endpoints/summarize.yaml';
const summarize = (manner) => `provider: upstream
model: gpt-4.1-mini
params: {max_tokens: 200}
system: |
  You are a careful editor.
  ${manner}
template: "Summarise: {{text}}"
input_schema: {type: object, properties: {text: {type: string}}, required: [text], additionalProperties: false}
output_schema: {type: object, properties: {title: {type: string}}, required: [title]}
log: {content: full, retention: 24h}
tests:
  - {name: the title is short, input: {text: A long story}, assert: [{type: contains, value: Short}]}
`;
const invoice = `provider: upstream
model: gpt-4.1
params: {max_tokens: 200}
system: You read invoices.
template: "Read: {{text}}"
input_schema: {type: object, properties: {text: {type: string}}, required: [text]}
output_schema: {type: object, properties: {number: {type: string}, total: {type: number}}, required: [number, total]}
retry: {times: 0}
log: {content: full, retention: 24h}
`;
const support = `provider: upstream
model: gpt-4.1-mini
params: {max_tokens: 200}
system: You help customers.
template: "{{question}}"
input_schema: {type: object, properties: {question: {type: string}, tier: {type: string}}, required: [question]}
log: {content: full, retention: 24h}
routing:
  - {name: long, when: {input_tokens: ">= 30000"}, use: {model: gpt-4.1-nano}}
  - {name: gold customers, when: {all: [{input: {/tier: gold}}, {header: {x-region: eu}}]}, use: {model: gpt-4.1}}
`;

/** What is done on a page, counted: clicks and choices, and texts that are typed. */
function hand(page) {
  const began = performance.now();
  const done = { clicks: 0, texts: 0, said: () => `${done.clicks} clicks, ${done.texts} texts, ${((performance.now() - began) / 1000).toFixed(1)} s` };
  const counted = (what, act) => (...args) => (done[what]++, act(...args));
  return Object.assign(done, {
    click: counted('clicks', (locator) => locator.click()),
    choose: counted('clicks', (locator, value) => locator.selectOption(value)),
    fill: counted('texts', (locator, text) => locator.fill(text)),
    // The key / and what is looked for.
    goTo: counted('texts', async (text) => {
      await page.keyboard.press('/');
      await page.keyboard.type(text);
      await page.keyboard.press('Enter');
    }),
  });
}

describe(`what operators ask the dashboard, of ${REQUESTS} requests`, { skip: missing }, () => {
  let dashboard, upstream, batch, misfit, routed;
  const asked = [];
  const answers = [
    [/invoices/, { number: 'R-17', total: 'about ninety' }], // which is no number
    [/help customers/, 'Of course.'],
    [/three words/, { title: 'Short' }],
    [/careful editor/, { title: 'A rather longer title for it' }],
  ];
  before(async () => {
    upstream = http.createServer((request, response) => {
      let body = '';
      request.on('data', (piece) => (body += piece)).on('end', () => {
        const { messages } = JSON.parse(body);
        asked.push(messages);
        const [, answer] = answers.find(([words]) => words.test(messages[0].content));
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(completion(typeof answer === 'string' ? answer : JSON.stringify(answer), { usage: { prompt_tokens: 500, completion_tokens: 50, total_tokens: 550 } })));
      });
    });
    await new Promise((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const store = await mkdtemp(path.join(os.tmpdir(), 'pinion-store-'));
    execFileSync(fill, [store, String(REQUESTS), String(HOURS)]);
    dashboard = await startDashboard({
      store,
      files: {
        'pinion.yaml': settings(`http://127.0.0.1:${upstream.address().port}/v1`, 'routing_headers: [x-region]\n'),
        [FILE]: summarize('Be thorough.'),
        'endpoints/extract-invoice.yaml': invoice,
        'endpoints/support-chat.yaml': support,
      },
    });
    const call = async (slug, input, status, token, headers) => {
      const response = await dashboard.call(slug, { input }, { token: token.token, headers });
      assert.equal(response.status, status, await response.text());
      return response.headers.get('x-request-id');
    };
    const web = await dashboard.create({ scopes: ['*', '*@*'], name: 'shop web' });
    misfit = await call('extract-invoice', { text: 'Invoice R-17: about ninety' }, 422, web);
    routed = await call('support-chat', { question: 'Where is it?', tier: 'gold' }, 200, web, { 'X-Region': 'eu' });
    batch = await dashboard.create({ scopes: ['*'], name: 'nightly batch', budget: { monthly_usd: '0.0035' } });
    for (let i = 0; i < 10; i++) await call('summarize', { text: `Story ${i}` }, 200, batch); // 0.00028 each
  });
  after(async () => {
    await dashboard?.stop();
    upstream?.close();
    upstream?.closeAllConnections();
  });

  /** From the overview, by at most so many clicks and texts. */
  const question = (words, clicks, texts, answer) =>
    test(words, (t) =>
      dashboard.visit(async (page) => {
        await shows(page, 'Overview');
        const by = hand(page);
        await answer(page, by);
        t.diagnostic(by.said());
        assert.ok(by.clicks <= clicks && by.texts <= texts, by.said());
      }));
  const region = (page, name) => page.getByRole('region', { name, exact: true });
  const table = (page, name) => page.getByRole('table', { name });
  const cells = async (row) => {
    await row.waitFor();
    return row.locator('td').allInnerTexts();
  };

  question('which endpoint costs most, and why did it rise?', 3, 0, async (page, by) => {
    await by.click(page.getByRole('link', { name: 'All costs' }));
    await shows(page, 'Costs');
    const dearest = table(page, 'Costs by endpoint').locator('tbody tr').first();
    const { body } = await dashboard.api('GET', `/series?by=endpoint&from=${new Date(Date.now() - 6 * 86400e3).toISOString().slice(0, 10)}`);
    const [most] = body.points.toSorted((a, b) => b.cost_usd - a.cost_usd);
    const [endpoint, , , change, why] = await cells(dearest);
    assert.equal(endpoint, most.key);
    assert.match(change, /^\+\d+%/);
    assert.match(why, /a call costs \+\d+%: input tokens per call \+\d+%/);

    await by.click(dearest.getByRole('link'));
    await page.getByText(/^Why it is \+\$/).waitFor();
    const parts = page.locator('dl.facts');
    assert.match(await parts.innerText(), /Tokens a call\s+\+\$/);
    await shot(page, 'question-costs');
    await by.choose(page.getByLabel('By', { exact: true }), 'token');
    const spender = table(page, 'Costs by token').locator('tbody tr').first();
    const [id, now, was, , reason] = await cells(spender);
    assert.equal(id, `tok_${String(8).padStart(26, '0')}`);
    assert.ok(Number(now.slice(1)) > Number(was.slice(1)), `${now} after ${was}`);
    assert.match(reason, /calls \+\d+|was not called before/);
    await shot(page, 'question-token');
  });

  question('why did this request get a 422?', 2, 1, async (page, by) => {
    await by.click(page.getByRole('link', { name: 'Answers that did not fit' }));
    await shows(page, 'Requests');
    await by.click(page.locator(`a[href$="${misfit}"]`));
    await shows(page, 'extract-invoice');
    await page.getByText('The model’s answer did not fit the endpoint’s schema.').waitFor();
    assert.match(await page.getByRole('group', { name: 'Answer' }).innerText(), /"total": "about ninety"[^]*\^ type: expected number, found string/);
    const [where, rule] = await cells(table(page, 'Violations').locator('tbody tr').first());
    assert.deepEqual([where, rule], ['/total', 'type']);
    await shot(page, 'question-422');
    // Who was told its id needs no click.
    await page.goBack();
    await shows(page, 'Requests');
    await by.goTo(misfit);
    await page.getByRole('group', { name: 'Answer' }).getByText('expected number').waitFor();
  });

  question('which rule sent it to that model?', 3, 1, async (page, by) => {
    await by.click(page.getByRole('link', { name: 'Requests', exact: true }));
    await shows(page, 'Requests');
    assert.equal(await page.locator('[spellcheck="true"]').count(), 0, 'a spelling service is told nothing');
    await by.fill(page.getByLabel('Endpoint', { exact: true }), 'support-chat');
    await page.keyboard.press('Enter');
    await page.waitForURL(/endpoint=support-chat/);
    await by.click(page.locator(`a[href$="${routed}"]`));
    await shows(page, 'support-chat');
    assert.match(await page.locator('.way').innerText(), /Rule\s+gold customers\s+Model\s+upstream gpt-4\.1/);
    await by.click(page.locator('.way').getByRole('link', { name: 'gold customers' }));
    assert.ok(await page.getByRole('heading', { name: 'What the rules decided' }).evaluate((it) => it.getBoundingClientRect().top >= document.querySelector('.top').offsetHeight), 'it is below the frame’s head');
    const rules = (await page.locator('.rules').innerText()).replace(/\s+/g, ' ');
    assert.match(rules, /long did not hold to upstream gpt-4\.1-nano ✗ input_tokens >= 30000 was \d+/);
    assert.match(rules, /gold customers held to upstream gpt-4\.1 ✓ all 2 of 2 held , held ✓ input \/tier == "gold" was "?gold"? , held ✓ header x-region == "?eu"? was "?eu"?/);
    assert.match(rules, /default not reached/);
    await shot(page, 'question-rule');
  });

  question('who is near a limit?', 1, 0, async (page, by) => {
    const near = region(page, 'Near limits').locator('li').filter({ hasText: 'nightly batch' }).first();
    await near.waitFor();
    assert.match(await near.innerText(), /token nightly batch\s+\$0\.0028\d* of \$0\.0035\d* monthly/);
    assert.match(await near.getByRole('img').or(near.getByRole('meter')).or(near.getByRole('progressbar')).first().getAttribute('aria-label'), /nightly batch/);
    await by.click(near.getByRole('link'));
    await shows(page, 'Budgets');
    await table(page, 'Budgets').getByText(batch.id).first().waitFor();
    await shot(page, 'question-near');
  });

  question('what happens if I save this prompt?', 7, 2, async (page, by) => {
    const before = asked.length;
    await by.goTo('summarize');
    await shows(page, 'summarize');
    await by.click(page.getByRole('link', { name: 'Edit a draft' }));
    await shows(page, 'A draft of summarize');
    await page.getByText('as in force').waitFor();
    await by.fill(page.getByRole('textbox', { name: FILE }), summarize('At most three words in the title.'));
    await page.getByText('would be').waitFor();
    assert.match(await page.getByRole('group', { name: `Changes of ${FILE}` }).innerText(), /Be thorough\.[^]*At most three words/);
    await by.click(page.getByRole('tab', { name: 'Prompt' }));
    await page.getByRole('group', { name: 'Message 1, system', exact: true }).getByText('At most three words').waitFor();
    assert.equal(asked.length, before);

    await by.click(page.getByRole('tab', { name: 'Answer' }));
    await by.click(page.getByRole('button', { name: 'Ask both' }));
    const differs = region(page, 'What differs');
    await differs.waitFor();
    assert.match(await differs.innerText(), /The draft against In force: cost ±0%[^]*"title": "A rather longer title for it"[^]*"title": "Short"/);
    await shot(page, 'question-draft');
    await by.click(page.getByRole('tab', { name: 'Tests' }));
    await by.choose(page.getByLabel('Answers'), 'live');
    await by.click(page.getByRole('button', { name: 'Call and judge' }));
    await page.getByText('1 failed in force; 1 passed with the draft').waitFor();
    assert.equal(asked.length, before + 4);

    assert.equal(await readFile(path.join(dashboard.folder, FILE), 'utf8'), summarize('Be thorough.'));
    assert.equal((await dashboard.api('GET', '/endpoints/summarize/versions')).body.data.length, 1);
  });
});
