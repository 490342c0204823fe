import type { MetricLine } from '@temper/contracts';
import type { RunStore } from '@temper/storage';

const MAX_LINES = 50;
const MAX_MS = 2_000;

/** Sends metric lines to the store in chunks, at least every 50 lines or 2 seconds while there are new ones. */
export class MetricsLog {
  private pending: MetricLine[] = [];
  private sentAt = performance.now();

  constructor(
    private readonly runs: RunStore,
    private readonly runId: string,
    private readonly attempt: number,
  ) {}

  /** Awaited by the loop: a session blocks the event loop, so an upload left alone would take many steps. */
  async add(line: MetricLine): Promise<void> {
    this.pending.push(line);
    if (this.pending.length >= MAX_LINES || performance.now() - this.sentAt >= MAX_MS) await this.flush();
  }

  /** What is not in the store yet, for somebody else to put there. */
  take(): readonly MetricLine[] {
    const lines = this.pending;
    this.pending = [];
    this.sentAt = performance.now();
    return lines;
  }

  async flush(): Promise<void> {
    const lines = this.take();
    if (lines.length) await this.runs.putLines(this.runId, lines[0]!.step, lines, { attempt: this.attempt });
  }
}
