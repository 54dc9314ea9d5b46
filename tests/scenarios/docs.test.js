// What the pages of docs/ show is true: their commands are run in order, as printed.
import assert from 'node:assert/strict';
import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { after } from 'node:test';
import { repository, settings, writeFiles } from './support/gateway.js';
import { describePage } from './support/page.js';
import { startReceiver } from './support/receiver.js';
import { startUpstream } from './support/upstream.js';

// The repository's own endpoints, answered by the provider that needs no key.
const examples = { folder: repository, args: ['--dev'] };
const called = async (gateway, slug, token, message = 'Hello.') => {
  const response = await gateway.call(slug, { message }, { token });
  assert.equal(response.status, 200, await response.clone().text());
  return response;
};

describePage('docs/secrets.md', {
  serve: false,
  files: { 'endpoints/one.yaml': 'provider: openai\nmodel: gpt-4.1-mini\nsystem: x\n' },
  prepare: ({ home }) => ({ XDG_CONFIG_HOME: path.join(home, 'config') }),
});

// With a server where the page does not say to stop it.
describePage('docs/operations.md', {
  files: { 'endpoints/one.yaml': 'provider: demo\nmodel: demo\nsystem: x\n' },
  turn: async (command, { gateway }) => {
    if (!command.startsWith('pinion restore')) return;
    gateway.child.kill('SIGTERM');
    await gateway.exited;
  },
});

describePage('docs/usage.md', {
  files: { 'endpoints/summarize.yaml': 'provider: demo\nmodel: demo-1\nsystem: You condense.\n' },
  prepare: async ({ gateway }) => {
    const { body } = await gateway.admin('POST', '/admin/v1/tokens', { scopes: ['*'], verbs: ['call', 'usage'] });
    const id = async (slug) => (await called(gateway, slug, body.token)).headers.get('x-request-id');
    return { TOKEN: body.token, TOKEN_ID: body.id, REQUEST_ID: await id('summarize'), KEPT_ID: await id('kept') };
  },
});

describePage('docs/telemetry.md');

describePage('docs/failover.md', { env: { OPENAI_KEY_1: 'sk-one', OPENAI_KEY_2: 'sk-two', ANTHROPIC_API_KEY: 'sk-three' } });

describePage('docs/metrics.md');
describePage('docs/logs.md', { serve: false, checks: true });

describePage('docs/versions.md', { course: true });

// The server takes up what the page goes on to write.
describePage('docs/templates.md', {
  course: true,
  turn: async (command, { gateway }) => {
    if (command.startsWith('curl')) assert.equal((await gateway.cli('reload')).code, 0);
  },
});

describePage('docs/tools.md', examples);

describePage('docs/openapi.md', examples);

describePage('docs/chat.md', {
  files: {
    'endpoints/support-chat.yaml': 'provider: demo\nmodel: demo-1\nsystem: You help.\n',
    'endpoints/summarize.yaml':
      'provider: demo\nmodel: demo-1\nsystem: You condense.\ntemplate: "{{text}}"\ninput_schema: {type: object, properties: {text: {type: string}}, required: [text]}\n',
  },
});

describePage('docs/responses.md', { files: { 'endpoints/support-chat.yaml': 'provider: demo\nmodel: demo-1\nsystem: You help.\n' } });

describePage('docs/messages.md', {
  files: { 'endpoints/support-chat.yaml': 'provider: demo\nmodel: demo-1\nsystem: You help.\n' },
});

describePage('docs/models.md', {
  files: { 'endpoints/summarize.yaml': 'provider: openai\nmodel: gpt-4.1-mini\nsystem: You condense.\n' },
  args: ['--dev'],
  prepare: async ({ gateway }) => ({ MODELS: (await gateway.token('*:*')).token }),
});

describePage('docs/embeddings.md', {
  files: { 'endpoints/summarize.yaml': 'provider: openai\nmodel: gpt-4.1-mini\nsystem: You condense.\n' },
  args: ['--dev'],
});

// Programs of a page find their packages where the tests have them, and the server where it listens.
const programs = {
  prepare: ({ folder }) => symlink(path.join(repository, 'tests/node_modules'), path.join(folder, 'node_modules')),
  turn: async (command, { gateway, folder }) => {
    const [program] = /\S+\.mjs/.exec(command) ?? [];
    if (!program) return;
    const file = path.join(folder, program);
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('http://127.0.0.1:8080', gateway.url));
  },
};

