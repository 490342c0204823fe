import { TemperClient } from '@temper/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cable } from '../faults/cable.js';
import { fakes, WorkflowHarness } from './harness.js';
import { spec } from './ways/way.js';

let harness: WorkflowHarness;
beforeAll(async () => void (harness = await WorkflowHarness.start()));
afterAll(() => harness[Symbol.asyncDispose]());

/** A run whose ingest lasts until it is let go, and a client behind a cable. */
async function behindCable(
  runId: string,
  use: (client: TemperClient, cable: Cable, letGo: () => void) => Promise<void>,
): Promise<void> {
  await using cable = await Cable.to(harness.environment.address!);
  await using client = await TemperClient.connect({ environment: {}, address: cable.address });
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const ingest: typeof fakes.ingest = async (input) => {
    await held;
    return fakes.ingest(input);
  };
  await harness.withActivities({ ingest }, async () => {
    const handle = await harness.start({ runId, spec: spec() });
    await use(client, cable, letGo).finally(letGo);
    await handle.result();
  });
}

it('a follower says that the server is lost, and follows on when it is back', async () => {
  await behindCable('lost-and-back', async (client, cable, letGo) => {
    const seen: string[] = [];
    for await (const { lostSince, result } of client.follow('lost-and-back', {
      interval: 50,
      patience: 60_000,
    })) {
      const state = result ? result.status : lostSince ? 'lost' : 'seen';
      if (state === seen.at(-1)) continue;
      seen.push(state);
      if (seen.length === 1) cable.cut();
      if (state === 'lost') cable.mend();
      if (seen.length === 3) letGo();
    }
    expect(seen).toEqual(['seen', 'lost', 'seen', 'completed']);
  });
});

it('a follower whose patience is over ends with a status of its own, and never with failed', async () => {
  await behindCable('lost-for-good', async (client, cable) => {
    let last;
    for await (const snapshot of client.follow('lost-for-good', { interval: 50, patience: 1_000 })) {
      cable.cut();
      last = snapshot;
    }
    expect(last).toMatchObject({
      runId: 'lost-for-good',
      lostSince: expect.any(Date) as Date,
      result: {
        runId: 'lost-for-good',
        status: 'unknown',
        error: { problems: [{ hint: 'temper runs watch lost-for-good follows it again' }] },
      },
    });
  });
});
