import {
  type Client,
  type ScheduleDescription,
  type ScheduleHandle,
  type ScheduleSpec,
} from '@temporalio/client';
import { DEFAULT_QUEUE_PREFIX, fineTuneWorkflow, TemperError, type Problem } from '@temper/contracts';
import {
  parsePipelineSpec,
  type FineTuneInput,
  type PipelineSpec,
  type PipelineSpecInput,
} from '@temper/spec';
import { priorityOf } from '@temper/spec/priority';
import { attributesOf, describeRun } from './attributes.js';
import { defaultInstallation, orchestrationOf, type Installation } from './installation.js';
import { readyPipeline, type ReadyOptions } from './pipeline/define.js';
import {
  backfill,
  matchingTimes,
  stopBackfill,
  type BackfillOptions,
  type StoppedBackfill,
} from './schedules/backfill.js';
import { daylightNotes } from './schedules/daylight.js';
import { scheduleInfo, type ScheduleInfo } from './schedules/describe.js';
import { noSuchSchedule, refusal } from './schedules/errors.js';
import {
  compileSchedule,
  idProblems,
  newScheduleProblems,
  type ScheduleOptions,
} from './schedules/options.js';
import { checkOnlyNewData, compileOverlap, overlapName, overlapPolicies } from './schedules/policies.js';
import { hasTimes } from './schedules/times.js';
import { StoredSources } from './stored.js';

/** What a run is started with, by the clock. */
function actionOf(
  installation: Installation,
  id: string,
  { spec: checked, unchecked, onlyNewData }: Pick<FineTuneInput, 'spec' | 'unchecked' | 'onlyNewData'>,
) {
  // As `submit` does: fields in the schema's order, so that the same pipeline makes the same model card and no new version.
  const spec = parsePipelineSpec(checked);
  const { memo, ...shown } = describeRun(spec);
  return {
    type: 'startWorkflow' as const,
    workflowType: fineTuneWorkflow,
    // Without a runId the workflow takes its own id, which the server makes from this one and the time.
    args: [
      {
        spec,
        ...(onlyNewData ? { onlyNewData } : {}),
        ...(unchecked ? { unchecked } : {}),
        ...orchestrationOf(installation),
      } satisfies FineTuneInput,
    ],
    workflowId: isDefault(installation) ? id : `${installation.queues.prefix}.${id}`,
    taskQueue: installation.queues.workflow,
    priority: priorityOf(spec),
    memo,
    typedSearchAttributes: attributesOf(spec),
    ...shown,
  };
}

const isDefault = ({ queues }: Installation) => queues.prefix === DEFAULT_QUEUE_PREFIX;

export interface NewSchedule extends ScheduleOptions, ReadyOptions {
  /** Default: the name of the pipeline. */
  readonly id?: string | undefined;
}

/**
 * Schedules of the Temporal server: they go on while nobody looks. The server's name of one, and those of its runs, begin
 * with the installation's prefix where that is not the default: two installations in a namespace may both have a `nightly`.
 */
export class Schedules {
  readonly #client: Client;
  readonly #installation: Installation;
  readonly #stored: StoredSources;
  constructor(
    client: Client,
    installation: Installation = defaultInstallation,
    stored = new StoredSources(undefined),
  ) {
    this.#client = client;
    this.#installation = installation;
    this.#stored = stored;
  }

  /** No name of a schedule holds a colon. */
  #serverId(id: string): string {
    return isDefault(this.#installation) ? id : `${this.#installation.queues.prefix}:${id}`;
  }

