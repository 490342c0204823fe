import { TemperError } from '@temper/contracts';
import { parametersOf, type Adaptable } from '@temper/models';
import { adapterName } from '../peft-names.js';
import type { MethodSpec } from '../schema/index.js';
import { adapterFormatOf } from '../table.js';
import { withoutBaseTables } from './base-tables.js';
import { withBodyNames } from './body-names.js';
import { adapterWeights, refuseOtherModels } from './fit.js';
import { readAdapter } from './read-adapter.js';
import { settle } from './settle.js';

/**
 * Whether the adapter in a folder is one to start from, from headers of the base alone. The sizes of a head follow from the data, so
 * it is looked at when the graph is built.
 * @throws TemperError SPEC_INVALID with all that does not fit, MODEL_CORRUPT where a file is damaged
 */
export function checkAdapter(
  folder: string,
  spec: MethodSpec,
  model?: { readonly adaptable: Adaptable; readonly heads: readonly string[] },
): void {
  const format = adapterFormatOf(spec);
  if (!format) return;
  const read = readAdapter(folder, format);
  const adapter = model ? withoutBaseTables(withBodyNames(read, model.adaptable), model.adaptable) : read;
  const { spec: settled, problems } = settle(spec, adapter);
  if (!model || adapter.config.peft_type !== format.peftType) {
    if (problems.length) throw new TemperError('SPEC_INVALID', problems);
    return;
  }
  const { modules } = model.adaptable;
  refuseOtherModels(adapter, format, modules);
  const shapes = new Map(format.shapes(settled, model.adaptable, adapter));
  const optional = new Set<string>();
  for (const { name, perClass, withClasses } of parametersOf(modules)) {
    const found = adapter.weights.get(adapterName(name));
    if (!found || !(perClass || withClasses || model.heads.some((head) => name.startsWith(`${head}.`))))
      continue;
    shapes.set(adapterName(name), found.shape);
    optional.add(adapterName(name));
  }
  adapterWeights(adapter, { spec: settled, format, shapes, optional, problems });
}
