import { TemperError, type ErrorCode, type Problem } from '@temper/contracts';
import { readPipelineSpec, type PipelineSpec } from '@temper/spec';
import { namedSources } from '@temper/client/pipeline';
import { checkAdapter, type CheckedAdapter } from './adapter.js';
import { checkBatches } from './batches.js';
import { checkClasses } from './classes.js';
import { checkData, type CheckedData } from './data.js';
import { decideInput } from './decide.js';
import { missingFiles } from '@temper/client/pipeline';
import { checkBaseModel, type CheckedModel } from './model.js';
import { needsStore } from './sources.js';
import { checkTokens } from './tokens.js';

export interface Checked {
  readonly spec: PipelineSpec;
  /** What was found, a line each. */
  readonly summary: readonly string[];
  /** What is odd and yet can be run. */
  readonly warnings: readonly string[];
}

/**
 * Sources in the object store can be looked at once it runs: then the same check of what was written again, still before
 * queueing. Returns the spec as it was decided then.
 */
export async function preflightInStore(input: unknown, spec: PipelineSpec): Promise<PipelineSpec> {
  if (!namedSources(input).some(({ uri }) => needsStore(uri))) return spec;
  return (await preflight(input)).spec;
}

/**
 * Everything that can be known before a run is queued: the spec, the files it names, the data, the base model, the
 * adapter. All problems are collected and thrown at once; nothing is started.
 */
export async function preflight(input: unknown): Promise<Checked> {
  const missingAtAll = await missingFiles(namedSources(input));
  const decided = await decideInput(input, missingAtAll);
  const { spec, problems: mistakes } = readPipelineSpec(decided.input, { taskIsKnown: decided.known });
  const told = new Set(mistakes.map((p) => p.path));
  const missing = missingAtAll.filter(({ path }) => !told.has(path));
  const absent = new Set([...missing, ...mistakes].map((p) => p.path));
  if (!decided.known) absent.add('task');
  const checks = spec ? await lookedAt(spec, absent) : [];
  const failures = checks.flatMap((c) => (c.status === 'rejected' ? [c.reason as unknown] : []));
  const unknown = failures.find((f) => !(f instanceof TemperError));
  if (unknown) throw unknown;
  const errors = failures as TemperError[];
  if (decided.error) errors.unshift(decided.error);
  const problems = [...mistakes, ...missing, ...errors.flatMap((e) => e.problems)];
  if (problems.length)
    throw new TemperError(codeOf(mistakes, missing, errors), problems, { cause: errors[0] });
  const [model, data, adapter, tokens] = checks.map((c) => (c as PromiseFulfilledResult<Looked>).value);
  const { warnings, head } = await checkClasses(spec!, { ...data!, ...model!, ...adapter! });
  const lines = [model!, data!, adapter!].flatMap((looked) => looked.lines);
  return {
    spec: spec!,
    summary: [...decided.summary, ...lines, ...head],
    warnings: [...warnings, ...(data!.warnings ?? []), ...(tokens!.leftOut ?? []), ...checkBatches(spec!)],
  };
}

type Looked = CheckedModel & CheckedData & CheckedAdapter & { readonly leftOut?: readonly string[] };
const nothing: Looked = { lines: [] };

/** What a spec names, as far as it is there: also of a spec with mistakes, so that all are told at once. */
async function lookedAt(spec: PipelineSpec, absent: ReadonlySet<string>) {
  const within = (group: string) =>
    [...absent].some((path) => path === group || path.startsWith(`${group}.`));
  const model = !within('model') && !absent.has('task');
  const data = !within('dataset') && !absent.has('task');
  const checks = await Promise.allSettled([
    model ? checkBaseModel(spec) : nothing,
    data ? checkData(spec) : nothing,
    within('method') ? nothing : checkAdapter(spec),
  ]);
  const [base] = checks;
  const whole = model && data && checks.slice(0, 2).every(({ status }) => status === 'fulfilled');
  const sizes = base.status === 'fulfilled' ? (base.value as CheckedModel).sizes : undefined;
  const tokens = whole ? checkTokens(spec, sizes).then((leftOut) => ({ ...nothing, leftOut })) : nothing;
  return [...checks, ...(await Promise.allSettled([tokens]))];
}

/** The code of all together: a user's mistake wherever there is one, as the run must not be tried again as it is. */
function codeOf(
  mistakes: readonly Problem[],
  missing: readonly Problem[],
  errors: readonly TemperError[],
): ErrorCode {
  if (mistakes.length) return 'SPEC_INVALID';
  const mistake = errors.find((e) => !e.retryable);
  return mistake?.code ?? (missing.length ? 'SPEC_INVALID' : errors[0]!.code);
}
