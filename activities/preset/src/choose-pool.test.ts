import { describe, expect, it } from 'vitest';
import { chooseProvider, type Pollers } from './choose-pool.js';
import { workerIdentity } from './identity.js';

const NOW = 1_700_000_000_000;

const polled =
  (queues: Record<string, { identity: string; lastSeen: number }[]>): Pollers =>
  async (queue) =>
    queues[queue] ?? [];

describe('resources.pool: auto', () => {
  const webgpu = { identity: workerIdentity('webgpu'), lastSeen: NOW - 30_000 };

  it('is the CPU where no GPU worker lives', async () => {
    expect(await chooseProvider(polled({}), NOW)).toBe('cpu');
    const gone = { ...webgpu, lastSeen: NOW - 200_000 };
    expect(await chooseProvider(polled({ 'temper-gpu-webgpu': [gone] }), NOW)).toBe('cpu');
  });

  it('is a GPU that is really there, CUDA first', async () => {
    const cuda = { identity: workerIdentity('cuda'), lastSeen: NOW };
    expect(await chooseProvider(polled({ 'temper-gpu-webgpu': [webgpu] }), NOW)).toBe('webgpu');
    const both = { 'temper-gpu-webgpu': [webgpu], 'temper-gpu-cuda': [cuda] };
    expect(await chooseProvider(polled(both), NOW)).toBe('cuda');
  });

  it('is never a software GPU, but a real one next to it', async () => {
    const software = { identity: workerIdentity('webgpu', { software: true }), lastSeen: NOW };
    expect(await chooseProvider(polled({ 'temper-gpu-webgpu': [software] }), NOW)).toBe('cpu');
    expect(await chooseProvider(polled({ 'temper-gpu-webgpu': [software, webgpu] }), NOW)).toBe('webgpu');
  });
});
