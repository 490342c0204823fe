import type { LiveStage, RunDetail } from '@temper/client';
import { stageNames, type RunProgress, type StageHeartbeat, type StageReport } from '@temper/contracts';
import { pc } from '../style.js';
import { duration, metric, count } from '../report/format.js';

const marks: Record<StageReport['status'], string> = {
  pending: pc.dim('○'),
  running: pc.cyan('●'),
  completed: pc.green('✔'),
  failed: pc.red('✖'),
  cancelled: pc.yellow('■'),
  skipped: pc.dim('–'),
};

/** The stages in order; those that nobody has reported yet are pending. */
export function stagesOf(progress: Pick<RunProgress, 'stages'> | undefined): StageReport[] {
  return stageNames.map(
    (name) =>
      progress?.stages.find((s) => s.name === name) ?? {
        name,
        status: 'pending',
        cached: false,
        seconds: 0,
        attempts: 0,
      },
  );
}

/** Where the server's index says that a run is, as far as it says it. */
type Indexed = Pick<RunDetail, 'stage' | 'status' | 'live'>;

/**
 * A line a stage of a run whose own account cannot be had: what the server's index and its pending work say. Numbers of the stages that
 * are done are not known, and of a paused run not which these are.
 */
export function linesByIndex({ stage, status, live }: Indexed, now: number): string[] {
  const waits = status === 'awaiting-approval';
  const current = live[0]?.stage ?? stageNames.find((name) => name === (waits ? 'publish' : stage));
  if (!current) return [`  ${pc.dim('? which stages are done is not known until a worker tells it')}`];
  const at = stageNames.indexOf(current);
  return stageNames.map((name, i) => {
    const mark = i < at ? 'completed' : i > at || waits ? 'pending' : 'running';
    const known = live.find((one) => one.stage === name);
    const words = mark === 'running' ? runningWords(known, now) || pc.dim('waits for a worker') : '';
    return `  ${marks[mark]} ${name.padEnd(11)} ${words}`.trimEnd();
  });
}

/** A failure is told in full below the stages: here only what it is. */
const summaryOf = ({ status, summary = '' }: StageReport) =>
  status === 'failed' ? summary.split('; ')[0]! : summary;

/** One line: `✔ preprocess  4,812 examples, 27 duplicates dropped  2.1 s  cached`. */
export function stageLine(stage: StageReport, live: LiveStage | undefined, now: number): string {
  const words = [stage.status === 'running' ? runningWords(live, now) : summaryOf(stage)];
  if (stage.status === 'completed') words.push(pc.dim(stage.cached ? 'cached' : duration(stage.seconds)));
  if (stage.attempts > 1) words.push(pc.yellow(attemptWords(stage)));
  return `  ${marks[stage.status]} ${stage.name.padEnd(11)} ${words.filter(Boolean).join('  ')}`.trimEnd();
}

/** `attempt 3, gave way 2×`: of its attempts, those that a run that goes first ended. */
const attemptWords = ({ attempts, preemptions }: Pick<StageReport, 'attempts' | 'preemptions'>) =>
  `attempt ${attempts}${preemptions ? `, gave way ${preemptions}×` : ''}`;

function runningWords(live: LiveStage | undefined, now: number): string {
  if (!live) return '';
  const preemptions = live.heartbeat?.preemptions;
  const retry = live.attempt > 1 ? pc.yellow(attemptWords({ attempts: live.attempt, preemptions })) : '';
  const words =
    live.state === 'running'
      ? live.heartbeat && heartbeatWords(live.heartbeat, eta(live, now))
      : pc.dim(live.lastFailure ? `soon, after: ${live.lastFailure.split('\n')[0]}` : 'waits for a worker');
  return [retry, words].filter(Boolean).join('  ');
}

/** `step 45/120  loss 0.2140  3,120 tokens/s  ETA 1 m 20 s`. */
export function heartbeatWords(beat: StageHeartbeat, secondsLeft?: number): string {
  const steps =
    beat.step === undefined ? '' : `step ${beat.step}${beat.totalSteps ? `/${beat.totalSteps}` : ''}`;
  return [
    beat.phase === 'training' ? '' : beat.phase,
    steps,
    beat.loss === undefined ? '' : `loss ${metric(beat.loss)}`,
    beat.tokensPerSecond === undefined ? '' : `${count(beat.tokensPerSecond)} tokens/s`,
    secondsLeft === undefined ? '' : `ETA ${duration(secondsLeft)}`,
  ]
    .filter(Boolean)
    .join('  ');
}

/** Steps seen at two times give the pace; kept by stage and attempt. */
const pace = new Map<string, { step: number; at: number; first: { step: number; at: number } }>();

/** Seconds left at the pace since this stage was first seen; undefined before two steps were seen. */
function eta({ stage, attempt, heartbeat }: LiveStage, now: number): number | undefined {
  const { step, totalSteps } = heartbeat ?? {};
  if (step === undefined || !totalSteps) return undefined;
  const key = `${stage} ${attempt}`;
  const seen = pace.get(key);
  if (!seen || seen.first.step > step) {
    pace.set(key, { step, at: now, first: { step, at: now } });
    return undefined;
  }
  if (step > seen.step) Object.assign(seen, { step, at: now });
  const done = seen.step - seen.first.step;
  if (done < 2) return undefined;
  const secondsPerStep = (seen.at - seen.first.at) / 1000 / done;
  return Math.max(0, (totalSteps - step) * secondsPerStep);
}
