import { TemperError, type Provider } from '@temper/contracts';
import { encodeModel, GraphBuilder } from '@temper/graph';
import { float32 } from '@temper/training/session';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSessionFactory } from './session.js';

/**
 * Runs a small graph on the provider. Throws a TemperError where it cannot be loaded or computes wrongly; a broken driver may
 * also take the process down, so that callers who must live do this in a process of its own.
 */
export async function probeProvider(provider: Provider): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'temper-probe-'));
  try {
    const file = join(folder, 'probe.onnx');
    await writeFile(file, encodeModel(probeGraph()));
    const session = await createSessionFactory(provider).create(file, { threads: 1 });
    const { y } = await session.run({ x: float32(Float32Array.of(1, 2, 3, 4), [2, 2]) }, { y: null });
    // [1 2; 3 4]² = [7 10; 15 22]
    const found = Array.from(y!.data as Float32Array).join(' ');
    if (found === '7 10 15 22') return;
    throw new TemperError('SERVICE_UNAVAILABLE', {
      path: provider,
      message: 'the provider computes wrongly',
      found,
      allowed: '7 10 15 22',
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function probeGraph() {
  const g = new GraphBuilder('probe');
  const x = g.input('x', 'float32', [2, 2]);
  g.output(g.op('MatMul', [x, x]), 'y');
  return g.build();
}
