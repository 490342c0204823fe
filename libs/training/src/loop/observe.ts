import type { Metrics, Spans, StepMetrics } from '@temper/contracts';
import type { LogEvent, TrainerEvent } from '../job.js';

interface Reporter {
  readonly report: (event: TrainerEvent) => void;
}

/** A line of the trainer in its worker's log. */
export const logTo = (
  { report }: Reporter,
  message: string,
  attributes: LogEvent['attributes'],
  level: LogEvent['level'] = 'info',
): void => report({ type: 'log', level, message, attributes });

export function tellStart(reporter: Reporter, run: { from: number; to: number; threads: number }): void {
  const { from, to, threads } = run;
  const message = from ? `resumed from step ${from} of ${to}` : `training of ${to} steps begins`;
  logTo(reporter, message, { step: from, totalSteps: to, threads });
}

/** What spans, log lines and canonical JSON can show of metrics. */
export const numbersOf = (metrics: Metrics): Record<string, number> =>
  Object.fromEntries(
    Object.entries(metrics).filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
  );

/** However long a training is, so many of its steps become spans, evenly spread. */
const MAX_STEP_SPANS = 200;

/** Spans of logged steps: the first, the last, and every n-th between them. */
export class StepSpans {
  private readonly stride: number;
  private seen = 0;

  constructor(
    private readonly spans: Spans,
    logged: number,
  ) {
    this.stride = Math.max(1, Math.ceil(logged / MAX_STEP_SPANS));
  }

  ended(line: StepMetrics, isLast: boolean): void {
    if (this.seen++ % this.stride && !isLast) return;
    const { stepMs, ...attributes } = line;
    this.spans.past('training step', stepMs, attributes);
  }
}
