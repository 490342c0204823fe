import { setTimeout as sleep } from 'node:timers/promises';
import { readProcesses } from '@temper/services/state';
import { eventually } from '../../e2e/stack.js';
import type { FaultWorker } from '../rig.js';
import { holds, type Row } from '../row.js';

export const everythingKilled: Row = {
  name: 'workers-and-temporal-killed',
  async run(rig, { quick }) {
    const count = quick ? 3 : 10;
    const start = () => Promise.all([0, 1].map(() => rig.worker({ plan: { slowMs: 50 } })));
    let workers = await start();
    const submit = (i: number) =>
      rig.client.submit(rig.spec('ten', { maxSteps: 12, saveSteps: 2, seed: 1000 + i }));
    const runIds = await Promise.all(Array.from({ length: count }, (_, i) => submit(i)));
    await eventually('a training', async () => {
      const pointers = await Promise.all(runIds.map((runId) => rig.pointer(runId)));
      return pointers.some(Boolean);
    });
    const { temporal } = (await readProcesses(rig.services.folder))!.servers;
    process.kill(temporal!.pid, 'SIGKILL');
    await Promise.all(workers.map((worker) => worker.kill()));
    await eventually('the Temporal server', async () => {
      const now = (await readProcesses(rig.services.folder))!.servers['temporal'];
      return now && now.pid !== temporal!.pid && rig.client.show(runIds[0]!).catch(() => undefined);
    });
    workers = await start();
    try {
      for (const runId of runIds) await rig.onlyVersion(await rig.finished(runId));
    } finally {
      await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
    }
    const versions = await rig.client.registry.versions('ten');
    holds(versions.length === count, `${count} versions, not ${versions.length}`);
    return {
      done: `kill −9 of all workers and of the Temporal server (back on its SQLite file) during ${count} runs`,
      held: `${count} of ${count} completed, ${versions.length} versions, none twice`,
    };
  },
};

export const workersRestarted: Row = {
  name: 'workers-restarted-under-load',
  async run(rig, { quick }) {
    const { runs, trainings, every } = quick
      ? { runs: 16, trainings: 2, every: 6_000 }
      : { runs: 200, trainings: 200, every: 20_000 };
    const workers = await Promise.all([0, 1, 2, 3].map(() => rig.worker()));
    const runIds: string[] = [];
    for (let i = 0; i < runs; i++) {
      runIds.push(await rig.client.submit(rig.spec('churn', { maxSteps: 3, seed: 2000 + (i % trainings) })));
    }
    const completed = () =>
      rig.client.temporal.workflow
        .count("TemperPipeline = 'churn' AND ExecutionStatus = 'Completed'")
        .then(({ count }) => count);
    let restarts = 0;
    let last = Date.now();
    while ((await completed()) < runs) {
      const open = await rig.client.temporal.workflow.count(
        "TemperPipeline = 'churn' AND ExecutionStatus = 'Failed'",
      );
      holds(open.count === 0, `no run fails, ${open.count} did`);
      if (Date.now() - last > every) {
        last = Date.now();
        const place = restarts++ % workers.length;
        await workers[place]!.kill();
        workers[place] = await rig.worker();
      }
      await sleep(250);
    }
    await Promise.all(workers.map((worker: FaultWorker) => worker[Symbol.asyncDispose]()));
    holds(restarts > 0, 'a worker was restarted while runs were under way');
    const versions = await rig.client.registry.versions('churn');
    const owners = new Set(versions.map(({ runId }) => runId));
    holds(owners.size === versions.length, 'no run published twice');
    const models = new Set(versions.map(({ digest }) => digest)).size;
    holds(models === trainings, `a model of each training, not ${models}`);
    return {
      done: `one of four workers killed and started again every ${every / 1000} s under ${runs} runs (${trainings} different trainings): ${restarts} restarts`,
      held: `${runs} of ${runs} completed, no run published twice`,
    };
  },
};
