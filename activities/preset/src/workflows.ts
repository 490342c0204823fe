import { createRequire } from 'node:module';
import { StagePlugin } from '@temper/activity';
import { poolActivities } from './choose-pool.js';

/** Entry point of the workflow bundle, for `workflowsPath` and `bundleWorkflowCode`. */
export const workflowsPath = (): string =>
  createRequire(import.meta.url).resolve('@temper/workflows/workflow');

/** The workflows and the activities that only they call. */
export class WorkflowsPlugin extends StagePlugin {
  /** `bundle`: file of a prebuilt bundle; without it the worker bundles for some seconds when it starts. */
  constructor({ bundle }: { readonly bundle?: string | undefined } = {}) {
    super('workflows', poolActivities, bundle ? { bundle } : { path: workflowsPath() });
  }
}
