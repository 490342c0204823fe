/**
 * What a terminal takes for a command and not for a text: controls but line end and tab (C0, DEL, C1), the marks that turn
 * the direction of writing (UAX 9), line and paragraph separators.
 */
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

const code = (character: string): string => {
  const point = character.charCodeAt(0);
  return point < 0x100
    ? `\\x${point.toString(16).padStart(2, '0')}`
    : `\\u${point.toString(16).padStart(4, '0')}`;
};

/** The text as it may be shown: names, labels and messages come from outside, and a terminal would obey them. */
export const visible = (text: string): string => text.replaceAll(unseen, code);

/** The same on one line: what comes from outside must not look like a line of ours. */
export const visibleLine = (text: string): string =>
  visible(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t');

/** JSON on one line that is safe to show and still means the same: JSON.stringify leaves C1 and the like as they are. */
export const visibleJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replaceAll(
    unseen,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
