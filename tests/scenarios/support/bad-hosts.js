// Hosts that no scripted provider can be: nobody there, a black hole, the wrong certificate.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';

// A port where nobody listens.
export async function closedPort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

// A port where connections are neither made nor refused: the process behind it is stopped, and its queue
// of connections that nobody accepts is full, so the kernel leaves further ones without an answer.
export async function blackHole() {
  const script = "require('net').createServer().listen({port: 0, host: '127.0.0.1', backlog: 1}, function () { console.log(this.address().port); })";
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const port = Number(line);
  child.kill('SIGSTOP');
  const fillers = [];
  // It is full when a connection is not made at once: those before it were, within the kernel. That nothing
  // happens is no event; what has happened meanwhile is heard of before it is judged.
  for (let full = false; !full; ) {
    const socket = net.connect(port, '127.0.0.1').on('error', () => {});
    fillers.push(socket);
    full = await Promise.race([
      once(socket, 'connect').then(() => false),
      new Promise((resolve) => setTimeout(() => setImmediate(() => resolve(socket.connecting)), 300)),
    ]);
  }
  return {
    port,
    async stop() {
      for (const socket of fillers) socket.destroy();
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

// A certificate that vouches for itself, for the address or name given: paths of both files.
export function certify(folder, name, altName) {
  const [key, cert] = ['key', 'cert'].map((what) => path.join(folder, `${name}.${what}.pem`));
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${name}`,
      '-addext', `subjectAltName=${altName}`, '-keyout', key, '-out', cert],
    { stdio: 'ignore' },
  );
  return { key, cert };
}

// Counts the requests that come through, of which there must be none.
export async function tlsHost(options) {
  const seen = { requests: 0 };
  const server = https.createServer(options, (request, response) => (seen.requests++, response.end('{}')));
  server.on('tlsClientError', () => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    requests: () => seen.requests,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
