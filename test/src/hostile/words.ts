import type { Random } from './random.js';

/** Texts that break what takes text: names of the language itself, controls, halves of characters, great lengths. */
export const words: readonly string[] = [
  ...[
    '',
    ' ',
    'a',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'length',
    'null',
    'true',
    'NaN',
  ],
  ...['\0', '\u001b[2J\u001b[31m', '\u009b31m', '\u0007', '\b\b', '\r', '\n', '\u202e', '\ufeff', '\u2028'],
  ...['\ud800', '\udfff\ud800', '😀', 'e\u0301', '\u{1f468}\u200d\u{1f469}', 'ﬀ', 'İ'],
  ...[
    '..',
    '../../x',
    '/etc/passwd',
    'a/../..',
    'C:\\x',
    '%2e%2e/',
    '${x}',
    '{{ x }}',
    '<|im_end|>',
    "'; DROP",
  ],
  ...['1e999', '-0', '0x10', '9007199254740993', '1'.repeat(400), 'x'.repeat(70_000), '('.repeat(5_000)],
];

export const word = (random: Random): string => random.pick(words);
