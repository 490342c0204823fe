import { loadTokenizer } from '@temper/data';
import { damaged } from '../bytes.js';
import { faulty, scalar, textOf } from '../json.js';
import type { Parser } from '../parser.js';
import type { Random } from '../random.js';
import { word, words } from '../words.js';
import { parsed, tokenizerFile } from './goldens.js';

const whole = ['bert', 'chat', 'plain'].map((name) => ({
  json: parsed(tokenizerFile(`${name}/tokenizer.json`)),
  config: parsed(tokenizerFile(`${name}/tokenizer_config.json`)),
}));

const patterns = [
  '(x+x+)+y',
  '^(?:(?:a?){20}a{20}|b)+$',
  '(',
  '\\p{L}+',
  '',
  '(?<!a)b',
  '[^',
  'a{1000}{1000}',
  '(?i)ﬀ',
  '\\1',
];

/** Parts that work on the text, with anything for their settings. */
function part(random: Random): unknown {
  const pattern = random.chance(0.5) ? { Regex: random.pick(patterns) } : { String: word(random) };
  const parts = [
    { type: 'Replace', pattern, content: word(random) },
    {
      type: 'Split',
      pattern,
      behavior: random.pick(['Isolated', 'Removed', 'MergedWithNext', 'x']),
      invert: random.chance(0.5),
    },
    { type: 'Precompiled', precompiled_charsmap: random.pick(['', 'AAAA', 'AAAAAP////8=', word(random)]) },
    {
      type: 'Metaspace',
      replacement: random.pick(['▁', '', 'xx']),
      prepend_scheme: random.pick(['always', 'first', 'x']),
    },
    { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: random.chance(0.5) },
    { type: 'Prepend', prepend: word(random) },
    { type: 'BertNormalizer' },
    { type: 'Digits', individual_digits: true },
    {
      type: random.pick([
        'NFC',
        'NFKD',
        'Lowercase',
        'Nmt',
        'StripAccents',
        'WhitespaceSplit',
        'Punctuation',
        'None',
      ]),
    },
  ];
  const one = random.pick(parts);
  if (random.chance(0.7)) return one;
  return { type: 'Sequence', normalizers: [one, part(random)], pretokenizers: [one] };
}

const models = (random: Random) => [
  {
    type: 'Unigram',
    unk_id: random.below(4),
    vocab: [
      ['<unk>', 0],
      ['a', -1],
      [word(random), -2.5],
    ],
    byte_fallback: random.chance(0.5),
  },
  {
    type: 'BPE',
    vocab: { a: 0, b: 1, ab: random.pick([2, 2 ** 31, 2 ** 40]) },
    merges: [random.pick(['a b', 'a  b', 'x y', 'ab'])],
    dropout: random.pick([null, 0.5, 2, -1]),
  },
  {
    type: 'WordLevel',
    vocab: { a: 0, [word(random)]: random.pick([1, 0, -1, 4294967295]) },
    unk_token: word(random),
  },
];

export const tokenizer: Parser = {
  name: 'tokenizer',
  inputs: 1_000,
  elsewhere: true,
  make: (random) => {
    const { json, config } = random.pick(whole);
    const changed = {
      ...json,
      ...(random.chance(0.3) ? { normalizer: part(random) } : {}),
      ...(random.chance(0.3) ? { pre_tokenizer: part(random) } : {}),
      ...(random.chance(0.2) ? { model: random.pick(models(random)) } : {}),
      ...(random.chance(0.2)
        ? { added_tokens: [{ id: random.below(9), content: word(random), special: true }] }
        : {}),
    };
    const text = Buffer.from(random.chance(0.6) ? faulty(changed, random) : JSON.stringify(changed));
    return {
      texts: ['12 apples', 'x'.repeat(40), 'a'.repeat(200), random.pick(words), random.pick(words)],
      files: {
        'tokenizer.json': random.chance(0.15) ? damaged(text, random) : text,
        'tokenizer_config.json': random.chance(0.3) ? faulty(config, random) : JSON.stringify(config),
        ...(random.chance(0.2) ? { 'special_tokens_map.json': textOf(scalar(random)) } : {}),
      },
    };
  },
  read: async ({ texts }, folder) => {
    await using loaded = await loadTokenizer(folder, { limits });
    await loaded.encodeBatch(texts as string[], { maxLength: 16 });
    const examples = (texts as string[]).map((text) => ({ prompt: text, completion: 'yes' }));
    const encoded = await loaded.encodeExamples(examples);
    return [encoded, await loaded.decode([0, 1, 2, 2 ** 31 - 1, -1])];
  },
};

/** Shorter than outside, so that a file that hangs at each of its tries still ends within the bounds of a case. */
export const limits = { openMs: 3_000, itemMs: 2_000, batchMs: 1_000, bytes: 400 * 2 ** 20 };
