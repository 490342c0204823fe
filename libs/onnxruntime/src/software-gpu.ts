import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where Debian's package `chromium` puts SwiftShader (a Vulkan driver that runs on the CPU) and the Vulkan loader. */
const FOLDER = '/usr/lib/chromium';

/**
 * Environment in which a process finds a WebGPU adapter on a machine without a GPU; undefined where it is not installed.
 * A process must be started with it: the loader's path is read before any of our code runs. For tests: it is slow.
 * (Mesa's software driver, lavapipe, is refused by ONNX Runtime.)
 */
export function softwareGpuEnvironment(): Record<string, string> | undefined {
  const driver = join(FOLDER, 'vk_swiftshader_icd.json');
  if (!existsSync(driver)) return undefined;
  return {
    VK_ICD_FILENAMES: driver,
    // Chromium brings its own libvulkan.so.1, for machines without the package libvulkan1.
    LD_LIBRARY_PATH: [FOLDER, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
    // Any writable folder will do, but there must be one.
    XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? mkdtempSync(join(tmpdir(), 'temper-xdg-')),
  };
}
