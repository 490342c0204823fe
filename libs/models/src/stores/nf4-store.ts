import { basename } from 'node:path';
import type { DataType, Value } from '@temper/graph';
import { dynamicMap } from '@temper/graph/quantization/dynamic-map';
import { NF4_BLOCK } from '@temper/graph/quantization/nf4';
import type { LinearModule } from '../build/module.js';
import { Float32Store, type StoreOptions } from '../build/weight-store.js';
import type { FrozenWeights } from '../model.js';
import type { Nf4Spec } from './form.js';

/** Scales that share a scale of their own. */
const GROUP = 256;

/** Linear weights in NF4, each with its scales, as external data in the quantised file; all else in float32. */
export class Nf4Store extends Float32Store {
  private readonly scales = new Map<string, Value>();

  constructor(
    options: StoreOptions,
    private readonly quantized: FrozenWeights & { readonly spec: Nf4Spec },
    /** Any value whose length only a batch knows. */
    private readonly batch: Value,
  ) {
    const isQuantized = (name: string) =>
      name.endsWith('.weight') && quantized.tensors.has(`${name.slice(0, -'.weight'.length)}.codes`);
    super({ ...options, parameters: options.parameters.filter(({ name }) => !isQuantized(name)) });
  }

  override product(module: LinearModule, x: Value): Value {
    const { name, inputs: K, outputs: N } = module;
    if (!this.quantized.tensors.has(`${name}.codes`)) return super.product(module, x);
    const codes = this.external(`${name}.codes`, 'uint8');
    const attributes = { K, N, block_size: NF4_BLOCK, quant_type: 1 };
    return this.options.g.op(
      'MatMulBnb4',
      [x, codes, this.absmax(name, Math.ceil((N * K) / NF4_BLOCK))],
      attributes,
      { name },
    );
  }

  /** float32 [blocks] */
  private absmax(name: string, blocks: number): Value {
    if (!this.quantized.spec.doubleQuantization) return this.external(`${name}.absmax`, 'float32');
    const { g } = this.options;
    const codes = this.external(`${name}.absmax_codes`, 'uint8');
    const groups = this.external(`${name}.absmax_scales`, 'float32');
    const values = g.op('Gather', [this.dynamicValues(), g.op('Cast', [codes], { to: 'int32' })]);
    const grouped = g.op('Reshape', [values, g.int64s(-1, GROUP)]);
    const scaled = g.op('Mul', [grouped, g.op('Unsqueeze', [groups, g.int64s(1)])]);
    const all = g.op('Add', [scaled, this.external(`${name}.absmax_offset`, 'float32')]);
    // The last group is filled up in the file.
    return g.op('Slice', [g.op('Reshape', [all, g.int64s(-1)]), g.int64s(0), g.int64s(blocks), g.int64s(0)]);
  }

  /** The 256 values of a scale, plus a zero that only a batch has: else ONNX Runtime would keep every scale in float32. */
  private dynamicValues(): Value {
    let values = this.scales.get('values');
    if (!values) {
      const { g } = this.options;
      const length = g.op('Gather', [g.op('Shape', [this.batch]), g.scalar('int64', 0)]);
      const zero = g.op('Cast', [g.op('Sub', [length, length])], { to: 'float32' });
      values = g.op('Add', [g.constant('float32', [256], dynamicMap(true)), zero]);
      this.scales.set('values', values);
    }
    return values;
  }

  private external(name: string, dtype: DataType): Value {
    const known = this.scales.get(name);
    if (known) return known;
    const { shape, offset, length } = this.quantized.tensors.get(name)!;
    const location = basename(this.quantized.file);
    const value = this.options.g.initializer(name, dtype, shape, {
      kind: 'external',
      location,
      offset,
      length,
    });
    this.scales.set(name, value);
    return value;
  }
}
