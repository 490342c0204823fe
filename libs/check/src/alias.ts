import { TemperError } from '@temper/contracts';
import type { PipelineSpec } from '@temper/spec';
import type { Sight } from './sight.js';

/**
 * Hours of training are not spent on a version that may not take its alias.
 * @throws TemperError APPROVAL_MISSING where the alias asks for an approval, and the run would ask nobody
 */
export async function checkAlias(sight: Sight, { publish }: PipelineSpec): Promise<void> {
  if (publish.approval) return;
  const own = await sight.own();
  const protection = await own?.registry.protections.of(publish.model, publish.alias);
  if (!protection?.approval) return;
  throw new TemperError('APPROVAL_MISSING', {
    path: 'publish.alias',
    message: `${publish.model}@${publish.alias} takes approved versions alone`,
    found: `protected by ${protection.by}, ${protection.at}`,
    hint: 'let the run ask for it with publish.approval: true, or publish under another alias and promote',
  });
}
