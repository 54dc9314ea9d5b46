// What an author does before anything is served: making, checking and formatting files.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, chmod, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { binary, makeFolder, pinion, repository, startGateway, writeFiles } from './support/gateway.js';

const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PINION_')));
const cli = (folder, ...words) => pinion([...words, '--config', folder], { env: clean });
const wrong = { 'endpoints/reply.yaml': 'provider: demo\nmodle: demo-1\nsystem: You are brief.\nstream: no\n' };

describe('check', () => {
  let folder;
  before(async () => (folder = await makeFolder(wrong)));
  after(() => rm(folder, { recursive: true }));

  test('SARIF names file, place and rule of each error', async () => {
    const { code, stdout } = await cli(folder, 'check', '--format', 'sarif');
    assert.equal(code, 3);
    const [run] = JSON.parse(stdout).runs;
    assert.deepEqual(run.results.map(({ ruleId, level }) => [ruleId, level]), [['E0102', 'error'], ['E0105', 'error']]);
    const { artifactLocation, region } = run.results[0].locations[0].physicalLocation;
    assert.equal(artifactLocation.uri, `file://${folder}/endpoints/reply.yaml`);
    assert.deepEqual(region, { startLine: 2, startColumn: 1, endLine: 2, endColumn: 6 });
    for (const result of run.results) assert.equal(run.tool.driver.rules[result.ruleIndex].id, result.ruleId);
  });

  test('GitHub marks the lines, named from where it was started', async () => {
    const { code, stdout } = await pinion(['check', '--format', 'github', '-c', path.basename(folder)], { cwd: path.dirname(folder), env: clean });
    assert.equal(code, 3);
    assert.match(stdout, new RegExp(`^::error file=${path.basename(folder)}/endpoints/reply.yaml,line=2,col=1,endColumn=6,title=E0102::`));
  });

  test('JUnit has a failed case for each error, and a passed one when there is none', async () => {
    const { stdout } = await cli(folder, 'check', '--format', 'junit');
    assert.match(stdout, /<testsuites name="pinion check" tests="2" failures="2">/);
    const good = await makeFolder({ 'endpoints/a.yaml': 'provider: demo\nmodel: demo-1\nsystem: x\n' });
    const passed = await cli(good, 'check', '--format', 'junit');
    assert.equal(passed.code, 0);
    assert.match(passed.stdout, /tests="1" failures="0"/);
    await rm(good, { recursive: true });
  });
});

