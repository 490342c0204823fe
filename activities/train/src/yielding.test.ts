import { parsePipelineSpec, type TrainInput } from '@temper/spec';
import type { StageContext } from '@temper/activity';
import { MemoryStore } from '@temper/storage';
import { describe, expect, it } from 'vitest';
import { Preemptions } from './preemptions.js';
import { aheadOf, yielding } from './yielding.js';

const input = (runId: string, resources: object) =>
  ({
    runId,
    spec: parsePipelineSpec({
      name: 'mail',
      model: { base: './m' },
      dataset: { train: 'a.csv' },
      resources,
    }),
  }) as TrainInput;

const contextOf = (heartbeatDetails?: object) => {
  const reported: object[] = [];
  const info = {
    taskQueue: 'temper-cpu-device',
    attempt: 1,
    heartbeatDetails,
    currentAttemptScheduledTimestampMs: Date.now(),
  };
  const log = { info: () => undefined, warn: () => undefined };
  const report = (details: object) => void reported.push(details);
  return { reported, context: { info, log, report } as unknown as StageContext };
};

const look = 5;
/** Whether the run gives way within `looks` looks at a queue where this waits. */
async function givesWay(
  resources: object,
  waiting: readonly (readonly [priority: number, count: number, age?: number])[],
  looks: number,
  { store = new MemoryStore(), before }: { store?: MemoryStore; before?: object } = {},
) {
  const { context, reported } = contextOf(before);
  let asked = 0;
  const backlog = async () => {
    asked++;
    const now = asked <= looks ? waiting : [];
    return new Map(now.map(([priority, count, age = 0]) => [priority, { count, age }]));
  };
  await using device = yielding({ store }, input(`run-${Math.random()}`, resources), context, {
    look,
    backlog,
  });
  await new Promise((done) => setTimeout(done, look * (looks + 8) + 60));
  return { gave: device.signal.aborted, reason: device.signal.reason as unknown, reported, asked };
}

describe('giving way', () => {
  const last = { priority: 5, preemptible: true };

  it('is for those who asked for it, and only to a smaller number', async () => {
    const { gave, reason, reported } = await givesWay(last, [[1, 1]], 20);
    expect(gave).toBe(true);
    expect(reason).toMatchObject({ type: 'PREEMPTED', nonRetryable: false, category: 'BENIGN' });
    expect(reported).toEqual([{ preemptions: 1, preempted: true }]);
    expect(await givesWay({ priority: 5 }, [[1, 1]], 20)).toMatchObject({ gave: false, asked: 0 });
    expect(await givesWay({ priority: 3, preemptible: true }, [[3, 9]], 20)).toMatchObject({ gave: false });
  });

  it('waits until it is clear that somebody waits, the longer the smaller its own number', async () => {
    expect(await givesWay(last, [[1, 1]], 1)).toMatchObject({ gave: false });
    expect(await givesWay(last, [[1, 1]], 2)).toMatchObject({ gave: true });
    expect(await givesWay({ ...last, priority: 3 }, [[1, 1]], 3)).toMatchObject({ gave: false });
    expect(await givesWay({ ...last, priority: 3 }, [[1, 1]], 4)).toMatchObject({ gave: true });
  });

  it('is quick again for the evaluation of the run that took the device', async () => {
    const before = { preemptions: 1, preempted: true };
    expect(await givesWay(last, [[1, 1, 20]], 1, { before })).toMatchObject({ gave: true });
  });

  it('takes patience where somebody did not take the device that was given away', async () => {
    const before = { preemptions: 1, preempted: true };
    expect(await givesWay(last, [[1, 1, 10_000]], 20, { before })).toMatchObject({ gave: false });
    expect(await givesWay(last, [[1, 1, 10_000]], 40, { before })).toMatchObject({ gave: true });
  });

  it('counts on from the attempts before', async () => {
    const before = { preemptions: 2 };
    const { reported } = await givesWay(last, [[1, 1]], 20, { before });
    expect(reported).toEqual([{ preemptions: 3, preempted: true }]);
  });

  it('is not done by more devices than runs wait', async () => {
    const store = new MemoryStore();
    const four = Array.from({ length: 4 }, () =>
      givesWay(
        last,
        [
          [1, 1],
          [2, 1],
        ],
        30,
        { store },
      ),
    );
    expect((await Promise.all(four)).filter(({ gave }) => gave)).toHaveLength(2);
  });

  it('sees who would go first', () => {
    const backlog = new Map([
      [1, { count: 0, age: 0 }],
      [2, { count: 3, age: 50 }],
      [3, { count: 4, age: 70 }],
      [5, { count: 9, age: 90 }],
    ]);
    expect(aheadOf(4, backlog)).toEqual({ count: 7, first: 2, age: 70 });
    expect(aheadOf(2, backlog).count).toBe(0);
  });
});

describe('those that leave', () => {
  it('are forgotten when they have left, or died on the way', async () => {
    let now = 0;
    const leaving = new Preemptions(new MemoryStore(), 'q', () => now);
    expect(await leaving.claim('a', 1)).toBe(true);
    expect(await leaving.claim('a', 1)).toBe(true);
    expect(await leaving.claim('b', 1)).toBe(false);
    await leaving.done('a');
    expect(await leaving.claim('b', 1)).toBe(false);
    now += 3_000;
    expect(await leaving.claim('b', 1)).toBe(true);
    expect(await leaving.claim('c', 1)).toBe(false);
    now += 60_000;
    expect(await leaving.claim('c', 1)).toBe(true);
  });
});
