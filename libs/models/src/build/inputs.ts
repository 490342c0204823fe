import type { GraphBuilder, Value } from '@temper/graph';

/** What a forward graph is fed, as nodes. */
export interface BatchInputs {
  /** int32 [B, S] */
  readonly inputIds: Value;
  /** int32 [B, S], 1 where there is a token. */
  readonly attentionMask: Value;
  /** int64 [tokens, 2]: example and place in `inputIds` of each real token. */
  readonly places: Value;
  /** Of packed rows, [B, S]: the position of each token in its example, int64, and which example it is of, int32. */
  readonly packed?: { readonly positions: Value; readonly segments: Value } | undefined;
  /** int64 [1], or [B] with a cache: how many positions are taken before the first of `inputIds`; undefined: none. */
  readonly past?: Value | undefined;
  /** The first so many positions of each example are tokens of no text. */
  readonly virtualTokens?: number | undefined;
  /** int32 [B, S], of heads that are asked of two texts: the type of each token; an input from the first time that it is asked for. */
  readonly tokenTypes?: (() => Value) | undefined;
  /** int32 [counted]: rows of `places` that the head reads; an input from the first time that it is asked for. */
  labelPositions(): Value;
}

/**
 * Declares input_ids, attention_mask int32 [batch, sequence], token_places int32 [tokens, 2], and label_positions int32 [counted] where
 * the head asks for it; for heads that are asked of two texts token_type_ids int32 [batch, sequence], where the model has types; for packed rows position_ids and segment_ids int32 [batch, sequence], with a cache past_length int32
 * [batch]: the tokens that it holds of each example.
 */
export function batchInputs(
  g: GraphBuilder,
  layout: 'padded' | 'segments' | 'cached',
  readsPairs = false,
): BatchInputs {
  const ids = (name: string) => g.input(name, 'int32', ['batch', 'sequence']);
  const inputIds = ids('input_ids');
  const attentionMask = ids('attention_mask');
  // A batch has a token once, and counts it once.
  const places = g.distinct(g.op('Cast', [g.input('token_places', 'int32', ['tokens', 2])], { to: 'int64' }));
  const past =
    layout === 'cached'
      ? g.op('Cast', [g.input('past_length', 'int32', ['batch'])], { to: 'int64' })
      : undefined;
  const packed =
    layout === 'segments'
      ? { positions: g.op('Cast', [ids('position_ids')], { to: 'int64' }), segments: ids('segment_ids') }
      : undefined;
  let labelPositions: Value | undefined;
  let tokenTypes: Value | undefined;
  return {
    inputIds,
    attentionMask,
    places,
    past,
    packed,
    ...(readsPairs && { tokenTypes: () => (tokenTypes ??= ids('token_type_ids')) }),
    labelPositions: () => (labelPositions ??= g.distinct(g.input('label_positions', 'int32', ['counted']))),
  };
}

/**
 * The same with `length` tokens of no text, of id 0, in front of each example's: positions, masks and the head's rows count them, so that
 * who reads these inputs needs to know nothing of them. With a cache whoever feeds it puts them in front of the first tokens.
 */
export function withVirtualTokens(g: GraphBuilder, inputs: BatchInputs, length: number): BatchInputs {
  if (inputs.past) return { ...inputs, virtualTokens: length };
  const count = g.int64s(length);
  const batch = g.op('Gather', [g.op('Shape', [inputs.inputIds]), g.int64s(0)]);
  const total = g.op('Mul', [batch, count]);
  const before = (value: number) =>
    g.op('ConstantOfShape', [g.op('Concat', [batch, count], { axis: 0 })], { dtype: 'int32', value });
  const inFront = (value: number, of: Value) => g.op('Concat', [before(value), of], { axis: 1 });
  const limit = g.op('Squeeze', [total, g.int64s(0)]);
  const numbers = g.op('Range', [g.scalar('int64', 0), limit, g.scalar('int64', 1)]);
  const example = g.op('Div', [numbers, count]);
  const place = g.op('Sub', [numbers, g.op('Mul', [example, count])]);
  const column = (value: Value) => g.op('Unsqueeze', [value, g.int64s(1)]);
  const places = g.op('Concat', [column(example), column(place)], { axis: 1 });
  const moved = g.op('Add', [inputs.places, g.int64s(0, length)]);
  let labelPositions: Value | undefined;
  return {
    ...inputs,
    inputIds: inFront(0, inputs.inputIds),
    attentionMask: inFront(1, inputs.attentionMask),
    ...(inputs.tokenTypes && { tokenTypes: () => inFront(0, inputs.tokenTypes!()) }),
    places: g.distinct(g.op('Concat', [places, moved], { axis: 0 })),
    virtualTokens: length,
    labelPositions: () => {
      const shift = g.op('Cast', [total], { to: 'int32' });
      return (labelPositions ??= g.distinct(g.op('Add', [inputs.labelPositions(), shift])));
    },
  };
}

/** The same where `length` positions before each example's are taken. */
export const withPositionsBefore = (g: GraphBuilder, inputs: BatchInputs, length: number): BatchInputs => ({
  ...inputs,
  past: inputs.past ? g.op('Add', [inputs.past, g.int64s(length)]) : g.int64s(length),
});

/** The rows of the real tokens, [tokens, …], of a padded [B, S, …]. */
export const tokenRows = (g: GraphBuilder, { places }: BatchInputs, padded: Value): Value =>
  g.op('GatherND', [padded, places]);

/** int64 [tokens]: the position of each real token in its example. */
export function positionIds(g: GraphBuilder, { places, past, packed }: BatchInputs): Value {
  if (packed) return g.op('GatherND', [packed.positions, places]);
  const column = (index: number) => g.op('Gather', [places, g.scalar('int64', index)], { axis: 1 });
  if (!past) return column(1);
  const before = past.shape[0] === 1 ? past : g.op('Gather', [past, column(0)]);
  return g.op('Add', [column(1), before]);
}

/** The row of each example's first token: [B, width]. */
export const firstRows = (g: GraphBuilder, inputs: BatchInputs, rows: Value): Value =>
  g.op('Gather', [padded(g, inputs, rows), g.scalar('int64', 0)], { axis: 1 });

/** The mean of the rows of each example's tokens: [B, width]. */
export function meanOfTokens(g: GraphBuilder, inputs: BatchInputs, rows: Value): Value {
  const sums = g.op('ReduceSum', [padded(g, inputs, rows), g.int64s(1)], { keepdims: 0 });
  const counts = g.op('ReduceSum', [g.op('Cast', [inputs.attentionMask], { to: 'float32' }), g.int64s(1)], {
    keepdims: 1,
  });
  return g.op('Div', [sums, counts]);
}

/**
 * Rows of the real tokens [tokens, width] as a batch [B, S, width], zero where there is padding. Only attention needs it: everything
 * that treats tokens one by one leaves the padding out, often half of a batch.
 */
export function padded(g: GraphBuilder, { places, inputIds }: BatchInputs, rows: Value): Value {
  const width = g.int64s(rows.shape.at(-1) as number);
  const shape = g.op('Concat', [g.op('Shape', [inputIds]), width], { axis: 0 });
  const zeros = g.op('ConstantOfShape', [shape], { dtype: 'float32', value: 0 });
  return g.op('ScatterND', [zeros, places, rows]);
}
