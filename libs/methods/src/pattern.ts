import { performance } from 'node:perf_hooks';
import { createContext, Script } from 'node:vm';
import { TemperError } from '@temper/contracts';

/** A regular expression of the user's, from the spec or a PEFT configuration. */
export interface Pattern {
  /** @throws TemperError SPEC_INVALID where nothing is found out about the name in time */
  test(name: string): boolean;
}

/** Milliseconds that one expression may take, over all names. Those that are meant take microseconds. */
const LIMIT = 2000;
/** Characters. The engine takes minutes to compile a hundred thousand, and nothing ends that. */
const LONGEST = 10_000;
/** What takes less is not counted: on a busy machine, time passes without work. */
const UNCOUNTED = 100;

/**
 * JavaScript's engine backtracks: on a name that it nearly matches, `(a+)+$` takes longer than anybody lives, and a process that
 * hangs in it does nothing else. An engine in linear time has no look-around, which PEFT's users write; so time is limited
 * instead, where the expression can take it.
 * @throws TemperError SPEC_INVALID for what is no regular expression, and for one that is too long
 */
export function userPattern(source: string, written: string, path: string): Pattern {
  const refuse = (message: string, cause: unknown, hint?: string): never => {
    const problem = { path, message, found: written.slice(0, 200), ...(hint ? { hint } : {}) };
    throw new TemperError('SPEC_INVALID', problem, { cause });
  };
  if (written.length > LONGEST)
    throw new TemperError('SPEC_INVALID', {
      path,
      message: 'is too long for a regular expression',
      found: `${written.length} characters`,
      allowed: `at most ${LONGEST}`,
    });
  const expression = attempt(
    () => new RegExp(source),
    (cause) => refuse('is no regular expression', cause),
  );
  const run = isQuick(written) ? untimed : timed();
  return {
    test: (name) =>
      attempt(
        () => run(expression, name),
        (cause) =>
          isTimeout(cause)
            ? refuse(
                'takes too long to compare with names',
                cause,
                'repetitions within repetitions, such as (a+)+, try every way to divide a name',
              )
            : // It is compiled when it is first used, and may then turn out to be too large.
              refuse('is no regular expression that can be used', cause),
      ),
  };
}

function attempt<T>(work: () => T, failed: (cause: unknown) => T): T {
  try {
    return work();
  } catch (cause) {
    return failed(cause);
  }
}

/** Without groups and with few repetitions, the time is a small power of the length of the name. */
const isQuick = (written: string) => !/[({]/.test(written) && (written.match(/[*+?]/g)?.length ?? 0) <= 2;

const untimed = (expression: RegExp, name: string) => expression.test(name);

const context = createContext({});
const script = new Script('expression.test(name)');

function timed(): typeof untimed {
  let left = LIMIT;
  return (expression, name) => {
    const start = performance.now();
    try {
      Object.assign(context, { expression, name });
      return script.runInContext(context, { timeout: Math.max(1, Math.ceil(left)) }) as boolean;
    } finally {
      const took = performance.now() - start;
      if (took > UNCOUNTED) left -= took;
    }
  };
}

const isTimeout = (cause: unknown) =>
  (cause as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
