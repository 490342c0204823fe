import type { RecordedTraining } from './recording.js';

/** Relative: kernels that are chosen by the processor add in another order; steps of an optimizer make more of it. */
const NEAR = { rates: 1e-12, tokens: 0, losses: 2e-5, norms: 1e-3, measured: 2e-5 } as const;

const bitsIn = ({ bits }: RecordedTraining) => Object.entries(bits);

/** What of a training is otherwise than it was recorded, in words. */
export function differencesOf(known: RecordedTraining, found: RecordedTraining): string[] {
  const numbers = Object.entries(NEAR).flatMap(([name, bound]) => {
    const [before, now] = [known, found].map((of) => of[name as keyof typeof NEAR]) as [number[], number[]];
    const far = now.findIndex(
      (x, i) => !(Math.abs(x - before[i]!) <= bound * Math.max(Math.abs(x), Math.abs(before[i]!))),
    );
    if (before.length !== now.length) return [`${name}: ${now.length} in place of ${before.length}`];
    return far < 0 ? [] : [`${name}[${far}]: ${now[far]} in place of ${before[far]}`];
  });
  if (numbers.length) return numbers;
  const other = bitsIn(found).find(([engine, bits]) => (known.bits[engine] ?? bits) !== bits);
  return other ? [`last bits, on ${other[0]}`] : [];
}

/** Empty where all is as it was. Other graphs are in keys by themselves, and may well have other results. */
export function verdictOn(graphsDiffer: boolean, differ: readonly string[]): string {
  if (graphsDiffer)
    return 'graphs changed, and with them the keys: look whether that was meant, and record again: npm run record';
  if (!differ.length) return '';
  return `results changed though neither graphs nor the version did: raise RESULTS_CODE in libs/training/src/results-code.ts, then npm run record (${differ.join('; ')})`;
}
