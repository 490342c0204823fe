import { type Client, type ConnectionLike, type WorkflowExecutionInfo } from '@temporalio/client';
import {
  fineTuneWorkflow,
  namesNothing,
  nearest,
  TemperError,
  type ControlAnswer,
  type ControlInput,
  type ControlUpdate,
  type ForkOrigin,
  type RunProgress,
  type RunResult,
  type RunStatus,
  type StageName,
} from '@temper/contracts';
import { priorityOf, type FineTuneInput, type PipelineSpec } from '@temper/spec';
import { attribute, attributesOf, describeRun, statusAs } from './attributes.js';
import { askRun } from './control.js';
import { endedRun } from './ended-run.js';
import { queryProgress } from './query-progress.js';
import { defaultInstallation, onQueue, orchestrationOf, type Installation } from './installation.js';
import { runInput } from './input.js';
import { liveStages, type LiveStage } from './live.js';
import { runResult, statusOf } from './result.js';
import { newRunId } from './run-id.js';
import { StoredSources } from './stored.js';

export interface RunSummary {
  readonly runId: string;
  readonly pipeline: string;
  readonly team?: string | undefined;
  readonly status: RunStatus;
  readonly stage?: string | undefined;
  readonly model?: string | undefined;
  readonly pool?: string | undefined;
  readonly startedAt: string;
  readonly seconds: number;
}

export interface RunDetail extends RunSummary {
  readonly spec?: PipelineSpec | undefined;
  /** Of a fork: where it began. */
  readonly forkedFrom?: ForkOrigin | undefined;
  /** How often the run was started; retries keep its id. */
  readonly starts: number;
  /** Of a run that goes on; undefined where no worker answers. */
  readonly progress?: RunProgress | undefined;
  readonly live: readonly LiveStage[];
  readonly result?: RunResult | undefined;
  /** Path of the run's page in the Temporal UI. */
  readonly uiPath: string;
}

export interface ListRuns {
  readonly pipeline?: string | undefined;
  readonly team?: string | undefined;
  /** The trials of this sweep; without it, runs that are no trials. */
  readonly sweep?: string | undefined;
  readonly status?: ListedStatus | undefined;
  /** Started not before, and before. */
  readonly since?: Date | undefined;
  readonly before?: Date | undefined;
  readonly limit?: number | undefined;
  /** So many of the newest are left out. */
  readonly offset?: number | undefined;
}

/** Runs as workflows: the workflow id is the run id, a retry is a new execution of the same id. */
export class Runs {
  readonly #client: Client;
  readonly #connection: ConnectionLike;
  readonly #installation: Installation;
  readonly #stored: StoredSources;
  constructor(
    client: Client,
    connection: ConnectionLike,
    installation: Installation = defaultInstallation,
    stored = new StoredSources(undefined),
  ) {
    this.#client = client;
    this.#connection = connection;
    this.#installation = installation;
    this.#stored = stored;
  }

  async start({ runId, ...more }: FineTuneInput): Promise<string> {
    const { spec } = more;
    const input = { runId: runId ?? newRunId(spec.name), ...more };
    // First: from its start on the run may be asked for what it names.
    await this.#stored.hold(spec, input.runId);
    return this.#startAs(input.runId, input);
  }

  async #startAs(runId: string, input: FineTuneInput): Promise<string> {
    const { spec } = input;
    await this.#client.workflow.start(fineTuneWorkflow, {
      workflowId: runId,
      taskQueue: this.#installation.queues.workflow,
      args: [{ ...orchestrationOf(this.#installation), ...input }],
      priority: priorityOf(spec),
      typedSearchAttributes: attributesOf(spec),
      ...describeRun(spec),
    });
    return runId;
  }

