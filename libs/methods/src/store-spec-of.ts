import type { Precision } from '@temper/contracts';
import type { StoreSpec } from '@temper/models';
import type { MethodSpec, MethodType } from './schema/index.js';
import { methodOf } from './table.js';

/** What decides on how frozen weights lie in memory. */
export interface Frozen {
  readonly method: MethodSpec;
  /** `model.precision`; default fp32. */
  readonly precision?: Precision | undefined;
}

/** As the method keeps them, else in the precision that is asked for; undefined: as float32, in the model's own files. */
export function storeSpecOf({ method, precision = 'fp32' }: Frozen): StoreSpec | undefined {
  const own = methodOf<MethodType>(method).store(method);
  return own ?? (precision === 'fp32' ? undefined : { kind: precision });
}
