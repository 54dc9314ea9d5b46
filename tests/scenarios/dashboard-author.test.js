// What authors do in the dashboard, in a real browser: what would happen if a prompt were saved, without
// saving it; what is wrong with the folder; tests, run and saved; two versions beside one another.
import assert from 'node:assert/strict';
import { readFile, rm, symlink } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fitsWidth, isAccessible, shot, shows, skip, startDashboard, tabTo } from './support/browser.js';
import { settings, writeFiles } from './support/gateway.js';
import { completion, streamed } from './support/upstream.js';

const HOSTILE = `<img src=x onerror="window.ran=1">'"></textarea></script><script>window.ran=1</script>\${window.ran=1} {{x}} javascript:window.ran=1`;
const FILE = 'endpoints/summarize.yaml';
const endpoint = (manner = 'Keep the tone of the original.', more = '') => `provider: upstream
model: gpt-4.1-mini
params: {temperature: 0.2, max_tokens: 400}
system: |
  You are a careful editor. Write for {{audience}}.
  ${manner}
template: |
  Summarise this text in {{language}}:
  {{text}}
input_schema: schemas/summarize.in.json
output_schema: {type: object, properties: {title: {type: string}}, required: [title]}
log: {content: full, retention: 24h}
stream: validated
tests:
  - {name: a short story has a short title, input: {text: Once, language: English, audience: children}, assert: [{type: contains, value: Short}]}
  - {name: no text is refused, input: {language: English}, assert: [{type: status, value: 422}]}
${more}`;
const BRIEF = endpoint('At most three words in the title.');
const plain = (system) => `provider: upstream\nmodel: gpt-4.1-mini\nsystem: ${system}\nparams: {max_tokens: 9}\n`;

