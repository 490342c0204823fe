import {
  checkOptions,
  optionKinds,
  stageOptionsSchema,
  stagePorts,
  type StageParts,
  type StagePluginOptions,
  type StagePorts,
  type WorkerFacts,
} from '@temper/activity';
import { providers, type Provider } from '@temper/contracts';
import { z } from 'zod';
import type { DevicePorts, TrainerObserver } from './ports.js';

/** Options of the plugin of a stage that needs a device. */
export interface DeviceOptions
  extends StagePluginOptions, Pick<DevicePorts, 'trainer' | 'watchdog' | 'observer'> {
  /** What the worker trains on; default cpu. */
  readonly provider?: Provider | undefined;
  /** Of one trainer, for runs whose spec does not say; default: all of the machine. */
  readonly threads?: number | undefined;
}

const milliseconds = z.int().min(1).optional();

/** The members that device stages take besides those of every stage. */
export const deviceShape = {
  trainer: z
    .strictObject({
      entry: z.string().min(1).optional(),
      env: z.record(z.string(), z.string().optional()).optional(),
      graceMs: milliseconds,
    })
    .optional(),
  watchdog: z
    .strictObject({ first: milliseconds, least: milliseconds, factor: z.number().min(1).optional() })
    .optional(),
  observer: optionKinds.called<TrainerObserver>('about a trainer → its observer').optional(),
};

const schema = stageOptionsSchema.extend({
  ...deviceShape,
  provider: z.enum(providers).optional(),
  threads: z.int().min(1).optional(),
});

/** @throws TemperError SPEC_INVALID with every mistake in the options. */
export function deviceParts(
  plugin: string,
  options: DeviceOptions,
  activitiesOf: (ports: DevicePorts) => object,
): StageParts {
  checkOptions(plugin, schema, options);
  const { metrics, startupChecks, trainer, watchdog, observer, provider, threads, ...rest } = options;
  const ports = stagePorts(rest);
  const facts: WorkerFacts = {};
  const device = devicePorts(ports, facts, { trainer, watchdog, observer, provider, threads });
  return { activities: activitiesOf(device), ports, metrics, startupChecks, facts };
}

export const devicePorts = (
  ports: StagePorts,
  facts: WorkerFacts,
  { provider = 'cpu', trainer, watchdog, threads, observer }: Omit<DeviceOptions, keyof StagePluginOptions>,
): DevicePorts => ({
  ...ports,
  provider,
  threads,
  observer,
  version: () => facts.version,
  ...(trainer ? { trainer } : {}),
  ...(watchdog ? { watchdog } : {}),
});
