import { softwareGpuEnvironment } from '@temper/onnxruntime';

/** Environment of a process that finds a software GPU; undefined where none is installed. */
export const environment = softwareGpuEnvironment();

/** The name of a suite that needs it: where it is skipped, name and log say why and what to do. */
export function needsSoftwareGpu(suite: string): string {
  if (environment) return suite;
  const reason = 'no software GPU is installed: sudo infra/workspace/install-test-packages.sh';
  process.stderr.write(`\nSKIPPED: ${suite} – ${reason}\n`);
  return `${suite} [skipped: ${reason}]`;
}
