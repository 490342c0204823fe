import type { CleaningReport, DropReason, SplitName } from '@temper/contracts';
import { SourceRows } from '../stages/source-rows.js';

export interface DroppedRow {
  readonly reason: DropReason;
  readonly split: SplitName;
  /** From 1. */
  readonly row: number;
  /** What is wrong with it, where the reason alone does not say it. */
  readonly why?: string;
}

const SAMPLES_PER_REASON = 3;

/** The report with these rows dropped too: counted, and the first of each reason shown by the beginning of their texts. */
export function withDropped(
  report: CleaningReport,
  rows: Iterable<DroppedRow>,
  textOf: (split: SplitName, row: number) => string,
  sources: SourceRows = new SourceRows(),
): CleaningReport {
  const dropped = { ...report.dropped };
  const samples = [...report.samples];
  let count = 0;
  for (const { reason, split, row, why } of rows) {
    count++;
    sources.countDropped(split, row, reason);
    if (dropped[reason]++ >= SAMPLES_PER_REASON) continue;
    const said = why === undefined ? {} : { why };
    samples.push({
      reason,
      split,
      row,
      ...sources.of(split, row),
      text: shortened(textOf(split, row)),
      ...said,
    });
  }
  return { ...report, kept: report.kept - count, dropped, samples };
}

/** The beginning of a text, for reports. */
export const shortened = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text);
