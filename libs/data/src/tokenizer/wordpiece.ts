import { TemperError } from '@temper/contracts';

/** The files of a tokenizer by their names; JSON as it was parsed. */
export interface VocabularyFiles {
  /** vocab.txt: one token a line. */
  readonly vocabulary: string;
  readonly tokenizer_config?: Json | undefined;
  readonly special_tokens_map?: Json | undefined;
  /** added_tokens.json: ids by token. */
  readonly added_tokens?: Json | undefined;
}
type Json = Readonly<Record<string, unknown>>;

/** transformers' SPECIAL_TOKENS_ATTRIBUTES in their order, with BertTokenizer's own. */
const roles: readonly (readonly [name: string, standard?: string])[] = [
  ['bos_token'],
  ['eos_token'],
  ['unk_token', '[UNK]'],
  ['sep_token', '[SEP]'],
  ['pad_token', '[PAD]'],
  ['cls_token', '[CLS]'],
  ['mask_token', '[MASK]'],
];

interface AddedToken {
  readonly content: string;
  readonly single_word: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
  readonly special: boolean;
}

/**
 * tokenizer.json of a BERT that has a vocab.txt alone, with the ids of transformers 5 (tokenization_bert.py: BertTokenizer;
 * tokenization_utils_base.py: _from_pretrained, for where its special tokens are from).
 * @throws TemperError MODEL_CORRUPT where a setting has another type than it must
 */
export function wordPieceTokenizer(files: VocabularyFiles): object {
  const settings = mergedSettings(files);
  const vocab = vocabularyOf(files.vocabulary);
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

/** As the Rust library reads the file: white space behind a token is none of it, and of a token twice the last line counts. */
function vocabularyOf(text: string): Map<string, number> {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return new Map(lines.map((line, id) => [line.trimEnd(), id]));
}

/** special_tokens_map.json goes before tokenizer_config.json, unless that has all added tokens itself. */
function mergedSettings({
  tokenizer_config: config = {},
  special_tokens_map: map = {},
}: VocabularyFiles): Json {
  const settings = isObject(config.added_tokens_decoder) ? config : { ...config, ...map };
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      settings === config ? value : asSpecial(value, name in map),
    ]),
  );
}

const asSpecial = (value: unknown, ofMap: boolean) =>
  ofMap && isObject(value) && 'content' in value ? { ...value, special: true } : value;

const specialOf = (settings: Json, role: string): AddedToken | undefined => {
  const standard = roles.find(([name]) => name === role)?.[1];
  return tokenOf(settings[role] === undefined ? standard : settings[role], true);
};

/** The tokens that are found in a text before it is split, in the order in which transformers adds them. */
function addedTokens(settings: Json, { added_tokens: legacy }: VocabularyFiles): Map<string, AddedToken> {
  const special = roles.flatMap(([role]) => specialOf(settings, role) ?? []);
  const extra = [settings.additional_special_tokens, settings.extra_special_tokens]
    .flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []))
    .flatMap((token) => tokenOf(token, true) ?? []);
  const named = new Set([...special, ...extra].map(({ content }) => content));
  const decoder = isObject(settings.added_tokens_decoder)
    ? Object.entries(settings.added_tokens_decoder).map(
        ([id, token]) => [Number(id), tokenOf(token, false)] as const,
      )
    : Object.entries(legacy ?? {}).map(
        ([content, id]) => [Number(id), tokenOf(content, named.has(content))] as const,
      );
  const inOrder = [...decoder].sort(([a], [b]) => a - b).flatMap(([, token]) => token ?? []);
  const added = new Map<string, AddedToken>();
  for (const token of [...inOrder, ...special, ...extra]) {
    const known = added.get(token.content);
    if (!known) added.set(token.content, { ...token, special: token.special || named.has(token.content) });
  }
  return added;
}

/** A text, or an object with the token's properties; by itself a special token is looked for in the text as it is written. */
function tokenOf(value: unknown, special: boolean): AddedToken | undefined {
  const given = isObject(value) ? value : { content: value };
  if (typeof given.content !== 'string' || given.content === '') return undefined;
  const isSpecial = typeof given.special === 'boolean' ? given.special : special;
  const is = (name: string, otherwise: boolean) =>
    typeof given[name] === 'boolean' ? given[name] : otherwise;
  return {
    content: given.content,
    single_word: is('single_word', false),
    lstrip: is('lstrip', false),
    rstrip: is('rstrip', false),
    normalized: is('normalized', !isSpecial),
    special: isSpecial,
  };
}

/** A token of the vocabulary keeps its id; a new one has the first that is free behind all. */
function assignedIds(
  added: ReadonlyMap<string, AddedToken>,
  vocab: ReadonlyMap<string, number>,
): Map<string, number> {
  const ids = new Map<string, number>();
  let next = vocab.size;
  for (const content of added.keys()) {
    const id = vocab.get(content) ?? next;
    ids.set(content, id);
    next = Math.max(next, id + 1);
  }
  return ids;
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

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
