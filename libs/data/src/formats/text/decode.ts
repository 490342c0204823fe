import iconv from 'iconv-lite';
import { isUtf8 } from 'node:buffer';
import { TextFault } from '../fault.js';

const REPLACEMENT = '\ufffd';

/** UTF-32's before UTF-16's, which it begins with. */
const marks: readonly (readonly [encoding: string, mark: Buffer])[] = [
  ['utf-8', Buffer.from('efbbbf', 'hex')],
  ['utf-32le', Buffer.from('fffe0000', 'hex')],
  ['utf-32be', Buffer.from('0000feff', 'hex')],
  ['utf-16le', Buffer.from('fffe', 'hex')],
  ['utf-16be', Buffer.from('feff', 'hex')],
];

/** The encoding that a byte order mark names, and its length in bytes; some programs write it before one that is there. */
function byteOrderMark(head: Buffer): readonly [encoding: string, length: number] | undefined {
  const found = marks.find(([, mark]) => head.subarray(0, mark.length).equals(mark));
  if (!found) return undefined;
  const [encoding, mark] = found;
  let length = mark.length;
  while (head.subarray(length, length + mark.length).equals(mark)) length += mark.length;
  return [encoding, length];
}

/**
 * Bytes as text, piece by piece. A byte order mark says the encoding, else `encoding`, else it is UTF-8; the mark is no part
 * of the text.
 * @throws TextFault where the bytes are not of that encoding, with the one that they look like.
 */
export async function* decoded(
  bytes: AsyncIterable<Buffer>,
  encoding: string | undefined,
): AsyncGenerator<string> {
  let decoder: Decoder | undefined;
  for await (const chunk of bytes) {
    if (decoder) {
      yield* decoder.text(chunk, false);
      continue;
    }
    const mark = byteOrderMark(chunk);
    const name = mark?.[0] ?? encoding ?? 'utf-8';
    if (!mark && name === 'utf-8') refuseZeros(chunk);
    decoder = name === 'utf-8' ? new Utf8() : new Other(name);
    yield* decoder.text(chunk.subarray(mark?.[1] ?? 0), false);
  }
  if (decoder) yield* decoder.text(Buffer.alloc(0), true);
}

interface Decoder {
  text(chunk: Buffer, last: boolean): Iterable<string>;
}

class Utf8 implements Decoder {
  #rest: Buffer = Buffer.alloc(0);
  #done = 0;

  *text(chunk: Buffer, last: boolean): Iterable<string> {
    const bytes = this.#rest.length ? Buffer.concat([this.#rest, chunk]) : chunk;
    const end = last ? bytes.length : wholeCharacters(bytes);
    const whole = bytes.subarray(0, end);
    this.#rest = bytes.subarray(end);
    if (!isUtf8(whole)) {
      const [text, wrong] = beforeWrong(whole);
      yield text;
      throw notUtf8(this.#done + text.length, wrong);
    }
    const text = whole.toString('utf8');
    this.#done += text.length;
    yield text;
  }
}

/** The bytes up to a character that goes on in the next chunk: it begins at most three bytes before the end. */
function wholeCharacters(bytes: Buffer): number {
  for (let at = bytes.length - 1; at >= 0 && at >= bytes.length - 3; at--) {
    const byte = bytes[at]!;
    if (byte < 0x80) return bytes.length;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return at + length > bytes.length ? at : bytes.length;
  }
  return bytes.length;
}

/** The text before the first byte that is not UTF-8, of bytes that are not all UTF-8, and that byte. */
function beforeWrong(bytes: Buffer): readonly [text: string, byte: number] {
  // Wrong bytes become U+FFFD, which may also be in the text itself.
  const text = bytes.toString('utf8');
  let at = 0;
  for (let index = text.indexOf(REPLACEMENT), from = 0; index >= 0;) {
    at += Buffer.byteLength(text.slice(from, index));
    if (bytes.toString('latin1', at, at + 3) !== '\xef\xbf\xbd') return [text.slice(0, index), bytes[at]!];
    at += 3;
    from = index + 1;
    index = text.indexOf(REPLACEMENT, from);
  }
  return [text, 0];
}

const notUtf8 = (at: number, byte: number) => {
  const character = iconv.decode(Buffer.from([byte]), 'windows-1252');
  return new TextFault(at, 'the text is not UTF-8', {
    found: `the byte ${byte.toString(16)}${character === REPLACEMENT ? '' : `, which is ${character} in Windows-1252`}`,
    hint: 'name its encoding, e.g. dataset.encoding: windows-1252, or save the file as UTF-8',
  });
};

/** UTF-16 of Latin letters is UTF-8 too, every other character a zero; of UTF-32 two or three of four bytes are zeros. */
function refuseZeros(head: Buffer): void {
  const looked = head.subarray(0, 4096);
  const zeros = [0, 0, 0, 0] as [number, number, number, number];
  looked.forEach((byte, i) => {
    if (byte === 0) zeros[i % 4]!++;
  });
  const [even, odd] = [zeros[0] + zeros[2], zeros[1] + zeros[3]];
  if (Math.max(even, odd) <= looked.length / 8) return;
  const all = (place: number) => zeros[place]! > 0.9 * (looked.length / 4);
  const name =
    all(2) && all(3) && !all(0)
      ? 'utf-32le'
      : all(0) && all(1) && !all(3)
        ? 'utf-32be'
        : Math.min(even, odd) > Math.max(even, odd) / 8
          ? undefined
          : even > odd
            ? 'utf-16be'
            : 'utf-16le';
  const seen = `${even + odd} zeros in its first ${looked.length} bytes`;
  throw new TextFault(0, 'the text is not UTF-8', {
    found: name ? `${seen}, as in ${name.slice(0, 6).toUpperCase()}` : seen,
    hint: name
      ? `dataset.encoding: ${name}, or save the file as UTF-8`
      : 'is it a file of another kind, or one that was not written to its end?',
  });
}

class Other implements Decoder {
  readonly #decoder;
  #done = 0;
  #bytes = 0;

  constructor(readonly encoding: string) {
    this.#decoder = iconv.getDecoder(encoding, { stripBOM: false });
  }

  *text(chunk: Buffer, last: boolean): Iterable<string> {
    const text = this.#decoder.write(chunk) + (last ? (this.#decoder.end() ?? '') : '');
    this.#bytes += chunk.length;
    const width = { 'utf-16': 2, 'utf-32': 4 }[this.encoding.slice(0, 6)];
    const wide = width !== undefined;
    // A UTF-16 text may have that character itself.
    const wrong = wide ? -1 : text.indexOf(REPLACEMENT);
    yield wrong < 0 ? text : text.slice(0, wrong);
    if (wrong >= 0) throw notOf(this.encoding, this.#done + wrong);
    this.#done += text.length;
    if (width && last && this.#bytes % width)
      throw new TextFault(this.#done, 'the file ends within a character');
  }
}

const notOf = (encoding: string, at: number) =>
  new TextFault(at, `the text is not ${encoding}`, {
    hint: 'name its encoding in dataset.encoding, or save the file as UTF-8',
  });
