// Two versions of files against one another, line by line.
import { html, useMemo } from '../lib/html.js';
import { diffLines, hunks } from '../lib/diff.js';

const WORDS = { '+': 'new: ', '-': 'gone: ', ' ': '', '@': '' };

const FileDiff = ({ path, before, after }) => {
  const lines = useMemo(() => hunks(diffLines(before ?? '', after ?? '')), [before, after]);
  return html`
    <p class="file-name">${path}${before === undefined && ' (new)'}${after === undefined && ' (gone)'}</p>
    <div class="code wrap" role="group" aria-label=${`Changes of ${path}`} tabindex="0">${lines.map((line, i) => html`<div key=${i} class=${`line diff ${{ '+': 'came', '-': 'went', '@': 'gap' }[line.kind] ?? ''}`}><span class="no" aria-hidden="true">${line.kind}</span><span class="text"><span class="sr">${WORDS[line.kind]}</span>${line.text}</span></div>`)}</div>`;
};

/** before, after: [{path, content}]. */
export function Diff({ before, after }) {
  const old = new Map(before.map((file) => [file.path, file.content]));
  const now = new Map(after.map((file) => [file.path, file.content]));
  const differing = [...new Set([...now.keys(), ...old.keys()])].filter((path) => old.get(path) !== now.get(path));
  return differing.length === 0
    ? html`<p class="note">Their files are the same: what pinion.yaml says of them differs, or nothing.</p>`
    : html`<div class="stack">${differing.map((path) => html`<${FileDiff} key=${path} path=${path} before=${old.get(path)} after=${now.get(path)} />`)}</div>`;
}
