import { TemperError } from '@temper/contracts';
import type { Value } from '@temper/graph';
import type { Build } from '@temper/models';

/**
 * x of a module, of which training drops elements, without the factor 1/(1 − rate). `site` names the mask.
 * @throws TemperError SPEC_INVALID where the shape of x follows from more than the batch
 */
export function droppedInput(
  build: Build,
  { site, module, rate }: { readonly site: string; readonly module: string; readonly rate: number },
  x: Value,
): Value {
  if (rate === 0) return x;
  const dropped = build.mask(`${site}.${module}`, x, 1 - rate);
  if (dropped) return dropped.value;
  throw new TemperError('SPEC_INVALID', {
    path: 'method.dropout',
    message: `cannot be applied to ${module}, whose input has as many rows as tokens are counted`,
    found: String(rate),
    allowed: `0, or targetModules without ${module}`,
  });
}
