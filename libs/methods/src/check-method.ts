import type { Adaptable } from '@temper/models';
import type { MethodSpec, MethodType } from './schema/index.js';
import { methodOf } from './table.js';

/**
 * Whether the model has what the spec's method changes, from headers alone.
 * @throws TemperError SPEC_INVALID with all that it lacks
 */
export function checkMethod(spec: MethodSpec, { adaptable }: { readonly adaptable: Adaptable }): void {
  methodOf<MethodType>(spec).check(spec, adaptable);
}
