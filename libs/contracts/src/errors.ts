/**
 * Every failure a user or operator can meet, by code. A user's mistake is never retried;
 * a fault of the infrastructure is, from the last checkpoint.
 */
export const errorCodes = {
  SPEC_INVALID: { retryable: false, meaning: 'the pipeline spec has mistakes' },
  DATA_INVALID: { retryable: false, meaning: 'the data cannot be used as the spec says' },
  MODEL_UNSUPPORTED: { retryable: false, meaning: 'the base model is of a family that is not supported' },
  MODEL_CORRUPT: { retryable: false, meaning: 'a file of the base model is damaged or incomplete' },
  OP_UNSUPPORTED: { retryable: false, meaning: 'an operator has no gradient or inference rule yet' },
  GRAPH_INVALID: { retryable: false, meaning: 'a graph broke a rule of the IR; a fault of the compiler' },
  LOSS_DIVERGED: { retryable: false, meaning: 'the loss became NaN or infinite' },
  STORE_REFUSED: { retryable: false, meaning: 'the object store lacks what Temper needs, or denies access' },
  GATE_REFUSED: {
    retryable: false,
    meaning:
      'the test metrics are outside the bounds of the gate, or the model collapsed or is worse than its base',
  },
  APPROVAL_REJECTED: { retryable: false, meaning: 'a person decided against the publication' },
  APPROVAL_MISSING: {
    retryable: false,
    meaning: 'the alias is protected, and nobody has approved the version',
  },
  PROMOTION_LOST: { retryable: false, meaning: 'somebody else moved the alias meanwhile' },
  MODEL_UNSIGNED: {
    retryable: false,
    meaning: 'trusted keys are asked for, and none has signed the version',
  },
  SIGNER_UNTRUSTED: { retryable: false, meaning: 'the version is signed by a key that is not trusted here' },
  MODEL_CHANGED: { retryable: false, meaning: 'a published model is not what was signed or published' },
  ENGINE_DIFFERS: {
    retryable: false,
    meaning:
      'exact results are asked for (resources.exact, models rebuild), and another engine or code computes',
  },
  CONTROL_REFUSED: { retryable: false, meaning: 'the run is not in a state in which this can be done' },
  NOT_FOUND: { retryable: false, meaning: 'no such run, model, version or artifact' },
  BLOB_CORRUPT: { retryable: false, meaning: 'what is stored was changed: it does not match its digest' },
  DISK_FULL: { retryable: true, meaning: 'a disk of the worker is full' },
  SOURCE_REFUSED: {
    retryable: false,
    meaning: 'a source denies access, goes beyond the limits of the spec, or holds what may not be fetched',
  },
  SOURCE_UNAVAILABLE: { retryable: true, meaning: 'a source could not be fetched' },
  STORE_UNAVAILABLE: { retryable: true, meaning: 'the object store did not answer' },
  STORE_CONFLICT: { retryable: true, meaning: 'a conditional write lost a race' },
  TRAINER_DIED: { retryable: true, meaning: 'the trainer process ended before its work did' },
  SERVICE_UNAVAILABLE: { retryable: true, meaning: 'Temporal or the embedded services did not come up' },
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** One mistake: where it is, what was found, what is allowed. */
export interface Problem {
  /** e.g. `training.epochs`, `data/train.csv:17`, `model.layers.0.q_proj` */
  readonly path: string;
  readonly message: string;
  readonly found?: string | undefined;
  readonly allowed?: string | undefined;
  /** The nearest valid name, or what to do next. */
  readonly hint?: string | undefined;
}

export class TemperError extends Error {
  readonly code: ErrorCode;
  readonly problems: readonly Problem[];

  constructor(
    code: ErrorCode,
    problems: Problem | readonly Problem[] | string,
    options?: { cause?: unknown },
  ) {
    const list = bounded(
      typeof problems === 'string'
        ? [{ path: '', message: problems }]
        : 'path' in problems
          ? [problems]
          : problems,
    );
    super(clip(list.map(formatProblem).join('\n'), MESSAGE_BYTES), options);
    this.name = 'TemperError';
    this.code = code;
    this.problems = list;
  }

  get retryable(): boolean {
    return errorCodes[this.code].retryable;
  }
}

/**
 * Errors are written to logs, histories and terminals: what they quote of an input is kept short, whatever the input is.
 * Bytes; of many problems each has less room.
 */
const MESSAGE_BYTES = 4096;
const FIELD_BYTES = 1024;
const FIELD_BYTES_OF_MANY = 200;
const SHOWN_PROBLEMS = 50;

function bounded(problems: readonly Problem[]): readonly Problem[] {
  const first = problems.slice(0, SHOWN_PROBLEMS).map((problem) => clipped(problem, FIELD_BYTES));
  const isLong = sum(first.map(bytesOf)) > MESSAGE_BYTES;
  const short = isLong ? first.map((problem) => clipped(problem, FIELD_BYTES_OF_MANY)) : first;
  let room = MESSAGE_BYTES - bytesOf(moreOf(problems.length));
  const end = short.findIndex((problem) => (room -= bytesOf(problem)) < 0);
  const shown = end < 0 ? short : short.slice(0, Math.max(1, end));
  const more = problems.length - shown.length;
  return more > 0 ? [...shown, moreOf(more)] : shown;
}

const moreOf = (count: number): Problem => ({ path: '', message: `and ${count} more problems` });

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const bytesOf = (problem: Problem) => sum([1, ...utf8Sizes(formatProblem(problem))]);

function clipped(problem: Problem, bytes: number): Problem {
  const fields = Object.entries(problem as unknown as Record<string, string | undefined>);
  if (fields.every(([, text]) => text === undefined || text.length * 3 <= bytes)) return problem;
  const short = fields.map(([name, text]) => [name, text && clip(String(text), bytes)]);
  return Object.fromEntries(short) as unknown as Problem;
}

/** The text, or its beginning and an ellipsis: at most so many bytes of UTF-8. */
function clip(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text;
  let size = 0;
  let end = 0; // of what leaves room for the ellipsis
  let at = 0;
  for (const character of text) {
    size += sizeOf(character);
    if (size > bytes) return `${text.slice(0, end)}…`;
    at += character.length;
    if (size <= bytes - 3) end = at;
  }
  return text;
}

const utf8Sizes = (text: string) => Array.from(text, sizeOf);

function sizeOf(character: string): number {
  const point = character.codePointAt(0)!;
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

/** `training.epoch: unknown field; allowed: …; did you mean …` on one line. */
export function formatProblem(problem: Problem): string {
  const parts = [problem.path ? `${problem.path}: ${problem.message}` : problem.message];
  if (problem.found !== undefined) parts.push(`found ${problem.found}`);
  if (problem.allowed !== undefined) parts.push(`allowed: ${problem.allowed}`);
  if (problem.hint !== undefined) parts.push(problem.hint);
  return parts.join('; ');
}
