// Code and JSON, with places in it marked: a violation under the value it is about, a diagnostic under
// its line. What is shown may come from callers and models: it is text, whatever it says.
import { diffLines, hunks } from '../lib/diff.js';
import { html, useMemo, useState } from '../lib/html.js';

const LINES_AT_FIRST = 400;

const step = (pointer, key) => `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** Lines of a JSON value as they are shown: {depth, key, text, kind, tail, pointer}. */
function jsonLines(value) {
  const lines = [];
  const put = (depth, key, one, tail, pointer) => {
    if (one !== null && typeof one === 'object') {
      const list = Array.isArray(one);
      const keys = Object.keys(one);
      if (keys.length === 0) {
        lines.push({ depth, key, text: list ? '[]' : '{}', kind: 'mark', tail, pointer });
        return;
      }
      lines.push({ depth, key, text: list ? '[' : '{', kind: 'mark', tail: '', pointer });
      keys.forEach((name, i) => put(depth + 1, list ? undefined : name, one[name], i < keys.length - 1 ? ',' : '', step(pointer, name)));
      lines.push({ depth, text: list ? ']' : '}', kind: 'mark', tail, pointer: undefined });
      return;
    }
    lines.push({ depth, key, text: JSON.stringify(one), kind: one === null ? 'null' : typeof one, tail, pointer });
  };
  put(0, undefined, value, '', '');
  return lines;
}

/** The line of the value that a pointer names, or of the nearest one around it that is there. */
function lineOf(lines, pointer) {
  for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
    const i = lines.findIndex((line) => line.pointer === at);
    if (i >= 0 || at === '') return Math.max(i, 0);
  }
}

function Lines({ label, lines, marks, render, wrap, first = 1 }) {
  const [all, setAll] = useState(false);
  const last = marks.reduce((most, mark) => Math.max(most, mark.line + 3), LINES_AT_FIRST);
  const shown = all || lines.length <= last ? lines : lines.slice(0, last);
  const byLine = new Map();
  for (const mark of marks) byLine.set(mark.line, [...(byLine.get(mark.line) ?? []), mark]);
  return html`
    <div class=${`code ${wrap ? 'wrap' : ''}`} role="group" aria-label=${label} tabindex="0">
      ${shown.map((line, i) => {
        const here = byLine.get(i) ?? [];
        return html`
          <div key=${i} class=${`line ${here.length > 0 ? `marked ${here[0].tone ?? 'bad'}` : ''}`}><span class="no" aria-hidden="true">${i + first}</span><span class="text">${render(line)}</span></div>
          ${here.map((mark, n) => html`<div key=${`${i}-${n}`} class=${`remark ${mark.tone ?? 'bad'}`} id=${mark.id}><span class="no"></span><span class="text"><span aria-hidden="true">${' '.repeat(mark.column ? mark.column - 1 : (line.depth ?? 0) * 2)}${'^'} </span>${mark.message}</span></div>`)}`;
      })}
      ${shown.length < lines.length && html`<p><button type="button" class="button quiet" onclick=${() => setAll(true)}>Show all ${lines.length} lines</button></p>`}
    </div>`;
}

/** JSON in form. marks: [{pointer, message, tone, id}]; what is missing is marked at what lacks it. */
export function Json({ value, marks = [], label = 'JSON' }) {
  const lines = useMemo(() => jsonLines(value), [value]);
  const placed = marks.map((mark) => ({ ...mark, line: lineOf(lines, mark.pointer ?? '') }));
  return html`<${Lines} label=${label} lines=${lines} marks=${placed} wrap render=${(line) => html`${'  '.repeat(line.depth)}${line.key !== undefined && html`<span class="key">${JSON.stringify(line.key)}</span>: `}<span class=${line.kind}>${line.text}</span>${line.tail}`} />`;
}

/** A text that is JSON is shown in form, any other as it is. */
export function JsonText({ text, ...rest }) {
  const value = useMemo(() => {
    try {
      return { it: JSON.parse(text) };
    } catch {
      return undefined;
    }
  }, [text]);
  return value ? html`<${Json} value=${value.it} ...${rest} />` : html`<${Code} text=${text} ...${rest} />`;
}

/** Any text with line numbers, the first of them `first`. marks: [{line (of the text, from 1), column, message, tone, id}]. */
export function Code({ text, marks = [], label = 'Text', wrap = true, first }) {
  const lines = useMemo(() => String(text ?? '').split('\n'), [text]);
  const placed = marks.map((mark) => ({ ...mark, line: Math.min(Math.max((mark.line ?? 1) - 1, 0), lines.length - 1) }));
  return html`<${Lines} label=${label} lines=${lines} marks=${placed} wrap=${wrap} first=${first} render=${(line) => line} />`;
}

const WORDS = { '+': 'new: ', '-': 'gone: ', ' ': '', '@': '' };

const FileDiff = ({ path, before, after }) => {
  const lines = useMemo(() => hunks(diffLines(before ?? '', after ?? '')), [before, after]);
  return html`
    <p class="file-name">${path}${before === undefined && ' (new)'}${after === undefined && ' (gone)'}</p>
    <div class="code wrap" role="group" aria-label=${`Changes of ${path}`} tabindex="0">${lines.map((line, i) => html`<div key=${i} class=${`line diff ${{ '+': 'came', '-': 'went', '@': 'gap' }[line.kind] ?? ''}`}><span class="no" aria-hidden="true">${line.kind}</span><span class="text"><span class="sr">${WORDS[line.kind]}</span>${line.text}</span></div>`)}</div>`;
};

/** Two versions of files against one another, line by line: [{path, content}]. same: what is said where nothing differs. */
export function Diff({ before, after, same = 'Their files are the same: what pinion.yaml says of them differs, or nothing.' }) {
  const old = new Map(before.map((file) => [file.path, file.content]));
  const now = new Map(after.map((file) => [file.path, file.content]));
  const differing = [...new Set([...now.keys(), ...old.keys()])].filter((path) => old.get(path) !== now.get(path));
  return differing.length === 0
    ? html`<p class="note">${same}</p>`
    : html`<div class="stack">${differing.map((path) => html`<${FileDiff} key=${path} path=${path} before=${old.get(path)} after=${now.get(path)} />`)}</div>`;
}
