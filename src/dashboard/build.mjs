// Makes what the program embeds: every file of the dashboard with a gzip copy beside it where that is
// smaller (zopfli's, which is a few percent smaller still), and the assembler source that has them all in
// one table (files.h). No bundling: a module stays a module. What changes is that comments, spaces and long
// names go, that "preact" is told by a path, which browsers need, and that everything but the page goes
// into a folder named by a hash of all of it.
//
//   node build.mjs WEB NODE_MODULES OUT [--readable]
//
// --readable leaves the dashboard's own files as they are written, to look at them in a browser.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';

const [web, modules, out, readable] = process.argv.slice(2);
const require = createRequire(path.resolve(modules, 'none.js'));
const { minify } = require('terser');
const smallest = promisify(require('@gfx/zopfli').gzip);
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};
const read = (name) => readFileSync(path.join(modules, name), 'utf8').replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '\n');
const version = (name) => JSON.parse(read(`${name}/package.json`)).version;

// In the text of a template, a line's end and what is around it are one space or none, and between two
// elements none; what ends is the element that was begun last. No template has preformatted text, and
// nothing else has ends of elements, or name="value", in it. Everything but templates is known to terser.
const template = (text) =>
  text
    .replace(/^[ \t]+/gm, '')
    .replace(/>\n</g, '><')
    .replace(/<\/[a-z0-9]+>/g, '<//>')
    .replace(/( [a-zA-Z-]+)="([A-Za-z0-9_-]+)"(?=[ />])/g, '$1=$2');
const terse = { module: true, ecma: 2022, compress: { passes: 2, inline: 1 } };
const lean = {
  '.js': async (text, name) => {
    try {
      return (await minify(template(text), terse)).code;
    } catch (error) {
      throw new Error(`${name}:${error.line}:${error.col}: ${error.message}`, { cause: error });
    }
  },
  // No string of the styles has any of these signs in it.
  '.css': (text) =>
    text
      .replace(/\/\*[^]*?\*\//g, '')
      .replace(/\s*\n\s*/g, '')
      .replace(/ ?([{};,]) ?/g, '$1')
      .replace(/: /g, ':')
      .replaceAll(';}', '}'),
};
const made = (name, text) => (readable ? text : (lean[path.extname(name)] ?? String)(text, name));

function listed(folder, prefix = '') {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? listed(path.join(folder, entry.name), `${prefix}${entry.name}/`) : [`${prefix}${entry.name}`]));
}
const own = await Promise.all(
  listed(web)
    .filter((name) => name !== 'index.html')
    .map(async (name) => [name, await made(name, readFileSync(path.join(web, name), 'utf8'))]),
);

const licences = ['preact', 'htm', 'uplot'].map((name) => `${name} ${version(name)}\n\n${read(`${name}/LICENSE`).trim()}\n`).join(`\n${'-'.repeat(80)}\n\n`);
const files = new Map([
  ...own,
  ['vendor/preact.js', read('preact/dist/preact.mjs')],
  ['vendor/hooks.js', read('preact/hooks/dist/hooks.mjs').replace(/from\s*"preact"/g, 'from"./preact.js"')],
  ['vendor/htm.js', read('htm/dist/htm.module.js')],
  ['vendor/uplot.js', `${read('uplot/dist/uPlot.iife.min.js')}\nexport default uPlot;\n`],
  ['vendor/uplot.css', read('uplot/dist/uPlot.min.css')],
  ['vendor/licences.txt', licences],
]);

const all = createHash('sha256');
for (const [name, text] of files) all.update(`${name}\0${text.length}\0${text}`);
const root = `/dashboard/assets/${all.digest('hex').slice(0, 16)}/`;

// Only the page names the folder; what is in it names its neighbours.
const page = readFileSync(path.join(web, 'index.html'), 'utf8').replaceAll('assets/', root);
const served = [['/dashboard/', 'index.html', page], ...[...files].map(([name, text]) => [root + name, name, text])];

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const blobs = [];
const rows = [];
const string = (label, text) => (blobs.push(`${label}: .ascii "${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`), [label, Buffer.byteLength(text)]);
const bytes = (label, name, content) => {
  const file = path.join(out, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  blobs.push(`${label}: .incbin "${file}"`);
  return [label, content.length];
};
for (const [i, [where, name, text]] of served.entries()) {
  const content = Buffer.from(text, 'utf8');
  const small = await smallest(content, { numiterations: 5 });
  const etag = createHash('sha256').update(content).digest('hex').slice(0, 16);
  const type = types[path.extname(name)];
  if (type === undefined) throw new Error(`${name}: files of this kind have no media type in build.mjs`);
  rows.push(
    string(`path_${i}`, where),
    string(`type_${i}`, type),
    bytes(`body_${i}`, name, content),
    small.length < content.length ? bytes(`gzip_${i}`, `${name}.gz`, small) : ['0', 0],
    string(`etag_${i}`, `"${etag}"`),
  );
}
writeFileSync(
  path.join(out, 'files.S'),
  `/* Written by build.mjs. */
#ifdef __CET__
#include <cet.h>
#endif
    .section .rodata
${blobs.join('\n')}

    .section .data.rel.ro, "aw", %progbits
    .balign 8
    .global dashboard_table
    .type dashboard_table, %object
dashboard_table:
${rows.map(([label, length]) => `    .quad ${label}, ${length}`).join('\n')}
    .size dashboard_table, . - dashboard_table

    .section .rodata
    .balign 8
    .global dashboard_table_count
    .type dashboard_table_count, %object
dashboard_table_count:
    .quad ${served.length}
    .size dashboard_table_count, 8

    .section .note.GNU-stack, "", %progbits
`,
);
