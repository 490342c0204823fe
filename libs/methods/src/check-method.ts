import type { CheckedModules, Method } from './method.js';
import type { MethodSpec, MethodType } from './schema/index.js';
import { methods } from './table.js';

/**
 * Whether the model has what the spec's method changes, from headers alone.
 * @throws TemperError SPEC_INVALID with all that it lacks
 */
export function checkMethod(spec: MethodSpec, model: CheckedModules): void {
  (methods[spec.type] as Method<MethodType>).check(spec, model);
}
