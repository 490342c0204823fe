import type { StageMetrics } from '@temper/contracts';
import { stagePorts, type StagePorts, type StagePortsOptions } from '../ports.js';
import { checkOptions, stageOptionsSchema } from './options.js';
import type { StageParts } from './stage-plugin.js';

/** Options of the plugin of a stage without a device. */
export interface StagePluginOptions extends StagePortsOptions {
  /** Where attempts of stages are counted. */
  readonly metrics?: StageMetrics | undefined;
  /** False: neither the home folder nor the store is looked at when a worker starts. Default true. */
  readonly startupChecks?: boolean | undefined;
}

/** @throws TemperError SPEC_INVALID with every mistake in the options. */
export function stageParts(
  plugin: string,
  options: StagePluginOptions,
  activitiesOf: (ports: StagePorts) => object,
): StageParts {
  checkOptions(plugin, stageOptionsSchema, options);
  const { metrics, startupChecks, ...rest } = options;
  const ports = stagePorts(rest);
  return { activities: activitiesOf(ports), ports, metrics, startupChecks };
}
