import { blobKey, canonicalJson, checkpointKey, digestOfBytes, manifestKey, Pointer } from '@temper/storage';
import { createSessionFactory } from '@temper/onnxruntime';
import {
  auditRun,
  keptCheckpoint,
  retrain,
  retrainingOf,
  type Audit,
  type AuditedRun,
  type AuditPorts,
  type CheckpointPointer,
} from '@temper/training';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tinyClassifier } from './tiny-data.js';
import { TinyRun } from './tiny-run.js';

// 14 examples by 2: 7 steps an epoch. Saved after 2, 4, 6, the best of an epoch, and the last.
const settings = tinyClassifier({ epochs: 1, saveSteps: 2, seed: 7, metricForBestModel: 'loss' });
const sessions = createSessionFactory('cpu');

let run: TinyRun;
beforeEach(async () => {
  run = await TinyRun.start(settings);
  await run.train();
});
afterEach(() => run[Symbol.asyncDispose]());

async function audited(machine = sessions.machine, of: Partial<AuditedRun> = {}) {
  const { artifacts, spec } = run;
  const audited: AuditedRun = { runId: 'tiny', spec, ...of };
  const folder = join(run.cacheFolder, '../audit');
  const kept = [];
  for (const entry of await run.runs.checkpoints(audited.runId)) {
    kept.push(await keptCheckpoint(artifacts, entry));
  }
  const ports: AuditPorts = {
    machine,
    said: () => undefined,
    retrain: (from, { manifest }) =>
      retrain(retrainingOf(audited, { from, to: manifest.meta }, { artifacts, folder }), {
        ...{ artifacts, sessions, report: () => undefined },
      }),
  };
  return auditRun(audited, kept, ports);
}

const found = ({ checkpoints, gaps }: Audit) => ({
  checkpoints: checkpoints.map(({ from, step, verdict }) => [from, step, verdict]),
  gaps,
});

const entryOf = async (step: number) =>
  (await run.runs.checkpoints('tiny')).find((entry) => entry.step === step)!;

/** Puts another checkpoint where one was: whole, with an address of its own, of weights that no training led to. */
async function replaced(step: number) {
  const { artifacts, runs } = run;
  const entry = await entryOf(step);
  const { files, meta } = await artifacts.manifest(entry.checkpoint);
  const contents = await Promise.all(
    files.map(async ({ path }) => {
      const bytes = Uint8Array.from(await artifacts.readFile(entry.checkpoint, path));
      if (path === 'trainable.safetensors') bytes[bytes.length - 2]! ^= 1;
      return [path, bytes] as const;
    }),
  );
  const checkpoint = await artifacts.putArtifact('checkpoint', Object.fromEntries(contents), meta);
  await runs.putCheckpoint('tiny', { ...entry, checkpoint }, 9);
}

describe('an audit', () => {
  it('trains each checkpoint again from the one before, and writes nothing', async () => {
    const { store } = run.artifacts;
    const keys = async () => {
      const found: string[] = [];
      for await (const { key, etag } of store.list('')) found.push(key + etag);
      return found.sort();
    };
    const before = await keys();
    const audit = await audited();
    expect(audit).toMatchObject({ verdict: 'equal', gaps: [] });
    expect(audit.checkpoints.map(({ from, step, verdict }) => [from, step, verdict])).toEqual([
      [0, 2, 'equal'],
      [2, 4, 'equal'],
      [4, 6, 'equal'],
      [6, 7, 'equal'],
    ]);
    expect(await keys()).toEqual(before);
  });

  it('names a checkpoint that was put in the place of another, and no other', async () => {
    await replaced(4);
    const audit = await audited();
    expect(audit.verdict).toBe('changed');
    expect(audit.checkpoints.map(({ from, step, verdict }) => [from, step, verdict])).toEqual([
      [0, 2, 'equal'],
      [2, 4, 'changed'],
      [2, 6, 'equal'],
      [6, 7, 'equal'],
    ]);
    expect(audit.checkpoints[1]!.message).toContain('trainable.safetensors is sha256:');
  });

  it.each(['trainable.safetensors', 'optimizer.safetensors', 'manifest'])(
    'names a changed byte: %s',
    async (what) => {
      const { checkpoint } = await entryOf(4);
      const { files } = await run.artifacts.manifest(checkpoint);
      const file = files.find(({ path }) => path === what);
      const key = file ? blobKey(file.digest) : manifestKey(checkpoint.digest);
      const { store } = run.artifacts;
      const bytes = Uint8Array.from((await store.get(key))!.bytes);
      bytes[bytes.length - 3]! ^= 1;
      await store.put(key, bytes);
      const audit = await audited();
      const changed = audit.checkpoints.filter(({ verdict }) => verdict === 'changed');
      expect(changed).toMatchObject([{ step: 4 }]);
      expect(audit.verdict).toBe('changed');
    },
  );

  it('finds another number in a manifest', async () => {
    const { artifacts, runs } = run;
    const entry = await entryOf(6);
    const { files, meta } = await artifacts.manifest(entry.checkpoint);
    const text = canonicalJson({
      version: 1,
      kind: 'checkpoint',
      files,
      meta: { ...meta, tokens: meta.tokens + 1 },
    });
    const digest = digestOfBytes(text);
    await artifacts.store.put(manifestKey(digest), new TextEncoder().encode(text));
    await runs.putCheckpoint('tiny', { ...entry, checkpoint: artifacts.ref('checkpoint', digest) }, 9);
    const audit = await audited();
    expect(audit.checkpoints.filter(({ verdict }) => verdict === 'changed')).toMatchObject([
      { step: 6, message: expect.stringContaining('its tokens is') as string },
    ]);
  });

  it('trains through what retention took, and names it', async () => {
    const { store } = run.artifacts;
    const gone = await entryOf(2);
    await store.delete(manifestKey(gone.checkpoint.digest));
    // The weights of step 4 are kept, what its optimizer remembered is not.
    const { files } = await run.artifacts.manifest((await entryOf(4)).checkpoint);
    await store.delete(blobKey(files.find(({ path }) => path === 'optimizer.safetensors')!.digest));
    await rm(run.cacheFolder, { recursive: true });
    const audit = await audited();
    expect(audit.checkpoints.map(({ from, step, verdict }) => [from, step, verdict])).toEqual([
      [0, 4, 'equal'],
      [0, 6, 'equal'],
      [6, 7, 'equal'],
    ]);
    expect(audit.gaps).toEqual([
      { step: 2, missing: 'its manifest' },
      { step: 4, missing: 'optimizer.safetensors' },
    ]);
    expect(audit.verdict).toBe('equal');
  });

  it('cannot tell on another engine', async () => {
    const audit = await audited({ ...sessions.machine, onnxruntime: '1.0.0' });
    expect(audit.verdict).toBe('unknown');
    expect(audit.checkpoints[0]!.message).toContain('ONNX Runtime 1.0.0');
  });
});

