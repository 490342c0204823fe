import { BinaryReader, type WireType } from '@bufbuild/protobuf/wire';
import { TemperError } from '@temper/contracts';

/** ModelProto.SentencePiece.Type of sentencepiece_model.proto (google/sentencepiece). */
export const pieceType = { normal: 1, unknown: 2, control: 3, userDefined: 4, byte: 6 } as const;

export interface Piece {
  readonly piece: string;
  readonly score: number;
  readonly type: number;
}

/** What a tokenizer is made of, of a SentencePiece model file. */
export interface SentencePieceModel {
  readonly pieces: readonly Piece[];
  readonly kind: 'unigram' | 'bpe';
  readonly byteFallback: boolean;
  /** Compiled normalisation rules; empty: none. */
  readonly charsmap: Uint8Array;
  readonly unk: { readonly id: number; readonly piece: string };
  /** Undefined where the model has none. */
  readonly bos: string | undefined;
  readonly eos: string | undefined;
}

/** Field numbers of sentencepiece_model.proto; what is not named here is not read. */
const PIECES = 1;
const TRAINER = 2;
const NORMALIZER = 3;
const piece = { text: 1, score: 2, type: 3 } as const;
const trainer = {
  modelType: 3,
  byteFallback: 35,
  unkId: 40,
  bosId: 41,
  eosId: 42,
  unkPiece: 45,
  bosPiece: 46,
  eosPiece: 47,
} as const;
const CHARSMAP = 2;
const kinds: Readonly<Record<number, SentencePieceModel['kind']>> = { 1: 'unigram', 2: 'bpe' };

/** @throws TemperError MODEL_CORRUPT where the bytes are no such model, MODEL_UNSUPPORTED for its kinds `word` and `char` */
export function readSentencePieceModel(bytes: Uint8Array, path: string): SentencePieceModel {
  let read: ReturnType<typeof readModel>;
  try {
    read = readModel(bytes);
  } catch (cause) {
    throw noModel(path, (cause as Error).message, cause);
  }
  const { pieces, settings, charsmap } = read;
  if (!pieces.length) throw noModel(path, 'it has no pieces');
  const number = (field: number, otherwise: number) =>
    (settings.get(field) as number | undefined) ?? otherwise;
  const text = (field: number, otherwise: string) => (settings.get(field) as string | undefined) ?? otherwise;
  const kind = kinds[number(trainer.modelType, 1)];
  if (!kind) {
    throw new TemperError('MODEL_UNSUPPORTED', {
      path,
      message: 'a SentencePiece model of whole words or single characters is not supported',
      found: `model_type ${number(trainer.modelType, 1)}`,
      allowed: '1 (unigram), 2 (BPE)',
    });
  }
  return {
    pieces,
    kind,
    charsmap,
    byteFallback: number(trainer.byteFallback, 0) !== 0,
    unk: { id: number(trainer.unkId, 0), piece: text(trainer.unkPiece, '<unk>') },
    bos: number(trainer.bosId, 1) < 0 ? undefined : text(trainer.bosPiece, '<s>') || '<s>',
    eos: number(trainer.eosId, 2) < 0 ? undefined : text(trainer.eosPiece, '</s>') || '</s>',
  };
}

function readModel(bytes: Uint8Array) {
  const pieces: Piece[] = [];
  let settings = new Map<number, number | string>();
  let charsmap = new Uint8Array();
  eachField(bytes, (field, reader) => {
    if (field === PIECES) pieces.push(readPiece(reader.bytes()));
    else if (field === TRAINER) settings = readTrainer(reader.bytes());
    else if (field === NORMALIZER) charsmap = readCharsmap(reader.bytes());
    else return false;
    return true;
  });
  return { pieces, settings, charsmap };
}

function readPiece(bytes: Uint8Array): Piece {
  const found = { piece: '', score: 0, type: pieceType.normal as number };
  eachField(bytes, (field, reader) => {
    if (field === piece.text) found.piece = reader.string();
    else if (field === piece.score) found.score = reader.float();
    else if (field === piece.type) found.type = reader.int32();
    else return false;
    return true;
  });
  return found;
}

function readTrainer(bytes: Uint8Array): Map<number, number | string> {
  const found = new Map<number, number | string>();
  const texts = new Set<number>([trainer.unkPiece, trainer.bosPiece, trainer.eosPiece]);
  const numbers = new Set<number>(Object.values(trainer).filter((field) => !texts.has(field)));
  eachField(bytes, (field, reader) => {
    if (texts.has(field)) found.set(field, reader.string());
    else if (numbers.has(field)) found.set(field, reader.int32());
    else return false;
    return true;
  });
  return found;
}

function readCharsmap(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  let found = new Uint8Array();
  eachField(bytes, (field, reader) => {
    if (field !== CHARSMAP) return false;
    found = new Uint8Array(reader.bytes());
    return true;
  });
  return found;
}

/** Hands each field to `take`; one that it leaves (false) is skipped. @throws RangeError, Error where the bytes are no message */
function eachField(bytes: Uint8Array, take: (field: number, reader: BinaryReader) => boolean): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (!take(field, reader)) reader.skip(type as WireType, field);
  }
}

const noModel = (path: string, found: string, cause?: unknown) =>
  new TemperError(
    'MODEL_CORRUPT',
    {
      path,
      message: 'is no SentencePiece model',
      found: found.slice(0, 80),
      hint: 'a tiktoken model of the same name is not read: make tokenizer.json with transformers: AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)',
    },
    { cause },
  );
