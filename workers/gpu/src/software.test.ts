import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gpuDevices, isSoftwareGpu } from './software.js';

const machine = { platform: 'linux', env: {}, devices: ['/dev/dri/renderD128'] } as const;

describe('a software GPU', () => {
  it('is one whose driver computes on the CPU, or that has no device behind it', () => {
    expect(isSoftwareGpu(machine)).toBe(false);
    expect(isSoftwareGpu({ ...machine, devices: [] })).toBe(true);
    const swiftshader = { VK_ICD_FILENAMES: '/usr/lib/chromium/vk_swiftshader_icd.json' };
    expect(isSoftwareGpu({ ...machine, env: swiftshader })).toBe(true);
    expect(
      isSoftwareGpu({ ...machine, env: { VK_DRIVER_FILES: '/usr/share/vulkan/icd.d/lvp_icd.json' } }),
    ).toBe(true);
    expect(isSoftwareGpu({ platform: 'darwin', env: {}, devices: [] })).toBe(false);
  });

  it('is told from a real one by the device files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'temper-dev-'));
    try {
      expect(gpuDevices(folder)).toEqual([]);
      await mkdir(join(folder, 'dri'));
      for (const name of ['null', 'nvidia0', 'nvidiactl', 'dri/card0', 'dri/renderD128']) {
        await writeFile(join(folder, name), '');
      }
      expect(gpuDevices(folder)).toEqual([`${folder}/nvidia0`, `${folder}/dri/renderD128`]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
