import iconv from 'iconv-lite';
import { isUtf8 } from 'node:buffer';
import { TextFault } from '../fault.js';

const REPLACEMENT = '\ufffd';

/** The encoding that a byte order mark names, and the mark's length in bytes. */
function byteOrderMark(head: Buffer): readonly [encoding: string, length: number] | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return ['utf-8', 3];
  if (head[0] === 0xff && head[1] === 0xfe) return ['utf-16le', 2];
  if (head[0] === 0xfe && head[1] === 0xff) return ['utf-16be', 2];
  return undefined;
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
    if (!mark && name === 'utf-8') refuseUtf16(chunk);
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

/** UTF-16 of Latin letters is UTF-8 too, every other character a zero. */
function refuseUtf16(head: Buffer): void {
  const looked = head.subarray(0, 4096);
  const zeros = [0, 0];
  looked.forEach((byte, i) => {
    if (byte === 0) zeros[i % 2]!++;
  });
  if (Math.max(zeros[0]!, zeros[1]!) <= looked.length / 8) return;
  const name = zeros[0]! > zeros[1]! ? 'utf-16be' : 'utf-16le';
  throw new TextFault(0, 'the text is not UTF-8', {
    found: `${zeros[0]! + zeros[1]!} zeros in its first ${looked.length} bytes, as in UTF-16`,
    hint: `dataset.encoding: ${name}, or save the file as UTF-8`,
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
    const wide = this.encoding.startsWith('utf-16');
    // A UTF-16 text may have that character itself.
    const wrong = wide ? -1 : text.indexOf(REPLACEMENT);
    yield wrong < 0 ? text : text.slice(0, wrong);
    if (wrong >= 0) throw notOf(this.encoding, this.#done + wrong);
    this.#done += text.length;
    if (wide && last && this.#bytes % 2) throw new TextFault(this.#done, 'the file ends within a character');
  }
}

const notOf = (encoding: string, at: number) =>
  new TextFault(at, `the text is not ${encoding}`, {
    hint: 'name its encoding in dataset.encoding, or save the file as UTF-8',
  });
