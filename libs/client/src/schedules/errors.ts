import { ScheduleAlreadyRunning, ScheduleNotFoundError } from '@temporalio/client';
import { namesNothing, nearest, TemperError } from '@temper/contracts';

/** What a user can do about the server's refusal to make or change a schedule. */
export function refusal(error: unknown, id: string): unknown {
  if (error instanceof ScheduleAlreadyRunning) {
    return new TemperError('SPEC_INVALID', {
      path: id,
      message: 'a schedule of this name exists',
      hint: `change it (temper schedule update ${id}), delete it, or choose another name with --id`,
    });
  }
  // How the SDK tells that the server refuses the times.
  if (error instanceof TypeError) {
    const allowed = 'temper schedule create --help shows the forms';
    return new TemperError(
      'SPEC_INVALID',
      { path: 'times', message: error.message, allowed },
      { cause: error },
    );
  }
  return error;
}

/** Any other error stays what it is. */
export async function noSuchSchedule(
  error: unknown,
  id: string,
  known: () => Promise<string[]>,
): Promise<unknown> {
  if (!(error instanceof ScheduleNotFoundError) && !namesNothing(error)) return refusal(error, id);
  const ids = await known();
  const close = nearest(id, ids);
  return new TemperError('NOT_FOUND', {
    path: id,
    message: 'no such schedule',
    ...(ids.length
      ? { allowed: ids.join(', ') }
      : { hint: 'temper schedule create SPEC --cron … makes one' }),
    ...(close ? { hint: `did you mean ${close}?` } : {}),
  });
}