describe('new', () => {
  let folder;
  before(async () => (folder = await makeFolder({ 'pinion.yaml': 'providers: {ours: {kind: anthropic, key: "${env:NO_SUCH_KEY}"}}\n' })));
  after(() => rm(folder, { recursive: true }));

  test('what it makes passes check and fmt as it is, and is told', async () => {
    for (const words of [
      ['summarize', '--input', 'text:string', '--input', 'words:integer?', '--output', 'title:string', '--output', 'points:strings'],
      ['talk', '--conversation'],
      ['translate', '--free-text', '--model', 'odd "name": #1'],
    ]) {
      const { code, stdout, stderr } = await cli(folder, 'new', ...words);
      assert.equal(code, 0, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, new RegExp(`^wrote endpoints/${words[0]}.yaml\\n[^]*next: .*'pinion check --dev' and 'pinion test --dev'`));
    }
    const checked = await cli(folder, 'check', '--dev');
    assert.equal(checked.code, 0, checked.stdout);
    assert.match(checked.stderr, /ok: 3 endpoints/);
    assert.equal((await cli(folder, 'fmt', '--check', '-q', path.join(folder, 'endpoints/summarize.yaml'), path.join(folder, 'endpoints/talk.yaml'), path.join(folder, 'endpoints/translate.yaml'))).code, 0);
    const tested = await cli(folder, 'test', '--dev');
    assert.equal(tested.code, 0, tested.stdout + tested.stderr);
    const made = await readFile(path.join(folder, 'endpoints/summarize.yaml'), 'utf8');
    assert.match(made, /^# yaml-language-server: \$schema=\.\.\/\.pinion\/endpoint\.schema\.json\n/);
    assert.match(made, /^provider: ours /m, 'the first provider of pinion.yaml');
    assert.match(made, /^model: claude-haiku-4-5$/m);
    const schema = JSON.parse(await readFile(path.join(folder, 'schemas/summarize.in.json'), 'utf8'));
    assert.deepEqual(schema.required, ['text']);
    assert.deepEqual(Object.keys(schema.properties), ['text', 'words']);
  });

  test('nothing that is there is touched', async () => {
    await writeFiles(folder, { 'schemas/second.in.json': 'mine' });
    const { code, stderr } = await cli(folder, 'new', 'second');
    assert.equal(code, 1);
    assert.match(stderr, /schemas\/second\.in\.json/);
    assert.match(stderr, /nothing was written/);
    assert.equal(await readFile(path.join(folder, 'schemas/second.in.json'), 'utf8'), 'mine');
    await assert.rejects(access(path.join(folder, 'endpoints/second.yaml')));
    await rm(path.join(folder, 'schemas/second.in.json'));
  });

  test('a mistake is told with what to do', async () => {
    for (const [words, message, help] of [
      [['Summarize!'], /cannot be a slug/, /summarize/],
      [['mcp'], /cannot be a slug/, /gateway itself/],
      [['../../etc/x'], /cannot be a slug/, /a-z/],
      [['a', '--input', 'text'], /its type is missing/, /title:string/],
      [['a', '--output', 'b:text'], /no such type/, /strings/],
      [['a', '--input', 'a b:string'], /name of a field/, null],
      [['a', '--provider', 'our'], /has no provider 'our'/, /did you mean 'ours'\?/],
      [['a', '--free-text', '--output', 'b:string'], /free text has no fields/, null],
    ]) {
      const { code, stderr } = await cli(folder, 'new', ...words);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      if (help) assert.match(stderr, help);
    }
    assert.deepEqual((await readdir(path.join(folder, 'endpoints'))).sort(), ['summarize.yaml', 'talk.yaml', 'translate.yaml']);
  });
});

describe('fmt', () => {
  const ugly = 'provider:   demo   # who\nmodel: "demo-1"\n\n\n\nsystem: |\n    You are.\n\n\n      Really.\ntests:\n- name: a\n  input: {text: "x",n: 1}\n  assert: [ {type: status,value: 200} ]\n';
  const neat = 'provider: demo     # who\nmodel: demo-1\n\nsystem: |\n  You are.\n\n\n    Really.\ntests:\n  - name: a\n    input: {text: x, n: 1}\n    assert: [{type: status, value: 200}]\n';
  let folder;
  before(async () => (folder = await makeFolder({ 'endpoints/a.yaml': ugly, 'routing/r.yaml': 'rules: []\n', 'endpoints/notes.txt': 'a:   1' })));
  after(() => rm(folder, { recursive: true }));
  const read = () => readFile(path.join(folder, 'endpoints/a.yaml'), 'utf8');

  test('--check changes nothing, shows the difference and exits 8', async () => {
    const { code, stdout, stderr } = await cli(folder, 'fmt', '--check');
    assert.equal(code, 8);
    assert.match(stdout, /^--- .*a\.yaml\n\+\+\+ .*a\.yaml \(formatted\)\n@@ -1,14 \+1,12 @@\n-provider:   demo/);
    assert.match(stderr, /1 of 2 files would be changed/);
    assert.equal(await read(), ugly);
  });

  test('it writes what is different, keeps permissions and links, and then has nothing to do', async () => {
    await chmod(path.join(folder, 'endpoints/a.yaml'), 0o640);
    await symlink('a.yaml', path.join(folder, 'endpoints/link.yaml'));
    const { code, stdout, stderr } = await cli(folder, 'fmt');
    assert.equal(code, 0, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, /formatted .*endpoints\/a\.yaml\n/);
    assert.equal(await read(), neat);
    assert.equal((await stat(path.join(folder, 'endpoints/a.yaml'))).mode & 0o777, 0o640);
    assert.equal((await cli(folder, 'fmt', '--check')).code, 0);
    await writeFile(path.join(folder, 'endpoints/link.yaml'), ugly);
    await cli(folder, 'fmt', path.join(folder, 'endpoints/link.yaml'));
    assert.equal(await read(), neat);
    await rm(path.join(folder, 'endpoints/link.yaml'));
    assert.deepEqual((await readdir(path.join(folder, 'endpoints'))).sort(), ['a.yaml', 'notes.txt']);
  });

  test('standard input is formatted to standard output', async () => {
    const printed = await new Promise((resolve, reject) => {
      const child = execFile(binary, ['fmt', '-'], (error, stdout) => (error ? reject(error) : resolve(stdout)));
      child.stdin.end(ugly);
    });
    assert.equal(printed, neat);
  });

  test('what cannot be read is left alone and reported', async () => {
    const bad = await makeFolder({ 'endpoints/bad.yaml': 'a: [1\n', 'endpoints/good.yaml': 'a:   1\n' });
    const { code, stderr } = await cli(bad, 'fmt');
    assert.equal(code, 3);
    assert.match(stderr, /E0001/);
    assert.equal(await readFile(path.join(bad, 'endpoints/bad.yaml'), 'utf8'), 'a: [1\n');
    assert.equal(await readFile(path.join(bad, 'endpoints/good.yaml'), 'utf8'), 'a: 1\n', 'the others are formatted all the same');
    assert.equal((await cli(bad, 'fmt', 'no-such-file.yaml')).code, 5);
    await rm(bad, { recursive: true });
  });

  test('the files of this repository are in their one form', async () => {
    assert.equal((await cli(repository, 'fmt', '--check', '-q')).code, 0);
  });
});

describe('schema', () => {
  test('each kind of file has one, which `schema check` accepts files by', async () => {
    const folder = await makeFolder({});
    const written = await cli(folder, 'schema', '--write');
    assert.equal(written.code, 0, written.stderr);
    assert.match(written.stderr, /^4 of 4 schemas written/);
    assert.match((await cli(folder, 'schema', '--write')).stderr, /^0 of 4 schemas written/);
    for (const [kind, file] of [['endpoint', 'endpoints/summarize.yaml'], ['routing', 'routing/summarize.yaml'], ['config', 'pinion.yaml']]) {
      const schema = path.join(folder, `.pinion/${kind}.schema.json`);
      assert.equal((await pinion(['schema', kind])).stdout, await readFile(schema, 'utf8'));
      const checked = await pinion(['schema', 'check', schema, path.join(repository, file)]);
      assert.equal(checked.code, 0, checked.stdout + checked.stderr);
    }
    const none = await pinion(['schema', 'endpoints']);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /there are endpoint, routing, tests and config/);
    await rm(folder, { recursive: true });
  });
});

