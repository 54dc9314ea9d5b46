// The language server that editors use for YAML, as one of them: over its standard input and output.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { repository } from './gateway.js';

const program = path.join(repository, 'tests/node_modules/yaml-language-server/bin/yaml-language-server');

export async function startLanguageServer(folder) {
  const child = spawn(process.execPath, [program, '--stdio'], { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] });
  const asked = new Map();
  const diagnostics = new Map();
  const waiting = [];
  let bytes = Buffer.alloc(0);
  let last = 0;

  const send = (message) => {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    child.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    child.stdin.write(body);
  };
  const answers = {
    'workspace/configuration': ({ items }) => items.map(() => null),
    'client/registerCapability': () => null,
    'workspace/workspaceFolders': () => null,
  };
  const take = (message) => {
    if (message.method === 'textDocument/publishDiagnostics') {
      diagnostics.set(message.params.uri, message.params.diagnostics);
      for (const waiter of waiting.splice(0)) waiter();
    } else if (message.method && message.id !== undefined) {
      send({ id: message.id, result: answers[message.method]?.(message.params) ?? null });
    } else if (asked.has(message.id)) {
      const { resolve, reject } = asked.get(message.id);
      asked.delete(message.id);
      if (message.error) reject(new Error(message.error.message));
      else resolve(message.result);
    }
  };
  child.stdout.on('data', (piece) => {
    bytes = Buffer.concat([bytes, piece]);
    for (;;) {
      const head = bytes.indexOf('\r\n\r\n');
      if (head < 0) return;
      const size = Number(/Content-Length: (\d+)/i.exec(bytes.subarray(0, head).toString())[1]);
      if (bytes.length < head + 4 + size) return;
      const message = JSON.parse(bytes.subarray(head + 4, head + 4 + size).toString());
      bytes = bytes.subarray(head + 4 + size);
      take(message);
    }
  });
  const ask = (method, params) =>
    new Promise((resolve, reject) => {
      asked.set(++last, { resolve, reject });
      send({ id: last, method, params });
    });
  const uriOf = (name) => pathToFileURL(path.join(folder, name)).href;
  const at = (name, text, mark) => {
    const lines = text.slice(0, text.indexOf(mark)).split('\n');
    return { textDocument: { uri: uriOf(name) }, position: { line: lines.length - 1, character: lines.at(-1).length } };
  };

  await ask('initialize', {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    capabilities: { textDocument: { hover: {}, completion: {}, publishDiagnostics: {} }, workspace: { configuration: true } },
  });
  send({ method: 'initialized', params: {} });
  send({
    method: 'workspace/didChangeConfiguration',
    params: { settings: { yaml: { validate: true, hover: true, completion: true, schemaStore: { enable: false } } } },
  });

  return {
    open(name, text) {
      diagnostics.delete(uriOf(name));
      send({ method: 'textDocument/didOpen', params: { textDocument: { uri: uriOf(name), languageId: 'yaml', version: 1, text } } });
    },
    async diagnosticsOf(name) {
      while (!diagnostics.has(uriOf(name))) await new Promise((resolve) => waiting.push(resolve));
      return diagnostics.get(uriOf(name));
    },
    // What is offered where `mark` stands in the text.
    async completions(name, text, mark) {
      const result = await ask('textDocument/completion', at(name, text, mark));
      return (result.items ?? result).map(({ label }) => label);
    },
    async hover(name, text, mark) {
      const result = await ask('textDocument/hover', at(name, text, mark));
      return result?.contents?.value ?? '';
    },
    async stop() {
      const ended = new Promise((resolve) => child.on('close', resolve));
      await ask('shutdown', null);
      send({ method: 'exit' });
      child.stdin.end();
      await ended;
    },
  };
}
