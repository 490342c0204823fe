/**
 * Words of a text as 32-bit hashes, for comparing texts: what Unicode calls letters, marks and digits, in lower case, in
 * compatibility form (NFKC). Where a script writes no spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) each character is a
 * word, and so is each symbol (`+`, `=`, `€`, an emoji). White space and punctuation only separate.
 */
export function wordsOf(text: string, into: number[] = []): number[] {
  into.length = 0;
  const plain = text.normalize('NFKC').toLowerCase();
  let hash = 0;
  let inside = false;
  for (let at = 0; at < plain.length; at++) {
    let code = plain.charCodeAt(at);
    if (code >= 0xd800 && code < 0xdc00) {
      code = plain.codePointAt(at)!;
      if (code > 0xffff) at++;
    }
    const kind = code < KINDS ? kinds[code]! || classify(code) : kindOf(code);
    if (kind === LETTER) {
      hash = Math.imul((inside ? hash : SEED) ^ code, PRIME);
      inside = true;
      continue;
    }
    if (inside) into.push(mix(hash));
    inside = false;
    if (kind === ALONE) into.push(mix(Math.imul(SEED ^ code, PRIME)));
  }
  if (inside) into.push(mix(hash));
  return into;
}

// FNV-1a, a step a code point.
const SEED = 0x811c9dc5;
const PRIME = 0x01000193;

/** MurmurHash3's 32-bit finaliser. */
export function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const SEPARATOR = 1;
const LETTER = 2;
const ALONE = 3;

/** Kinds of the code points of the basic plane, found out when they first come; 0: not yet. */
const KINDS = 0x10000;
const kinds = new Uint8Array(KINDS);
const classify = (code: number): number => (kinds[code] = kindOf(code));

const unspaced =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Thai}|\p{Script=Lao}|\p{Script=Khmer}|\p{Script=Myanmar}/u;

function kindOf(code: number): number {
  const character = String.fromCodePoint(code);
  if (unspaced.test(character)) return ALONE;
  if (/[\p{L}\p{M}\p{N}]/u.test(character)) return LETTER;
  return /\p{S}/u.test(character) ? ALONE : SEPARATOR;
}
