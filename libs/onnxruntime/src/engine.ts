import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus } from 'node:os';
import type { Machine, Provider } from '@temper/contracts';

/**
 * The extensions by which ONNX Runtime's CPU kernels (MLAS, platform.cpp) are chosen, by the names of `/proc/cpuinfo`. Two machines
 * that agree in them run the same kernels.
 */
const chosenBy: Readonly<Record<string, readonly string[]>> = {
  x64: [
    'sse4_1',
    'avx',
    'f16c',
    'fma',
    'avx2',
    'avx_vnni',
    'avx512f',
    'avx512dq',
    'avx512bw',
    'avx512vl',
  ].concat(['avx512_vnni', 'avx512_bf16', 'amx_tile', 'amx_int8', 'amx_bf16']),
  arm64: ['asimd', 'asimdhp', 'asimddp', 'i8mm', 'bf16', 'sve', 'sve2', 'sme'],
};

/** What computes here, threads aside. */
export function machineOf(provider: Provider): Machine {
  const device = provider === 'cpu' ? undefined : gpuNames();
  return {
    onnxruntime: runtimeVersion(),
    provider,
    instructions: [arch(), ...instructions()].join(' '),
    ...(device ? { device } : {}),
  };
}

function runtimeVersion(): string {
  const file = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Where the system does not tell them, the processor's name stands for them. */
function instructions(): readonly string[] {
  const told = new Set(flags());
  const found = (chosenBy[arch()] ?? []).filter((name) => told.has(name));
  return found.length ? found : [cpus()[0]?.model ?? 'unknown'];
}

function flags(): string[] {
  try {
    if (process.platform === 'linux') {
      // proc(5): `flags` of x86, `Features` of Arm.
      return (
        /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(/\s+/) ?? []
      );
    }
    if (process.platform !== 'darwin' || arch() !== 'x64') return [];
    const names = ['machdep.cpu.features', 'machdep.cpu.leaf7_features'];
    return execFileSync('sysctl', ['-n', ...names], { encoding: 'utf8' })
      .toLowerCase()
      .replaceAll('sse4.1', 'sse4_1')
      .replaceAll(/avx1\.0/g, 'avx')
      .split(/\s+/);
  } catch {
    return [];
  }
}

/** As NVIDIA's driver names them; of others it is not known. */
function gpuNames(folder = '/proc/driver/nvidia/gpus'): string | undefined {
  try {
    const models = readdirSync(folder).map((gpu) => {
      const text = readFileSync(`${folder}/${gpu}/information`, 'utf8');
      return /^Model:\s*(.+)$/m.exec(text)?.[1]?.trim() ?? 'unknown';
    });
    return [...new Set(models)].sort().join(' + ') || undefined;
  } catch {
    return undefined;
  }
}