describe('an audit of a run that was not trained in one go', () => {
  // Evaluated after 3 and 6.
  const evaluated = tinyClassifier({
    ...{ epochs: 1, saveSteps: 2, seed: 7, metricForBestModel: 'loss', loadBestModelAtEnd: false },
    ...{ evalStrategy: 'steps', evalSteps: 3 },
  });
  const stoppedAt = (step: number) =>
    expect(run.train({ interrupted: (at) => at >= step })).rejects.toThrow('interrupted');
  beforeEach(async () => {
    await run[Symbol.asyncDispose]();
    run = await TinyRun.start(evaluated);
  });

  it('begins a fork where it began, and says where that is gone', async () => {
    await run.train();
    const { checkpoint } = await entryOf(4);
    const fork = { runId: 'tiny', step: 4, checkpoint };
    const spec = { ...run.spec, training: { ...run.spec.training, learningRate: 1e-2, saveSteps: 1 } };
    await run.train({}, { runId: 'fork', fork, spec });
    const of = { runId: 'fork', spec, fork };
    expect(found(await audited(undefined, of))).toEqual({
      checkpoints: [
        [4, 4, 'equal'],
        [4, 5, 'equal'],
        [5, 6, 'equal'],
        [6, 7, 'equal'],
      ],
      gaps: [],
    });
    await run.artifacts.store.delete(manifestKey(checkpoint.digest));
    const without = await audited(undefined, of);
    expect(without.verdict).toBe('unknown');
    expect(without.checkpoints[0]!.message).toContain('what it was trained from: ');
  });

  it('trains to the step at which it was interrupted, whose evaluation was still due', async () => {
    await stoppedAt(3);
    const interrupted = {
      checkpoints: [
        [0, 2, 'equal'],
        [2, 3, 'equal'],
      ],
      gaps: [],
    };
    expect(found(await audited())).toEqual(interrupted);
    await run.train();
    const { checkpoints } = found(await audited());
    expect(checkpoints).toEqual([
      ...interrupted.checkpoints,
      [3, 4, 'equal'],
      [4, 6, 'equal'],
      [6, 7, 'equal'],
    ]);
  });

  it.each([
    [
      'changed',
      { learningRate: 1e-2, evalSteps: 1 },
      [
        [3, 4],
        [4, 6],
        [6, 7],
      ],
    ],
    ['stopped', { stop: true }, [[3, 4]]],
  ] as const)('repeats what was %s, at its step', async (_, what, intervals) => {
    await stoppedAt(3);
    await stoppedAt(4);
    await run.train({}, { changes: [{ id: 'a', by: 'ann', at: '2026-01-01T00:00:00.000Z', ...what }] });
    expect(found(await audited())).toEqual({
      checkpoints: [[0, 2], [2, 3], ...intervals].map((interval) => [...interval, 'equal']),
      gaps: [],
    });
  });

  it('finds nothing missing before a checkpoint that was adopted', async () => {
    await run.train();
    const { step, checkpoint: ref } = await entryOf(4);
    const pointer = new Pointer<CheckpointPointer>(run.artifacts.store, checkpointKey('trial'));
    await pointer.update(() => ({ attempt: 0, step, ref }));
    await run.train({}, { runId: 'trial' });
    expect(found(await audited(undefined, { runId: 'trial' }))).toEqual({
      checkpoints: [
        [0, 4, 'equal'],
        [4, 6, 'equal'],
        [6, 7, 'equal'],
      ],
      gaps: [],
    });
  });
});
