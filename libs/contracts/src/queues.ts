import { TemperError } from './errors.js';
import type { Provider } from './providers.js';

/** What the names of an installation's queues begin with. Two that share a namespace have one each. */
export const DEFAULT_QUEUE_PREFIX = 'temper';

/** The names in Temporal that belong to one installation. */
export interface Queues {
  readonly prefix: string;
  /** Workflows and the stages without a device. */
  readonly workflow: string;
  /**
   * Where train and evaluate wait for a device of the pool. The CPU pool's own queue is apart from its workflows and
   * light stages: a worker has many places for those and one for a training.
   */
  readonly device: Readonly<Record<Provider, string>>;
  /** The Worker Deployment whose versions are the builds of the installation's workers. */
  readonly deployment: string;
}

export const queuesOf = (prefix: string = DEFAULT_QUEUE_PREFIX): Queues => ({
  prefix,
  workflow: `${prefix}-cpu`,
  device: { cpu: `${prefix}-cpu-device`, webgpu: `${prefix}-gpu-webgpu`, cuda: `${prefix}-gpu-cuda` },
  deployment: prefix,
});

/** A Worker Deployment's name may hold no dot, and neither queue nor deployment may be of the server's own. */
const PREFIX = /^(?!temporal)[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/**
 * The prefix that is given, else that of TEMPER_QUEUE_PREFIX, else `temper`.
 * @throws TemperError SPEC_INVALID where it is no name.
 */
export function queuePrefixOf(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const [path, found] =
    given === undefined ? ['TEMPER_QUEUE_PREFIX', env['TEMPER_QUEUE_PREFIX']] : ['queuePrefix', given];
  if (found === undefined || (given === undefined && found === '')) return DEFAULT_QUEUE_PREFIX;
  if (typeof found === 'string' && PREFIX.test(found)) return found;
  throw new TemperError('SPEC_INVALID', {
    path: path!,
    message: 'not a prefix of queue names',
    found: String(found),
    allowed: 'letters, digits, "_" and "-", at most 64, not beginning with "temporal"',
  });
}

export const fineTuneWorkflow = 'fineTune';
export const sweepWorkflow = 'sweep';
export const collectWorkflow = 'collectGarbage';

/** Keyword search attributes, registered with the namespace by `temper up` and by each worker that has the workflows. */
export const searchAttributes = [
  'TemperPipeline',
  'TemperStage',
  'TemperModel',
  'TemperPool',
  'TemperSweep',
  'TemperTeam',
] as const;
