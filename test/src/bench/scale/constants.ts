// node test/dist/bench/scale/constants.js – what one run costs Temporal and the store: real servers, a real (tiny) training.
import proto from '@temporalio/proto';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { setTimeout as sleep } from 'node:timers/promises';
import { Rig } from '../../faults/rig.js';
import { S3Proxy } from '../../faults/s3-proxy.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });
const { EventType } = proto.temporal.api.enums.v1;

/** By https://docs.temporal.io/cloud/actions; heartbeats and retries are actions too, but no events. */
const billed = new Set([
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
  EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
  EventType.EVENT_TYPE_TIMER_STARTED,
  EventType.EVENT_TYPE_MARKER_RECORDED,
  EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
]);

await using rig = await Rig.start();
await using proxy = await S3Proxy.start(rig.services.s3.endpoint);
await using _worker = await rig.worker({ env: { S3_ENDPOINT: proxy.endpoint } });

/** What a worker asks of the store while `work` goes on. */
async function counted(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = new Map(proxy.methods);
  await work();
  return Object.fromEntries([...proxy.methods].map(([name, n]) => [name, n - (before.get(name) ?? 0)]));
}

async function run(name: string, seed: number, saveSteps: number) {
  let runId = '';
  const store = await counted(async () => {
    runId = await rig.client.submit(rig.spec(name, { seed, saveSteps }));
    await rig.finished(runId);
  });
  const handle = rig.client.temporal.workflow.getHandle(runId);
  const events = (await handle.fetchHistory()).events ?? [];
  const { historySize } = await handle.describe();
  const actions = events.filter(({ eventType }) => billed.has(eventType!)).length;
  return { store, history: { events: events.length, bytes: historySize, actions } };
}

const idle = await counted(() => sleep(30_000));
const first = await run('first', 1, 100);
const again = await run('first', 1, 100);
const few = await run('few', 2, 100);
const many = await run('many', 3, 2);
/** 26 steps: one checkpoint at the end, or thirteen. */
const perCheckpoint = Object.fromEntries(
  Object.entries(many.store).map(([name, n]) => [name, (n - (few.store[name] ?? 0)) / 12]),
);
process.stdout.write(
  `${JSON.stringify({ idleFor30Seconds: idle, first, cached: again, dataCached: few, perCheckpoint }, null, 2)}\n`,
);