describe('/schema', () => {
  let gateway;
  before(async () => (gateway = await startGateway({ files: { 'endpoints/a.yaml': 'provider: demo\nmodel: demo-1\nsystem: x\n' } })));
  after(() => gateway.stop());

  test('a server gives out the schemas that the program prints, and not twice to whom has them', async () => {
    for (const kind of ['endpoint', 'routing', 'tests', 'config']) {
      const first = await fetch(`${gateway.url}/schema/${kind}.json`);
      assert.equal(first.status, 200);
      assert.equal(first.headers.get('content-type'), 'application/schema+json');
      assert.equal(await first.text(), (await pinion(['schema', kind])).stdout);
      const etag = first.headers.get('etag');
      assert.match(etag, /^"[0-9a-f]{16}"$/);
      for (const tags of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
        const again = await fetch(`${gateway.url}/schema/${kind}.json`, { headers: { 'if-none-match': tags } });
        assert.equal(again.status, 304, tags);
        assert.equal(await again.text(), '');
      }
      assert.equal((await fetch(`${gateway.url}/schema/${kind}.json`, { headers: { 'if-none-match': '"other"' } })).status, 200);
    }
    assert.equal((await fetch(`${gateway.url}/schema/other.json`)).status, 404);
    const posted = await fetch(`${gateway.url}/schema/endpoint.json`, { method: 'POST' });
    assert.equal(posted.status, 405);
    assert.equal(posted.headers.get('allow'), 'GET, HEAD, OPTIONS');
  });
});

