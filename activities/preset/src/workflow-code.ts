import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { BundleOptions, WorkerOptions } from '@temporalio/worker';
import { TemperError } from '@temper/contracts';

const resolved = (name: string) => createRequire(import.meta.url).resolve(`@temper/workflows/${name}`);

/** Entry point of the workflow bundle, for `workflowsPath` and `bundleWorkflowCode`. */
export const workflowsPath = (): string => resolved('workflow');

/**
 * Interceptor modules of the bundle, for `workflowInterceptorModules`: what runs are about in their log lines, and
 * spans where the worker traces.
 */
export const workflowInterceptors = ({ traced = false } = {}): string[] =>
  ['logging', ...(traced ? ['tracing'] : [])].map((name) => resolved(`interceptors/${name}`));

/** The entry point of both, beside ours: no export of its package, because without a host's module it cannot be loaded. */
const besideHost = () => workflowsPath().replace(/workflow(\.[jt]s)$/, 'beside-host$1');

/** What the entry point of both calls the host's module. */
const HOST = '__temper_host_workflows$';

/** The bundle of the host's workflows and ours: theirs stays what it is, and ours are there too. */
export function withOurs(options: BundleOptions): BundleOptions {
  const { workflowsPath: theirs, webpackConfigHook = (config) => config } = options;
  const both = besideHost();
  if (!theirs) return { ...options, workflowsPath: workflowsPath() };
  if ([workflowsPath(), both].includes(theirs)) return options;
  return {
    ...options,
    workflowsPath: both,
    webpackConfigHook: (config) => {
      const { alias } = config.resolve ?? {};
      // A plugin after this one may have set another path, which would leave ours out.
      if (!entriesOf(config.entry).some((entry) => entry.includes('beside-host')))
        throw lacking('workflowsPath, which another plugin has set after this one,');
      return webpackConfigHook({
        ...config,
        resolve: { ...config.resolve, alias: { ...alias, [HOST]: theirs } },
      });
    },
  };
}

type Entry = Parameters<NonNullable<BundleOptions['webpackConfigHook']>>[0]['entry'];

/** Every module of webpack's `entry`, in whichever of its forms: others add theirs, as polyfills. */
function entriesOf(entry: Entry): string[] {
  if (typeof entry === 'string') return [entry];
  if (Array.isArray(entry)) return entry;
  return Object.values(entry ?? {}).flatMap((one) =>
    typeof one === 'string' || Array.isArray(one) ? one : entriesOf(one.import),
  );
}

/** In the code of every bundle that has the workflow: how it describes its query (workflows/src). */
const marks = { fineTune: 'temper.fineTune: ', sweep: 'temper.sweep: ' } as const;

/** @throws TemperError SPEC_INVALID where a prebuilt bundle does not have our workflows. */
export async function checkBundle(bundle: NonNullable<WorkerOptions['workflowBundle']>): Promise<void> {
  const code = 'code' in bundle ? bundle.code : await readFile(bundle.codePath, 'utf8');
  const missing = Object.entries(marks).filter(([, mark]) => !code.includes(mark));
  if (missing.length)
    throw lacking(
      'workflowBundle',
      missing.map(([name]) => name),
    );
}

export const lacking = (what: string, names: readonly string[] = Object.keys(marks)): TemperError =>
  new TemperError('SPEC_INVALID', {
    path: `Worker.create: ${what}`,
    message: `lacks ${names.join(' and ')}`,
    hint: "add `export * from '@temper/plugin/workflow'` to its workflow module, and bundle with `bundleWorkflowCode({ …, plugins: [the same plugin] })` where it is prebuilt",
  });
