import { mergedSettings, specialOf, type Json, type TokenFiles } from './added-tokens.js';
import { flag, maskWithSpace } from './vocabulary/flags.js';
import { assembled, bertTemplate, robertaTemplate, type Around, type Roles } from './vocabulary/parts.js';

/** A class of transformers for vocab.txt. */
interface WordPieceClass {
  /** The special tokens where the files say nothing. */
  readonly standards: Json;
  /** Its mask takes the white space before it, unless the files say how it is found. */
  readonly maskWithSpace?: true;
  post(roles: Roles): object;
}

/** transformers' own ids where the vocabulary lacks the token. */
const orElse = (found: Around | undefined, content: string, id: number): Around => found ?? { content, id };

export const wordPieceClasses: Readonly<Record<string, WordPieceClass>> = {
  BertTokenizer: {
    standards: {
      unk_token: '[UNK]',
      sep_token: '[SEP]',
      pad_token: '[PAD]',
      cls_token: '[CLS]',
      mask_token: '[MASK]',
    },
    post: (roles) =>
      bertTemplate(
        orElse(roles.token('cls_token'), '[CLS]', 2),
        orElse(roles.token('sep_token'), '[SEP]', 3),
      ),
  },
  MPNetTokenizer: {
    standards: {
      bos_token: '<s>',
      eos_token: '</s>',
      sep_token: '</s>',
      cls_token: '<s>',
      unk_token: '[UNK]',
      pad_token: '<pad>',
      mask_token: '<mask>',
    },
    maskWithSpace: true,
    post: (roles) =>
      robertaTemplate(
        orElse(roles.token('cls_token'), '<s>', 0),
        orElse(roles.token('sep_token'), '</s>', 2),
      ),
  },
};

/**
 * tokenizer.json of a list of words, with the ids of transformers 5 (tokenization_bert.py: BertTokenizer, which takes nothing
 * but words and added tokens of a tokenizer.json; tokenization_mpnet.py; tokenization_utils_base.py: _from_pretrained, for
 * where their special tokens are from).
 * @throws TemperError MODEL_CORRUPT where a setting has another type than it must
 */
export function wordPieceTokenizer(
  vocab: ReadonlyMap<string, number>,
  files: TokenFiles,
  name: keyof typeof wordPieceClasses = 'BertTokenizer',
): object {
  const { standards, post, maskWithSpace: eats } = wordPieceClasses[name]!;
  const given = { ...standards, ...mergedSettings(files) };
  const settings = eats ? maskWithSpace(given) : given;
  const parts = {
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: flag(settings, 'tokenize_chinese_chars', true),
      // null: as lowercase
      strip_accents: flag(settings, 'strip_accents', null),
      lowercase: flag(settings, 'do_lower_case', true),
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: specialOf(settings, 'unk_token')?.content ?? '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocab),
    },
  };
  return assembled(parts, vocab, settings, files, post);
}

/**
 * The words of a vocab.txt, one a line, as the Rust library reads it: white space behind a token is none of it, and of a
 * token twice the last line counts.
 */
export function vocabularyOf(text: string): Map<string, number> {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return new Map(lines.map((line, id) => [line.trimEnd(), id]));
}
