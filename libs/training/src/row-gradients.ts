import type { Batch } from '@temper/contracts';
import type { DataType, RowGradient } from '@temper/graph';
import { dimValue } from '@temper/graph/onnx/dims';
import type { ParameterStore } from './parameters.js';
import { float32, type Tensor, type TensorData, type Tensors } from './session.js';

/**
 * The gradients of tables of which a batch reads few rows: the graph returns the rows and their updates, and they are added up here, into
 * the table's part of the flat gradients, in the order and with the roundings of the operator (ScatterElements) that would do it.
 */
export class RowGradients {
  private readonly tables: readonly Table[];

  constructor(
    rowGradients: readonly RowGradient[],
    private readonly store: ParameterStore,
  ) {
    this.tables = store.gradients.length ? rowGradients.map((one) => new Table(one, store)) : [];
  }

  /** The outputs that are written into the flat arrays by the session itself. */
  without(views: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
    const ours = new Set(this.tables.map(({ of }) => of));
    return Object.fromEntries(Object.entries(views).filter(([name]) => !ours.has(name)));
  }

  /** Memory for the rows of a batch: fetches of a run. Null where their number does not follow from the batch. */
  fetches(batch: Batch): Record<string, Tensor | null> {
    return Object.assign({}, ...this.tables.map((table) => table.fetches(batch))) as Record<
      string,
      Tensor | null
    >;
  }

  /** Puts the sums of the rows that a run returned in place of the tables' gradients (`first`), or adds them to these. */
  accumulate(outputs: Tensors, first: boolean): void {
    for (const table of this.tables) table.accumulate(outputs, this.store.gradients, first);
  }

  /** The gradients were overwritten as a whole. */
  forget(): void {
    for (const table of this.tables) table.forget();
  }
}

class Table {
  readonly of: string;
  private readonly offset: number;
  private readonly count: number;
  private readonly width: number;
  private readonly rowMemory: Memory;
  private readonly updateMemory: Memory;
  /** The rows of the gradients that are not zero; undefined where that is not known. */
  private touched: Set<number> | undefined;

  constructor(
    private readonly source: RowGradient,
    store: ParameterStore,
  ) {
    this.of = source.of;
    const { offset, shape } = store.slice(source.of.replace(/^grad:/, ''));
    [this.offset, this.count, this.width] = [offset, shape[0]!, shape[1]!];
    this.rowMemory = new Memory(source.rows.dtype);
    this.updateMemory = new Memory('float32');
  }

  fetches(of: Batch): Record<string, Tensor | null> {
    const { rows, updates } = this.source;
    const length = dimValue(rows.shape[0]!, {
      batch: of.batchSize,
      sequence: of.sequenceLength,
      tokens: of.tokens,
      counted: of.labelPositions.length,
    });
    if (length === undefined) return { [rows.name]: null, [updates.name]: null };
    return {
      [rows.name]: this.rowMemory.tensor([length]),
      [updates.name]: this.updateMemory.tensor([length, this.width]),
    };
  }

  accumulate(outputs: Tensors, gradients: Float32Array, first: boolean): void {
    const table = gradients.subarray(this.offset, this.offset + this.count * this.width);
    if (first) this.clear(table);
    const rows = Array.from(outputs[this.source.rows.name]!.data as ArrayLike<number | bigint>, (row) => {
      const place = Number(row);
      return place < 0 ? place + this.count : place;
    });
    const updates = outputs[this.source.updates.name]!.data as Float32Array;
    if (first) this.addTo(table, updates, rows);
    else this.addSums(table, updates, rows);
    const touched = (this.touched ??= new Set());
    for (const row of rows) touched.add(row);
  }

  forget(): void {
    this.touched = undefined;
  }

  private clear(table: Float32Array): void {
    if (!this.touched) table.fill(0);
    else for (const row of this.touched) table.fill(0, row * this.width, (row + 1) * this.width);
    this.touched = new Set();
  }

  /** Of a further batch: its own sums first, as everywhere else. */
  private addSums(table: Float32Array, updates: Float32Array, rows: readonly number[]): void {
    const places = new Map<number, number>();
    for (const row of rows) if (!places.has(row)) places.set(row, places.size);
    const sums = new Float32Array(places.size * this.width);
    const compact = rows.map((row) => places.get(row)!);
    this.addTo(sums, updates, compact);
    this.addTo(table, sums, [...places.keys()]);
  }

  /** table[rows[k]] += updates[k], one after the other. */
  private addTo(table: Float32Array, updates: Float32Array, rows: readonly number[]): void {
    const { width } = this;
    rows.forEach((row, k) => {
      const [to, from] = [row * width, k * width];
      for (let i = 0; i < width; i++) table[to + i]! += updates[from + i]!;
    });
  }
}

/** An array that grows, and tensors over its beginning. */
class Memory {
  private data: TensorData;

  constructor(private readonly dtype: DataType) {
    this.data = this.allocate(0);
  }

  tensor(dims: readonly number[]): Tensor {
    const length = dims.reduce((a, b) => a * b, 1);
    if (this.data.length < length) this.data = this.allocate(length);
    if (this.dtype === 'float32') return float32((this.data as Float32Array).subarray(0, length), dims);
    return { dtype: this.dtype, dims, data: this.data.subarray(0, length) };
  }

  private allocate(length: number): TensorData {
    if (this.dtype === 'float32') return new Float32Array(length);
    return this.dtype === 'int64' ? new BigInt64Array(length) : new Int32Array(length);
  }
}
