import { engineHere, type DevicePorts } from '@temper/activity-device';
import { engineWords, sameEngine, TemperError, type Problem, type TrainedBy } from '@temper/contracts';
import type { TrainInput } from '@temper/spec';
import { RESULTS_CODE } from '@temper/training/results-code';

/**
 * Whether what trains here is what trained before, so that it comes to the same bits; asked before it trains.
 * @throws TemperError ENGINE_DIFFERS with all that is other
 */
export async function checkExpected(ports: DevicePorts, input: TrainInput, was: TrainedBy): Promise<void> {
  const here = await engineHere(ports, input.spec.resources);
  const problems: Problem[] = [];
  if (!sameEngine(was.engine, here))
    problems.push({
      path: 'engine',
      message: was.engine
        ? 'another engine trained the version'
        : 'which engine trained the version was not recorded',
      found: `here is ${engineWords(here)}`,
      ...(was.engine ? { allowed: engineWords(was.engine) } : {}),
    });
  // Versions of 0.1.0 do not say it; the weights will.
  if (was.code !== undefined && was.code !== RESULTS_CODE)
    problems.push({
      path: 'code',
      message: 'another version of the train stage trained the version',
      found: RESULTS_CODE,
      allowed: was.code,
    });
  if (was.tokens !== input.tokens.digest)
    problems.push({
      path: 'tokens',
      message: 'its data set is prepared otherwise than it was',
      found: input.tokens.digest,
      allowed: was.tokens,
    });
  if (problems.length) throw new TemperError('ENGINE_DIFFERS', problems);
}
