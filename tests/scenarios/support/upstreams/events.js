// The events of a streamed answer, and their bytes. An event is {name?, data, mark?}: `data` an object
// or a text, `mark` 'content' (it carries some), 'finish' (it says why it ended) or 'end' (the vendor's
// end mark). Where a vendor has one event for both the mark is 'finish end'.
import assert from 'node:assert/strict';

export const event = (data, mark = '', name = undefined) => ({ name, data, mark });
const text = (data) => (typeof data === 'string' ? data : JSON.stringify(data));

// What a scenario changed about the stream, in the events themselves.
export function changed(events, how, protocol) {
  let out = events;
  if (how.without) {
    const first = out.findIndex((one) => one.mark.includes(how.without));
    assert.ok(first >= 0, `without: 'finish' or 'end'`);
    out = how.without === 'finish' ? out.slice(0, first) : out.filter((one) => !one.mark.includes('end'));
  }
  if (how.error) {
    const { kind = 'server', at = 1, ...more } = how.error;
    const content = out.flatMap((one, i) => (one.mark.includes('content') ? [i] : []));
    // As many content events as `at` says come first; 'first': not even the head of the stream.
    const cut = at === 'first' ? 0 : (content[at] ?? out.findIndex((one) => /finish|end/.test(one.mark)));
    out = [...out.slice(0, cut), ...[protocol.errorEvent(kind, more, out.slice(0, cut))].flat()];
  }
  if (how.pings) out = out.flatMap((one) => [protocol.ping, one]);
  return out;
}

function sse(one, how, eol) {
  if (one.comment !== undefined) return `:${one.comment}${eol}${eol}`;
  const space = how.space === false ? '' : ' ';
  const name = one.name ? `event:${space}${one.name}${eol}` : '';
  // Several data lines are one datum with line ends in between, where JSON has room for them.
  const lines = how.dataLines ? text(one.data).replace(/^(\{)/, '$1\n').split('\n') : [text(one.data)];
  return name + lines.map((line) => `data:${space}${line}${eol}`).join('') + eol;
}

// One Buffer for each event, with what `how` puts around and between them.
export function bytesOf(events, how, protocol) {
  const eol = how.eol ?? protocol.eol ?? '\n';
  const ndjson = protocol.framing === 'ndjson';
  const pieces = events.map((one) => (ndjson ? text(one.data) + eol : sse(one, how, eol)));
  if (how.comments && !ndjson) {
    for (const i of pieces.keys()) pieces[i] = `: comment ${i}${eol}` + (i % 2 ? eol : '') + pieces[i];
  }
  if (how.bom) pieces[0] = '\ufeff' + pieces[0];
  if (how.unended) pieces[pieces.length - 1] = pieces.at(-1).replace(/[\r\n]+$/, '');
  if (how.trailing !== undefined) pieces.push(how.trailing);
  return pieces.map((piece) => Buffer.from(piece));
}