describe('explain-code', () => {
  test('a code of a file and one of a call are explained, with an example', async () => {
    const diagnostic = await pinion(['explain-code', 'e0302']);
    assert.equal(diagnostic.code, 0);
    assert.match(diagnostic.stdout, /^E0302: the template names a variable[^]*\nWrong:\n\n {4}template: Greet \{\{nmae\}\}[^]*\nRight:\n/);
    const error = await pinion(['explain-code', 'rate_limit_exceeded']);
    assert.match(error.stdout, /^rate_limit_exceeded: HTTP 429, rate_limit_error\n[^]*Retry-After/);
  });

  test('what is no code is told, and what was perhaps meant', async () => {
    const none = await pinion(['explain-code', 'rate_limit_exceded']);
    assert.equal(none.code, 5);
    assert.match(none.stderr, /did you mean 'rate_limit_exceeded'\?/);
    assert.equal((await pinion(['explain-code'])).code, 2);
  });

  test('docs/errors.md is what it prints; `pinion explain-code --markdown > docs/errors.md` renews it', async () => {
    const { stdout } = await pinion(['explain-code', '--markdown']);
    assert.equal(await readFile(path.join(repository, 'docs/errors.md'), 'utf8'), stdout);
  });
});

describe('completion', () => {
  let folder, home;
  before(async () => {
    folder = await makeFolder({ 'endpoints/summarize.yaml': 'provider: demo\nmodel: demo-1\nsystem: x\n', 'endpoints/other.yaml': 'slug: named-otherwise\nprovider: demo\nmodel: demo-1\nsystem: x\n' });
    home = await makeFolder({});
    await symlink(binary, path.join(home, 'pinion'));
  });
  after(async () => {
    await rm(folder, { recursive: true });
    await rm(home, { recursive: true });
  });
  const inShell = (shell, script) =>
    new Promise((resolve, reject) =>
      execFile(shell, ['-c', script], { cwd: folder, env: { ...clean, PATH: `${home}:${process.env.PATH}`, HOME: home } }, (error, stdout, stderr) =>
        error ? reject(new Error(`${error.message}\n${stderr}`)) : resolve(stdout.trim().split('\n').filter(Boolean)),
      ),
    );
  const inBash = (...words) =>
    inShell(
      'bash',
      `source <(pinion completion bash); COMP_WORDS=(pinion ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _pinion; printf '%s\\n' "\${COMPREPLY[@]}"`,
    );

  test('bash completes commands, flags, choices, slugs and files', async () => {
    assert.ok((await inBash('expl')).includes('explain-code'));
    assert.deepEqual(await inBash('prov'), ['providers']);
    assert.deepEqual(await inBash('token', 'c'), ['create']);
    assert.deepEqual(await inBash('check', '--form'), ['--format']);
    assert.deepEqual(await inBash('check', '--format', 's'), ['short', 'sarif']);
    assert.deepEqual((await inBash('history', '')).sort(), ['named-otherwise', 'summarize']);
    assert.deepEqual(await inBash('explain-code', 'E010'), ['E0101', 'E0102', 'E0103', 'E0104', 'E0105', 'E0106', 'E0107', 'E0108', 'E0109']);
    assert.deepEqual(await inBash('fmt', 'endpoints/s'), ['endpoints/summarize.yaml']);
  });

  test('a folder with mistakes still has its slugs', async () => {
    const broken = await makeFolder({ 'endpoints/broken.yaml': 'a: [\n' });
    assert.deepEqual(await inBash('-c', broken, 'history', ''), ['broken']);
    await rm(broken, { recursive: true });
  });

  for (const [shell, check] of [['zsh', 'zsh -n'], ['fish', 'fish --no-execute']])
    test(`${shell} accepts its lines`, async (t) => {
      await writeFile(path.join(home, 'script'), (await pinion(['completion', shell])).stdout);
      if (!(await inShell('sh', `command -v ${shell} || true`)).length) return t.skip(`${shell} is not installed`);
      await inShell('sh', `${check} ${home}/script`);
    });

  test('fish completes as bash does', async (t) => {
    if (!(await inShell('sh', 'command -v fish || true')).length) return t.skip('fish is not installed');
    const offered = (line) => inShell('fish', `pinion completion fish | source; complete -C '${line}'`);
    assert.deepEqual((await offered('pinion check --form')).map((line) => line.split('\t')[0]), ['--format']);
    assert.deepEqual((await offered('pinion history ')).map((line) => line.split('\t')[0]).sort(), ['named-otherwise', 'summarize']);
  });

  test('a shell that is none is refused', async () => {
    const { code, stderr } = await pinion(['completion', 'tcsh']);
    assert.equal(code, 2);
    assert.match(stderr, /bash, zsh and fish/);
  });
});

