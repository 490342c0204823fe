import { checkAdapter, decideInput } from '@temper/check';
import { TemperError, type Problem } from '@temper/contracts';
import { parseSweepSpec, trialSpec, type SweepSpec } from '@temper/spec';
import { missingFiles, namedSources } from '@temper/client/pipeline';
import { workersAreElsewhere } from '../elsewhere/here.js';
import { preflight } from '../preflight/preflight.js';
import { ClientSight, needsStore } from '../preflight/sight.js';

export interface CheckedSweep {
  readonly spec: SweepSpec;
  /** What was found, a line each. */
  readonly summary: readonly string[];
  /** What is odd and yet can be run. */
  readonly warnings: readonly string[];
  /** As of `preflight`. */
  readonly unseen: readonly string[];
}

/** What `temper run` checks before anything is queued, of the sweep and of its pipeline; all problems at once. */
export async function checkSweep(input: Record<string, unknown>): Promise<CheckedSweep> {
  const sources = namedSources(input.pipeline);
  const missing = await missingFiles(sources, { elsewhere: workersAreElsewhere() });
  const decided = await decideInput(new ClientSight(), input.pipeline, missing);
  const placed = missing.map((problem) => ({ ...problem, path: `pipeline.${problem.path}` }));
  const told = [...placed, ...(decided.error?.problems ?? [])];
  const spec = parseOr({ ...input, pipeline: decided.input }, told);
  if (decided.error) throw decided.error;
  const { summary, warnings, unseen } = await preflight(spec.pipeline, sources);
  await checkMethods(spec);
  const { trials, strategy, objective, parallel } = spec;
  const about = `sweep: ${trials} trials (${strategy}), ${parallel} at a time, by ${objective.split} ${objective.metric} (${objective.mode})`;
  return { spec, summary: [...decided.summary, ...summary, about], warnings, unseen };
}

/** As `preflightInStore` does for a pipeline. */
export async function checkSweepInStore(
  input: Record<string, unknown>,
  checked: CheckedSweep,
): Promise<CheckedSweep> {
  return namedSources(input.pipeline).some(({ uri }) => needsStore(uri)) ? checkSweep(input) : checked;
}

/** A sweep with mistakes is not looked at further; `told` is what is known of its data and files besides. */
function parseOr(input: Record<string, unknown>, told: readonly Problem[]): SweepSpec {
  try {
    return parseSweepSpec(input);
  } catch (error) {
    if (!(error instanceof TemperError)) throw error;
    throw new TemperError(error.code, [...error.problems, ...told], { cause: error });
  }
}

/** Methods that are searched must fit the model as the pipeline's own does. */
async function checkMethods({ pipeline, search }: SweepSpec): Promise<void> {
  const methods = Object.entries(search).filter(([path]) => path === 'method' || path.startsWith('method.'));
  for (const [path, space] of methods) {
    for (const value of 'values' in space ? space.values : []) {
      try {
        await checkAdapter(new ClientSight(), trialSpec(pipeline, { [path]: value }));
      } catch (error) {
        if (!(error instanceof TemperError)) throw error;
        throw new TemperError(
          error.code,
          error.problems.map((p) => ({ ...p, path: `search.${p.path}` })),
        );
      }
    }
  }
}
