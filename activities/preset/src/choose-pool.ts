import { Context } from '@temporalio/activity';
import { queuesOf, type Provider, type Queues } from '@temper/contracts';
import type { PoolActivities } from '@temper/workflows';
import { isSoftware } from './identity.js';

/** Who asked a queue for work, and when (milliseconds since 1970). */
export type Pollers = (queue: string) => Promise<readonly { identity: string; lastSeen: number }[]>;

/** Fastest first. */
const gpus = ['cuda', 'webgpu'] as const satisfies readonly Provider[];

/** A poll waits up to a minute for work, so a worker that has been silent for longer than that is gone. */
const SILENT = 80_000;
/** temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY */
const ACTIVITY_TASKS = 2;

/** What `resources.pool: auto` means: a GPU that is really there and has a live worker, else the CPU. */
export async function chooseProvider(
  pollers: Pollers,
  now = Date.now(),
  queues: Queues['device'] = queuesOf().device,
): Promise<Provider> {
  for (const provider of gpus) {
    const seen = await pollers(queues[provider]);
    if (seen.some(({ identity, lastSeen }) => now - lastSeen < SILENT && !isSoftware(identity)))
      return provider;
  }
  return 'cpu';
}

/** Of an answer that many runs may share: as good as a new one, as a poller counts for over a minute. */
const FRESH = 1_000;
type Client = Context['client'];
interface Answer {
  readonly until: number;
  readonly answer: Promise<Provider>;
}
/** By the queues that were asked. */
const answers = new WeakMap<Client, Map<string, Answer>>();

/** The local activity behind it. */
export const poolActivities: PoolActivities = {
  choosePool: (queues = queuesOf().device) => {
    const { client } = Context.current();
    const ofClient = answers.get(client) ?? new Map<string, Answer>();
    answers.set(client, ofClient);
    const key = gpus.map((provider) => queues[provider]).join();
    const known = ofClient.get(key);
    if (known && Date.now() < known.until) return known.answer;
    const answer = chooseProvider(pollersSeenBy(client), Date.now(), queues);
    ofClient.set(key, { until: Date.now() + FRESH, answer });
    // Whoever asks after a failure asks the server again.
    answer.catch(() => ofClient.delete(key));
    return answer;
  },
};

const pollersSeenBy =
  (client: Client): Pollers =>
  async (queue) => {
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: queue },
      taskQueueType: ACTIVITY_TASKS,
    });
    return (pollers ?? []).map(({ identity, lastAccessTime }) => ({
      identity: identity ?? '',
      lastSeen: Number(lastAccessTime?.seconds ?? 0) * 1000,
    }));
  };
