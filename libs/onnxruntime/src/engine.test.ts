import { engineWords, sameEngine } from '@temper/contracts';
import { createRequire } from 'node:module';
import { arch } from 'node:os';
import { expect, it, vi } from 'vitest';
import { machineOf } from './engine.js';
import { createSessionFactory } from './session.js';

vi.mock('./engine.js', async (original) => {
  const { machineOf } = await original<typeof import('./engine.js')>();
  return { machineOf: vi.fn(machineOf) };
});

it('is looked up when it is asked for, once', () => {
  const sessions = createSessionFactory('cpu');
  expect(machineOf).not.toHaveBeenCalled();
  expect(sessions.machine).toBe(sessions.machine);
  expect(machineOf).toHaveBeenCalledTimes(1);
});

it('is the version of the runtime that is loaded, the provider and what the processor can', async () => {
  const { env } = createRequire(import.meta.url)('onnxruntime-node') as typeof import('onnxruntime-node');
  const machine = machineOf('cpu');
  expect(machine).toMatchObject({ onnxruntime: env.versions.node, provider: 'cpu' });
  expect(machine.device).toBeUndefined();
  expect(machine.instructions.split(' ')[0]).toBe(arch());
  // A processor that says nothing would be like every other.
  expect(machine.instructions.split(' ').length).toBeGreaterThan(1);
  expect(createSessionFactory('cpu').machine).toEqual(machine);
});

it('is another one where any part of it is', () => {
  const engine = { ...machineOf('cpu'), threads: 2 };
  expect(sameEngine(engine, { ...engine })).toBe(true);
  const others = [
    { threads: 1 },
    { onnxruntime: '1.0.0' },
    { provider: 'cuda' as const },
    { instructions: 'x64 avx' },
    { device: 'H100' },
  ];
  for (const other of others)
    expect(sameEngine(engine, { ...engine, ...other }), JSON.stringify(other)).toBe(false);
  expect(sameEngine(engine, undefined)).toBe(false);
  expect(engineWords({ ...engine, instructions: 'x64 avx2', onnxruntime: '1.30.0' })).toBe(
    'ONNX Runtime 1.30.0, cpu, x64 avx2, 2 threads',
  );
});
