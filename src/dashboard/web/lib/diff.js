// Lines of two texts against one another: what is in both, what went, what came (Myers, 1986, the plain
// form). Very different long texts are told as all gone and all new.
const CHANGES_MOST = 600;

/** Whether the furthest way to diagonal k with d changes comes from above: by a line that is new. */
const byNew = (ends, k, d) => k === -d || (k !== d && (ends.get(k - 1) ?? -1) < (ends.get(k + 1) ?? -1));

/** [{kind: ' ' | '-' | '+', text}] */
export function diffLines(before, after) {
  const a = before.split('\n');
  const b = after.split('\n');
  const most = Math.min(a.length + b.length, CHANGES_MOST);
  const rounds = []; // how far each diagonal had come before the round of so many changes
  let ends = new Map([[1, 0]]);
  for (let d = 0; d <= most; d++) {
    rounds.push(ends);
    const next = new Map(ends);
    for (let k = -d; k <= d; k += 2) {
      let x = byNew(ends, k, d) ? (ends.get(k + 1) ?? 0) : (ends.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      next.set(k, x);
      if (x >= a.length && x - k >= b.length) return walkBack(a, b, rounds, d);
    }
    ends = next;
  }
  return [...a.map((text) => ({ kind: '-', text })), ...b.map((text) => ({ kind: '+', text }))];
}

function walkBack(a, b, rounds, changes) {
  const lines = [];
  let x = a.length;
  let y = b.length;
  for (let d = changes; d >= 0; d--) {
    const ends = rounds[d];
    const isNew = byNew(ends, x - y, d);
    const fromX = ends.get(isNew ? x - y + 1 : x - y - 1) ?? 0;
    const fromY = fromX - (isNew ? x - y + 1 : x - y - 1);
    while (x > 0 && y > 0 && (d === 0 || (x > fromX && y > fromY && x - fromX !== (isNew ? 0 : 1)))) lines.push({ kind: ' ', text: a[--x] }), y--;
    if (d === 0) break;
    if (isNew) lines.push({ kind: '+', text: b[--y] });
    else lines.push({ kind: '-', text: a[--x] });
  }
  return lines.reverse();
}

/** Only what differs, with a few lines around it; a gap is {kind: '@', text: '...'}. */
export function hunks(lines, around = 3) {
  const keep = lines.map(() => false);
  lines.forEach((line, i) => {
    if (line.kind === ' ') return;
    for (let j = Math.max(0, i - around); j <= Math.min(lines.length - 1, i + around); j++) keep[j] = true;
  });
  return lines.flatMap((line, i) => (keep[i] ? [line] : i === 0 || keep[i - 1] ? [{ kind: '@', text: '…' }] : []));
}