describe('manual', () => {
  let home;
  const pages = [];
  before(async () => {
    home = await makeFolder({});
    assert.equal((await pinion(['manual', '--write-to', home])).code, 0);
    for (const section of ['man1', 'man5'])
      for (const name of await readdir(path.join(home, section))) pages.push(path.join(home, section, name));
  });
  after(() => rm(home, { recursive: true }));

  test('there is a page of the program, of each command, and of each kind of file', async () => {
    const { stdout } = await pinion(['--help']);
    const commands = [...stdout.split('\nGlobal flags:')[0].split('\nCommands:\n')[1].matchAll(/^ {2}(\S+( \S+)?) {2,}/gm)].map(([, name]) => name);
    const names = pages.map((page) => path.basename(page));
    for (const name of commands) assert.ok(names.includes(`pinion-${name.replace(' ', '-')}.1`), name);
    for (const name of ['pinion.1', 'pinion-endpoint.5', 'pinion-routing.5', 'pinion-tests.5', 'pinion.yaml.5']) assert.ok(names.includes(name), name);
    assert.equal(names.length, commands.length + 5);
  });

  for (const [program, args] of [['mandoc', ['-Tlint', '-W', 'warning']], ['groff', ['-man', '-Tutf8', '-ww', '-z']]])
    test(`${program} has nothing to say against any of them`, async (t) => {
      const said = await new Promise((resolve) =>
        execFile(program, [...args, ...pages], (error, stdout, stderr) => resolve(error?.code === 'ENOENT' ? null : stdout + stderr)),
      );
      if (said === null) return t.skip(`${program} is not installed`);
      assert.equal(said, '');
    });

  test('a page tells keys by their whole path, with type, bounds and an example', async () => {
    const { stdout } = await pinion(['manual', 'pinion-endpoint']);
    assert.match(stdout, /\\fBsession\.ttl\\fR \(duration, 1s to 3650d\)\n/);
    assert.match(stdout, /\\fBfailover\[\]\.model\\fR/);
    const settings = (await pinion(['manual', 'pinion.yaml'])).stdout;
    assert.match(settings, /\\fBproviders\.NAME\.kind\\fR \(text, required\)\n/);
    const none = await pinion(['manual', 'pinion-endpiont']);
    assert.equal(none.code, 5);
    assert.match(none.stderr, /did you mean 'pinion-endpoint'\?/);
  });
});

