import { setTimeout as sleep } from 'node:timers/promises';
import {
  WorkflowFailedError,
  type Client,
  type ConnectionLike,
  type WorkflowExecutionInfo,
} from '@temporalio/client';
import { namesNothing, nearest, sweepWorkflow, TemperError } from '@temper/contracts';
import {
  type SweepInput,
  type SweepProgress,
  type SweepResult,
  type SweepSpec,
  type SweepStatus,
} from '@temper/spec';
import { attribute, attributesOf, sweepAttribute } from './attributes.js';
import type { FollowOptions } from './follow.js';
import { defaultInstallation, onQueue, orchestrationOf, type Installation } from './installation.js';
import { Outage } from './outage.js';
import { resultOfFailure, statusOf, unknownResult } from './result.js';
import { readySweep, type ReadyOptions, type SweepDefinition } from './pipeline/define.js';
import { newRunId } from './run-id.js';
import { StoredSources } from './stored.js';

export interface SweepInfo {
  readonly sweepId: string;
  readonly pipeline: string;
  readonly status: SweepStatus;
  readonly model?: string | undefined;
  readonly startedAt: string;
  readonly seconds: number;
}

/** One look at a sweep. `result` is there exactly once, in the last. */
export interface SweepSnapshot {
  readonly sweepId: string;
  /** Undefined until a worker has answered for the first time. */
  readonly progress?: SweepProgress | undefined;
  /** The server has been out of reach since then. */
  readonly lostSince?: Date | undefined;
  readonly result?: SweepResult | undefined;
}

/** A query without a worker would hang: it is given up after this many milliseconds. */
const QUERY_DEADLINE = 3_000;

/** Sweeps as workflows: the workflow id is the sweep's id, its trials are runs `SWEEP-tNNNN`. */
export class Sweeps {
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

