import type { GraphBuilder, Value } from '@temper/graph';
import type { Build } from '../../build/build.js';
import { positionIds, tokenRows, type BatchInputs } from '../../build/inputs.js';
import { embedding, layerNorm, type Module } from '../../build/module.js';

/** Tables of tokens, positions and (where there are any) token types, whose rows are added and normalised. */
export interface Embeddings {
  /** What the names of the modules begin with: `bert.embeddings`. */
  readonly name: string;
  readonly vocabulary: number;
  /** Rows of the table of positions; 0: there is none. */
  readonly positions: number;
  /** 0: there are none. Every token is of type 0, but where a head is asked of two texts. */
  readonly tokenTypes: number;
  /** Elements of a row. */
  readonly size: number;
  readonly epsilon: number;
  /** The row of the table of tokens that learns nothing, and that of the table of positions. */
  readonly padding: number | undefined;
  readonly paddingPosition?: number;
  readonly dropout: number;
}

export const embeddingModules = (e: Embeddings, normSize = e.size): Module[] => [
  embedding(`${e.name}.word_embeddings`, e.vocabulary, e.size, { padding: e.padding }),
  ...(e.positions
    ? [embedding(`${e.name}.position_embeddings`, e.positions, e.size, { padding: e.paddingPosition })]
    : []),
  ...(e.tokenTypes ? [embedding(`${e.name}.token_type_embeddings`, e.tokenTypes, e.size)] : []),
  layerNorm(`${e.name}.LayerNorm`, normSize, e.epsilon),
];

/** [tokens, size]; `idsOf` returns the position ids [tokens], `project` changes the width before the norm. */
export function embed(
  build: Build,
  e: Embeddings,
  { idsOf = positionsFromZero, project = same }: { idsOf?: (build: Build) => Value; project?: Project } = {},
): Value {
  const { g, inputs } = build;
  const table = (name: string) => `${e.name}.${name}_embeddings`;
  const add = (x: Value, rows: Value | undefined) => (rows ? g.op('Add', [x, rows]) : x);
  const words = build.embedding(table('word'), tokenRows(g, inputs, inputs.inputIds));
  const type = e.tokenTypes ? build.embedding(table('token_type'), typesOf(build, e)) : undefined;
  const where = e.positions ? build.embedding(table('position'), idsOf(build)) : undefined;
  const sum = project(build, add(add(words, type), where));
  return build.dropout(e.name, build.norm(`${e.name}.LayerNorm`, sum), e.dropout);
}

/** Of a table of one row the texts are not told apart, as RoBERTa's tokenizer has it. */
function typesOf({ g, inputs }: Build, { tokenTypes: types }: Embeddings): Value {
  if (types < 2 || !inputs.tokenTypes) return g.scalar('int64', 0);
  return tokenRows(g, inputs, g.op('Cast', [inputs.tokenTypes()], { to: 'int64' }));
}

type Project = (build: Build, x: Value) => Value;
const same: Project = (_, x) => x;

const positionsFromZero = ({ g, inputs }: Build): Value => positionIds(g, inputs);

/**
 * Position ids that count from `pad` + 1, int64 [tokens]: a token that is the padding token stands at `pad`, and is not counted
 * (create_position_ids_from_input_ids of modeling_roberta.py).
 */
export const positionsAfter =
  (pad: number) =>
  ({ g, inputs }: Build): Value => {
    const isPad = g.op('Equal', [inputs.inputIds, g.scalar('int32', pad)]);
    const counted = g.op('Sub', [positionIds(g, inputs), padsUpTo(g, inputs, isPad)]);
    const shifted = g.op('Add', [counted, g.scalar('int64', pad + 1)]);
    return g.op('Where', [tokenRows(g, inputs, isPad), g.scalar('int64', pad), shifted]);
  };

/** How many of an example's tokens up to each, itself included, are the padding token: int64 [tokens]. */
function padsUpTo(g: GraphBuilder, inputs: BatchInputs, isPad: Value): Value {
  const ones = g.op('Cast', [isPad], { to: 'int64' });
  const inRow = g.op('CumSum', [ones, g.scalar('int64', 1)]);
  const upTo = tokenRows(g, inputs, inRow);
  if (!inputs.packed) return upTo;
  // An example does not count those of the examples before it in its row.
  const column = (index: number) => g.op('Gather', [inputs.places, g.int64s(index)], { axis: 1 });
  const first = g.op('Sub', [column(1), g.op('Unsqueeze', [positionIds(g, inputs), g.int64s(1)])]);
  const firsts = g.op('Concat', [column(0), first], { axis: 1 });
  return g.op('Sub', [upTo, g.op('GatherND', [g.op('Sub', [inRow, ones]), firsts])]);
}
