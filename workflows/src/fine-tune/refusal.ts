import { ApplicationFailure } from '@temporalio/workflow';
import { formatProblem, type Problem } from '@temper/contracts/errors';

/** Thrown by a validator: the update leaves no trace, and who asked is told why. `details[0]` are the problems. */
function refusal(type: 'CONTROL_REFUSED' | 'SPEC_INVALID', problems: readonly Problem[]): ApplicationFailure {
  const message = problems.map(formatProblem).join('\n');
  return ApplicationFailure.create({ message, type, nonRetryable: true, details: [problems] });
}

/** The run is not in a state for what is asked. */
export function refuse(message: string): never {
  throw refusal('CONTROL_REFUSED', [{ path: '', message }]);
}

/** What is asked has mistakes. */
export function refuseProblems(problems: readonly Problem[] | string, message = ''): never {
  throw refusal('SPEC_INVALID', typeof problems === 'string' ? [{ path: problems, message }] : problems);
}

/** One line, as people write it; nothing of something else than text. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' ? value.trim().replaceAll(/\s+/g, ' ') : '';
