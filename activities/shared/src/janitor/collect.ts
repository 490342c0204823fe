import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import {
  collectedInWords,
  runState,
  TemperError,
  type Collected,
  type CollectedGroup,
  type CollectInput,
  type StageMetrics,
} from '@temper/contracts';
import { collectGarbage, pruneLocalCaches, summaryOf, type CollectReport } from '@temper/storage';
import { activityFailure } from '../failure.js';
import type { StagePorts } from '../ports.js';

/** Reasons that are told one by one; a history is no place for one a run. */
const REASONS = 12;
/** Longer than a collection that was killed counts as alive. */
const AFTER_THE_LEASE = '65 seconds';

/** One collection, and the caches of this machine, with heartbeats; counted and logged. */
export async function collect(
  ports: StagePorts,
  { dryRun = false, grace }: CollectInput,
  metrics: StageMetrics | undefined,
): Promise<Collected> {
  const context = Context.current();
  const { info, cancellationSignal: signal, log } = context;
  const timer = setInterval(() => context.heartbeat(), ports.heartbeatInterval ?? 2_000);
  const by = nameOf(info);
  const stateOf = (runId: string) => runState(context.client, runId);
  try {
    const options = { dryRun, by, stateOf, signal, ...(grace === undefined ? {} : { grace }) };
    const report = await collectGarbage(ports.store, options);
    if (report.busy?.by === by) throw leftByItself();
    const { home, fetchFolder } = ports;
    const removesHere = !dryRun && !report.busy;
    const here = removesHere ? await pruneLocalCaches({ home, fetched: [fetchFolder], stateOf }) : [];
    const collected = collectedOf(
      report,
      here.reduce((sum, { bytes }) => sum + bytes, 0),
    );
    metrics?.collected?.(collected);
    const { bytes, objects, kept, removed, machine } = collected;
    log.info(collectedInWords(collected), { bytes, objects, kept, removed, machine });
    return collected;
  } catch (error) {
    if (signal.aborted) throw new CancelledFailure('cancelled');
    throw activityFailure(inWords(error), info.attempt);
  } finally {
    clearInterval(timer);
  }
}

/** For people; and by it a later attempt knows an earlier one of its own. */
const nameOf = ({ workflowExecution, activityId }: Context['info']): string =>
  workflowExecution ? `${workflowExecution.workflowId}, ${workflowExecution.runId}` : activityId;

/** Its worker was lost: until the store's word on that is old enough nobody can tell that it does not go on. */
const leftByItself = () =>
  ApplicationFailure.create({
    message: 'an attempt before this one was lost in the middle: it counts as alive for a minute',
    type: 'STORE_CONFLICT',
    nextRetryDelay: AFTER_THE_LEASE,
  });

/** What a role may is no fault of the collection's: which one lacks it is said. */
function inWords(error: unknown): unknown {
  if (!(error instanceof TemperError) || error.code !== 'STORE_REFUSED') return error;
  const hint =
    'a collection removes objects, which the policy of workers does not allow: give this worker that of infra/iam/janitor.json, or collect on a worker of its own (temper gc --queue)';
  const problems = error.problems.map((problem) =>
    problem.hint === undefined || /access/i.test(problem.message) ? { ...problem, hint } : problem,
  );
  return new TemperError('STORE_REFUSED', problems, { cause: error });
}

function collectedOf(report: CollectReport, machine: number): Collected {
  const { bytes, objects, kept, removed, missing, dryRun } = summaryOf(report);
  return {
    dryRun,
    ...(report.busy ? { busy: report.busy.by } : {}),
    bytes,
    objects,
    kept: largest(kept),
    removed: largest(removed),
    missing: missing.length,
    machine,
  };
}

function largest(groups: readonly CollectedGroup[]): CollectedGroup[] {
  const [told, others] = [groups.slice(0, REASONS), groups.slice(REASONS)];
  if (!others.length) return told;
  const sum = (of: 'objects' | 'bytes') => others.reduce((total, group) => total + group[of], 0);
  return [...told, { why: `${others.length} other reasons`, objects: sum('objects'), bytes: sum('bytes') }];
}
