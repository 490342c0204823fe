import { TemperError, type ErrorCode, type Problem } from '@temper/contracts';
import { readPipelineSpec, type PipelineSpec } from '@temper/spec';
import { checkAdapter, type CheckedAdapter } from './adapter.js';
import { checkAlias } from './alias.js';
import { checkBatches } from './batches.js';
import { checkClasses } from './classes.js';
import { checkData, type CheckedData } from './data.js';
import { decideInput } from './decide.js';
import { checkBaseModel, type CheckedModel } from './model.js';
import type { Sight } from './sight.js';
import { checkTokens } from './tokens.js';

export interface Checked {
  readonly spec: PipelineSpec;
  /** What was found, a line each. */
  readonly summary: readonly string[];
  /** What is odd and yet can be run. */
  readonly warnings: readonly string[];
  /** Neither columns nor task could be decided, as the data cannot be seen from here. */
  readonly undecided: boolean;
}

/**
 * Everything that can be known before a run is queued: the spec as it was written, the data, the base model, the adapter
 * that it names. All problems, those of files that are `missing` among them, are collected and thrown at once.
 */
export async function checkInput(
  sight: Sight,
  input: unknown,
  missingAtAll: readonly Problem[] = [],
): Promise<Checked> {
  const decided = await decideInput(sight, input, missingAtAll);
  const { spec, problems: mistakes } = readPipelineSpec(decided.input, { taskIsKnown: decided.known });
  const told = new Set(mistakes.map((p) => p.path));
  const missing = missingAtAll.filter(({ path }) => !told.has(path));
  const absent = new Set([...missing, ...mistakes].map((p) => p.path));
  if (!decided.known) absent.add('task');
  const checks = spec ? await lookedAt(sight, spec, absent) : [];
  const errors = errorsOf(checks);
  if (decided.error) errors.unshift(decided.error);
  const problems = [...mistakes, ...missing, ...errors.flatMap((e) => e.problems)];
  if (problems.length)
    throw new TemperError(codeOf(mistakes, missing, errors), problems, { cause: errors[0] });
  const found = await foundOf(spec!, checks);
  const undecided = !decided.known && !decided.error;
  return { spec: spec!, ...found, summary: [...decided.summary, ...found.summary], undecided };
}

/**
 * The same of a spec that is right by itself: of all that it names.
 * @throws TemperError with the problems of all sources at once
 */
export async function checkSources(
  sight: Sight,
  spec: PipelineSpec,
): Promise<Pick<Checked, 'summary' | 'warnings'>> {
  const checks = await lookedAt(sight, spec, new Set());
  const errors = errorsOf(checks);
  const problems = errors.flatMap((error) => error.problems);
  if (problems.length) throw new TemperError(codeOf([], [], errors), problems, { cause: errors[0] });
  return foundOf(spec, checks);
}

function errorsOf(checks: readonly PromiseSettledResult<unknown>[]): TemperError[] {
  const failures = checks.flatMap((c) => (c.status === 'rejected' ? [c.reason as unknown] : []));
  const unknown = failures.find((f) => !(f instanceof TemperError));
  if (unknown) throw unknown;
  return failures as TemperError[];
}

async function foundOf(
  spec: PipelineSpec,
  checks: readonly PromiseSettledResult<unknown>[],
): Promise<Pick<Checked, 'summary' | 'warnings'>> {
  const [model, data, adapter, tokens] = checks.map((c) => (c as PromiseFulfilledResult<Looked>).value);
  const { warnings, head } = await checkClasses(spec, { ...data!, ...model!, ...adapter! });
  const lines = [model!, data!, adapter!].flatMap((looked) => looked.lines);
  return {
    summary: [...lines, ...head],
    warnings: [...warnings, ...(data!.warnings ?? []), ...(tokens!.leftOut ?? []), ...checkBatches(spec)],
  };
}

type Looked = CheckedModel & CheckedData & CheckedAdapter & { readonly leftOut?: readonly string[] };
const nothing: Looked = { lines: [] };

/** What a spec names, as far as it is there: also of a spec with mistakes, so that all are told at once. */
async function lookedAt(sight: Sight, spec: PipelineSpec, absent: ReadonlySet<string>) {
  const within = (group: string) =>
    [...absent].some((path) => path === group || path.startsWith(`${group}.`));
  const model = !within('model') && !absent.has('task');
  const data = !within('dataset') && !absent.has('task');
  const checks = await Promise.allSettled([
    model ? checkBaseModel(sight, spec) : nothing,
    data ? checkData(sight, spec) : nothing,
    within('method') ? nothing : checkAdapter(sight, spec),
  ]);
  const [base] = checks;
  const whole = model && data && checks.slice(0, 2).every(({ status }) => status === 'fulfilled');
  const sizes = base.status === 'fulfilled' ? (base.value as CheckedModel).sizes : undefined;
  const tokens = whole
    ? checkTokens(sight, spec, sizes).then((leftOut) => ({ ...nothing, leftOut }))
    : nothing;
  const alias = within('publish') ? undefined : checkAlias(sight, spec);
  return [...checks, ...(await Promise.allSettled([tokens, alias]))];
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
