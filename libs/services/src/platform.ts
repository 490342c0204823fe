import { TemperError } from '@temper/contracts';

/** What a machine is, as far as it decides whether Temper runs there. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  /** Version of glibc; undefined elsewhere than on Linux, and on Linux with another C library. */
  readonly glibc: string | undefined;
  /** Version of the kernel, which names WSL. */
  readonly kernel: string;
}

export const PROMISED_PLATFORMS = 'Linux x64 and arm64 (glibc), macOS arm64; Windows through WSL';

const promised = new Set(['linux x64', 'linux arm64', 'darwin arm64']);
const names: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' };

/** Whether Temper is promised to run on this machine; if not, the way out. */
export function platformProblem({ platform, arch, glibc }: Machine): string | undefined {
  if (platform === 'win32') {
    return 'use WSL: `wsl --install` in PowerShell, then install Node and Temper in the Linux that it gives you';
  }
  if (!promised.has(`${platform} ${arch}`)) return `use one of: ${PROMISED_PLATFORMS}`;
  if (platform === 'linux' && !glibc) {
    return 'use a Linux with glibc, such as Debian, Ubuntu or Fedora: ONNX Runtime is not built for musl';
  }
  return undefined;
}

/** `Linux x64, glibc 2.36, in WSL`. */
export const platformInWords = ({ platform, arch, glibc, kernel }: Machine): string =>
  [
    `${names[platform] ?? platform} ${arch}`,
    ...(glibc ? [`glibc ${glibc}`] : []),
    ...(platform === 'linux' && /microsoft/i.test(kernel) ? ['in WSL'] : []),
  ].join(', ');

/** @throws TemperError SERVICE_UNAVAILABLE on Windows itself, where neither servers nor workers run. */
export function refuseWindows(machine: Pick<Machine, 'platform'> & Partial<Machine>): void {
  if (machine.platform !== 'win32') return;
  const here = { arch: '', glibc: undefined, kernel: '', ...machine };
  throw new TemperError('SERVICE_UNAVAILABLE', {
    path: 'platform',
    message: 'Temper does not run on Windows itself',
    found: platformInWords(here),
    allowed: PROMISED_PLATFORMS,
    hint: platformProblem(here)!,
  });
}
