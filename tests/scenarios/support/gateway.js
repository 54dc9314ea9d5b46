// The real binary over a folder of files, as an operator runs it. Everything that a test waits for is
// an event: the ready line, a journal line, the end of the process.
import { spawn, execFile } from 'node:child_process';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

const run = promisify(execFile);
export const repository = path.resolve(fileURLToPath(import.meta.url), '../../../..');
export const binary = path.resolve(process.env.PINION_BIN ?? path.join(repository, 'build/dev/pinion'));

export async function pinion(args, options = {}) {
  try {
    const { stdout, stderr } = await run(binary, args, { ...options, encoding: 'utf8' });
    return { code: 0, stdout, stderr };
  } catch (error) {
    if (typeof error.code !== 'number') throw error;
    return { code: error.code, stdout: error.stdout, stderr: error.stderr };
  }
}

export async function makeFolder(files) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pinion-'));
  await writeFiles(folder, files);
  return folder;
}

export async function writeFiles(folder, files) {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
}

// pinion.yaml with one provider at `url`.
export const settings = (url, more = '', kind = 'openai') => `
listen: 127.0.0.1:0
workers: 2
providers:
  upstream: {kind: ${kind}, base_url: "${url}", key: "sk-test-canary", allow_http: true, allow_private: true, breaker: {faults_in_row: 0, faults_pct: 0}}
${more}`;

// Starts `pinion serve` on a folder (or on files for a new one).
export async function startGateway({ folder, files, store: known, args = [], env = {} }) {
  const own = folder === undefined;
  const where = folder ?? (await makeFolder(files));
  const store = known ?? (await mkdtemp(path.join(os.tmpdir(), 'pinion-store-')));
  const child = spawn(
    binary,
    ['serve', '--config', where, '--store', store, '--listen', '127.0.0.1:0', ...args],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const lines = [];
  const secrets = new Set(['sk-test-canary']); // what no line may have in it
  const leaked = [];
  const waiters = new Set();
  let stderr = '';
  let rest = '';
  const exited = new Promise((resolve) =>
    child.on('close', (code, signal) => {
      for (const waiter of waiters) waiter.fail();
      resolve({ code, signal, stderr: () => stderr });
    }),
  );
  child.on('error', (error) => (stderr += error.message)); // it cannot be started; `close` follows

  child.stderr.setEncoding('utf8').on('data', (piece) => (stderr += piece));
  child.stdout.setEncoding('utf8').on('data', (piece) => {
    rest += piece;
    const whole = rest.split('\n');
    rest = whole.pop();
    for (const line of whole) {
      for (const secret of secrets) if (line.includes(secret)) leaked.push(line);
      lines.push(JSON.parse(line));
      for (const waiter of waiters) waiter.look(lines.at(-1));
    }
  });

  // The first log line, past or future, that `matches`.
  const logged = (matches) =>
    new Promise((resolve, reject) => {
      const found = lines.find(matches);
      if (found) return resolve(found);
      const waiter = {
        look: (line) => matches(line) && (waiters.delete(waiter), resolve(line)),
        fail: () => reject(new Error(`pinion ended without the expected line\n${stderr}`)),
      };
      waiters.add(waiter);
    });

  const ready = await logged((line) => line.event === 'start' && line.address);
  const url = `http://${ready.address}`;
  const port = Number(ready.address.split(':').at(-1));
  const at = ['--config', where];
  const env_of = { ...process.env, ...env, PINION_STORE: store, PINION_ADMIN: ready.admin };

  return {
    url,
    port,
    folder: where,
    store,
    child,
    lines,
    logged,
    exited,
    adminSocket: ready.admin.replace(/^unix:/, ''),
    stderr: () => stderr,
    // The journal line of a response.
    journal: (response) =>
      logged((line) => line.event === 'request' && line.request_id === response.headers.get('x-request-id')),
    async token(...scopes) {
      const created = await admin(ready.admin, 'POST', '/admin/v1/tokens', { scopes });
      if (created.status !== 201) throw new Error(JSON.stringify(created.body));
      secrets.add(created.body.token);
      return created.body;
    },
    admin: (method, where_, body, token) => admin(ready.admin, method, where_, body, token),
    cli: (...words) => pinion([...words, ...at], { env: env_of }),
    async call(slug, body, { token, headers = {}, signal } = {}) {
      return fetch(`${url}/${slug}`, {
        method: 'POST',
        headers: {
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          'content-type': 'application/json',
          ...headers,
        },
        body: typeof body === 'string' ? body : JSON.stringify(body),
        signal,
      });
    },
    // Raw bytes in, everything that comes back until the server closes.
    raw: (bytes) => raw(port, bytes),
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const end = await exited;
      await rm(store, { recursive: true, force: true });
      if (own) await rm(where, { recursive: true, force: true });
      if (leaked.length > 0) throw new Error(`a secret stands in the log: ${leaked[0]}`);
      return end;
    },
  };
}

export function raw(port, bytes) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes));
    let got = '';
    socket.setEncoding('latin1');
    socket.on('data', (piece) => (got += piece));
    socket.on('close', () => resolve(got));
    socket.on('error', (error) => (error.code === 'ECONNRESET' ? resolve(got) : reject(error)));
  });
}

// With a token it is asked by its bearer, else by whoever owns the socket.
function admin(address, method, where, body, token) {
  const options = address.startsWith('unix:')
    ? { socketPath: address.slice(5) }
    : { host: address.split(':')[0], port: address.split(':')[1] };
  return new Promise((resolve, reject) => {
    const request = http.request({ ...options, method, path: where }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece) => (text += piece));
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          type: response.headers['content-type'],
          body: response.headers['content-type'] === 'application/json' ? JSON.parse(text) : text || undefined,
        }),
      );
    });
    request.on('error', reject);
    if (token) request.setHeader('authorization', `Bearer ${token}`);
    if (body !== undefined) {
      request.setHeader('content-type', 'application/json');
      request.write(JSON.stringify(body));
    }
    request.end();
  });
}

// The events of a streamed response: parsed data, or '[DONE]'.
export async function* events(response) {
  let text = '';
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
      const event = text.slice(0, end);
      if (event.startsWith('data: '))
        yield event === 'data: [DONE]' ? '[DONE]' : JSON.parse(event.slice(6));
    }
  }
}
