import { createRequire } from 'node:module';
import { StagePlugin } from '@temper/activity';
import { poolActivities } from './choose-pool.js';

/** Entry point of the workflow bundle, for `workflowsPath` and `bundleWorkflowCode`. */
export const workflowsPath = (): string =>
  createRequire(import.meta.url).resolve('@temper/workflows/workflow');

/**
 * Interceptor modules of the bundle, for `workflowInterceptorModules`: what runs are about in their log lines, and
 * spans where the worker traces.
 */
export const workflowInterceptors = ({ traced = false } = {}): string[] =>
  ['logging', ...(traced ? ['tracing'] : [])].map((name) =>
    createRequire(import.meta.url).resolve(`@temper/workflows/interceptors/${name}`),
  );

/** The workflows and the activities that only they call. */
export class WorkflowsPlugin extends StagePlugin {
  /** `bundle`: file of a prebuilt bundle; without it the worker bundles for some seconds when it starts. */
  constructor({ bundle }: { readonly bundle?: string | undefined } = {}) {
    super('workflows', poolActivities, bundle ? { bundle } : { path: workflowsPath() });
  }
}
