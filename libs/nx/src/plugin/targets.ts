import type { TargetConfiguration } from '@nx/devkit';
import type { DataInputs } from './data-inputs.js';
import type { TemperNxOptions } from './options.js';
import type { PipelineFile } from './pipeline-file.js';

/** Where a result is published decides whether one from the cache is as good as a new one. */
const environment = [
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_PROFILE',
  'S3_ENDPOINT',
  'S3_BUCKET',
  'S3_PROFILE',
  'TEMPER_HOME',
  'TEMPER_QUEUE_PREFIX',
].map((env) => ({ env }));

export interface TargetsContext {
  /** From the workspace's root. */
  readonly file: string;
  readonly specs: readonly string[];
  readonly data: DataInputs;
  /** Prints a digest of the data that Nx does not see. */
  readonly digestCommand: string;
  /** Packages of the workspace that the result depends on. */
  readonly packages: readonly string[];
  /** What is behind the targets' names: empty, or `--NAME` where a folder has several pipelines. */
  readonly suffix: string;
  /** Without folder and extension. */
  readonly result: string;
}

const described = (
  description: string,
  example: { options?: Record<string, unknown>; args?: string[] },
  help: string,
) => ({
  technologies: ['temper'],
  description,
  help: { command: help, example },
});

/** `check`, `run` and `serve-worker` of one pipeline file. */
export function pipelineTargets(
  { command, pools }: PipelineFile,
  context: TargetsContext,
  names: Required<TemperNxOptions>,
): Record<string, TargetConfiguration> {
  const { file, specs, data, packages, suffix } = context;
  const read: NonNullable<TargetConfiguration['inputs']> = [
    ...[file, ...specs].map((path) => `{workspaceRoot}/${path}`),
    ...data.filesets,
    ...(data.unseen ? [{ runtime: context.digestCommand }] : []),
    // Workflows, stages and workers of one's own that the project depends on.
    '^default',
    ...(packages.length ? [{ externalDependencies: [...packages] }] : []),
  ];
  const options = { file: `{workspaceRoot}/${file}` };
  return {
    [`${names.checkTargetName}${suffix}`]: {
      executor: '@temper/nx:check',
      options,
      cache: true,
      inputs: read,
      outputs: [],
      metadata: described(
        `Checks ${file}: its fields, data and base model.`,
        { options: { set: ['training.epochs=1'] } },
        `npx temper ${command} --help`,
      ),
    },
    [`${names.runTargetName}${suffix}`]: {
      executor: '@temper/nx:run',
      options: { ...options, result: `{projectRoot}/dist/temper/${context.result}.json` },
      cache: true,
      inputs: [...read, ...environment],
      // Where nothing is running, a run starts servers and a worker for its own time: another one would lose them.
      parallelism: false,
      outputs: ['{options.result}'],
      metadata: described(
        `Runs ${file} and publishes its model.`,
        { options: { set: ['training.epochs=1'] } },
        `npx temper ${command} --help`,
      ),
    },
    [`${names.serveWorkerTargetName}${suffix}`]: {
      executor: '@temper/nx:serve-worker',
      options: { pools: [...pools] },
      continuous: true,
      cache: false,
      metadata: described(
        `Serves the ${pools.join(' and ')} ${pools.length > 1 ? 'pools' : 'pool'} until it is stopped.`,
        { options: { pools: ['cpu'] } },
        'npx temper worker --help',
      ),
    },
  };
}

/** All pipelines of a folder at once. */
export function folderTargets(
  files: readonly string[],
  suffixes: readonly string[],
  { checkTargetName, runTargetName }: Required<TemperNxOptions>,
): Record<string, TargetConfiguration> {
  const all = (name: string, what: string): TargetConfiguration => ({
    executor: 'nx:noop',
    cache: true,
    dependsOn: suffixes.map((suffix) => ({ target: `${name}${suffix}`, params: 'forward' })),
    metadata: described(`${what} ${files.length} pipelines.`, {}, 'npx temper run --help'),
  });
  return { [checkTargetName]: all(checkTargetName, 'Checks'), [runTargetName]: all(runTargetName, 'Runs') };
}
