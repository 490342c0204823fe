import type { Summary } from './measurement.js';
import type { BenchRow } from './rows.js';

export interface RowResult {
  readonly id: string;
  readonly title: string;
  readonly steps: number;
  readonly rounds: number;
  /** Real tokens (no padding) of the steps, divided by their number. */
  readonly tokensPerStep: number;
  readonly temper: Summary;
  readonly torch: Summary;
  /** Of the other commit's build, where there is one, and how many times faster Temper is than that. */
  readonly against?: Summary | undefined;
  readonly againstRatio?: number | undefined;
  /** How many times faster Temper is. */
  readonly speedRatio: number;
  /** Temper's peak memory divided by PyTorch's. */
  readonly memoryRatio: number;
}

export function resultOf(row: BenchRow, temper: Summary, torch: Summary, against?: Summary): RowResult {
  const used = Array.from({ length: row.steps * row.batch }, (_, i) => row.train[i % row.train.length]!);
  return {
    id: row.id,
    title: row.title,
    steps: row.steps,
    rounds: row.rounds,
    tokensPerStep: used.reduce((sum, { input_ids }) => sum + input_ids.length, 0) / row.steps,
    temper,
    torch,
    ...(against ? { against, againstRatio: against.stepMs / temper.stepMs } : {}),
    speedRatio: torch.stepMs / temper.stepMs,
    memoryRatio: temper.maxRssBytes / torch.maxRssBytes,
  };
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;
const seconds = (ms: number) => `${(ms / 1000).toFixed(ms < 1000 ? 3 : 2)} s`;

/** A table in Markdown, fit for a terminal and for docs/benchmarks.md. */
export function tableOf(results: readonly RowResult[]): string {
  const compared = results.some(({ against }) => against);
  const header = [
    'work',
    'Temper',
    'PyTorch',
    'speed',
    'Temper',
    'PyTorch',
    'memory',
    'real tokens/s',
    ...(compared ? ['other commit', 'speed', 'memory'] : []),
  ];
  const lines = results.map((r) => [
    r.title,
    `${seconds(r.temper.stepMs)}/step`,
    `${seconds(r.torch.stepMs)}/step`,
    `${r.speedRatio.toFixed(2)}×`,
    gigabytes(r.temper.maxRssBytes),
    gigabytes(r.torch.maxRssBytes),
    `${r.memoryRatio.toFixed(2)}×`,
    [r.temper, r.torch].map((s) => Math.round((r.tokensPerStep / s.stepMs) * 1000)).join(' / '),
    ...(compared ? comparedCells(r) : []),
  ]);
  const all = [header, ...lines];
  const widths = header.map((_, column) => Math.max(...all.map((line) => line[column]!.length)));
  const row = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [row(header), row(widths.map((width) => '-'.repeat(width))), ...lines.map(row)].join('\n');
}

const comparedCells = ({ temper, against, againstRatio }: RowResult): string[] =>
  against && againstRatio !== undefined
    ? [
        `${seconds(against.stepMs)}/step`,
        `${againstRatio.toFixed(2)}×`,
        `${(temper.maxRssBytes / against.maxRssBytes).toFixed(2)}×`,
      ]
    : ['', '', ''];

/** Losses side by side: what shows that both did the same work. */
export function lossesOf({ title, temper, torch }: RowResult): string {
  const pair = (a: number, b: number) => `${a.toFixed(4)} (PyTorch ${b.toFixed(4)})`;
  const evaluation =
    temper.evaluation && torch.evaluation
      ? `; test ${pair(temper.evaluation.before, torch.evaluation.before)} → ${pair(temper.evaluation.after, torch.evaluation.after)}`
      : '';
  return `${title}: first loss ${pair(temper.firstLoss, torch.firstLoss)}${evaluation}`;
}
