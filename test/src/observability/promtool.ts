import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const program = process.env['TEMPER_PROMTOOL'] ?? 'promtool';

/** Prometheus's own checker; infra/workspace/install-test-packages.sh installs it. */
export const hasPromtool = await promisify(execFile)(program, ['--version']).then(
  () => true,
  () => false,
);
export const withPromtool = `with promtool${hasPromtool ? '' : ' (skipped: not installed, it is in the Debian package prometheus)'}`;

export async function promtool(args: readonly string[], input = ''): Promise<{ code: number; said: string }> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += String(text)));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number];
  return { code, said };
}
