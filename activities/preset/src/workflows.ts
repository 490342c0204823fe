import {
  NativeConnection,
  type BundleOptions,
  type ReplayWorkerOptions,
  type WorkerOptions,
  type WorkerPlugin,
} from '@temporalio/worker';
import { checkOptions, StagePlugin, type StageParts } from '@temper/activity';
import { registerSearchAttributes, TemperError } from '@temper/contracts';
import { z } from 'zod';
import { poolActivities } from './choose-pool.js';
import { checkBundle, lacking, withOurs, workflowInterceptors, workflowsPath } from './workflow-code.js';

export interface WorkflowsPluginOptions {
  /** File of a prebuilt workflow bundle; without it the worker bundles for some seconds when it starts. */
  readonly workflowBundle?: string | undefined;
  /**
   * `register` (default): the search attributes that the workflows set are made where the namespace lacks them. `assume`:
   * they are there, and it cannot be asked, as with a key that may not see the operator's service.
   */
  readonly searchAttributes?: 'register' | 'assume' | undefined;
}

export const workflowsShape = {
  workflowBundle: z.string().min(1).optional(),
  searchAttributes: z.enum(['register', 'assume']).optional(),
};

/**
 * The workflows `fineTune` and `sweep`, the activities that only they call, their interceptors and search attributes. A
 * host's own workflow module stays: its bundle has both.
 */
export class WorkflowsPlugin extends StagePlugin {
  readonly #options: WorkflowsPluginOptions;

  constructor(
    options: WorkflowsPluginOptions = {},
    parts?: StageParts,
    name = 'workflows',
    className = 'WorkflowsPlugin',
  ) {
    if (!parts) checkOptions(className, z.strictObject(workflowsShape), options);
    super(name, parts ?? { activities: poolActivities }, className);
    this.#options = options;
  }

  override async configureWorker(given: WorkerOptions): Promise<WorkerOptions> {
    if (this.isIn(given)) return given;
    if (this.#options.searchAttributes !== 'assume') await withSearchAttributes(given);
    const options = await this.#withWorkflows(await super.configureWorker(given));
    // The SDK asks one plugin after the other: this one, after those that may still set workflows of their own.
    if (!options.plugins?.includes(lastLook)) options.plugins?.push(lastLook);
    return options;
  }

  override async configureReplayWorker(given: ReplayWorkerOptions): Promise<ReplayWorkerOptions> {
    return this.#withWorkflows(await super.configureReplayWorker(given));
  }

  /** Here, where all plugins have had their say about the path, the host's workflows and ours become one bundle. */
  configureBundler(options: BundleOptions): BundleOptions {
    const interceptors = new Set([...(options.workflowInterceptorModules ?? []), ...workflowInterceptors()]);
    return withOurs({ ...options, workflowInterceptorModules: [...interceptors] });
  }

  async #withWorkflows<O extends Pick<WorkerOptions, 'workflowsPath' | 'workflowBundle'>>(
    options: O,
  ): Promise<O> {
    const { workflowBundle: file } = this.#options;
    const { workflowBundle: theirs, workflowsPath: path } = options;
    if (theirs && 'codePath' in theirs && theirs.codePath === file) return options;
    if (file && (theirs || (path && path !== workflowsPath()))) {
      throw new TemperError('SPEC_INVALID', {
        path: `${this.className}.workflowBundle`,
        message: `this worker has a ${theirs ? 'workflowBundle' : 'workflowsPath'} of its own, and the SDK takes one bundle`,
        hint: 'leave the option out: the plugin puts its workflows beside those of a workflowsPath, and looks for them in a bundle',
      });
    }
    if (file) return { ...options, workflowBundle: { codePath: file } };
    if (theirs) {
      await checkBundle(theirs);
      return options;
    }
    return path ? options : { ...options, workflowsPath: workflowsPath() };
  }
}

async function withSearchAttributes({
  connection: given,
  namespace = 'default',
}: Pick<WorkerOptions, 'connection' | 'namespace'>): Promise<void> {
  // As the SDK connects a worker that is given no connection.
  const connection = given ?? (await NativeConnection.connect());
  try {
    await registerSearchAttributes(connection.operatorService, namespace);
  } finally {
    if (!given) await connection.close();
  }
}

/** A plugin that sets workflows replaces what was there, without a word. */
const lastLook: WorkerPlugin = {
  name: 'temper.workflows.last-look',
  configureWorker: async (options) => {
    if (options.workflowBundle) await checkBundle(options.workflowBundle);
    else if (!options.workflowsPath) throw lacking('workflowsPath');
    return options;
  },
};
