import type { Json } from '../added-tokens.js';
import { flag } from './flags.js';
import { bertTemplate, bosEosTemplate, robertaTemplate, template, type Parts, type Roles } from './parts.js';
import type { SentencePieceModel } from './sentencepiece-model.js';

type Scored = readonly (readonly [piece: string, score: number])[];

export interface PieceSource {
  readonly model: SentencePieceModel;
  readonly settings: Json;
  /** The special token of a role, where there is one. */
  content(role: string): string | undefined;
}

/** A class of transformers for a SentencePiece model (models/<family>/tokenization_<family>.py, 5.23). */
export interface SentencePieceClass {
  /** What the class takes the pieces for; undefined: what the model says. */
  readonly kind?: SentencePieceModel['kind'];
  /** The special tokens where the files say nothing. */
  standards(model: SentencePieceModel): Json;
  /** Its mask takes the white space before it, unless the files say how it is found. */
  readonly maskWithSpace?: true;
  /** Pieces get the names that added_tokens_decoder has for their ids. */
  readonly renames?: true;
  /** The pieces by id. */
  pieces(source: PieceSource): Scored;
  unkId(source: PieceSource, vocab: ReadonlyMap<string, number>): number;
  /** Whether an unknown character becomes its bytes, of a unigram model. */
  bytes(source: PieceSource): boolean;
  bpe(source: PieceSource): object;
  /** The added tokens that the class has by itself, given those of the model. */
  extra?(pieces: readonly Json[], settings: Json): readonly unknown[];
  parts(source: PieceSource): Omit<Parts, 'model'>;
  post(settings: Json, roles: Roles): object | null;
}

const asStored = ({ model }: PieceSource): Scored => model.pieces.map(({ piece, score }) => [piece, score]);
const zero = (...tokens: string[]) => tokens.map((token) => [token, 0] as const);
const byModel = { bytes: () => false, bpe: () => ({}), pieces: asStored } as const;

const replaceSpaces = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };
const precompiled = ({ model: { charsmap } }: PieceSource) =>
  charsmap.length
    ? [{ type: 'Precompiled', precompiled_charsmap: Buffer.from(charsmap).toString('base64') }]
    : [];
const sequence = (normalizers: readonly object[]) => ({ type: 'Sequence', normalizers });
const metaspace = (prependScheme: 'always' | 'first' | 'never', split = true) => ({
  type: 'Metaspace',
  replacement: '▁',
  prepend_scheme: prependScheme,
  split,
});
const decodeBytes = (...more: object[]) => ({
  type: 'Sequence',
  decoders: [
    { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
    ...more,
  ],
});
const words = (scheme: 'always' | 'never') => ({
  pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, metaspace(scheme)] },
  decoder: metaspace(scheme),
});
const prefixScheme = ({ settings }: PieceSource) =>
  flag(settings, 'add_prefix_space', true) ? 'always' : 'never';
const charsmapAlone = (source: PieceSource) => precompiled(source)[0] ?? null;

const roberta = {
  bos_token: '<s>',
  eos_token: '</s>',
  sep_token: '</s>',
  cls_token: '<s>',
  unk_token: '<unk>',
  pad_token: '<pad>',
  mask_token: '<mask>',
};
const bert = {
  bos_token: '[CLS]',
  eos_token: '[SEP]',
  unk_token: '[UNK]',
  sep_token: '[SEP]',
  pad_token: '[PAD]',
  cls_token: '[CLS]',
  mask_token: '[MASK]',
};
const bertPost: SentencePieceClass['post'] = (_, roles) =>
  bertTemplate(roles.token('cls_token')!, roles.token('sep_token')!);

const llama: SentencePieceClass = {
  ...byModel,
  kind: 'bpe',
  standards: () => ({ unk_token: '<unk>', bos_token: '<s>', eos_token: '</s>' }),
  unkId: () => 0,
  parts: ({ settings }) => {
    const prefix = flag(settings, 'add_prefix_space', true);
    const scheme = flag(settings, 'legacy', false) ? 'always' : 'first';
    return {
      normalizer: null,
      pre_tokenizer: metaspace(prefix ? scheme : 'never', false),
      decoder: decodeBytes(...(prefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : [])),
    };
  },
  post: bosEosTemplate,
};

const gemma: SentencePieceClass = {
  ...byModel,
  kind: 'bpe',
  standards: () => ({
    unk_token: '<unk>',
    bos_token: '<bos>',
    eos_token: '<eos>',
    pad_token: '<pad>',
    mask_token: '<mask>',
  }),
  unkId: () => 3,
  bpe: ({ content }) => ({ unk_token: content('unk_token') }),
  parts: () => ({
    normalizer: replaceSpaces,
    pre_tokenizer: {
      type: 'Split',
      pattern: { String: ' ' },
      behavior: 'MergedWithPrevious',
      invert: false,
    },
    decoder: decodeBytes(),
  }),
  post: bosEosTemplate,
};

/** fairseq's ids: its four special tokens before, the mask behind all pieces; the model's first three are left out. */
const xlmRoberta: SentencePieceClass = {
  ...byModel,
  kind: 'unigram',
  standards: () => roberta,
  pieces: (source) => [
    ...zero(
      ...['bos_token', 'pad_token', 'eos_token', 'unk_token'].map((role) => source.content(role) ?? ''),
    ),
    ...asStored(source).slice(3),
    ...zero(source.content('mask_token') ?? ''),
  ],
  unkId: () => 3,
  parts: (source) => ({ normalizer: charsmapAlone(source), ...words(prefixScheme(source)) }),
  post: (_, roles) => robertaTemplate(roles.token('bos_token')!, roles.token('eos_token')!),
};

