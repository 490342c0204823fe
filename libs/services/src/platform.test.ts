import { describe, expect, it } from 'vitest';
import { platformInWords, platformProblem, refuseWindows, type Machine } from './platform.js';

const debian: Machine = { platform: 'linux', arch: 'x64', glibc: '2.36', kernel: '6.1.0' };

describe('the platforms that are promised', () => {
  it('are Linux with glibc on both architectures, and Apple silicon', () => {
    for (const machine of [
      debian,
      { ...debian, arch: 'arm64' },
      { platform: 'darwin', arch: 'arm64', glibc: undefined, kernel: '23.5.0' },
    ]) {
      expect(platformProblem(machine)).toBeUndefined();
    }
  });

  it('and no others, each with its way out', () => {
    expect(platformProblem({ ...debian, glibc: undefined })).toContain('musl');
    expect(platformProblem({ ...debian, arch: 'riscv64' })).toContain('Linux x64 and arm64');
    expect(platformProblem({ ...debian, platform: 'darwin' })).toContain('macOS arm64');
    expect(platformProblem({ ...debian, platform: 'win32', glibc: undefined })).toContain('wsl --install');
  });

  it('are told in words, and WSL by its kernel', () => {
    expect(platformInWords(debian)).toBe('Linux x64, glibc 2.36');
    expect(platformInWords({ ...debian, kernel: '5.15.153.1-microsoft-standard-WSL2' })).toBe(
      'Linux x64, glibc 2.36, in WSL',
    );
  });

  it('leave out Windows itself, which is refused before anything is started', () => {
    expect(() => refuseWindows(debian)).not.toThrow();
    expect(() => refuseWindows({ platform: 'win32', arch: 'x64' })).toThrow(
      /does not run on Windows itself.*WSL/s,
    );
  });
});