describe('check --resolved', () => {
  test('what is in force is shown with its defaults, without secrets, as YAML or JSON', async () => {
    const folder = await makeFolder({
      'pinion.yaml': 'providers: {main: {kind: openai, key: ["sk-canary-1", "sk-canary-2"]}}\ntemplates: {cheap: {provider: main, model: gpt-4.1-nano}}\n',
      'endpoints/a.yaml':
        'provider: main\nmodel: gpt-4.1-mini\nsystem: |\n  You are brief.\n  Really.\noutput_schema: {type: object}\nfailover: [{template: cheap}]\n',
      'endpoints/old.yaml':
        'provider: main\nmodel: gpt-4.1-mini\nsystem: Old.\nrouting: [{name: newer, when: {percent: 5}, use: {endpoint: new}}]\n' +
        'shadow: {endpoint: new, percent: 12.5, daily_usd: 0.5}\n',
      'endpoints/new.yaml': 'provider: main\nmodel: gpt-4.1\nsystem: New.\nparams: {temperature: 0.5}\n',
    });
    const json = await cli(folder, 'check', '--resolved', '--json');
    assert.equal(json.code, 0, json.stderr);
    const resolved = JSON.parse(json.stdout);
    assert.deepEqual(resolved.providers.main.key, ['***', '***']);
    assert.equal(resolved.endpoints.a.timeout.total, '1m');
    assert.deepEqual(resolved.endpoints.a.failover[0].on, ['error', 'timeout', 'rate_limit']);
    assert.equal(resolved.endpoints.a.failover[0].model, 'gpt-4.1-nano');
    assert.deepEqual(resolved.endpoints.a.output_schema, { type: 'object' });
    const { shadow, routing } = resolved.endpoints.old;
    for (const { endpoint, model, params } of [shadow, routing[0].use])
      assert.deepEqual([endpoint, model, params], ['new', 'gpt-4.1', { temperature: 0.5 }]);
    assert.deepEqual([shadow.percent, shadow.daily_usd, shadow.max_concurrent], [12.5, 0.5, 2]);
    const yaml = await cli(folder, 'check', '--resolved');
    assert.deepEqual(parse(yaml.stdout), resolved);
    assert.match(yaml.stdout, /\n {4}system: \|\n {6}You are brief\.\n {6}Really\.\n/);
    assert.doesNotMatch(json.stdout + json.stderr + yaml.stdout + yaml.stderr, /canary/);
    await rm(folder, { recursive: true });
  });
});

describe('check --online', () => {
  let server, url, folder;
  const asked = [];
  before(async () => {
    server = http.createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const key = request.headers.authorization ?? request.headers['x-api-key'];
      const status = /good/.test(key) ? 200 : 401;
      response.writeHead(request.url.startsWith('/bare') ? 404 : status, { 'content-type': 'application/json' });
      response.end('{"data": []}');
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${server.address().port}`;
  });
  after(() => server.close());
  const check = async (providers) => {
    const lines = Object.entries(providers).map(([name, more]) => `  ${name}: {allow_http: true, allow_private: true, ${more}}\n`);
    folder = await makeFolder({ 'pinion.yaml': `providers:\n${lines.join('')}`, 'endpoints/a.yaml': 'provider: demo\nmodel: demo-1\nsystem: x\n' });
    const result = await cli(folder, 'check', '--online');
    await rm(folder, { recursive: true });
    assert.doesNotMatch(result.stdout + result.stderr, /sk-(good|bad)/);
    return result;
  };

  test('each key is tried by asking for models, which costs nothing', async () => {
    const { code, stderr } = await check({
      main: `kind: openai, base_url: "${url}/v1", key: ["sk-good-1", "sk-bad"]`,
      claude: `kind: anthropic, base_url: "${url}", key: sk-good-2`,
    });
    assert.equal(code, 4);
    assert.match(stderr, /^main, key 1 of 2: reached, and the credential is taken$/m);
    assert.match(stderr, /^main, key 2 of 2: reached, but the credential is refused \(HTTP 401\)$/m);
    assert.match(stderr, /^claude: reached, and the credential is taken$/m);
    assert.deepEqual(asked.splice(0).sort(), ['GET /v1/models', 'GET /v1/models', 'GET /v1/models']);
  });

  test('who cannot be reached, and who has no list, is told apart', async () => {
    const { code, stderr } = await check({
      gone: 'kind: openai, base_url: "http://127.0.0.1:9/v1", key: sk-good',
      bare: `kind: compatible, base_url: "${url}/bare"`,
    });
    assert.equal(code, 7);
    assert.match(stderr, /^gone: not reached: .+/m);
    assert.match(stderr, /^bare: reached; it has no list of models to try the credential by \(HTTP 404\)$/m);
    const good = await check({ main: `kind: mistral, base_url: "${url}/v1", key: sk-good` });
    assert.equal(good.code, 0, good.stderr);
  });
});
