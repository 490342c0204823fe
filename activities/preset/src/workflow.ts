// For workflow modules, `export * from '@temper/plugin/workflow'`: safe in the sandbox.
import { evaluate, ingest, preprocess, publish, train } from '@temper/workflows/stages';

export { collectGarbage, fineTune, sweep } from '@temper/workflows/workflow';
export type { StageCallOptions } from '@temper/workflows/stages';

/** To be called by workflows of your own. One object: each function that a workflow module exports is a workflow. */
export const stages = { ingest, preprocess, train, evaluate, publish } as const;
