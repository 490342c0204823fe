import type { CollectedGroup } from '@temper/contracts';
import type { CollectReport, Verdict } from './collect.js';

/** One group a reason, the largest first. */
export function summaryOf({ verdicts, dryRun, missing, retention }: CollectReport) {
  const of = (kept: boolean) => groups(verdicts.filter((verdict) => verdict.kept === kept));
  const [kept, removed] = [of(true), of(false)];
  const sizes = (unit: 'bytes' | 'objects') => {
    const sum = (found: readonly CollectedGroup[]) => found.reduce((total, group) => total + group[unit], 0);
    return { before: sum(kept) + sum(removed), after: sum(kept), removed: sum(removed) };
  };
  return { dryRun, bytes: sizes('bytes'), objects: sizes('objects'), kept, removed, missing, retention };
}

function groups(verdicts: readonly Verdict[]): CollectedGroup[] {
  const found = new Map<string, { objects: number; bytes: number }>();
  for (const { why, bytes } of verdicts) {
    const group = found.get(why) ?? { objects: 0, bytes: 0 };
    found.set(why, { objects: group.objects + 1, bytes: group.bytes + bytes });
  }
  return [...found].map(([why, sums]) => ({ why, ...sums })).sort((a, b) => b.bytes - a.bytes);
}
