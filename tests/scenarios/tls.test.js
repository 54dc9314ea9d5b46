// TLS by certificate files: 1.2 and 1.3, HTTP/1.1 only, and new files with a reload.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { makeFolder, startGateway } from './support/gateway.js';

let folder;
let gateway;
const certify = (name) =>
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
      '-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1',
      '-keyout', path.join(folder, 'key.pem'), '-out', path.join(folder, 'cert.pem')],
    { stdio: 'ignore' },
  );
// Connects, sends a request, and tells what was agreed on and answered.
const ask = async (options = {}) => {
  const ca = await readFile(path.join(folder, 'cert.pem'));
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ port: gateway.port, host: '127.0.0.1', ca, ...options }, () => {
      const agreed = {
        protocol: socket.getProtocol(),
        alpn: socket.alpnProtocol,
        name: socket.getPeerCertificate().subject.CN,
      };
      let text = '';
      socket.setEncoding('utf8').on('data', (piece) => (text += piece));
      socket.on('close', () => resolve({ ...agreed, text }));
      socket.write('GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    });
    socket.on('error', reject);
  });
};

before(async () => {
  folder = await makeFolder({ 'endpoints/echo.yaml': 'provider: demo\nmodel: demo\nsystem: x\n' });
  certify('first');
  const [certificate, key] = ['cert.pem', 'key.pem'].map((name) => path.join(folder, name));
  await writeFile(
    path.join(folder, 'pinion.yaml'),
    `tls: {certificate: "${certificate}", key: "${key}"}\n`,
  );
  gateway = await startGateway({ folder });
});
after(async () => {
  assert.equal((await gateway.stop()).code, 0);
  await rm(folder, { recursive: true });
});

test('TLS 1.3 and 1.2 answer; 1.1 is refused', async () => {
  assert.match((await ask()).text, /^HTTP\/1.1 200 /);
  assert.equal((await ask()).protocol, 'TLSv1.3');
  assert.equal((await ask({ maxVersion: 'TLSv1.2' })).protocol, 'TLSv1.2');
  await assert.rejects(
    ask({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' }),
  );
});

test('HTTP/2 is never agreed on', async () => {
  assert.equal((await ask({ ALPNProtocols: ['h2', 'http/1.1'] })).alpn, 'http/1.1');
  const only = await ask({ ALPNProtocols: ['h2'] }).catch(() => ({ alpn: false }));
  assert.notEqual(only.alpn, 'h2');
});

test('a reload by signal takes up new files', async () => {
  assert.equal((await ask()).name, 'first');
  certify('second');
  gateway.child.kill('SIGHUP');
  await gateway.logged(({ event }) => event === 'reload');
  // Until every worker has it, the old certificate is shown, which the new one does not vouch for.
  const shown = () =>
    ask().then(
      ({ name }) => name,
      ({ code }) => (assert.equal(code, 'DEPTH_ZERO_SELF_SIGNED_CERT'), 'first'),
    );
  for (let name; name !== 'second'; ) assert.match((name = await shown()), /^(first|second)$/);
});
