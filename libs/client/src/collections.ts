import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type Client,
  type ScheduleDescription,
  type ScheduleHandle,
} from '@temporalio/client';
import {
  collectWorkflow,
  namesNothing,
  parseAge,
  TemperError,
  type Collected,
  type CollectInput,
} from '@temper/contracts';
import { defaultInstallation, type Installation } from './installation.js';
import { statusOf } from './result.js';
import { parseDuration } from './schedules/duration.js';
import { compileSchedule } from './schedules/options.js';
import { overlapPolicies } from './schedules/policies.js';
import { timesOf } from './schedules/words.js';

export interface CollectBy extends Pick<CollectInput, 'dryRun' | 'grace'> {
  /** A cron expression of five fields, or an interval such as `6h`. */
  readonly schedule: string;
  /** An IANA name; UTC where none is given. */
  readonly timezone?: string | undefined;
  /** Where a worker waits whose role may remove from the store; default: as the workflow itself. */
  readonly queue?: string | undefined;
}

export interface PastCollection {
  readonly id: string;
  readonly at: string;
  readonly status: string;
  /** Of one that is done, as long as the server remembers it. */
  readonly collected?: Collected | undefined;
  /** Why it failed. */
  readonly error?: string | undefined;
}

export interface CollectionSchedule {
  readonly times: string;
  readonly timezone: string;
  readonly dryRun: boolean;
  readonly grace: string;
  readonly queue: string;
  readonly paused: boolean;
  readonly next: readonly string[];
  /** Starts that did not happen: the collection before still went on. */
  readonly skipped: number;
  /** Oldest first. */
  readonly recent: readonly PastCollection[];
}

const RECENT = 10;

/** Collections of what nothing needs, by the clock: one schedule an installation. Those of pipelines are `Schedules`. */
export class Collections {
  readonly #client: Client;
  readonly #installation: Installation;
  constructor(client: Client, installation: Installation = defaultInstallation) {
    this.#client = client;
    this.#installation = installation;
  }

  /** Makes the schedule, or has it be so from now on. @throws TemperError SPEC_INVALID with the mistakes of the times. */
  async schedule({ schedule, timezone, queue, ...asked }: CollectBy): Promise<CollectionSchedule> {
    if (asked.grace !== undefined) parseAge(asked.grace, '--grace');
    const every = parseDuration(schedule) === undefined ? undefined : schedule;
    const when = every === undefined ? { cron: schedule } : { every };
    const { spec } = compileSchedule({ ...when, timezone });
    const action = {
      type: 'startWorkflow' as const,
      workflowType: collectWorkflow,
      workflowId: this.#id,
      taskQueue: this.#installation.queues.workflow,
      args: [this.#input(asked, queue)],
      staticSummary: asked.dryRun ? 'says what nothing needs' : 'removes what nothing needs',
    };
    const policies = { overlap: overlapPolicies.skip, catchupWindow: '1 hour' } as const;
    const memo = { temper: 'collections', queuePrefix: this.#installation.queues.prefix };
    try {
      await this.#client.schedule.create({ scheduleId: this.#id, spec, action, policies, memo });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      const changed = ({ state }: ScheduleDescription) => ({ spec, action, policies, state });
      await this.#handle.update(changed);
    }
    return this.show();
  }

  /** @throws TemperError NOT_FOUND where there is none. */
  async show(): Promise<CollectionSchedule> {
    const { spec, state, info, action } = await this.#known((handle) => handle.describe());
    const { dryRun = false, grace = '1h', orchestration } = (action.args?.[0] ?? {}) as CollectInput;
    const recent = info.recentActions.slice(-RECENT);
    return {
      times: timesOf(spec),
      timezone: spec.timezone || 'UTC',
      dryRun,
      grace,
      queue: orchestration?.activities?.collectGarbage?.taskQueue ?? this.#installation.queues.workflow,
      paused: state.paused,
      next: state.paused ? [] : info.nextActionTimes.slice(0, 3).map((date) => date.toISOString()),
      skipped: info.numActionsSkippedOverlap,
      recent: await Promise.all(
        recent.map(({ takenAt, action: { workflow } }) => this.#past(workflow, takenAt.toISOString())),
      ),
    };
  }

  /** One now, as by the clock; waits for those that go on. */
  trigger(): Promise<void> {
    return this.#known((handle) => handle.trigger(overlapPolicies['buffer-one']));
  }

  unschedule(): Promise<void> {
    return this.#known((handle) => handle.delete());
  }

  /** No name of a pipeline's schedule holds a slash. */
  get #id(): string {
    return `${this.#installation.queues.prefix}/gc`;
  }

  get #handle(): ScheduleHandle {
    return this.#client.schedule.getHandle(this.#id);
  }

  #input(asked: Pick<CollectInput, 'dryRun' | 'grace'>, queue: string | undefined): CollectInput {
    const { orchestration } = this.#installation;
    if (queue === undefined) return { ...asked, ...(orchestration ? { orchestration } : {}) };
    const { activities } = orchestration ?? {};
    const collectGarbage = { ...activities?.collectGarbage, taskQueue: queue };
    return { ...asked, orchestration: { ...orchestration, activities: { ...activities, collectGarbage } } };
  }

  async #past(
    { workflowId: id, firstExecutionRunId }: { workflowId: string; firstExecutionRunId: string },
    at: string,
  ) {
    const handle = this.#client.workflow.getHandle(id, firstExecutionRunId);
    try {
      const status = statusOf((await handle.describe()).status.name);
      if (status === 'running') return { id, at, status };
      return await handle.result().then(
        (collected) => ({ id, at, status, collected: collected as Collected }),
        (error: unknown) => ({ id, at, status, error: reasonOf(error) }),
      );
    } catch (error) {
      if (namesNothing(error)) return { id, at, status: 'forgotten' };
      throw error;
    }
  }

  async #known<T>(act: (handle: ScheduleHandle) => Promise<T>): Promise<T> {
    try {
      return await act(this.#handle);
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError) && !namesNothing(error)) throw error;
      throw new TemperError('NOT_FOUND', {
        path: 'gc',
        message: 'nothing is collected by the clock here',
        hint: 'temper gc --schedule "0 3 * * *" makes it so',
      });
    }
  }
}

/** The innermost: the failures around it only say that they have a cause. */
function reasonOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return inner instanceof Error ? inner.message : String(inner);
}
