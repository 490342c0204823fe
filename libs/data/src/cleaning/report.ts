import type { CleaningReport, DropReason, SplitName } from '@temper/contracts';

export interface DroppedRow {
  readonly reason: DropReason;
  readonly split: SplitName;
  /** From 1. */
  readonly row: number;
  /** The beginning of its text. */
  readonly text: string;
}

const SAMPLES_PER_REASON = 3;

/** The report with these rows dropped too: counted, and the first of each reason shown. */
export function withDropped(report: CleaningReport, rows: readonly DroppedRow[]): CleaningReport {
  const dropped = { ...report.dropped };
  const samples = [...report.samples];
  for (const { reason, split, row, text } of rows) {
    if (dropped[reason]++ < SAMPLES_PER_REASON) samples.push({ reason, split, row, text });
  }
  return { ...report, kept: report.kept - rows.length, dropped, samples };
}

/** The beginning of a text, for reports. */
export const shortened = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text);