  /** @throws TemperError SPEC_INVALID with all mistakes and missing files, as `submit`; `unchecked` as there. */
  async start(
    sweep: SweepDefinition | SweepSpec,
    { unchecked, sweepId, ...options }: ReadyOptions & { readonly sweepId?: string } = {},
  ): Promise<string> {
    const spec = await readySweep(sweep, options);
    const id = sweepId ?? newRunId(spec.name);
    const { pipeline, strategy, trials, objective } = spec;
    const input: SweepInput = {
      ...{ sweepId: id, spec },
      ...(unchecked ? { unchecked } : {}),
      ...orchestrationOf(this.#installation),
    };
    await this.#stored.hold(spec, id);
    await this.#client.workflow.start(sweepWorkflow, {
      workflowId: id,
      taskQueue: this.#installation.queues.workflow,
      args: [input],
      typedSearchAttributes: [...attributesOf(pipeline), sweepAttribute(id)],
      memo: { sweep: spec.name, pipeline: pipeline.name },
      staticSummary: `${spec.name}: ${trials} trials (${strategy}) of ${pipeline.name} by ${objective.metric}`,
    });
    return id;
  }

  /** Yields until the sweep has ended or the signal fires; a lost server is told and waited for, as `follow` of a run does. */
  async *follow(
    sweepId: string,
    { interval = 500, patience, signal }: FollowOptions = {},
  ): AsyncGenerator<SweepSnapshot> {
    const outage = new Outage(this.#connection, patience);
    let last: SweepSnapshot = { sweepId };
    while (!signal?.aborted) {
      const seen = await outage.look(() => this.#look(sweepId, last.progress));
      if (seen) last = seen;
      const lost = { ...last, lostSince: outage.since };
      if (outage.over) yield { ...lost, result: lostResult(sweepId, last.progress) };
      else yield seen ?? lost;
      if (seen?.result || outage.over) return;
      await sleep(interval, undefined, signal ? { signal } : {}).catch(() => undefined);
    }
  }

  async #look(sweepId: string, known: SweepProgress | undefined): Promise<SweepSnapshot> {
    const { status } = await this.#describe(sweepId);
    const progress = (await this.#progress(sweepId)) ?? known;
    if (statusOf(status.name) === 'running') return { sweepId, progress };
    return { sweepId, progress, result: await this.#result(sweepId, progress) };
  }

  /** Waits for the end. */
  async result(sweepId: string, onProgress?: (snapshot: SweepSnapshot) => void): Promise<SweepResult> {
    for await (const snapshot of this.follow(sweepId)) {
      onProgress?.(snapshot);
      if (snapshot.result) return snapshot.result;
    }
    throw new Error('unreachable: follow without a signal ends with a result');
  }

  async show(sweepId: string): Promise<SweepSnapshot & { readonly info: SweepInfo }> {
    const description = await this.#describe(sweepId);
    const progress = await this.#progress(sweepId);
    const running = statusOf(description.status.name) === 'running';
    const result = running ? undefined : await this.#result(sweepId, progress);
    const info = { ...summary(description), ...(result ? { status: result.status } : {}) };
    return { sweepId, info, progress, ...(result ? { result } : {}) };
  }

  /** Newest first. A long sweep is a chain of executions, of which the newest is meant. */
  async list(limit = 50): Promise<SweepInfo[]> {
    const found = new Map<string, SweepInfo>();
    const query = `WorkflowType = '${sweepWorkflow}' AND ${onQueue(this.#installation)}`;
    for await (const info of this.#client.workflow.list({ query })) {
      if (!found.has(info.workflowId)) found.set(info.workflowId, summary(info));
      if (found.size >= limit) break;
    }
    return [...found.values()];
  }

  /** Ends the sweep and its running trials; what they trained stays. */
  async cancel(sweepId: string): Promise<void> {
    const { status } = await this.#describe(sweepId);
    if (statusOf(status.name) !== 'running') {
      const found = statusOf(status.name);
      throw new TemperError('NOT_FOUND', { path: sweepId, message: 'the sweep has ended already', found });
    }
    await this.#client.workflow.getHandle(sweepId).cancel();
  }

  async #describe(sweepId: string) {
    try {
      const description = await this.#client.workflow.getHandle(sweepId).describe();
      if (description.type === sweepWorkflow) return description;
    } catch (error) {
      if (!namesNothing(error)) throw error;
    }
    const known = (await this.list()).map((s) => s.sweepId);
    const close = nearest(sweepId, known);
    const hint = close ? `did you mean ${close}?` : 'temper sweep list shows them';
    throw new TemperError('NOT_FOUND', { path: sweepId, message: 'no such sweep', hint });
  }

  /** The workflow's own account; undefined where no worker answers in time. */
  async #progress(sweepId: string): Promise<SweepProgress | undefined> {
    try {
      return await this.#connection.withDeadline(Date.now() + QUERY_DEADLINE, () =>
        this.#client.workflow.getHandle(sweepId).query<SweepProgress>('progress'),
      );
    } catch {
      return undefined;
    }
  }

  async #result(sweepId: string, progress: SweepProgress | undefined): Promise<SweepResult> {
    try {
      return (await this.#client.workflow.getHandle(sweepId).result()) as SweepResult;
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      const details = (error.cause as { details?: unknown[] } | undefined)?.details ?? [];
      const carried = details.find((d) => typeof d === 'object' && d !== null && 'sweepId' in d);
      if (carried) return carried as SweepResult;
      const { status, error: why, metrics, artifacts } = resultOfFailure(sweepId, error);
      const known = progress ?? unknown(sweepId);
      const ended = status === 'cancelled' ? 'cancelled' : 'failed';
      return { ...known, status: ended, metrics, artifacts, ...(why ? { error: why } : {}) };
    }
  }
}

function lostResult(sweepId: string, progress: SweepProgress | undefined): SweepResult {
  const { error, metrics, artifacts } = unknownResult(sweepId, undefined);
  const hint = `temper sweep show ${sweepId} tells how it goes`;
  const problems = error!.problems.map((problem) => ({ ...problem, hint }));
  return {
    ...(progress ?? unknown(sweepId)),
    status: 'unknown',
    metrics,
    artifacts,
    error: { ...error!, problems },
  };
}

/** A sweep that ended without a word, and no worker to tell. */
const unknown = (sweepId: string): Omit<SweepResult, 'status' | 'metrics' | 'artifacts'> => ({
  sweepId,
  name: sweepId,
  strategy: 'random',
  objective: { metric: '', mode: 'max', split: 'validation' },
  counts: {
    ...{ pending: 0, running: 0, waiting: 0, stopped: 0 },
    ...{ completed: 0, diverged: 0, failed: 0, cancelled: 0 },
  },
  trials: [],
});

function summary(info: Omit<WorkflowExecutionInfo, 'raw'>): SweepInfo {
  const attributes = info.typedSearchAttributes as Parameters<typeof attribute>[0];
  const end = info.closeTime ?? new Date();
  return {
    sweepId: info.workflowId,
    pipeline: attribute(attributes, 'TemperPipeline') ?? String(info.memo?.pipeline ?? ''),
    status: statusOf(info.status.name) as SweepStatus,
    model: attribute(attributes, 'TemperModel'),
    startedAt: info.startTime.toISOString(),
    seconds: Math.max(0, Math.round((end.getTime() - info.startTime.getTime()) / 100) / 10),
  };
}
