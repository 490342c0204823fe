import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { TemperError, type Provider } from '@temper/contracts';
import { gpuDevices, isSoftwareGpu } from './software.js';

/** Milliseconds; the first use of a driver compiles shaders. */
const PROBE_LIMIT = 60_000;
const probe = fileURLToPath(new URL('./probe-main.js', import.meta.url));

/**
 * Refuses (SERVICE_UNAVAILABLE) a provider that does not work here, and a software GPU where it is not asked for with
 * TEMPER_ALLOW_SOFTWARE_GPU=1: it is slower than the CPU and for tests only. The probe is a process of its own, because
 * a broken driver may take its process down.
 */
export async function checkProvider(provider: Provider): Promise<{ software: boolean }> {
  try {
    await promisify(execFile)(process.execPath, [probe, provider], { timeout: PROBE_LIMIT });
  } catch (cause) {
    throw new TemperError(
      'SERVICE_UNAVAILABLE',
      {
        path: `pool ${provider}`,
        message: 'its provider does not work on this machine',
        found: lastLine((cause as { stderr?: string }).stderr ?? String(cause)),
        hint: hints[provider],
      },
      { cause },
    );
  }
  const software =
    provider === 'webgpu' &&
    isSoftwareGpu({ platform: process.platform, env: process.env, devices: gpuDevices() });
  if (software && process.env['TEMPER_ALLOW_SOFTWARE_GPU'] !== '1') {
    throw new TemperError('SERVICE_UNAVAILABLE', {
      path: `pool ${provider}`,
      message: 'only a software GPU is here, which is slower than the CPU',
      hint: 'use the CPU pool; TEMPER_ALLOW_SOFTWARE_GPU=1 allows it for tests',
    });
  }
  return { software };
}

const hints: Readonly<Record<Provider, string>> = {
  cpu: 'onnxruntime-node does not load: is this platform supported?',
  webgpu: 'WebGPU needs a GPU with a Vulkan, Metal or Direct3D 12 driver',
  cuda: "CUDA needs an NVIDIA GPU with CUDA 12 and cuDNN 9, and onnxruntime-node's CUDA libraries next to it",
};

/** What the probe said last; drivers write in colours before it. */
const lastLine = (text: string) =>
  text
    .replaceAll(/\u001b\[[\d;]*m/g, '')
    .trim()
    .split('\n')
    .at(-1);
