import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
} from '@temporalio/client';
import {
  fineTuneWorkflow,
  nearest,
  TemperError,
  WORKFLOW_QUEUE,
  type FineTuneInput,
  type PipelineSpec,
} from '@temper/contracts';
import { attributesOf, describeRun } from './attributes.js';

export interface ScheduleTimes {
  /** Five fields, or `@daily` and the like; UTC unless `timezone` is given. */
  readonly cron?: string | undefined;
  /** e.g. `90s`, `30m`, `1h`, `1d`. */
  readonly every?: string | undefined;
  /** An IANA name, e.g. `Europe/Berlin`. */
  readonly timezone?: string | undefined;
}

export interface ScheduleInfo {
  readonly id: string;
  readonly pipeline: string;
  readonly times: string;
  readonly paused: boolean;
  readonly next: readonly string[];
  readonly recent: readonly { readonly at: string; readonly runId: string }[];
}

/** Schedules of the Temporal server: they go on while nobody looks. An overlapping start is skipped. */
export class Schedules {
  readonly #client: Client;
  constructor(client: Client) {
    this.#client = client;
  }

  async create(spec: PipelineSpec, times: ScheduleTimes, id: string = spec.name): Promise<ScheduleInfo> {
    if ((times.cron === undefined) === (times.every === undefined)) {
      throw new TemperError('SPEC_INVALID', { path: '--cron, --every', message: 'exactly one is needed' });
    }
    const { memo, ...shown } = describeRun(spec);
    const words = times.cron ? `cron ${times.cron}` : `every ${times.every}`;
    try {
      await this.#client.schedule.create({
        scheduleId: id,
        spec: {
          ...(times.cron
            ? { cronExpressions: [times.cron] }
            : { intervals: [{ every: milliseconds(times.every!) }] }),
          ...(times.timezone ? { timezone: times.timezone } : {}),
        },
        action: {
          type: 'startWorkflow',
          workflowType: fineTuneWorkflow,
          // Without a runId the workflow takes its own id, which the server makes from this one and the time.
          args: [{ spec } satisfies FineTuneInput],
          workflowId: id,
          taskQueue: WORKFLOW_QUEUE,
          memo,
          typedSearchAttributes: attributesOf(spec),
          ...shown,
        },
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 hour' },
        memo: { temper: true, pipeline: spec.name, times: words },
      });
    } catch (error) {
      throw asUserError(error, id, times);
    }
    return this.show(id);
  }

  async list(): Promise<ScheduleInfo[]> {
    const found: ScheduleInfo[] = [];
    for await (const s of this.#client.schedule.list()) {
      if (s.memo?.temper !== true) continue;
      found.push(info(s.scheduleId, s));
    }
    return found.sort((a, b) => a.id.localeCompare(b.id));
  }

  async show(id: string): Promise<ScheduleInfo> {
    return this.#known(id, async (handle) => info(id, await handle.describe()));
  }

  trigger(id: string): Promise<void> {
    return this.#known(id, (handle) => handle.trigger());
  }

  pause(id: string, note = 'paused with temper'): Promise<void> {
    return this.#known(id, (handle) => handle.pause(note));
  }

  resume(id: string, note = 'resumed with temper'): Promise<void> {
    return this.#known(id, (handle) => handle.unpause(note));
  }

  delete(id: string): Promise<void> {
    return this.#known(id, (handle) => handle.delete());
  }

  async #known<T>(
    id: string,
    act: (handle: ReturnType<Client['schedule']['getHandle']>) => Promise<T>,
  ): Promise<T> {
    try {
      return await act(this.#client.schedule.getHandle(id));
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
      const ids = (await this.list()).map((s) => s.id);
      const close = nearest(id, ids);
      throw new TemperError('NOT_FOUND', {
        path: id,
        message: 'no such schedule',
        ...(ids.length ? { allowed: ids.join(', ') } : {}),
        ...(close ? { hint: `did you mean ${close}?` } : {}),
      });
    }
  }
}

type Described = {
  memo?: Record<string, unknown>;
  state: { paused: boolean };
  info: {
    nextActionTimes: Date[];
    recentActions: { takenAt: Date; action: { workflow: { workflowId: string } } }[];
  };
};

const info = (id: string, s: Described): ScheduleInfo => ({
  id,
  pipeline: String(s.memo?.pipeline ?? id),
  times: String(s.memo?.times ?? ''),
  paused: s.state.paused,
  next: s.info.nextActionTimes.slice(0, 3).map((d) => d.toISOString()),
  recent: s.info.recentActions.map((a) => ({
    at: a.takenAt.toISOString(),
    runId: a.action.workflow.workflowId,
  })),
});

const units: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3600e3, d: 86400e3, w: 604800e3 };

/** `90s`, `30m`, `1.5h`, `1d`, `2w` → milliseconds. */
export function milliseconds(duration: string): number {
  const match =
    /^\s*(\d+(?:\.\d+)?)\s*(?:(s)(?:ec(?:onds?)?)?|(m)(?:in(?:utes?)?)?|(h)(?:ours?)?|(d)(?:ays?)?|(w)(?:eeks?)?)\s*$/.exec(
      duration,
    );
  const value = match ? Number(match[1]) * units[match.slice(2).find(Boolean)!]! : 0;
  if (value >= 1000) return value;
  throw new TemperError('SPEC_INVALID', {
    path: '--every',
    message: 'not a duration of at least a second',
    found: duration,
    allowed: 'a number and s, m, h, d or w, e.g. 30m',
  });
}

function asUserError(error: unknown, id: string, times: ScheduleTimes): unknown {
  if (error instanceof ScheduleAlreadyRunning) {
    return new TemperError('SPEC_INVALID', {
      path: id,
      message: 'a schedule of this name exists',
      hint: `delete it (temper schedule delete ${id}) or choose another with --id`,
    });
  }
  // How the SDK tells that the server refuses the times.
  if (error instanceof TypeError) {
    const allowed = times.cron ? 'minute hour day month weekday, e.g. "0 3 * * *"' : 'e.g. 30m, 1h, 1d';
    const found = times.cron ?? times.every;
    const path = times.cron ? '--cron' : '--every';
    return new TemperError(
      'SPEC_INVALID',
      { path, message: error.message, found, allowed },
      { cause: error },
    );
  }
  return error;
}
