import { sameEngine, type CheckpointMeta } from '@temper/contracts';
import { createSessionFactory } from '@temper/onnxruntime';
import type { SessionFactory } from '@temper/training';
import { describe, expect, it } from 'vitest';
import { tinyClassifier } from './tiny-data.js';
import { TinyRun, type TinySettings } from './tiny-run.js';

const settings = tinyClassifier({ epochs: 1, saveSteps: 2, seed: 7 });
const here = createSessionFactory('cpu').machine;
const other: SessionFactory['machine'] = { ...here, instructions: 'x64 sse4_1' };

describe('the engine of a training', () => {
  it('is in every checkpoint, with the graphs that it ran', async () => {
    await using run = await TinyRun.start(settings);
    const { checkpoint } = await run.train();
    const { engine, graphs } = (await run.artifacts.manifest(checkpoint)).meta;
    expect(sameEngine(engine, { ...here, threads: 2 })).toBe(true);
    const ref = run.artifacts.ref('graphs', graphs!);
    const { meta, files } = await run.artifacts.manifest(ref);
    expect(meta.engine).toEqual(engine);
    expect(files.map(({ path }) => path)).toEqual(['apply-adamw.onnx', 'evaluate.onnx', 'grad.onnx']);
    const { rows } = await run.evaluate(checkpoint);
    const measured = (await run.artifacts.manifest(rows)).meta;
    expect(measured.engine).toEqual(engine);
    const kept = await run.artifacts.manifest(run.artifacts.ref('graphs', measured.graphs!));
    expect(kept.files.map(({ path }) => path)).toEqual(['base.onnx', 'evaluate.onnx']);
    // The trained model is measured by the graph that measured it while it trained.
    expect(kept.files[1]!.digest).toBe(files[1]!.digest);
  });

  it('may change on the way, unless the result is to be exact', async () => {
    const trained = async (more: Partial<TinySettings>, machine: SessionFactory['machine']) => {
      await using run = await TinyRun.start({ ...settings, ...more });
      await expect(run.train({ runs: 5 })).rejects.toThrow('killed');
      const ends = await run.train({ machine }).catch((error: unknown) => error);
      const { checkpoint } = ends as { checkpoint?: Parameters<TinyRun['digests']>[0] };
      return checkpoint ? (await run.artifacts.manifest(checkpoint)).meta : ends;
    };
    expect(((await trained({}, other)) as CheckpointMeta).engine!.instructions).toBe('x64 sse4_1');
    expect(((await trained({ resources: { exact: true } }, here)) as CheckpointMeta).step).toBe(7);
    expect(await trained({ resources: { exact: true } }, other)).toMatchObject({
      code: 'ENGINE_DIFFERS',
      retryable: false,
      problems: [{ path: 'resources.exact', found: expect.stringContaining('x64 sse4_1') as string }],
    });
  });
});
