import { readdirSync } from 'node:fs';

/** Vulkan drivers that compute on the CPU: SwiftShader, and Mesa's lavapipe (`lvp`). */
const SOFTWARE_DRIVER = /swiftshader|lavapipe|lvp_icd/i;

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Device files of GPUs, on Linux. */
  readonly devices: readonly string[];
}

/** `/dev/nvidia0`, `/dev/dri/renderD128`, `/dev/dxg` (WSL): without one of these there is no GPU behind a driver. */
export function gpuDevices(folder = '/dev'): string[] {
  const names = (path: string, pattern: RegExp) => {
    try {
      return readdirSync(path).filter((name) => pattern.test(name));
    } catch {
      return []; // no such folder: no such device
    }
  };
  return [
    ...names(folder, /^(nvidia\d+|dxg)$/).map((name) => `${folder}/${name}`),
    ...names(`${folder}/dri`, /^renderD\d+$/).map((name) => `${folder}/dri/${name}`),
  ];
}

/**
 * Whether a working GPU provider only pretends: ONNX Runtime does not say which adapter it took, so it is told by the
 * driver that the environment forces, and by the machine having no GPU at all.
 */
export function isSoftwareGpu({ platform, env, devices }: Machine): boolean {
  const forced = [env['VK_ICD_FILENAMES'], env['VK_DRIVER_FILES'], env['VK_ADD_DRIVER_FILES']];
  if (forced.some((files) => files && SOFTWARE_DRIVER.test(files))) return true;
  return platform === 'linux' && devices.length === 0;
}
