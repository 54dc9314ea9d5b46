// Makes what the program embeds: every file of the dashboard with a gzip copy beside it where that is
// smaller, and the assembler source that has them all in one table (files.h). No bundling: a module
// stays a module. What changes is that comments go, that "preact" is told by a path, which browsers need,
// and that everything but the page goes into a folder named by a hash of all of it.
//
//   node build.mjs WEB NODE_MODULES OUT
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const [web, modules, out] = process.argv.slice(2);
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};
const read = (name) => readFileSync(path.join(modules, name), 'utf8').replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '\n');
const version = (name) => JSON.parse(read(`${name}/package.json`)).version;

// What is for who reads the source: lines that are comment, and indentation. No template has lines that
// look like comment, and in its text a line's end and what is around it are one space or none.
const lean = {
  '.js': (text) => text.replace(/^[ \t]*\/\*\*[^]*?\*\/[ \t]*\n/gm, '').replace(/^[ \t]*\/\/.*\n/gm, '').replace(/^[ \t]+/gm, ''),
  '.css': (text) => text.replace(/\/\*[^]*?\*\//g, '').replace(/^[ \t]+/gm, '').replace(/\n{2,}/g, '\n'),
};
const made = (name, text) => (lean[path.extname(name)] ?? String)(text);

function own(folder, prefix = '') {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory()
        ? own(path.join(folder, entry.name), `${prefix}${entry.name}/`)
        : [[`${prefix}${entry.name}`, made(entry.name, readFileSync(path.join(folder, entry.name), 'utf8'))]],
    );
}

const licences = ['preact', 'htm', 'uplot'].map((name) => `${name} ${version(name)}\n\n${read(`${name}/LICENSE`).trim()}\n`).join(`\n${'-'.repeat(80)}\n\n`);
const files = new Map([
  ...own(web).filter(([name]) => name !== 'index.html'),
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
const listed = [['/dashboard/', 'index.html', page], ...[...files].map(([name, text]) => [root + name, name, text])];

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
for (const [i, [where, name, text]] of listed.entries()) {
  const content = Buffer.from(text, 'utf8');
  const small = gzipSync(content, { level: 9 });
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
    .quad ${listed.length}
    .size dashboard_table_count, 8

    .section .note.GNU-stack, "", %progbits
`,
);
