// What would happen if a file were saved: drafts are checked, rendered, explained and called through the
// admin API, and nothing of them is kept.
import assert from 'node:assert/strict';
import { readdir, readFile, rm, symlink } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeFolder, pinion, settings, startGateway, writeFiles } from './support/gateway.js';
import { startUpstream } from './support/upstream.js';

const endpoint = (system, more = '') => `provider: upstream
model: gpt-4.1-mini
system: ${system}
template: "Condense: {{text}}"
input_schema: schemas/in.json
params: {max_tokens: 200}
limits: {per_minute: 3}
${more}`;
const FILE = 'endpoints/summarize.yaml';

describe('drafts', () => {
  let upstream, gateway, folder, token;
  const ask = (call, order) => gateway.admin('POST', `/admin/v1/${call}`, order);
  const attempt = (order) => ask('try', { token: token.id, input: { text: 'A long story' }, endpoint: 'summarize', ...order });
  before(async () => {
    upstream = await startUpstream();
    gateway = await startGateway({
      files: {
        'pinion.yaml': settings(upstream.url),
        [FILE]: endpoint('You condense.'),
        'endpoints/other.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: s\nparams: {max_tokens: 9}\n',
        'schemas/in.json': '{"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}',
        'tests/summarize.yaml': 'tests:\n  - {name: answers, input: {text: "x"}, assert: [{type: status, value: 200}]}\n',
      },
    });
    folder = gateway.folder;
    token = await gateway.token('*');
  });
  after(async () => {
    await gateway?.stop();
    await upstream?.stop();
  });

  test('what is wrong with one is what check says of the folder once it is saved', async () => {
    const wrong = 'provider: upstrem\nmodel: m\nsytem: You\ntemplate: "{{txt}}"\ninput_schema: schemas/in.json\n';
    const told = await ask('check', { endpoint: 'summarize', draft: { [FILE]: wrong } });
    assert.equal(told.status, 200);
    assert.equal(told.body.valid, false);
    const before = await readFile(path.join(folder, FILE), 'utf8');
    await writeFiles(folder, { [FILE]: wrong });
    const { stdout } = await pinion(['check', '--json', '-c', folder]);
    await writeFiles(folder, { [FILE]: before });
    assert.deepEqual(told.body.report, JSON.parse(stdout));
    assert.ok(told.body.report.diagnostics.some((one) => one.code === 'E0102' && one.range.start.line === 3 && /system/.test(one.hint)));
    assert.equal(told.body.endpoint.hash, null);
  });

  test('a good one says which version it would be, and of which files', async () => {
    const { body } = await ask('check', { endpoint: 'summarize', draft: { [FILE]: endpoint('You shorten.') } });
    const now = (await gateway.admin('GET', '/admin/v1/versions/summarize')).body;
    assert.deepEqual([body.valid, body.endpoint.changed, body.endpoint.current_hash, body.endpoint.current_version], [true, true, now.hash, now.version]);
    assert.notEqual(body.endpoint.hash, now.hash);
    assert.deepEqual(
      body.endpoint.files.map((one) => [one.path, one.draft, one.in_force]),
      [[FILE, true, false], ['schemas/in.json', false, true], ['tests/summarize.yaml', false, false]],
    );
    await writeFiles(folder, { [FILE]: endpoint('You shorten.') });
    await gateway.admin('POST', '/admin/v1/reload');
    assert.equal((await gateway.admin('GET', '/admin/v1/versions/summarize')).body.hash, body.endpoint.hash);
    await writeFiles(folder, { [FILE]: endpoint('You condense.') });
    await gateway.admin('POST', '/admin/v1/reload');
    assert.equal((await ask('check', { endpoint: 'summarize' })).body.endpoint.changed, false);
  });

  test('what is wrong elsewhere is told by check, and keeps nobody from trying his own', async () => {
    await writeFiles(folder, { 'endpoints/other.yaml': 'provider: nobody\n' });
    const draft = { [FILE]: endpoint('You shorten.') };
    const { body } = await ask('check', { endpoint: 'summarize', draft });
    assert.ok(body.report.diagnostics.length > 0 && body.report.diagnostics.every((one) => one.range.file === 'endpoints/other.yaml'));
    assert.equal((await ask('check', {})).body.endpoint, null);
    const rendered = await ask('render', { endpoint: 'summarize', draft, input: { text: 'A long story' } });
    assert.equal(rendered.status, 200, JSON.stringify(rendered.body));
    await writeFiles(folder, { 'endpoints/other.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: s\nparams: {max_tokens: 9}\n' });
  });

  test('it is rendered as it would be sent, and nothing is', async () => {
    const calls = upstream.calls.length;
    const order = { endpoint: 'summarize', input: { text: 'A long story' } };
    const { body } = await ask('render', { ...order, draft: { [FILE]: endpoint('You shorten.') } });
    assert.deepEqual(body.messages, [{ role: 'system', content: 'You shorten.' }, { role: 'user', content: 'Condense: A long story' }]);
    assert.deepEqual(body.request.body.messages, body.messages);
    assert.match(body.request.headers.Authorization, /\*\*\*/);
    assert.ok(Number(body.estimate.worst_cost_usd) > 0);
    assert.equal((await ask('render', order)).body.messages[0].content, 'You condense.');
    assert.equal((await ask('render', { ...order, endpoint: 'summarize@1' })).body.messages[0].content, 'You condense.');
    assert.equal((await ask('render', { ...order, input: { txt: 1 } })).body.error.code, 'input_schema_violation');
    assert.equal(upstream.calls.length, calls);
  });

  test('its routes are explained', async () => {
    const routing = 'rules:\n  - {name: short, when: {input_chars: "< 100"}, use: {model: gpt-4.1-nano}}\n';
    const { body } = await ask('explain', { endpoint: 'summarize', draft: { [FILE]: endpoint('You condense.', 'routing: routing/new.yaml\n'), 'routing/new.yaml': routing }, input: { text: 'Short' } });
    assert.equal(body.explain?.route, 'short', JSON.stringify(body));
  });

  test('it is called by the one pipeline, as the bearer of a token, under the limits in force, and stays a draft', async () => {
    const draft = { [FILE]: endpoint('You shorten.').replace('per_minute: 3', 'per_minute: 1000') };
    upstream.answer('Short');
    const answered = await attempt({ draft });
    assert.equal(answered.status, 200, JSON.stringify(answered.body));
    assert.equal(upstream.calls.at(-1).body.messages[0].content, 'You shorten.');
    assert.equal(answered.body.meta.version, null);
    const checked = await ask('check', { endpoint: 'summarize', draft });
    assert.equal(answered.body.meta.version_hash, checked.body.endpoint.hash);
    let row;
    for (let i = 0; i < 100 && !row; i++) row = (await gateway.admin('GET', '/admin/v1/logs?limit=5')).body.data.find((one) => one.request_id === answered.body.meta.request_id);
    assert.deepEqual([row.surface, row.token_id, row.endpoint, row.version], ['try', token.id, 'summarize', undefined]);
    assert.ok(Number(row.cost_usd) > 0);
    // Nothing of it is in force, or in the folder, or in the history.
    upstream.answer('Long');
    assert.equal((await gateway.call('summarize', { text: 'x' }, { token: token.token })).status, 200);
    assert.equal(upstream.calls.at(-1).body.messages[0].content, 'You condense.');
    assert.equal(await readFile(path.join(folder, FILE), 'utf8'), endpoint('You condense.'));
    const versions = (await gateway.admin('GET', '/admin/v1/endpoints/summarize/versions')).body.data;
    assert.ok(versions.every((one) => one.hash !== checked.body.endpoint.hash || one.cause === 'reload'));
    // The draft's own limit is not what holds: three a minute are, and the third one was this.
    upstream.answer('Short');
    assert.equal((await attempt({ draft })).status, 200);
    const limited = await attempt({ draft });
    assert.deepEqual([limited.status, limited.body.error.code], [429, 'rate_limit_exceeded']);
    const acts = (await gateway.admin('GET', '/admin/v1/audit?action=call.try')).body.data;
    assert.equal(acts.at(-1).object, `summarize (a draft) as ${token.id}`);
  });

  test('a new endpoint can be tried before there is one', async () => {
    upstream.answer('Hi');
    const draft = { 'endpoints/fresh.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: You are new.\nparams: {max_tokens: 9}\n' };
    const answered = await ask('try', { endpoint: 'fresh', draft, token: token.id, body: { message: 'Hello' } });
    assert.equal(answered.status, 200, JSON.stringify(answered.body));
    assert.equal((await ask('try', { endpoint: 'fresh', token: token.id, body: { message: 'Hello' } })).status, 404);
    const unnamed = await ask('try', { endpoint: 'fresh', draft: { [FILE]: endpoint('x') }, token: token.id, body: { message: 'Hello' } });
    assert.deepEqual([unnamed.status, unnamed.body.error.code], [404, 'endpoint_not_found']);
  });

  test('what cannot be one is refused, and says what and where', async () => {
    for (const [order, status, code, param] of [
      [{ draft: { 'pinion.yaml': 'listen: 0.0.0.0:1\n' } }, 400, 'invalid_request', '/draft/pinion.yaml'],
      [{ draft: { '../../etc/passwd': 'x' } }, 400, 'invalid_request', '/draft/../../etc/passwd'],
      [{ draft: { '/etc/passwd': 'x' } }, 400, 'invalid_request', '/draft//etc/passwd'],
      [{ draft: { [FILE]: 7 } }, 400, 'invalid_request', `/draft/${FILE}`],
      [{ draft: [] }, 400, 'invalid_request', '/draft'],
      [{ draft: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`schemas/${i}.json`, '{}'])) }, 400, 'invalid_request', '/draft'],
      [{ endpoint: 'summarize@1', draft: { [FILE]: endpoint('x') } }, 400, 'invalid_request', '/endpoint'],
      [{ draft: { [FILE]: 'system: [' } }, 422, 'config_invalid', `${FILE}:1:10`],
      [{ draft: { [FILE]: endpoint('x', 'slug: renamed\n') } }, 404, 'endpoint_not_found', null],
      [{ draft: { [FILE]: endpoint('x').replace('in.json', '../../../etc/passwd') } }, 422, 'config_invalid', `${FILE}:5:15`],
    ]) {
      for (const call of ['render', 'explain']) {
        const { status: got, body } = await ask(call, { endpoint: 'summarize', input: { text: 'x' }, ...order });
        assert.deepEqual([got, body.error.code, body.error.param], [status, code, param], JSON.stringify(body));
      }
      const { status: got, body } = await attempt(order);
      assert.deepEqual([got, body.error.code, body.error.param], [status, code, param]);
    }
  });

  test('drafts are for who may read the configuration, and calls of them for who may make tokens, too', async () => {
    const draft = { [FILE]: endpoint('You shorten.') };
    const as = async (verbs, call, order) => {
      const made = await gateway.admin('POST', '/admin/v1/tokens', { kind: 'admin', name: verbs.join(' '), verbs });
      return new Promise((resolve, reject) => {
        const headers = { authorization: `Bearer ${made.body.token}`, 'content-type': 'application/json' };
        const request = http.request({ socketPath: gateway.adminSocket, method: 'POST', path: `/admin/v1/${call}`, headers }, (response) => resolve(response.resume().statusCode));
        request.on('error', reject).end(JSON.stringify({ endpoint: 'summarize', draft, input: { text: 'x' }, ...order }));
      });
    };
    assert.equal(await as(['tokens:write'], 'render', {}), 403);
    assert.equal(await as(['tokens:write'], 'try', { token: token.id }), 403);
    assert.equal(await as(['config'], 'try', { token: token.id }), 403);
    assert.equal(await as(['config'], 'render', {}), 200);
  });

  test('many at once are refused, none hangs, and later ones are served', async () => {
    const orders = Array.from({ length: 40 }, (_, i) => ask('check', { endpoint: 'summarize', draft: { [FILE]: endpoint(`Version ${i}.`) } }));
    const statuses = (await Promise.all(orders)).map((one) => one.status);
    assert.ok(statuses.every((status) => status === 200 || status === 503) && statuses.includes(200), statuses.join(' '));
    assert.equal((await ask('check', {})).status, 200);
  });

  test('tests run against their recordings, of the folder and of a draft, and say how the recordings are', async () => {
    await writeFiles(folder, {
      'tests/summarize.yaml': `# ours
tests:
  - {name: answers, input: {text: "x"}, assert: [{type: contains, value: Fine}]}
  - {name: is refused, input: {txt: 1}, assert: [{type: status, value: 422}]}
  - {name: is other, input: {text: "y"}, assert: [{type: contains, value: zzz}, {type: status, value: 200}]}
`,
    });
    upstream.answer('Fine');
    upstream.answer('Fine');
    const recorded = await gateway.cli('test', 'summarize', '--record', '--json', '-q');
    assert.equal(recorded.code, 6, recorded.stderr);
    const calls = upstream.calls.length;
    const run = async (order) => {
      const { status, body } = await ask('tests', { endpoint: 'summarize', ...order });
      assert.equal(status, 200, JSON.stringify(body));
      return body.tests;
    };
    const now = await run({});
    assert.deepEqual(now.map((one) => [one.name, one.result, one.recording]), [['answers', 'passed', 'there'], ['is refused', 'passed', 'none'], ['is other', 'failed', 'there']]);
    assert.deepEqual(now[2].assertions.map((one) => [one.type, one.passed]), [['contains', false], ['status', true]]);
    assert.deepEqual([now[0].file, now[0].line, now[0].call], ['tests/summarize.yaml', 3, { body: { input: { text: 'x' } } }]);
    // It says what pinion test says.
    const told = JSON.parse((await gateway.cli('test', 'summarize', '--json')).stdout).tests;
    assert.deepEqual(told.map((one) => [one.name, one.result, one.assertions]), now.map((one) => [one.name, one.result, one.assertions]));
    // Of a changed prompt the recordings say nothing.
    const draft = { [FILE]: endpoint('You shorten.') };
    const then = await run({ draft });
    assert.deepEqual(then.map((one) => [one.result, one.recording]), [['no_run', 'stale'], ['passed', 'none'], ['no_run', 'stale']]);
    assert.match(then[0].problem, /messages\/0\/content was "You condense\." and is "You shorten\."/);
    assert.deepEqual((await run({ draft, source: 'demo', test: 'is refused' })).map((one) => [one.name, one.result]), [['is refused', 'passed']]);
    await writeFiles(folder, { 'tests/recordings/summarize/answers.json': '{' });
    assert.deepEqual((await run({ test: 'answers' })).map((one) => [one.result, one.recording]), [['no_run', 'malformed']]);
    assert.equal((await ask('tests', { endpoint: 'summarize', source: 'live' })).body.error.param, '/source');
    assert.equal((await ask('tests', { endpoint: 'summarise' })).status, 404);
    assert.equal(upstream.calls.length, calls);
    assert.deepEqual((await readdir(gateway.store)).filter((name) => name.startsWith('pinion-trial')), []);
  });

  test('what a call was answered is judged by a test', async () => {
    const judge = (answer, more) => ask('tests/judge', { endpoint: 'summarize', test: 'answers', answer, ...more });
    const good = await judge({ status: 200, body: { ok: true, content: 'Fine, thanks', usage: { completion_tokens: 3 } }, latency_ms: 12, cost_usd: '0.000120000', route: 'default' });
    assert.deepEqual([good.status, good.body.result, good.body.cost_usd, good.body.route, good.body.duration_ms], [200, 'passed', '0.000120000', 'default', 12]);
    const bad = await judge({ status: 200, body: { ok: true, content: 'Bad' } });
    assert.deepEqual([bad.body.result, bad.body.assertions[0].got, bad.body.cost_usd], ['failed', '"Bad"', null]);
    const failed = await judge({ status: 502, body: { ok: false, error: { code: 'upstream_failed', message: 'it failed' } } });
    assert.deepEqual([failed.body.result, failed.body.assertions[0].passed], ['failed', false]);
    for (const answer of [undefined, {}, { status: 200 }, { status: 9, body: {} }, { status: '200', body: {} }, { status: 200, body: {}, cost_usd: 'much' }])
      assert.equal((await judge(answer)).status, 400, JSON.stringify(answer));
    assert.equal((await judge({ status: 200, body: {} }, { test: 'none' })).body.error.param, '/test');
  });

  test('a test is added to its file, whose comments stay, if the endpoint loads with it', async () => {
    const save = (one, slug = 'summarize') => gateway.admin('POST', `/admin/v1/endpoints/${slug}/tests`, { test: one });
    const file = path.join(folder, 'tests/summarize.yaml');
    const before = await readFile(file, 'utf8');
    const one = { name: 'is brief', input: { text: 'A: "story"\n' }, assert: [{ type: 'status', value: 200 }] };
    const saved = await save(one);
    assert.deepEqual([saved.status, saved.body.file], [201, 'tests/summarize.yaml']);
    const after = await readFile(file, 'utf8');
    assert.ok(after.startsWith(before) && after.length > before.length);
    assert.deepEqual((await ask('tests', { endpoint: 'summarize', test: 'is brief' })).body.tests[0].call.body.input, one.input);
    for (const [wrong, status, code] of [
      [one, 422, 'config_invalid'], // the name is taken
      [{ ...one, name: 'two', input: { txt: 1 } }, 422, 'config_invalid'],
      [{ ...one, name: 'two', assert: [] }, 422, 'config_invalid'],
      [{ ...one, name: 'two', assert: [{ type: 'equal', value: 1 }] }, 422, 'config_invalid'],
      [{ ...one, name: 7 }, 400, 'invalid_request'],
      ['text', 400, 'invalid_request'],
    ]) {
      const refused = await save(wrong);
      assert.deepEqual([refused.status, refused.body.error.code], [status, code], JSON.stringify(refused.body));
    }
    assert.equal((await save(one, 'nothing')).status, 404);
    assert.equal(await readFile(file, 'utf8'), after);
    const first = await save({ name: 'first', input: 'Hi', assert: [{ type: 'status', value: 200 }] }, 'other');
    assert.equal(first.status, 201, JSON.stringify(first.body));
    assert.equal(await readFile(path.join(folder, 'tests/other.yaml'), 'utf8'), 'tests:\n  - name: first\n    input: Hi\n    assert:\n      - type: status\n        value: 200\n');
    const acts = (await gateway.admin('GET', '/admin/v1/audit?action=test.save')).body.data;
    assert.deepEqual([acts.at(-1).object, acts.at(-1).outcome], ['other', 'ok']);
  });

  test('what else lies in the folder is told to nobody who names it in a draft', async () => {
    const canary = 'not-for-authors';
    await writeFiles(folder, { 'kept.json': `{"x-note": 1, "private_key": "${canary}"}`, 'kept.yaml': `password: ${canary}\n` });
    for (const more of ['input_schema: kept.json\n', 'output_schema: kept.json\n', 'routing: kept.yaml\n']) {
      const draft = { [FILE]: `provider: upstream\nmodel: m\nsystem: s\nparams: {max_tokens: 9}\n${more}` };
      for (const call of ['check', 'render', 'explain', 'tests']) {
        const told = await ask(call, { endpoint: 'summarize', draft, ...(/render|explain/.test(call) && { input: { text: 'x' } }) });
        assert.ok(!JSON.stringify(told.body).includes(canary), `${call} ${more} ${JSON.stringify(told.body)}`);
      }
    }
    // What endpoints in force are made of may lie anywhere.
    const far = 'provider: upstream\nmodel: m\nsystem: s\nparams: {max_tokens: 9}\ninput_schema: far.json\n';
    await writeFiles(folder, { 'far.json': '{"type": "object"}', 'endpoints/far.yaml': far });
    assert.equal((await gateway.admin('POST', '/admin/v1/reload')).status, 200);
    const told = await ask('check', { endpoint: 'far', draft: { 'endpoints/far.yaml': far.replace('system: s', 'system: t') } });
    assert.deepEqual([told.body.valid, told.body.endpoint.changed], [true, true], JSON.stringify(told.body.report));
    for (const name of ['kept.json', 'kept.yaml', 'far.json', 'endpoints/far.yaml']) await rm(path.join(folder, name));
    assert.equal((await gateway.admin('POST', '/admin/v1/reload')).status, 200);
  });

  test('no test is written through a link, or elsewhere', async () => {
    const elsewhere = await makeFolder({ 'victim.yaml': 'tests:\n  - {name: x, input: y, assert: [{type: status, value: 200}]}\n' });
    const save = () => gateway.admin('POST', '/admin/v1/endpoints/other/tests', { test: { name: 'second', input: 'Hi', assert: [{ type: 'status', value: 200 }] } });
    await rm(path.join(folder, 'tests/other.yaml'));
    await symlink(path.join(elsewhere, 'victim.yaml'), path.join(folder, 'tests/other.yaml'));
    assert.equal((await save()).body.error.code, 'file_unreadable');
    assert.match(await readFile(path.join(elsewhere, 'victim.yaml'), 'utf8'), /^tests:\n.*\n$/);
    await rm(path.join(folder, 'tests'), { recursive: true });
    await symlink(elsewhere, path.join(folder, 'tests'));
    const refused = await save();
    assert.match(refused.body.error.message, /leads elsewhere/);
    assert.deepEqual(await readdir(elsewhere), ['victim.yaml']);
    await rm(elsewhere, { recursive: true });
  });
});
