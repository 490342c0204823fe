import { SimplePlugin } from '@temporalio/plugin';

/**
 * Activities as a Temporal plugin: `Worker.create({plugins: [new TrainPlugin(…)], …})`.
 * `SimplePlugin` is still marked experimental, so it is wrapped here and nowhere else.
 */
export class StagePlugin extends SimplePlugin {
  constructor(
    name: string,
    activities: object,
    workflows: { readonly path?: string; readonly bundle?: string } = {},
  ) {
    const { path, bundle } = workflows;
    super({
      name: `temper.${name}`,
      activities,
      // A prebuilt bundle wins: with both, the SDK would bundle for seconds or warn.
      ...(bundle ? { workflowBundle: { codePath: bundle } } : path ? { workflowsPath: path } : {}),
    });
  }
}
