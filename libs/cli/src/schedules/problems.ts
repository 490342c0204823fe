import { TemperError, type Problem } from '@temper/contracts';

/** Runs a check that may throw problems of its own, so that those of the flags and those of the spec come at once. */
export async function withProblems<T>(problems: readonly Problem[], check: () => Promise<T>): Promise<T> {
  const checked = await check().catch((error: unknown) => {
    if (!(error instanceof TemperError) || !problems.length) throw error;
    throw new TemperError('SPEC_INVALID', [...problems, ...error.problems], { cause: error });
  });
  if (problems.length) throw new TemperError('SPEC_INVALID', problems);
  return checked;
}