  /**
   * Goes on with a run that failed, was cancelled or refused: the same id and input, so its checkpoints and cached
   * stages are found; with the changes that were asked for and that its failure did not let training apply. A run that
   * has not ended is left as it is (`false`). With `from`, that stage and all after it are done again; training again
   * means a training of its own, which does not go on from the checkpoints so far.
   */
  async retry(runId: string, { from }: { readonly from?: StageName | undefined } = {}): Promise<boolean> {
    const { status } = await this.#describe(runId);
    if (statusOf(status.name) === 'running') {
      if (!from) return false;
      throw new TemperError('CONTROL_REFUSED', {
        path: runId,
        message: 'the run has not ended: it cannot be started again from a stage',
        hint: `temper runs cancel ${runId} ends it`,
      });
    }
    const input = await runInput(this.#client, runId);
    if (!input) throw this.#notFound(runId, []);
    const { changes } = await endedRun(this.#client, this.#connection, runId);
    const { fresh: _, ...again } = input;
    const trainsAgain = from && ['ingest', 'preprocess', 'train'].includes(from);
    const training = (input.training ?? 0) + (trainsAgain ? 1 : 0);
    // What a collection sees of a run that has ended it takes with its holds: until the run goes on it is nobody's.
    await this.#stored.hold(input.spec);
    await this.start({
      ...(from ? { ...again, from } : input),
      changes: trainsAgain ? undefined : changes?.map(({ step: __, ...change }) => change),
      ...(training ? { training } : {}),
      runId,
    });
    await this.#stored.hold(input.spec, runId);
    return true;
  }

  /** Pause, resume, change, approve, reject: the run itself checks whether it can be done. */
  async control(runId: string, update: ControlUpdate, input: ControlInput): Promise<ControlAnswer> {
    const { status } = await this.#describe(runId);
    if (statusOf(status.name) !== 'running') {
      const ended = await runResult(this.#client.workflow.getHandle(runId), runId);
      throw new TemperError('CONTROL_REFUSED', {
        path: runId,
        message: `${update} needs an open run, and this one has ended`,
        found: ended.status,
      });
    }
    return askRun(this.#client, this.#connection, runId, update, input);
  }

  async cancel(runId: string): Promise<void> {
    const { status } = await this.#describe(runId);
    if (statusOf(status.name) !== 'running') {
      throw new TemperError('NOT_FOUND', {
        path: runId,
        message: 'the run has ended already',
        found: statusOf(status.name),
      });
    }
    await this.#client.workflow.getHandle(runId).cancel();
  }

  async list(wanted: ListRuns = {}): Promise<RunSummary[]> {
    const { pipeline, team, sweep, status, since, before, limit = 50, offset = 0 } = wanted;
    const conditions = [`WorkflowType = '${fineTuneWorkflow}'`, onQueue(this.#installation)];
    conditions.push(sweep ? `TemperSweep = ${quoted(sweep)}` : 'TemperSweep IS NULL');
    if (pipeline) conditions.push(`TemperPipeline = ${quoted(pipeline)}`);
    if (team) conditions.push(`TemperTeam = ${quoted(team)}`);
    if (status) conditions.push(visibility[status]);
    if (since) conditions.push(`StartTime >= '${since.toISOString()}'`);
    if (before) conditions.push(`StartTime < '${before.toISOString()}'`);
    const found = new Map<string, RunSummary>();
    for await (const info of this.#client.workflow.list({ query: conditions.join(' AND ') })) {
      if (found.has(info.workflowId) || (status && !(await this.#isNewest(info)))) continue;
      found.set(info.workflowId, summary(info));
      if (found.size >= offset + limit) break;
    }
    return [...found.values()].slice(offset);
  }

  /** A run that failed and was started again is not a failed one, though the server keeps its first execution as such. */
  async #isNewest({ workflowId, runId }: WorkflowExecutionInfo): Promise<boolean> {
    return (await this.#client.workflow.getHandle(workflowId).describe()).runId === runId;
  }

  async show(runId: string): Promise<RunDetail> {
    const description = await this.#describe(runId);
    const running = statusOf(description.status.name) === 'running';
    const [input, executions, progress, live, result] = await Promise.all([
      runInput(this.#client, runId),
      this.#client.workflow.count(`WorkflowId = ${quoted(runId)}`),
      running ? queryProgress(this.#client, this.#connection, runId) : undefined,
      liveStages(this.#client, description),
      running ? undefined : endedRun(this.#client, this.#connection, runId),
    ]);
    const { namespace } = this.#client.options;
    return {
      ...summary(description),
      ...(result ? { status: result.status } : progress ? { status: progress.status } : {}),
      spec: input?.spec,
      ...(input?.fork ? { forkedFrom: input.fork } : {}),
      starts: Math.max(1, executions.count),
      progress,
      live,
      result,
      uiPath: `/namespaces/${namespace}/workflows/${encodeURIComponent(runId)}/${description.runId}/history`,
    };
  }

  async #describe(runId: string) {
    try {
      const description = await this.#client.workflow.getHandle(runId).describe();
      if (description.type === fineTuneWorkflow) return description;
    } catch (error) {
      if (!namesNothing(error)) throw error;
    }
    // A sweep, or a workflow of the server's own, is nobody's run.
    throw this.#notFound(
      runId,
      (await this.list()).map((r) => r.runId),
    );
  }

  #notFound(runId: string, known: readonly string[]): TemperError {
    const close = nearest(runId, known);
    return new TemperError('NOT_FOUND', {
      path: runId,
      message: 'no such run',
      hint: close ? `did you mean ${close}?` : 'temper runs list shows them',
    });
  }
}

/** What the server can look runs up by; the stage of a run that has ended says how. */
const visibility = {
  running: "ExecutionStatus = 'Running' AND TemperStage NOT IN ('paused', 'awaiting-approval')",
  paused: "ExecutionStatus = 'Running' AND TemperStage = 'paused'",
  'awaiting-approval': "ExecutionStatus = 'Running' AND TemperStage = 'awaiting-approval'",
  completed: "ExecutionStatus = 'Completed' AND TemperStage NOT IN ('refused', 'unchanged')",
  refused: "ExecutionStatus = 'Completed' AND TemperStage = 'refused'",
  unchanged: "ExecutionStatus = 'Completed' AND TemperStage = 'unchanged'",
  failed: "ExecutionStatus IN ('Failed', 'TimedOut')",
  cancelled: "ExecutionStatus IN ('Canceled', 'Terminated')",
} as const satisfies Readonly<Partial<Record<RunStatus, string>>>;

export type ListedStatus = keyof typeof visibility;
export const listedStatuses = Object.keys(visibility) as ListedStatus[];

/** A name in a visibility query; names have neither quotes nor backslashes. */
const quoted = (name: string) => `'${name.replace(/['\\]/g, '')}'`;

function summary(info: Omit<WorkflowExecutionInfo, 'raw'>): RunSummary {
  const attributes = info.typedSearchAttributes as Parameters<typeof attribute>[0];
  const end = info.closeTime ?? new Date();
  return {
    runId: info.workflowId,
    pipeline: attribute(attributes, 'TemperPipeline') ?? String(info.memo?.pipeline ?? ''),
    status: statusAs(statusOf(info.status.name), attributes),
    stage: attribute(attributes, 'TemperStage'),
    model: attribute(attributes, 'TemperModel'),
    pool: attribute(attributes, 'TemperPool'),
    team: attribute(attributes, 'TemperTeam'),
    startedAt: info.startTime.toISOString(),
    seconds: Math.max(0, Math.round((end.getTime() - info.startTime.getTime()) / 100) / 10),
  };
}