  /** @throws TemperError SPEC_INVALID with the mistakes of the times, or else those of the pipeline and its files. */
  async create(
    pipeline: PipelineSpecInput,
    { id = pipeline.name, folder, check, unchecked, ...options }: NewSchedule,
  ): Promise<ScheduleInfo> {
    fail([...idProblems(id), ...newScheduleProblems(options)]);
    const spec = await readyPipeline(pipeline, { folder, check });
    const { spec: times, policies, state } = compileSchedule(options);
    const create = () =>
      this.#client.schedule.create({
        scheduleId: this.#serverId(id),
        spec: times,
        action: actionOf(this.#installation, id, { spec, unchecked, onlyNewData: options.onlyNewData }),
        policies: { overlap: overlapPolicies.skip, catchupWindow: '1 hour', ...policies },
        state,
        memo: { temper: true, pipeline: spec.name, queuePrefix: this.#installation.queues.prefix },
      });
    await this.#keeping(id, spec, () =>
      create().catch((error: unknown) => {
        throw refusal(error, id);
      }),
    );
    return this.show(id);
  }

  /** Stored files that its runs read are kept as long as it names them; runs that go on hold what it named before. */
  #keeping<T>(id: string, spec: PipelineSpec | undefined, change: () => Promise<T>): Promise<T> {
    return this.#stored.keeping(this.#installation.queues.prefix, id, spec, change);
  }

  async #holdForRunning({ action, info }: ScheduleDescription): Promise<void> {
    if (!this.#stored.connected) return;
    const { spec } = action.args![0] as FineTuneInput;
    for (const running of info.runningActions) {
      await this.#stored.hold(spec, running.workflow.workflowId).catch((error: unknown) => {
        // Gone already: the run tells it.
        if (!(error instanceof TemperError && error.code === 'NOT_FOUND')) throw error;
      });
    }
  }

  /** Changes what is given and nothing else; times that are given replace all that there were. */
  async update(
    id: string,
    { unchecked, ...options }: ScheduleOptions & Pick<FineTuneInput, 'unchecked'>,
    spec?: PipelineSpec,
  ): Promise<ScheduleInfo> {
    const { spec: times, policies, state } = compileSchedule(options);
    return this.#known(id, async (handle) => {
      const change = () =>
        handle.update((before) => {
          const input = before.action.args![0] as FineTuneInput;
          const onlyNewData = options.onlyNewData ?? input.onlyNewData === true;
          const after = { ...before.policies, ...policies };
          const problems: Problem[] = [];
          checkOnlyNewData(overlapName(after.overlap), onlyNewData, problems);
          fail(problems);
          const kept: ScheduleSpec = before.spec;
          const gone = hasTimes(options) ? { calendars: [], intervals: [], cronExpressions: [] } : {};
          return {
            spec: { ...kept, ...gone, ...times },
            action: {
              ...before.action,
              ...actionOf(
                this.#installation,
                id,
                spec ? { spec, unchecked, onlyNewData } : { ...input, onlyNewData },
              ),
            },
            policies: after,
            state: { ...before.state, ...state },
          };
        });
      if (spec) {
        await this.#holdForRunning(await handle.describe());
        await this.#keeping(id, spec, change);
      } else await change();
      return this.show(id);
    });
  }

  async list(): Promise<ScheduleInfo[]> {
    const ids: string[] = [];
    const { prefix } = this.#installation.queues;
    for await (const { memo, scheduleId } of this.#client.schedule.list()) {
      if (memo?.temper !== true || (memo.queuePrefix ?? DEFAULT_QUEUE_PREFIX) !== prefix) continue;
      ids.push(isDefault(this.#installation) ? scheduleId : scheduleId.slice(prefix.length + 1));
    }
    // The list lags behind, and leaves out the policies and counters.
    const found = await Promise.all(ids.map((id) => this.#described(id, 1).catch(() => undefined)));
    return found.filter((s) => s !== undefined).sort((a, b) => a.id.localeCompare(b.id));
  }

  async show(id: string): Promise<ScheduleInfo> {
    const info = await this.#described(id, 10);
    return { ...info, daylight: await this.#daylight(id, info.timezone) };
  }

  /** What clock changes do to its starts; nothing where an older server cannot tell. */
  #daylight(id: string, timezone: string): Promise<string[]> {
    return this.#known(id, async (handle) => {
      const { spec } = await handle.describe();
      return daylightNotes(spec, timezone, (from, to) =>
        matchingTimes(this.#client, handle.scheduleId, from, to),
      );
    }).catch(() => []);
  }

  /**
   * Starts a run now. Without an overlap policy the schedule's own holds, but a run that somebody asks for waits for those
   * that go on or wait already, and is not skipped.
   */
  trigger(id: string, { overlap }: { readonly overlap?: string | undefined } = {}): Promise<void> {
    return this.#known(id, async (handle) => {
      const own = overlapName((await handle.describe()).policies.overlap);
      await handle.trigger(
        checkedOverlap(overlap ?? (own === 'skip' || own === 'buffer-one' ? 'buffer-all' : own)),
      );
    });
  }

  /**
   * Starts the runs of a time that is over, its ends included: one after the other, unless another policy is given.
   * Returns the times of the starts; with `preview` nothing is started.
   * @throws TemperError SPEC_INVALID where the time is not over, or has no start, or more than `maxStarts`.
   */
  backfill(id: string, from: string, to: string, options: BackfillOptions = {}): Promise<readonly string[]> {
    return this.#known(id, (handle) => backfill(this.#client, handle, [from, to], options));
  }

  /** Ends the runs of a backfill and drops those that wait. */
  stopBackfill(id: string): Promise<StoppedBackfill> {
    return this.#known(id, (handle) => stopBackfill(this.#client, handle));
  }

  pause(id: string, note = 'paused with temper'): Promise<void> {
    return this.#known(id, (handle) => handle.pause(note));
  }

  resume(id: string, note = 'resumed with temper'): Promise<void> {
    return this.#known(id, (handle) => handle.unpause(note));
  }

  delete(id: string): Promise<void> {
    return this.#known(id, async (handle) => {
      await this.#holdForRunning(await handle.describe());
      await this.#keeping(id, undefined, () => handle.delete());
    });
  }

  #described(id: string, last: number): Promise<ScheduleInfo> {
    return this.#known(id, async (handle) => scheduleInfo(this.#client, id, await handle.describe(), last));
  }

  async #known<T>(id: string, act: (handle: ScheduleHandle) => Promise<T>): Promise<T> {
    try {
      return await act(this.#client.schedule.getHandle(this.#serverId(id)));
    } catch (error) {
      throw await noSuchSchedule(error, id, async () => (await this.list()).map((s) => s.id));
    }
  }
}

function fail(problems: readonly Problem[]): void {
  if (problems.length) throw new TemperError('SPEC_INVALID', problems);
}

function checkedOverlap(name: string) {
  const problems: Problem[] = [];
  const policy = compileOverlap(name, problems);
  fail(problems);
  return policy;
}
