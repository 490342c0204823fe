import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Trials, type Turn } from './trials.js';

const asha = { trials: 8, mode: 'max', reductionFactor: 3 } as const;
const LAST_RUNG = 3;

/** Runs a sweep: `parallel` at a time, finishing in the order that `pick` chooses; returns the turns in their order. */
function play(
  trials: Trials,
  metric: (turn: Turn) => number | 'diverged',
  { parallel = 2, pick = (): number => 0, lastRung = LAST_RUNG, limit = Infinity } = {},
): Turn[] {
  const running: Turn[] = [];
  const turns: Turn[] = [];
  for (;;) {
    while (running.length < parallel && turns.length < limit) {
      const turn = trials.next();
      if (!turn) break;
      running.push(turn);
      turns.push(turn);
    }
    if (!running.length) return turns;
    const [turn] = running.splice(pick() % running.length, 1) as [Turn];
    const value = metric(turn);
    const steps = 10 * 3 ** turn.rung;
    if (value === 'diverged') trials.finished(turn, { status: 'diverged' });
    else {
      const status = turn.rung >= lastRung ? 'completed' : 'waiting';
      trials.finished(turn, { status, metric: value, steps });
    }
  }
}

describe('turns of successive halving', () => {
  it('lets whoever is among the best third so far go on at once', () => {
    const trials = new Trials(asha);
    // 0.1, 0.2, …: each trial is better than those before it.
    const turns = play(trials, ({ trial }) => (trial + 1) / 10, { parallel: 1 });
    expect(turns.map(({ trial, rung }) => `${trial}:${rung}`).join(' ')).toBe(
      '0:0 1:0 2:0 2:1 3:0 3:1 4:0 4:1 4:2 5:0 5:1 5:2 6:0 6:1 6:2 6:3 7:0 7:1 7:2 7:3',
    );
    expect(trials.best).toBe(7);
  });

  it('trains the bad ones least', () => {
    const trials = new Trials(asha);
    const turns = play(trials, ({ trial }) => 1 - trial / 10);
    trials.close();
    expect(trials.best).toBe(0);
    expect(trials.counts).toMatchObject({ completed: 1, stopped: 7, waiting: 0, running: 0, pending: 0 });
    const reached = (trial: number) => Math.max(...turns.filter((t) => t.trial === trial).map((t) => t.rung));
    expect(Array.from({ length: 8 }, (_, i) => reached(i))).toEqual([3, 1, 0, 0, 0, 0, 0, 0]);
    expect(trials.get(7)).toMatchObject({ status: 'stopped', steps: 10 });
  });

  it('takes small metrics as good where they are', () => {
    const trials = new Trials({ ...asha, mode: 'min' });
    play(trials, ({ trial }) => 1 - trial / 10);
    expect(trials.best).toBe(7);
  });

  it('counts a trial that diverged as the worst of its rung, and goes on without it', () => {
    const trials = new Trials(asha);
    // The best of the first rung diverges in the second.
    play(trials, ({ trial, rung }) => (trial === 5 ? (rung === 0 ? 1 : 'diverged') : trial / 10));
    expect(trials.get(5)).toMatchObject({ status: 'diverged', metrics: [1, null] });
    expect(trials.best).toBe(7);
    expect(trials.ranked(8).at(0)).toBe(7);
  });

  it('ends without a best one only where all have failed', () => {
    const trials = new Trials(asha);
    const turns = play(trials, () => 'diverged');
    expect(turns).toHaveLength(8);
    expect(trials.best).toBeUndefined();
    expect(trials.counts).toMatchObject({ diverged: 8 });
  });

  it('whatever the order in which they end: everyone starts, someone gets to the end, nobody trains twice', () => {
    const sweeps = fc.record({
      trials: fc.integer({ min: 1, max: 40 }),
      reductionFactor: fc.integer({ min: 2, max: 5 }),
      parallel: fc.integer({ min: 1, max: 8 }),
      metrics: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 200, maxLength: 200 }),
      picks: fc.array(fc.nat(), { minLength: 1, maxLength: 50 }),
    });
    fc.assert(
      fc.property(sweeps, ({ trials: n, reductionFactor, parallel, metrics, picks }) => {
        const trials = new Trials({ trials: n, mode: 'max', reductionFactor });
        let at = 0;
        const turns = play(trials, ({ trial, rung }) => metrics[(trial * 4 + rung) % metrics.length]!, {
          parallel,
          pick: () => picks[at++ % picks.length]!,
        });
        expect(new Set(turns.map((t) => `${t.trial}:${t.rung}`)).size).toBe(turns.length);
        expect(turns.filter((t) => t.rung === 0)).toHaveLength(n);
        for (const { trial, rung } of turns) {
          if (rung) expect(turns.some((t) => t.trial === trial && t.rung === rung - 1)).toBe(true);
        }
        expect(trials.counts.completed).toBeGreaterThanOrEqual(1);
        expect(trials.get(trials.best!).status).toBe('completed');
      }),
      { numRuns: 100 },
    );
  });

  it('goes on after a rest as if there had been none', () => {
    const metric = ({ trial, rung }: Turn) =>
      (trial * 7 + rung * 3) % 11 === 0 ? 'diverged' : ((trial * 37) % 23) / 23;
    const options = { trials: 30, mode: 'max', reductionFactor: 2 } as const;
    const whole = new Trials(options);
    const turns = play(whole, metric, { parallel: 1 });
    let rested = new Trials(options);
    const again: Turn[] = [];
    while (again.length < turns.length) {
      again.push(...play(rested, metric, { parallel: 1, limit: 5 }));
      rested = Trials.decode(options, rested.encode());
    }
    expect(again).toEqual(turns);
    expect(rested.encode()).toBe(whole.encode());
    expect(rested.ranked(30)).toEqual(whole.ranked(30));
    expect(rested.best).toBe(whole.best);
  });

  it('remembers what is to be said about a trial', () => {
    const options = { trials: 2, mode: 'max' } as const;
    const trials = new Trials(options);
    const verdicts = ['collapsed', 'underfit'] as const;
    trials.finished(trials.next()!, { status: 'completed', metric: 0.5, steps: 60, verdicts });
    trials.finished(trials.next()!, { status: 'completed', metric: 0.6 });
    expect(trials.encode()).toBe('c0.5@60!04 c0.6@');
    const rested = Trials.decode(options, trials.encode());
    expect(rested.get(0)).toEqual({ status: 'completed', metrics: [0.5], steps: 60, verdicts });
    expect(rested.get(1)).toEqual({ status: 'completed', metrics: [0.6] });
  });

  it('is short: ten thousand trials are handed on in less than 256 kB', () => {
    const trials = new Trials({ trials: 10_000, mode: 'max', reductionFactor: 3 });
    play(trials, ({ trial, rung }) => Number((((trial * 7919) % 10_007) / 10_007 + rung).toPrecision(6)), {
      parallel: 50,
      lastRung: 6,
    });
    expect(trials.encode().length).toBeLessThan(256 * 1024);
  });
});

describe('turns of a grid or random search', () => {
  it('are one a trial, to its end', () => {
    const trials = new Trials({ trials: 5, mode: 'max' });
    const turns = play(trials, ({ trial }) => (trial === 3 ? 'diverged' : trial), { lastRung: 0 });
    expect(turns.map((t) => t.trial)).toEqual([0, 1, 2, 3, 4]);
    expect(trials.counts).toMatchObject({ completed: 4, diverged: 1 });
    expect(trials.ranked(10)).toEqual([4, 2, 1, 0, 3]);
  });
});