/** fairseq's ids of another time: what it does not use stands there too. */
const camembert: SentencePieceClass = {
  ...xlmRoberta,
  maskWithSpace: true,
  pieces: (source) => [
    ['<s>NOTUSED', 0],
    [source.content('pad_token') ?? '', 0],
    ['</s>NOTUSED', 0],
    [source.content('unk_token') ?? '', 0],
    ['<unk>NOTUSED', -100],
    ...asStored(source).slice(1),
    [source.content('mask_token') ?? '', 0],
  ],
  unkId: ({ content }, vocab) => vocab.get(content('unk_token') ?? '') ?? 0,
};

const debertaV2: SentencePieceClass = {
  ...byModel,
  kind: 'unigram',
  standards: () => bert,
  unkId: ({ model, content }) => {
    const unk = content('unk_token');
    const found = model.pieces.findIndex(({ piece, score }) => piece === unk && score === 0);
    return found < 0 ? model.unk.id : found;
  },
  parts: ({ settings }) => {
    const scheme = flag(settings, 'add_prefix_space', true) ? 'always' : 'first';
    const punctuation = flag(settings, 'split_by_punct', false);
    return {
      normalizer: sequence([
        ...(flag(settings, 'do_lower_case', false) ? [{ type: 'Lowercase' }] : []),
        { type: 'Replace', pattern: { Regex: '\\s{2,}|[\\n\\r\\t]' }, content: ' ' },
        { type: 'NFC' },
        { type: 'Strip', strip_left: false, strip_right: true },
      ]),
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          ...(punctuation ? [{ type: 'Punctuation', behavior: 'Isolated' }] : []),
          metaspace(scheme),
        ],
      },
      decoder: metaspace(scheme),
    };
  },
  post: bertPost,
};

const albert: SentencePieceClass = {
  ...byModel,
  kind: 'unigram',
  standards: () => ({ ...bert, unk_token: '<unk>', pad_token: '<pad>' }),
  unkId: () => 1,
  parts: (source) => ({
    normalizer: sequence([
      { type: 'Replace', pattern: { String: '``' }, content: '"' },
      { type: 'Replace', pattern: { String: "''" }, content: '"' },
      ...(flag(source.settings, 'keep_accents', false) ? [] : [{ type: 'NFKD' }, { type: 'StripAccents' }]),
      ...(flag(source.settings, 'do_lower_case', true) ? [{ type: 'Lowercase' }] : []),
      ...precompiled(source),
    ]),
    ...words(prefixScheme(source)),
  }),
  post: bertPost,
};

const sentinels = (settings: Json): string[] => {
  const count = typeof settings.extra_ids === 'number' ? settings.extra_ids : 100;
  return Array.from({ length: count }, (_, i) => `<extra_id_${i}>`);
};

const t5: SentencePieceClass = {
  ...byModel,
  kind: 'unigram',
  standards: () => ({ eos_token: '</s>', unk_token: '<unk>', pad_token: '<pad>' }),
  pieces: (source) => [...asStored(source), ...zero(...sentinels(source.settings).reverse())],
  unkId: () => 2,
  extra: (pieces, settings) => [...pieces, ...sentinels(settings)],
  parts: (source) => ({ normalizer: charsmapAlone(source), ...words('always') }),
  post: (_, roles) => {
    const eos = { ...roles.token('eos_token')!, content: '</s>' };
    return template(
      [
        ['A', 0],
        [eos, 0],
      ],
      [
        ['A', 0],
        [eos, 0],
        ['B', 0],
        [eos, 0],
      ],
    );
  },
};

/** What transformers makes where no class is named, or one that says nothing: no space is put before a text. */
const byFile: SentencePieceClass = {
  ...byModel,
  renames: true,
  standards: ({ bos, eos, unk }) => ({
    ...(bos === undefined ? {} : { bos_token: bos }),
    ...(eos === undefined ? {} : { eos_token: eos }),
    ...(unk.id < 0 ? {} : { unk_token: unk.piece || '<unk>' }),
  }),
  unkId: ({ model }) => model.unk.id,
  bytes: ({ model }) => model.byteFallback,
  bpe: ({ model }) => ({ unk_token: model.unk.piece, byte_fallback: model.byteFallback }),
  parts: (source) => ({
    normalizer: sequence([...precompiled(source), replaceSpaces]),
    pre_tokenizer: null,
    decoder: source.model.byteFallback
      ? decodeBytes()
      : { type: 'Sequence', decoders: [{ type: 'Replace', pattern: { String: '▁' }, content: ' ' }] },
  }),
  post: bosEosTemplate,
};

/** By transformers' name. */
export const sentencePieceClasses: Readonly<Record<string, SentencePieceClass>> = {
  LlamaTokenizer: llama,
  GemmaTokenizer: gemma,
  XLMRobertaTokenizer: xlmRoberta,
  CamembertTokenizer: camembert,
  DebertaV2Tokenizer: debertaV2,
  AlbertTokenizer: albert,
  T5Tokenizer: t5,
  TokenizersBackend: byFile,
};
