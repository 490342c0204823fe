import type { SweepProgress, TrialRow } from '@temper/spec';
import { pc, shown } from '../style.js';
import { clip } from '../progress/reporter.js';
import { metric } from '../report/format.js';
import type { Terminal } from '../terminal.js';
import { countWords } from './table.js';

export interface SweepReporter {
  show(progress: SweepProgress): void;
}

export const createSweepReporter = (terminal: Terminal): SweepReporter =>
  terminal.live ? new Block(terminal) : new Lines(terminal);

/** `training.learningRate 0.0003, method.r 8`. */
const paramWords = ({ params }: TrialRow) =>
  Object.entries(params)
    .map(([path, value]) => `${path} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ');

const bestWords = ({ best, objective }: SweepProgress) =>
  best
    ? `best so far: trial ${best.trial}, ${objective.metric} ${metric(best.metric)} (${paramWords(best)})`
    : '';

const phases = {
  preparing: 'reading and preparing the data, once for all trials',
  trials: '',
  publishing: 'evaluating and publishing the best trial',
  ended: '',
};

/** On a terminal: one block, rewritten in place. */
class Block implements SweepReporter {
  #lines = 0;
  constructor(private readonly terminal: Terminal) {}

  show(progress: SweepProgress): void {
    const running = progress.trials.filter((t) => t.status === 'running');
    const lines = [
      `  ${countWords(progress.counts)}`,
      ...(phases[progress.phase] ? [`  ${phases[progress.phase]}`] : []),
      ...running.map((t) => pc.dim(`  running: trial ${t.trial} (${paramWords(t)})`)),
      ...(progress.best ? [`  ${bestWords(progress)}`] : []),
    ].map((line) => clip(shown(line), this.terminal.columns));
    const up = this.#lines ? `\x1b[${this.#lines}A` : '';
    this.terminal.write(`${up}${lines.map((line) => `\x1b[2K${line}\n`).join('')}\x1b[0J`);
    this.#lines = lines.length;
  }
}

/** Elsewhere (files, CI): a line when a trial or the best one changes. */
class Lines implements SweepReporter {
  readonly #seen = new Map<number, string>();
  #phase = '';
  #best = '';
  constructor(private readonly terminal: Terminal) {}

  show(progress: SweepProgress): void {
    if (progress.phase !== this.#phase) {
      this.#phase = progress.phase;
      if (phases[progress.phase]) this.terminal.say(`  ${phases[progress.phase]}`);
    }
    for (const row of [...progress.trials].sort((a, b) => a.trial - b.trial)) {
      const known = `${row.status} ${row.steps ?? ''}`;
      if (this.#seen.get(row.trial) === known) continue;
      this.#seen.set(row.trial, known);
      this.terminal.say(`  ${lineOf(row, progress.objective.metric)}`);
    }
    const best = bestWords(progress);
    if (best && best !== this.#best) this.terminal.say(`  ${best}`);
    this.#best = best;
  }
}

function lineOf(row: TrialRow, name: string): string {
  const words = {
    pending: 'waits',
    running: row.steps ? `goes on from step ${row.steps}` : `starts: ${paramWords(row)}`,
    waiting: `${name} ${metric(row.metric)} after ${row.steps} steps`,
    stopped: `stopped early after ${row.steps} steps`,
    completed: `completed, ${name} ${metric(row.metric)} after ${row.steps} steps`,
    diverged: 'diverged',
    failed: 'failed',
    cancelled: 'cancelled',
  } as const;
  return `trial ${row.trial}  ${words[row.status]}`;
}
