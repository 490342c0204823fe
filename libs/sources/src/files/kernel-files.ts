import { statfs } from 'node:fs/promises';

/** linux/magic.h: file systems whose files the kernel makes while they are read. */
const kernelMade = new Set([
  0x9fa0, // proc
  0x62656572, // sysfs
  0x64626720, // debugfs
  0x74726163, // tracefs
  0x73636673, // securityfs
  0x27e0eb, // cgroup
  0x63677270, // cgroup2
  0x62656570, // configfs
  0x42494e4d, // binfmt_misc
]);

/** Whether what lies there is no data but a window into the kernel: some of its files never end, others never begin. */
export const isKernelMade = (path: string): Promise<boolean> =>
  statfs(path).then(
    ({ type }) => kernelMade.has(type),
    () => false,
  );
