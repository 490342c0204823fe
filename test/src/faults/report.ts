import type { Outcome } from './row.js';

export interface RowReport extends Partial<Outcome> {
  readonly name: string;
  readonly result: 'held' | 'did not hold' | 'skipped';
  readonly seconds: number;
  /** Why it did not hold, or was skipped. */
  readonly why?: string;
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');

export function markdownOf(rows: readonly RowReport[]): string {
  const lines = rows.map((r) =>
    [r.name, r.result, r.done ?? '', r.held ?? r.why ?? '', r.seconds.toFixed(1)].map(cell).join(' | '),
  );
  return [
    '| fault | result | what was done | what held | seconds |',
    '| --- | --- | --- | --- | --- |',
    ...lines.map((line) => `| ${line} |`),
  ].join('\n');
}
