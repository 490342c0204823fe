import { execFileSync } from 'node:child_process';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, trainersOf } from '../../e2e/stack.js';
import { Cable } from '../cable.js';
import { failuresOf } from '../history.js';
import { holds, Skipped, type Row } from '../row.js';
import { watchPointer } from '../whole-pointer.js';

export const hungTrainer: Row = {
  name: 'trainer-hangs',
  async run(rig) {
    const spec = rig.spec('hung', { saveSteps: 3 });
    const expected = await rig.uninterrupted(spec);
    await using _worker = await rig.worker({
      plan: { slowMs: 150 },
      env: { TEMPER_FAULT_WATCHDOG: '4000' },
    });
    const runId = await rig.client.submit(spec, { fresh: true });
    await eventually('a checkpoint', async () => ((await rig.pointer(runId))?.step ?? 0) >= 6);
    const [trainer] = await trainersOf(runId);
    process.kill(trainer!, 'SIGSTOP');
    const result = await rig.finished(runId);
    holds(!(await trainersOf(runId)).includes(trainer!), 'the hung process is gone');
    const [failure = ''] = await failuresOf(rig, runId);
    holds(/TRAINER_DIED.*no progress for/.test(failure), `it is noticed; the failure is ${failure}`);
    holds(result.model!.digest === expected, 'the digest is that of the uninterrupted run');
    return {
      done: 'SIGSTOP of the trainer',
      held: `${failure.split(';')[0]!.trim()}; replaced, same digest`,
    };
  },
};

export const partitionedWorker: Row = {
  name: 'old-worker-partitioned',
  async run(rig) {
    const spec = rig.spec('partition', { saveSteps: 1 });
    const expected = await rig.uninterrupted(spec);
    await using cable = await Cable.to(rig.services.temporal.address);
    const old = await rig.worker({ plan: { slowMs: 3000 }, env: { TEMPORAL_ADDRESS: cable.address } });
    try {
      const runId = await rig.client.submit(spec, { fresh: true });
      await eventually('a checkpoint', async () => ((await rig.pointer(runId))?.step ?? 0) >= 2);
      const pointer = watchPointer(rig, runId);
      const [trainer] = await trainersOf(runId);
      cable.cut();
      const reached = (await rig.pointer(runId))!.step;
      await using _other = await rig.worker({ plan: { slowMs: 300 } });
      await eventually('a takeover', async () => (await rig.pointer(runId))!.attempt === 2);
      const taken = (await rig.pointer(runId))!;
      holds(
        taken.step > reached,
        `the old trainer goes on while it is cut off: from step ${reached} to ${taken.step}`,
      );
      const result = await rig.finished(runId);
      await pointer.stop();
      await eventually('the old trainer to end', async () => !(await trainersOf(runId)).includes(trainer!));
      holds((await rig.pointer(runId))!.attempt === 2, 'the pointer is that of the second attempt');
      holds(result.model!.digest === expected, 'the digest is that of the uninterrupted run');
      await rig.onlyVersion(result);
      return {
        done: `a worker cut off from Temporal at step ${reached} trained on to step ${taken.step}, where another took over`,
        held: 'its next checkpoint was refused and it ended; the pointer only moved on; one version, same digest',
      };
    } finally {
      await old.kill();
    }
  },
};

/** Megabytes: the caches and scratch space of a tiny run need about a third. */
const DISK = 24;

export const fullDisk: Row = {
  name: 'disk-full',
  async run(rig) {
    const home = join(rig.folder, 'small-disk');
    await mkdir(home);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}m`, 'tmpfs', home], { stdio: 'pipe' });
    } catch (error) {
      throw new Skipped(`a file system cannot be mounted here: ${String(error).split('\n')[0]}`);
    }
    try {
      const spec = rig.spec('disk', { saveSteps: 5 });
      const expected = await rig.uninterrupted(spec);
      await using _worker = await rig.worker({ home });
      const filler = join(home, 'filler');
      const { bavail, bsize } = await statfs(home);
      await writeFile(filler, Buffer.alloc(bavail * bsize - 8 * bsize));
      const runId = await rig.client.submit(spec, { fresh: true });
      const failure = await eventually('a failure', async () => {
        const { live } = await rig.client.show(runId);
        return live[0]?.lastFailure;
      });
      holds(/the disk is full/.test(failure), `the failure says what it is: ${failure}`);
      await rm(filler);
      const result = await rig.finished(runId);
      holds(
        (await failuresOf(rig, runId)).some((line) => line.startsWith('DISK_FULL')),
        'its code is DISK_FULL',
      );
      holds(result.model!.digest === expected, 'the digest is that of the uninterrupted run');
      return {
        done: `the worker's disk (${DISK} MB) full, then freed`,
        held: 'DISK_FULL, retried, completed; same digest',
      };
    } finally {
      execFileSync('umount', ['-l', home]);
    }
  },
};

export const outOfMemory: Row = {
  name: 'out-of-memory',
  async run(rig) {
    const spec = rig.spec('memory', { saveSteps: 3 });
    const expected = await rig.uninterrupted(spec);
    // The kernel's killer: SIGKILL in the middle of a step. Then an allocator that gets nothing any more.
    const plan = { deaths: [{ at: 'micro', step: 5, micro: 1 }], addressSpace: 512 * 2 ** 20 } as const;
    await using worker = await rig.worker({ plan });
    const runId = await rig.client.submit(spec, { fresh: true });
    const result = await rig.finished(runId);
    const failures = await failuresOf(rig, runId);
    for (const failure of failures) {
      holds(/^TRAINER_DIED.*memory/s.test(failure), `the failure names memory: ${failure}`);
    }
    holds((await worker.deaths()) === 1 && failures.length > 0, 'the trainer was killed');
    holds(result.model!.digest === expected, 'the digest is that of the uninterrupted run');
    return {
      done: 'no address space left for a trainer; then SIGKILL in a step, as the kernel does it',
      held: `${failures.at(-1)!.split('; found')[0]!}; completed, same digest`,
    };
  },
};

export const divergedLoss: Row = {
  name: 'loss-diverges',
  async run(rig) {
    await using _worker = await rig.worker();
    const training = { learningRate: 1e30, maxGradNorm: null, weightDecay: 0 };
    const result = await rig.client.result(await rig.client.submit(rig.spec('nan', training)));
    const { error, stages } = result;
    const [problem] = error?.problems ?? [];
    holds(result.status === 'failed' && error?.code === 'LOSS_DIVERGED', `LOSS_DIVERGED, not ${error?.code}`);
    holds(stages.find(({ name }) => name === 'train')!.attempts === 1, 'it is not tried again');
    holds(/^training step \d+$/.test(problem!.path), `the step is named, not ${problem!.path}`);
    holds(/learningRate/.test(problem!.hint ?? ''), 'it says what to do');
    return {
      done: 'a learning rate of 1e30',
      held: `failed at once: LOSS_DIVERGED, ${problem!.path}: ${problem!.message}; ${problem!.hint}`,
    };
  },
};
