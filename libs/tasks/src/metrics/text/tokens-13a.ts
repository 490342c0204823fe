/** What Python's `str.split()` splits at, which is not what `\s` is here. */
const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const spaces = new RegExp(`[${SPACE}]+`, 'u');
const spacesAtEnd = new RegExp(`[${SPACE}]+$`, 'u');

const entities: readonly (readonly [string, string])[] = [
  ['&quot;', '"'],
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
];

/** Of Western languages: punctuation apart, but for periods and commas in numbers, and hyphens that follow none. */
const rules: readonly (readonly [RegExp, string])[] = [
  [/([{-~[-` -&(-+:-@/])/gu, ' $1 '],
  [/([^0-9])([.,])/gu, '$1 $2 '],
  [/([.,])([^0-9])/gu, ' $1 $2'],
  [/([0-9])(-)/gu, '$1 $2 '],
];

/** The tokens of mteval-v13a.pl, as sacrebleu makes them (tokenizer_13a.py, tokenizer_re.py). */
export function tokens13a(text: string): string[] {
  const line = text
    .replace(spacesAtEnd, '')
    .replaceAll('<skipped>', '')
    .replaceAll('-\n', '')
    .replaceAll('\n', ' ');
  const plain = entities.reduce((known, [entity, character]) => known.replaceAll(entity, character), line);
  const apart = rules.reduce((known, [rule, by]) => known.replace(rule, by), ` ${plain} `);
  return apart.split(spaces).filter((token) => token !== '');
}