describePage('docs/mcp.md', { ...programs, checks: true });

describePage('docs/clients.md', { ...programs, args: ['--dev'] });

describePage('docs/sessions.md', {
  ...examples,
  prepare: async ({ gateway, token }) => ({
    SESSION: (await (await called(gateway, 'support-chat', token, 'My order is late.')).json()).meta.session_id,
  }),
});

describePage('docs/tokens.md', {
  ...examples,
  files: { 'endpoints/one.yaml': 'provider: demo\nmodel: m\nsystem: s\n' },
  prepare: async ({ gateway }) => {
    const { token, id } = await gateway.token('*');
    await called(gateway, 'support-chat', token);
    return { ID: id };
  },
});

describePage('docs/dashboard.md', {
  checks: true,
  args: ['--dashboard', '127.0.0.1:0'],
  files: { 'endpoints/one.yaml': 'provider: demo\nmodel: m\nsystem: s\n' },
  prepare: ({ gateway }) => ({ DASHBOARD: `http://${gateway.lines.find((line) => line.dashboard).dashboard}` }),
});

describePage('docs/drafts.md', {
  checks: true,
  prepare: async ({ gateway }) => ({ TOKEN_ID: (await gateway.token('*')).id }),
});

describePage('docs/limits.md', {
  files: { 'endpoints/plain.yaml': 'provider: demo\nmodel: demo\nsystem: You greet people.\n' },
});

describePage('docs/http.md', { checks: true });

describePage('docs/guardrails.md', { checks: true });

describePage('docs/routing.md', {
  checks: true,
  prepare: async ({ gateway }) => ({
    EXPLAINER: (await gateway.admin('POST', '/admin/v1/tokens', { scopes: ['*'], verbs: ['call', 'explain'] })).body.token,
  }),
});

describePage('docs/cache.md');

describePage('docs/budgets.md');

// A host that takes every key stands in for the provider that the page has asked for its models.
const models = http.createServer((request, response) => response.end('{"data": []}'));
await new Promise((resolve) => models.listen(0, '127.0.0.1', resolve));
after(() => models.close());
describePage('docs/authoring.md', {
  serve: false,
  course: true,
  turn: async (command, { folder }) => {
    if (!command.includes('--online')) return;
    await rm(path.join(folder, 'endpoints/greet.yaml'));
    await writeFiles(folder, { 'pinion.yaml': settings(`http://127.0.0.1:${models.address().port}/v1`).replace('upstream:', 'openai:') });
  },
});

describePage('docs/canary.md');

// A receiver stands in for the page's; what it has got of a test is what the reader looks at.
const hook = 'a-secret-of-the-page-of-alerts';
const receiver = await startReceiver({ secret: hook });
after(() => receiver.stop());
describePage('docs/alerts.md', {
  env: { HOOK_SECRET: hook },
  files: { 'endpoints/one.yaml': 'provider: demo\nmodel: m\nsystem: s\n' },
  prepare: async ({ gateway, folder }) => {
    const yaml = await readFile(path.join(folder, 'pinion.yaml'), 'utf8');
    const url = `http://127.0.0.1:${receiver.port}/pinion, allow_http: true, allow_private: true`;
    const own = yaml.replace('https://hooks.example.com/pinion', url.replaceAll(', ', '\n    '));
    await writeFiles(folder, { 'pinion.yaml': own });
    for (const words of [['reload'], ['webhooks', 'test', 'ops']]) assert.equal((await gateway.cli(...words)).code, 0);
    const { text, headers } = receiver.got.at(-1);
    await writeFiles(folder, { 'event.json': text });
    return { SIGNATURE: headers['pinion-signature'] };
  },
});
describePage('docs/audit.md', { serve: false, checks: true, files: { 'endpoints/one.yaml': 'provider: demo\nmodel: m\nsystem: s\n' } });

// A provider that knows the one answer that the page has recorded and asked for.
const upstream = await startUpstream();
after(() => upstream.stop());
describePage('docs/testing.md', {
  course: true,
  checks: true,
  files: { 'pinion.yaml': settings(upstream.url) },
  turn: (command) => /--record|pinion call/.test(command) && upstream.answer({ category: 'billing', sure: true }),
});
