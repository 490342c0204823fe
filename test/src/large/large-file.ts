import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';

/** Bytes of which no part is like another, and which nobody can compress. */
export async function writeLargeFile(file: string, bytes: number): Promise<void> {
  const block = randomBytes(8 * 2 ** 20);
  await using handle = await open(file, 'w');
  for (let at = 0; at < bytes; at += block.length) {
    block.writeDoubleLE(at, 0);
    await handle.write(block, 0, Math.min(block.length, bytes - at));
  }
}
