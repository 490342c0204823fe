import type { WorkerOptions } from '@temporalio/worker';
import { queuesOf, TemperError, type Queues } from '@temper/contracts';

/**
 * The build that this worker is of, from TEMPER_BUILD_ID; without it the worker takes work of every build. A run stays
 * on the build that it began with: its workflow code and its numerics do not change under it.
 */
export function versioning(
  env = process.env,
  { deployment }: Queues = queuesOf(),
): {
  readonly build?: string;
  readonly options: Pick<WorkerOptions, 'workerDeploymentOptions'>;
} {
  const buildId = env['TEMPER_BUILD_ID'];
  if (!buildId) return { options: {} };
  // The server puts name and build into one string with a dot between.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(buildId)) {
    throw new TemperError('SPEC_INVALID', {
      path: 'TEMPER_BUILD_ID',
      message: 'not the name of a build',
      found: buildId,
      allowed: 'letters, digits, ".", "_" and "-", at most 128',
    });
  }
  const version = { deploymentName: deployment, buildId };
  const workerDeploymentOptions = {
    version,
    useWorkerVersioning: true,
    defaultVersioningBehavior: 'PINNED',
  } as const;
  return { build: buildId, options: { workerDeploymentOptions } };
}
