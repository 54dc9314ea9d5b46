// Which value of a JSON text stands at a byte of it, as a JSON Pointer (RFC 6901).

/** The index of a character that begins at a byte of the text's UTF-8. */
function indexOfByte(text, byte) {
  let at = 0;
  for (let i = 0; i < text.length; ) {
    if (at >= byte) return i;
    const code = text.codePointAt(i);
    at += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    i += code > 0xffff ? 2 : 1;
  }
  return text.length;
}

/** The pointer of the innermost value that is there, or undefined where the text is not JSON. */
export function pointerAt(text, byte) {
  const goal = indexOfByte(text, byte);
  const token = /\s*(?:("(?:[^"\\]|\\.)*")|([[\]{},:])|([^\s[\]{},:"]+))/gy;
  const path = []; // of {list, key}: where we are
  let found = '';
  let value = true; // one is expected, and not a name
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const pointer = () => path.map(({ key }) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  for (let one; (one = token.exec(text)) !== null; ) {
    const word = one[1] ?? one[2] ?? one[3];
    if (token.lastIndex - word.length > goal) return found;
    const top = path.at(-1);
    if (word === '{' || word === '[') {
      found = pointer();
      path.push({ list: word === '[', key: 0 });
      value = word === '[';
      if (word === '{') path.at(-1).key = '';
    } else if (word === '}' || word === ']') path.pop();
    else if (word === ',') {
      if (top.list) top.key++;
      value = top.list;
    } else if (word === ':') value = true;
    else if (!value && one[1] !== undefined) {
      top.key = JSON.parse(word);
      found = pointer(); // its name stands for it
    } else found = pointer();
  }
  return found;
}
