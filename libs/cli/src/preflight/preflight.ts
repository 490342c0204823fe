import { parsePipelineSpec, TemperError, type PipelineSpec, type Problem } from '@temper/contracts';
import { namedSources, needsStore } from '../spec/paths.js';
import { checkAdapter } from './adapter.js';
import { checkData } from './data.js';
import { missingFiles } from './files.js';
import { checkBaseModel } from './model.js';

export interface Checked {
  readonly spec: PipelineSpec;
  /** What was found, a line each. */
  readonly summary: readonly string[];
}

/** Sources in the object store can be looked at once it runs: then the same check again, still before queueing. */
export async function preflightInStore(spec: PipelineSpec): Promise<void> {
  if (namedSources(spec).some(({ uri }) => needsStore(uri))) await preflight(spec);
}

/**
 * Everything that can be known before a run is queued: the spec, the files it names, the data, the base model, the
 * adapter. All problems are collected and thrown at once; nothing is started.
 */
export async function preflight(input: unknown): Promise<Checked> {
  const missing = await missingFiles(namedSources(input));
  const spec = parseOr(input, missing);
  const absent = new Set(missing.map((p) => p.path));
  const checks = await Promise.allSettled([
    absent.has('model.base') ? [] : checkBaseModel(spec),
    [...absent].some((path) => path.startsWith('dataset.')) ? [] : checkData(spec),
    absent.has('method.initFrom') ? [] : checkAdapter(spec),
  ]);
  const failures = checks.flatMap((c) => (c.status === 'rejected' ? [c.reason as unknown] : []));
  const unknown = failures.find((f) => !(f instanceof TemperError));
  if (unknown) throw unknown;
  const errors = failures as TemperError[];
  const problems = [...missing, ...errors.flatMap((e) => e.problems)];
  if (problems.length) throw collected(problems, errors, missing.length > 0);
  return { spec, summary: checks.flatMap((c) => (c.status === 'fulfilled' ? c.value : [])) };
}

/** A spec with mistakes is not looked at further, but for its files. */
function parseOr(input: unknown, missing: readonly Problem[]): PipelineSpec {
  try {
    return parsePipelineSpec(input);
  } catch (error) {
    if (!(error instanceof TemperError) || !missing.length) throw error;
    throw new TemperError(error.code, [...error.problems, ...missing], { cause: error });
  }
}

/** One error of all: a user's mistake wherever there is one, as the run must not be tried again as it is. */
function collected(problems: Problem[], errors: readonly TemperError[], missing: boolean): TemperError {
  const mistake = errors.find((e) => !e.retryable);
  const code = mistake?.code ?? (missing ? 'SPEC_INVALID' : errors[0]!.code);
  return new TemperError(code, problems, { cause: errors[0] });
}
