import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { aliasKey, blobKey, Pointer, type AliasTarget } from '@temper/storage';
import { createS3Store } from '@temper/s3';
import { eventually } from '../../e2e/stack.js';
import { faults, S3Proxy } from '../s3-proxy.js';
import { holds, type Row } from '../row.js';

/** Requests under faults, as a multiple of those without: every fault costs a retry, and a stage may start again. */
const MOST_REQUESTS = 4;
const MOST_ATTEMPTS = 8;

export const unreliableStore: Row = {
  name: 's3-unreliable',
  async run(rig) {
    await using proxy = await S3Proxy.start(rig.services.s3.endpoint);
    await using _worker = await rig.worker({
      env: { S3_ENDPOINT: proxy.endpoint },
      home: join(rig.folder, 'behind-proxy'),
    });
    const spec = rig.spec('s3-faults', { saveSteps: 2, seed: 3 });
    const run = async () => {
      const before = proxy.requests;
      const result = await rig.finished(await rig.client.submit(spec, { fresh: true }));
      await rig.onlyVersion(result);
      return { result, requests: proxy.requests - before };
    };
    const calm = await run();
    proxy.rate = 0.1;
    const rough = await run();
    holds(rough.result.model!.digest === calm.result.model!.digest, 'the digest is that of the calm run');
    for (const fault of faults) holds(proxy.counts[fault] > 0, `${fault} happened`);
    const attempts = Math.max(...rough.result.stages.map((stage) => stage.attempts));
    holds(
      attempts <= MOST_ATTEMPTS,
      `no stage takes more than ${MOST_ATTEMPTS} attempts; one took ${attempts}`,
    );
    const ratio = rough.requests / calm.requests;
    holds(ratio <= MOST_REQUESTS, `at most ${MOST_REQUESTS} times the requests, not ${ratio.toFixed(1)}`);
    const counts = faults.map((fault) => `${proxy.counts[fault]} ${fault}`).join(', ');
    return {
      done: `each request 10% likely to meet each of: 503, reset, truncated answer, answer lost after the write (${counts})`,
      held: `same digest; ${calm.requests} requests became ${rough.requests}, at most ${attempts} attempts a stage`,
    };
  },
};

export const damagedCheckpoint: Row = {
  name: 'newest-checkpoint-damaged',
  async run(rig) {
    const spec = rig.spec('damaged', { saveSteps: 4 });
    const expected = await rig.uninterrupted(spec);
    let runId: string;
    {
      await using _first = await rig.worker({ plan: { slowMs: 150 } });
      runId = await rig.client.submit(spec, { fresh: true });
      await eventually('two checkpoints', async () => ((await rig.pointer(runId))?.step ?? 0) >= 8);
    }
    const { step, ref } = (await rig.pointer(runId))!;
    const { files } = await rig.artifacts.manifest(ref!);
    const key = blobKey(files.find(({ path }) => path === 'trainable.safetensors')!.digest);
    const { bytes } = (await rig.store.get(key))!;
    bytes[bytes.length - 1]! ^= 1;
    await rig.store.put(key, bytes);
    // Another machine: what the first one has in its cache is whole.
    await using second = await rig.worker({ home: join(rig.folder, 'another-machine') });
    const result = await rig.finished(runId);
    holds(result.model!.digest === expected, 'the digest is that of the uninterrupted run');
    const said = `the checkpoint of step ${step} is damaged`;
    const { summary } = result.stages.find(({ name }) => name === 'train')!;
    holds(summary!.includes(said), `runs show says so; it says ${summary}`);
    holds((await readFile(second.log, 'utf8')).includes(said), "the worker's log says so");
    return {
      done: `a bit of the checkpoint of step ${step} changed in the store`,
      held: `${summary}; same digest`,
    };
  },
};

export const aliasRaces: Row = {
  name: 'alias-races',
  async run(rig) {
    const movers = Array.from({ length: 32 }, () => createS3Store({ ...process.env, ...rig.services.env }));
    const key = aliasKey('raced', 'production');
    const pointerOf = (store: (typeof movers)[number]) => new Pointer<AliasTarget>(store, key);
    try {
      for (let round = 1; round <= 5; round++) {
        const etag = (await pointerOf(rig.store).read())?.etag;
        const moves = movers.map((store, i) =>
          pointerOf(store)
            .compareAndSwap(etag, { version: 100 * round + i, movedAt: new Date().toISOString() })
            .then(
              () => [100 * round + i],
              (error: { code?: string }) => {
                holds(error.code === 'STORE_CONFLICT', `losers lose with STORE_CONFLICT, not ${error.code}`);
                return [];
              },
            ),
        );
        const winners = (await Promise.all(moves)).flat();
        holds(winners.length === 1, `round ${round} has one winner, not ${winners.length}`);
        const now = (await rig.client.registry.alias('raced', 'production'))!.version;
        holds(now === winners[0], `the alias is where the winner put it`);
      }
    } finally {
      for (const store of movers) store.close();
    }
    return { done: '32 concurrent moves of one alias, 5 times', held: 'one winner each time, 31 conflicts' };
  },
};