describe('authors in the dashboard', { skip }, () => {
  let dashboard, upstream, token;
  const asked = [];
  const file = (name) => path.join(dashboard.folder, name);
  before(async () => {
    upstream = http.createServer((request, response) => {
      let body = '';
      request.on('data', (piece) => (body += piece)).on('end', () => {
        const { messages, stream } = JSON.parse(body);
        asked.push(messages);
        const title = messages[0].content.includes('three words') ? `Short ${HOSTILE}` : 'A rather longer title for it';
        if (stream) return response.writeHead(200, { 'content-type': 'text/event-stream' }).end(streamed([JSON.stringify({ title })]).join(''));
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(completion(JSON.stringify({ title }), { usage: { prompt_tokens: 800, completion_tokens: 40, total_tokens: 840 } })));
      });
    });
    await new Promise((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    dashboard = await startDashboard({
      files: {
        'pinion.yaml': settings(`http://127.0.0.1:${upstream.address().port}/v1`),
        [FILE]: endpoint(),
        'schemas/summarize.in.json': '{"type": "object", "properties": {"text": {"type": "string"}, "language": {"enum": ["English", "German"]}, "audience": {"type": "string"}}, "required": ["text"]}\n',
        'endpoints/plain.yaml': plain('You help.'),
      },
    });
    token = await dashboard.create({ scopes: ['*', '*@*'], name: 'editors' });
    for (const text of ['One', 'Two', HOSTILE]) {
      const response = await dashboard.call('summarize', { text, language: 'English', audience: 'all' }, { token: token.token });
      assert.equal(response.status, 200, await response.text());
    }
  });
  after(async () => {
    await dashboard?.stop();
    upstream?.close();
    upstream?.closeAllConnections();
  });

  const area = (page) => page.getByRole('textbox', { name: FILE });
  const tab = (page, name) => page.getByRole('tab', { name }).click();

  test('what is wrong with a draft is marked where it stands, and what it would be is told when it is good', () =>
    dashboard.visit(async (page) => {
      await shows(page, 'summarize');
      await page.getByRole('link', { name: 'Edit a draft' }).click();
      await shows(page, 'A draft of summarize');
      await page.getByText('as in force').waitFor();
      await area(page).fill(endpoint().replace('system: |', 'sytem: |').replace('{{text}}', `{{txt}} ${HOSTILE.replaceAll('{{x}}', '')}`));
      await page.getByText('2 errors').waitFor();
      await page.getByText('Did you mean "system"?').waitFor();
      assert.deepEqual(await page.locator('.editor-lines .bad').allInnerTexts(), ['4', '9']);
      await isAccessible(page);
      await shot(page, 'draft-errors');
      await page.getByRole('button', { name: `${FILE}:4:1` }).click();
      assert.equal(await area(page).evaluate((element) => element.value.slice(element.selectionStart, element.selectionEnd)), 'sytem');
      await area(page).fill(BRIEF);
      const { body } = await dashboard.api('POST', '/check', { endpoint: 'summarize', draft: { [FILE]: BRIEF } });
      await page.getByText(`would be ${body.endpoint.hash.slice(0, 12)}`).waitFor();
      const changes = page.getByRole('group', { name: `Changes of ${FILE}` });
      assert.match(await changes.innerText(), /-\s+gone:\s+Keep the tone of the original\.\s+\+\s+new:\s+At most three words/);
      // It is still there when somebody comes back, and gone when he starts over.
      await page.getByRole('link', { name: '← summarize' }).click();
      await page.getByRole('link', { name: 'Edit a draft' }).click();
      await page.getByText('would be').waitFor();
      assert.equal(await area(page).inputValue(), BRIEF);
      await page.getByRole('button', { name: 'Start over' }).click();
      await page.getByText('as in force').waitFor();
      assert.equal(await area(page).inputValue(), endpoint());
      assert.equal(await page.evaluate(() => window.ran), undefined);
    }, { at: '/endpoints/summarize' }));

  for (const [how, options] of [['in the light', {}], ['in the dark, on a narrow screen', { colorScheme: 'dark', viewport: { width: 360, height: 740 } }]])
    test(`a draft is rendered, answered, tested and asked again ${how}, and nothing of it is kept`, () =>
      dashboard.visit(async (page) => {
        const narrow = how.includes('narrow');
        const look = async (name) => {
          await isAccessible(page);
          await fitsWidth(page);
          await shot(page, narrow ? `${name}-narrow` : name);
        };
        const before = asked.length;
        await shows(page, 'A draft of summarize');
        await area(page).fill(BRIEF);
        await page.getByText('would be').waitFor();
        await page.getByLabel('Input').fill(JSON.stringify({ text: HOSTILE, language: 'German', audience: 'all' }));
        await tab(page, 'Prompt');
        await page.getByRole('group', { name: 'Changes of message 1, system' }).waitFor();
        assert.match(await page.getByRole('group', { name: 'Message 1, system', exact: true }).innerText(), /At most three words in the title/);
        assert.ok((await page.getByRole('group', { name: 'Message 2, user', exact: true }).innerText()).includes(HOSTILE));
        assert.match(await page.getByText('Nothing is sent').innerText(), /upstream gpt-4.1-mini by rule default, about \d+ tokens, at most \$0\.0/);
        await look('draft-prompt');
        assert.equal(asked.length, before);

        await tab(page, 'Answer');
        await page.getByRole('button', { name: 'Ask both' }).click();
        const differs = page.getByRole('region', { name: 'What differs' });
        await differs.waitFor();
        assert.match(await differs.innerText(), /The draft against In force: cost ±0%, time/);
        assert.match(await differs.innerText(), /gone:\s+"title": "A rather longer title for it"/);
        await look('draft-answer');
        assert.equal(asked.length, before + 2);

        await tab(page, 'Tests');
        await page.getByText('1 passed, 1 no run').first().waitFor();
        await page.getByText('recording missing').waitFor();
        await page.getByLabel('Answers').selectOption('live');
        await page.getByRole('button', { name: 'Call and judge' }).click();
        await page.getByText(/1 passed, 1 failed in force; 2 passed with the draft/).waitFor();
        assert.match(await page.getByRole('tabpanel').innerText(), /in force failed\s+\$0\.000384, .* ms\s+contains expected "Short" in it, got/);
        await look('draft-tests');
        assert.equal(asked.length, before + 4);

        await tab(page, 'Replay');
        await page.getByText('about as much is spent again').waitFor();
        await page.getByRole('button', { name: 'Ask 3 again' }).click();
        await page.getByText('3 answered.').waitFor();
        assert.match(await page.getByRole('tabpanel').innerText(), /\$0\.00115 \(±0%\)/);
        await page.getByText('What differs').first().click();
        await look('draft-replay');
        assert.equal(asked.length, before + 7);
        assert.equal(await page.evaluate(() => window.ran), undefined);

        assert.equal(await readFile(file(FILE), 'utf8'), endpoint());
        assert.equal((await dashboard.api('GET', '/endpoints/summarize/versions')).body.data.length, 1);
        const acts = (await dashboard.api('GET', '/audit?action=call.try&order=desc')).body.data;
        assert.ok(acts.some((one) => one.object === `summarize (a draft) as ${token.id}`));
      }, { at: '/endpoints/summarize/draft', expects: [422], ...options }));

  test('who may not make tokens sees what a draft would be, and calls nothing', async () => {
    const as = await dashboard.newCredential('config');
    await dashboard.visit(async (page) => {
      await shows(page, 'A draft of summarize');
      await area(page).fill(BRIEF);
      await tab(page, 'Prompt');
      await page.getByRole('group', { name: 'Changes of message 1, system' }).waitFor();
      for (const name of ['Answer', 'Replay']) {
        await tab(page, name);
        await page.getByText('There is no token to call with.').waitFor();
      }
      await tab(page, 'Tests');
      await page.getByText('no text is refused').waitFor();
      assert.deepEqual(await page.getByLabel('Answers').locator('option').allInnerTexts(), ['as recorded', 'by the demo']);
    }, { at: '/endpoints/summarize/draft', as });
  });

  test('a draft is edited and asked without a mouse', () =>
    dashboard.visit(async (page) => {
      await page.getByText('as in force').waitFor();
      await tabTo(page, '.editor textarea');
      await page.keyboard.press('Control+End');
      await page.keyboard.type('cache: {ttl: 1h}\n');
      await page.getByText('would be').waitFor();
      await tabTo(page, '[role="tab"][aria-selected="true"]');
      await page.keyboard.press('ArrowRight');
      await page.getByText('Nothing is sent').waitFor();
      await page.keyboard.press('ArrowRight');
      await tabTo(page, '.tab-panel .button.main');
      await page.keyboard.press('Enter');
      await page.getByRole('region', { name: 'What differs' }).waitFor();
      await page.getByText('The answers are the same.').waitFor();
    }, { at: '/endpoints/summarize/draft' }));

  test('what keeps the folder from coming into force is on the screens of endpoints, and goes when it is mended', async () => {
    await writeFiles(dashboard.folder, { 'endpoints/plain.yaml': plain('You help.').replace('system', 'sytem').replace('upstream', 'nobody') });
    assert.equal((await dashboard.api('POST', '/reload')).status, 422);
    await dashboard.visit(async (page) => {
      const state = page.getByRole('region', { name: 'The folder cannot come into force' });
      await state.waitFor();
      for (const words of [/error E0501\s+endpoints\/plain\.yaml:1:11/, /There is no provider "nobody"/, /3\s+sytem: You help\.\s+\^\s+did you mean "system"\?/]) assert.match(await state.innerText(), words);
      await isAccessible(page);
      await shot(page, 'endpoint-diagnostics');
      await page.getByRole('link', { name: 'Endpoints', exact: true }).first().click();
      await shows(page, 'Endpoints');
      await state.waitFor();
      await page.getByRole('link', { name: 'plain', exact: true }).click();
      await writeFiles(dashboard.folder, { 'endpoints/plain.yaml': plain('You help a lot.') });
      await page.getByRole('button', { name: 'Look again' }).click();
      await page.getByText('The folder has another version').waitFor();
      await page.getByRole('button', { name: 'Put it in force' }).click();
      await page.getByText('The folder is in force').waitFor();
      await page.getByText('The folder has another version').waitFor({ state: 'detached' });
      await page.getByRole('group', { name: 'endpoints/plain.yaml' }).getByText('You help a lot.').waitFor();
    }, { at: '/endpoints/plain' });
  });

  test('tests run from their screen, against recordings and by the demo', () =>
    dashboard.visit(async (page) => {
      await shows(page, 'Tests');
      await page.getByLabel('Endpoint', { exact: true }).selectOption('summarize');
      await page.getByText('1 passed, 1 no run').waitFor();
      await page.getByText('Nothing was recorded for this test').waitFor();
      await page.getByLabel('Answers').selectOption('demo');
      await page.getByText('1 passed, 1 failed').waitFor();
      await page.getByText('expected "Short" in it').waitFor();
      await isAccessible(page);
      await shot(page, 'tests');
      await page.getByLabel('Endpoint', { exact: true }).selectOption('plain');
      await page.getByText('It has no tests.').waitFor();
    }, { at: '/tests' }));

  test('a call is saved as a test where the folder can be written, else it is there to be pasted', async () => {
    const name = `is brief ${HOSTILE}`;
    await dashboard.visit(async (page) => {
      await page.getByLabel('text').waitFor();
      await page.getByRole('button', { name: 'Call', exact: true }).click();
      await page.getByText('As a test').waitFor();
      await page.getByLabel('Name').fill(name);
      await page.getByRole('button', { name: 'Save as test' }).click();
      await page.getByText('Saved in tests/summarize.yaml').waitFor();
      const { body } = await dashboard.api('POST', '/tests', { endpoint: 'summarize', test: name });
      assert.deepEqual([body.tests[0].name, body.tests[0].file, body.tests[0].call.body.input.text], [name, 'tests/summarize.yaml', 'Once']);
      await page.getByRole('button', { name: 'Save as test' }).click();
      await page.getByText('another test of this endpoint has the same name').waitFor();
      await rm(file('tests'), { recursive: true });
      await symlink('/tmp', file('tests'));
      await page.getByRole('button', { name: 'Save as test' }).click();
      await page.getByText('tests/summarize.yaml cannot be written').waitFor();
      // What is shown is what the loader takes.
      const yaml = (await page.getByRole('group', { name: 'Test' }).locator('.text').allTextContents()).join('\n');
      await rm(file('tests'));
      await writeFiles(dashboard.folder, { 'tests/summarize.yaml': `tests:\n${yaml}\n` });
      assert.deepEqual((await dashboard.api('POST', '/tests', { endpoint: 'summarize', test: name })).body.tests.map((one) => one.name), [name]);
      await page.evaluate(() => scrollTo(0, 0)); // nothing is below the frame's head
      await isAccessible(page);
      assert.equal(await page.evaluate(() => window.ran), undefined);
    }, { at: '/playground?endpoint=summarize', expects: [422, 500, 503] });
  });

  test('two versions answer beside one another, with what differs marked', async () => {
    await writeFiles(dashboard.folder, { [FILE]: BRIEF });
    assert.equal((await dashboard.api('POST', '/reload')).status, 200);
    await dashboard.visit(async (page) => {
      await page.getByLabel('Beside it, version').selectOption('1');
      await page.getByLabel('Stream').check();
      await page.getByRole('button', { name: 'Call', exact: true }).click();
      const differs = page.getByRole('region', { name: 'What differs' });
      await differs.waitFor();
      assert.match(await differs.innerText(), /In force against Version 1: cost ±0%, time/);
      assert.match(await differs.innerText(), /gone:\s+\{"title":"A rather[^]*new:\s+\{"title":"Short/);
      await isAccessible(page);
      await shot(page, 'playground-versions');
    }, { at: '/playground?endpoint=summarize' });
  });
});
