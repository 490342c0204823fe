/**
 * One key for all spellings of a label that a reader takes for the same: white space, characters that are not seen, case
 * and Unicode form make no difference; a number is its value (`0`, `0.0`, `00`).
 */
export function spellingKey(label: string): string {
  const folded = label
    .normalize('NFKC')
    .replaceAll(/[\p{White_Space}\p{Cf}\p{Cc}\u{FE00}-\u{FE0F}]/gu, '')
    // Both ways, so that ß and ς meet SS and Σ.
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC');
  const value = numberOf(folded);
  return value === undefined ? folded : `number ${value}`;
}

/** The value of a label that is a plain decimal number. */
export function numberOf(label: string): number | undefined {
  const plain = label.trim();
  if (!/^[+-]?(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return undefined;
  // −0 is 0
  return Number(plain) + 0;
}

const SHOWN = 40;

/** A label as a report shows it: in quotes, what cannot be seen (or is a mark of its own) by its code point. */
export function shownLabel(label: string): string {
  const cut = [...label].length > SHOWN ? `${[...label].slice(0, SHOWN - 1).join('')}…` : label;
  const visible = cut.replaceAll(
    /[\p{C}\p{M}]|(?! )\p{Z}/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
  return JSON.stringify(visible).replaceAll('\\\\u{', '\\u{');
}

/** The first labels, and how many more there are. */
export function shownLabels(labels: readonly string[], most = 5): string {
  const rest = labels.length - most;
  const shown = labels.slice(0, rest === 1 ? most + 1 : most).map(shownLabel);
  return `${shown.join(', ')}${rest > 1 ? ` and ${rest.toLocaleString('en')} more` : ''}`;
}
