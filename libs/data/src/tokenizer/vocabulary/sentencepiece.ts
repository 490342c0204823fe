import { isObject, mergedSettings, specialOf, type Json, type TokenFiles } from '../added-tokens.js';
import { maskWithSpace } from './flags.js';
import { mergesOf } from './merges.js';
import { assembled } from './parts.js';
import { sentencePieceClasses, type PieceSource, type SentencePieceClass } from './sentencepiece-classes.js';
import { pieceType, type SentencePieceModel } from './sentencepiece-model.js';

/**
 * tokenizer.json of a SentencePiece model, with the ids of transformers 5 (tokenization_utils_tokenizers.py:
 * _convert_from_sentencepiece, convert_slow_tokenizer.py: convert_from_spm, models/<family>/tokenization_<family>.py).
 * @throws TemperError MODEL_CORRUPT where a setting has another type than it must
 */
export function sentencePieceTokenizer(name: string, model: SentencePieceModel, files: TokenFiles): object {
  const kind = sentencePieceClasses[name]!;
  const given = settingsOf(kind, model, files);
  const settings = kind.maskWithSpace ? maskWithSpace(given) : given;
  const source: PieceSource = { model, settings, content: (role) => specialOf(settings, role)?.content };
  const kindOfModel = kind.kind ?? model.kind;
  const pieces = kind.pieces(source);
  const found = new Map(pieces.map(([piece], id) => [piece, id]));
  const vocab = kind.renames && kindOfModel === 'bpe' ? renamed(found, settings) : found;
  const made =
    kindOfModel === 'bpe'
      ? { ...bpe(vocab, kind.bpe(source)), merges: mergesOf(found) }
      : {
          type: 'Unigram',
          unk_id: kind.unkId(source, vocab),
          vocab: pieces,
          byte_fallback: kind.bytes(source),
        };
  return assembled({ ...kind.parts(source), model: made }, vocab, settings, files, (roles) =>
    kind.post(settings, roles),
  );
}

const bpe = (vocab: ReadonlyMap<string, number>, options: object) => ({
  type: 'BPE',
  dropout: null,
  unk_token: null,
  continuing_subword_prefix: null,
  end_of_word_suffix: null,
  fuse_unk: true,
  byte_fallback: true,
  ignore_merges: false,
  ...options,
  vocab: Object.fromEntries(vocab),
});

/** Placeholders among the pieces become the tokens that took their ids. */
function renamed(vocab: ReadonlyMap<string, number>, settings: Json): Map<string, number> {
  const byId = new Map([...vocab].map(([piece, id]) => [id, piece]));
  const made = new Map(vocab);
  const decoder = isObject(settings.added_tokens_decoder) ? settings.added_tokens_decoder : {};
  for (const [key, token] of Object.entries(decoder)) {
    const content = isObject(token) ? token.content : undefined;
    const piece = byId.get(Number(key));
    if (typeof content !== 'string' || piece === undefined || made.has(content)) continue;
    made.delete(piece);
    made.set(content, Number(key));
    byId.set(Number(key), content);
  }
  return made;
}

/** Control pieces and those that a user defined are added tokens, unless tokenizer_config.json lists further ones itself. */
function settingsOf(kind: SentencePieceClass, model: SentencePieceModel, files: TokenFiles): Json {
  const { additional_special_tokens: _, ...given } = mergedSettings(files);
  const config = files.tokenizer_config ?? {};
  const listed = config.extra_special_tokens ?? config.additional_special_tokens;
  const standards = { ...kind.standards(model), ...given };
  const pieces = model.pieces.flatMap(({ piece, type }) =>
    type === pieceType.control || type === pieceType.userDefined
      ? [{ content: piece, normalized: false, special: type === pieceType.control }]
      : [],
  );
  const extra = listed ?? given.extra_special_tokens ?? kind.extra?.(pieces, standards) ?? pieces;
  return { ...standards, extra_special_tokens: extra };
}
