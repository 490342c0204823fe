import { basename } from 'node:path';
import type { Value } from '@temper/graph';
import type { EmbeddingModule, Parameter } from '../build/module.js';
import { Float32Store, type StoreOptions } from '../build/weight-store.js';
import type { FrozenWeights } from '../model.js';

const dtypes = { F16: 'float16', BF16: 'bfloat16' } as const;

/**
 * Frozen weights in 2 bytes, as external data in a file of their own, and widened where they are used: products are those of the
 * float32 numbers. That each use widens them anew, and none of it stays in memory, is the session's part (`widenBesideUse`).
 */
export class HalfStore extends Float32Store {
  private readonly halves = new Map<string, Value>();
  private readonly widened = new Map<string, Value>();

  constructor(
    options: StoreOptions,
    private readonly frozen: FrozenWeights,
  ) {
    const isHalf = (parameter: Parameter) => {
      const { name, perClass } = parameter;
      if (!frozen.tensors.has(name) || (options.newHead && perClass)) return false;
      return options.trains(parameter, false) === undefined;
    };
    super({ ...options, parameters: options.parameters.filter((parameter) => !isHalf(parameter)) });
    for (const { name } of options.parameters.filter(isHalf)) this.halves.set(name, this.external(name));
  }

  override value(name: string): Value {
    const half = this.halves.get(name);
    if (!half) return super.value(name);
    const known = this.widened.get(name) ?? this.wide(half);
    this.widened.set(name, known);
    return known;
  }

  override rows(module: EmbeddingModule, ids: Value): Value {
    const half = this.halves.get(`${module.name}.weight`);
    return half ? this.wide(this.options.g.op('Gather', [half, ids])) : super.rows(module, ids);
  }

  private wide(half: Value): Value {
    return this.options.g.op('Cast', [half], { to: 'float32' });
  }

  private external(name: string): Value {
    const { dtype, shape, offset, length } = this.frozen.tensors.get(name)!;
    const location = basename(this.frozen.file);
    const data = { kind: 'external', location, offset, length } as const;
    return this.options.g.initializer(name, dtypes[dtype as keyof typeof dtypes], shape, data);
  }
}
