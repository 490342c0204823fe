import {
  diskFull,
  TemperError,
  type ErrorCode,
  type Problem,
  visibleJson,
  visibleLine,
} from '@temper/contracts';
import { pc, shown } from './style.js';
import { exitCodes } from './exit-codes.js';

/** Codes that only a change by the user mends. */
const usersMistake: ReadonlySet<ErrorCode> = new Set([
  'SPEC_INVALID',
  'DATA_INVALID',
  'MODEL_UNSUPPORTED',
  'MODEL_CORRUPT',
  'NOT_FOUND',
  'SOURCE_REFUSED',
]);

const isUsersMistake = (error: unknown): error is TemperError =>
  error instanceof TemperError && usersMistake.has(error.code);

/** A wrong call of the command line itself. */
export const usageError = (path: string, message: string, more: Partial<Problem> = {}) =>
  new TemperError('SPEC_INVALID', { path, message, ...more });

/** The value of an option that counts something. */
export function countOption(option: string, text: string, of: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw usageError(option, `not a number of ${of}`, { found: text, allowed: '1 or more' });
}

/**
 * Prints what went wrong and returns the exit code. A TemperError is a list of problems; anything else is
 * a fault of Temper, whose stack is printed only with `TEMPER_DEBUG`.
 */
export function reportFailure(failed: unknown, json: boolean): number {
  const error = isOutOfReach(failed) ? serverLost(failed) : (diskFull(failed) ?? failed);
  const known = error instanceof TemperError;
  const problems: readonly Problem[] = known ? error.problems : [{ path: '', message: messageOf(error) }];
  const code = known ? error.code : 'UNKNOWN';
  if (json) {
    const message = known ? error.message : messageOf(error);
    const status = code === 'SERVICE_UNAVAILABLE' ? 'unknown' : 'failed';
    process.stdout.write(`${visibleJson({ status, error: { code, message, problems } })}\n`);
  }
  process.stderr.write(`${shown(formatProblems(problems, code).join('\n'))}\n`);
  if (process.env.TEMPER_DEBUG) process.stderr.write(`${shown(inspectChain(error))}\n`);
  else if (!known) process.stderr.write(shown(pc.dim('TEMPER_DEBUG=1 shows where this happened\n')));
  if (code === 'SERVICE_UNAVAILABLE') return exitCodes.unknown;
  return isUsersMistake(error) ? exitCodes.usage : exitCodes.failed;
}

/** gRPC's UNAVAILABLE and DEADLINE_EXCEEDED, known by their form: the SDK is not loaded for this. */
function isOutOfReach(error: unknown): error is Error {
  for (let e = error; e instanceof Error; e = e.cause) {
    const { code, metadata } = e as { code?: unknown; metadata?: unknown };
    if ((code === 4 || code === 14) && metadata) return true;
  }
  return false;
}

const serverLost = (cause: Error) =>
  new TemperError(
    'SERVICE_UNAVAILABLE',
    {
      path: '',
      message: 'the Temporal server went out of reach, so whether this was done is not known',
      hint: 'temper doctor tells what is running; temper runs list what is there',
    },
    { cause },
  );

/** One block a problem: place and message, then what was found, what is allowed, what to do. */
export function formatProblems(problems: readonly Problem[], code?: string): string[] {
  const many =
    problems.length > 1 ? [`${pc.red('✖')} ${problems.length} problems${code ? ` (${code})` : ''}`] : [];
  return [...many, ...problems.flatMap((p) => formatOne(p, problems.length > 1 ? '  ' : ''))];
}

function formatOne(problem: Problem, indent: string): string[] {
  // What comes from outside may have lines of its own, which must not look like ours.
  const within = (text: string) => text.replaceAll('\n', `\n${indent}      `);
  const message = within(problem.message);
  const head = problem.path ? `${pc.bold(visibleLine(problem.path))}: ${message}` : message;
  const detail = (label: string, value: string | undefined) =>
    value === undefined || value === '' ? [] : [`${indent}    ${pc.dim(`${label}:`)} ${within(value)}`];
  return [
    `${indent}${pc.red('✖')} ${head}`,
    ...detail('found', problem.found),
    ...detail('allowed', problem.allowed),
    ...detail('hint', problem.hint),
  ];
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function inspectChain(error: unknown): string {
  const stacks: string[] = [];
  for (let e = error; e instanceof Error; e = e.cause) stacks.push(e.stack ?? e.message);
  return stacks.join('\ncaused by: ');
}
