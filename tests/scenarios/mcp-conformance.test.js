// The official conformance tool of the Model Context Protocol against endpoints with the names of tools that it
// looks for. It knows no tokens, so a proxy adds one; what does not apply is in support/mcp-conformance.yml.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { repository, settings, startGateway } from './support/gateway.js';
import { completion } from './support/upstream.js';

const tool = path.join(repository, 'tests/node_modules/@modelcontextprotocol/conformance/dist/index.js');
const endpoint = (name, more = '') => `
provider: upstream
model: works
system: You are brief.
template: Say that it works.
retry: {times: 0}
input_schema: {type: object, additionalProperties: false}
mcp: {name: ${name}}
${more}`;

const on = {};

// A model that works, and others that never do.
async function startProvider() {
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    const works = JSON.parse(body).model === 'works';
    response.writeHead(works ? 200 : 500, { 'content-type': 'application/json' });
    response.end(JSON.stringify(works ? completion('It works.') : { error: { message: 'It does not.' } }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function startProxy(url, token) {
  const server = http.createServer((request, response) => {
    const headers = { ...request.headers, authorization: `Bearer ${token}` };
    const { hostname, port } = new URL(url);
    const onward = http.request({ hostname, port, path: request.url, method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

before(async () => {
  on.provider = await startProvider();
  on.gateway = await startGateway({
    files: {
      'pinion.yaml': settings(`http://127.0.0.1:${on.provider.address().port}/v1`, 'mcp: {origins: ["http://127.0.0.1:*", "http://localhost:*"]}\n'),
      'endpoints/text.yaml': endpoint('test_simple_text'),
      'endpoints/error.yaml': endpoint('test_error_handling').replace('model: works', 'model: broken'),
      // A note for each model that is asked.
      'endpoints/progress.yaml': endpoint(
        'test_tool_with_progress',
        'failover: [{model: broken-2, on: [error]}, {model: works, on: [error]}]\n',
      ).replace('model: works', 'model: broken'),
      'endpoints/typed.yaml': endpoint('json_schema_2020_12_tool').replace(/input_schema:.*/, 'input_schema: schemas/address.json'),
      'schemas/address.json': {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        $defs: { address: { type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } } },
        properties: { name: { type: 'string' }, address: { $ref: '#/$defs/address' } },
        additionalProperties: false,
      },
    },
  });
  on.proxy = await startProxy(on.gateway.url, (await on.gateway.token('*')).token);
  on.results = await mkdtemp(path.join(os.tmpdir(), 'pinion-mcp-'));
});

after(async () => {
  const end = await on.gateway?.stop();
  for (const server of [on.proxy, on.provider]) server?.closeAllConnections(), server?.close();
  if (on.results) await rm(on.results, { recursive: true, force: true });
  assert.equal(end?.code, 0, on.gateway?.stderr());
});

test('everything that applies passes, and nothing that does not', async (context) => {
  const url = `http://localhost:${on.proxy.address().port}/mcp`;
  const expected = path.join(repository, 'tests/scenarios/support/mcp-conformance.yml');
  const { code, said } = await new Promise((resolve) =>
    execFile(process.execPath, [tool, 'server', '--url', url, '--suite', 'all', '--expected-failures', expected, '-o', on.results], { cwd: on.results }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, said: stdout + stderr }),
    ),
  );
  assert.equal(code, 0, said.slice(said.indexOf('=== SUMMARY')).slice(0, 8000));
  context.diagnostic(/Total:.*/.exec(said)?.[0] ?? '');
});
