import { TemperError, type Problem } from '@temper/contracts';
import { parseSweepSpec, trialSpec, type SweepSpec } from '@temper/spec';
import { checkAdapter } from '../preflight/adapter.js';
import { decideInput } from '../preflight/decide.js';
import { missingFiles } from '@temper/client/pipeline';
import { preflight } from '../preflight/preflight.js';
import { needsStore } from '../preflight/sources.js';
import { namedSources } from '@temper/client/pipeline';

export interface CheckedSweep {
  readonly spec: SweepSpec;
  /** What was found, a line each. */
  readonly summary: readonly string[];
  /** What is odd and yet can be run. */
  readonly warnings: readonly string[];
}

/** What `temper run` checks before anything is queued, of the sweep and of its pipeline; all problems at once. */
export async function checkSweep(input: Record<string, unknown>): Promise<CheckedSweep> {
  const missing = await missingFiles(namedSources(input.pipeline));
  const decided = await decideInput(input.pipeline, missing);
  const placed = missing.map((problem) => ({ ...problem, path: `pipeline.${problem.path}` }));
  const told = [...placed, ...(decided.error?.problems ?? [])];
  const spec = parseOr({ ...input, pipeline: decided.input }, told);
  if (decided.error) throw decided.error;
  const { summary, warnings } = await preflight(spec.pipeline);
  await checkMethods(spec);
  const { trials, strategy, objective, parallel } = spec;
  const about = `sweep: ${trials} trials (${strategy}), ${parallel} at a time, by ${objective.split} ${objective.metric} (${objective.mode})`;
  return { spec, summary: [...decided.summary, ...summary, about], warnings };
}

/** As `preflightInStore` does for a pipeline. */
export async function checkSweepInStore(input: Record<string, unknown>, spec: SweepSpec): Promise<SweepSpec> {
  if (!namedSources(input.pipeline).some(({ uri }) => needsStore(uri))) return spec;
  return (await checkSweep(input)).spec;
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
        await checkAdapter(trialSpec(pipeline, { [path]: value }));
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
