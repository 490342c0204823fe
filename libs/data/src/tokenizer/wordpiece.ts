import { TemperError } from '@temper/contracts';
import {
  addedTokens,
  assignedIds,
  mergedSettings,
  specialOf,
  type Json,
  type TokenFiles,
} from './added-tokens.js';

/** What BertTokenizer takes where the files say nothing. */
const standards = {
  unk_token: '[UNK]',
  sep_token: '[SEP]',
  pad_token: '[PAD]',
  cls_token: '[CLS]',
  mask_token: '[MASK]',
};

/**
 * tokenizer.json of a BERT, with the ids of transformers 5 (tokenization_bert.py: BertTokenizer, which takes nothing but
 * words and added tokens of a tokenizer.json; tokenization_utils_base.py: _from_pretrained, for where its special tokens
 * are from).
 * @throws TemperError MODEL_CORRUPT where a setting has another type than it must
 */
export function wordPieceTokenizer(vocab: ReadonlyMap<string, number>, files: TokenFiles): object {
  const settings = { ...standards, ...mergedSettings(files) };
  const added = addedTokens(settings, files);
  const ids = assignedIds(added, vocab);
  const content = (role: string) => specialOf(settings, role)?.content;
  const cls = content('cls_token') ?? '[CLS]';
  const sep = content('sep_token') ?? '[SEP]';
  const idOf = (token: string, otherwise: number) => ids.get(token) ?? vocab.get(token) ?? otherwise;
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [...added.values()]
      .map((token) => ({ id: ids.get(token.content)!, ...token }))
      .sort((a, b) => a.id - b.id),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: flag(settings, 'tokenize_chinese_chars', true),
      // null: as lowercase
      strip_accents: flag(settings, 'strip_accents', null),
      lowercase: flag(settings, 'do_lower_case', true),
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: around({ token: cls, id: idOf(cls, 2) }, { token: sep, id: idOf(sep, 3) }),
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: content('unk_token') ?? '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocab),
    },
  };
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

/** `[CLS] A [SEP]`, and `[CLS] A [SEP] B [SEP]`. */
function around(cls: { token: string; id: number }, sep: { token: string; id: number }): object {
  const special = ({ token }: { token: string }, type: number) => ({
    SpecialToken: { id: token, type_id: type },
  });
  const text = (id: 'A' | 'B', type: number) => ({ Sequence: { id, type_id: type } });
  const single = [special(cls, 0), text('A', 0), special(sep, 0)];
  return {
    type: 'TemplateProcessing',
    single,
    pair: [...single, text('B', 1), special(sep, 1)],
    special_tokens: Object.fromEntries(
      [cls, sep].map(({ token, id }) => [token, { id: token, ids: [id], tokens: [token] }]),
    ),
  };
}

function flag<T extends boolean | null>(settings: Json, name: string, standard: T): boolean | T {
  const value = settings[name] ?? standard;
  if (typeof value === 'boolean' || value === standard) return value as boolean | T;
  throw new TemperError('MODEL_CORRUPT', {
    path: `tokenizer_config.json: ${name}`,
    message: 'must be true or false',
    found: JSON.stringify(value).slice(0, 80),
  });
}
