import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Of a UNIX socket of a folder; beside other users' where the folder's own name is too long for one. */
export function socketPath(folder: string, name: string): string {
  const path = join(folder, `${name}.sock`);
  // sun_path holds 104 bytes on macOS, 108 on Linux.
  if (Buffer.byteLength(path) < 100) return path;
  const short = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return join(tmpdir(), `temper-${process.getuid?.() ?? 0}-${short}-${name}.sock`);
}
