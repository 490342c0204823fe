import { open } from 'node:fs/promises';
import { join } from 'node:path';

async function flip(file: string, at: number): Promise<void> {
  await using handle = await open(file, 'r+');
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, at);
  buffer[0]! ^= 1;
  await handle.write(buffer, 0, 1, at);
}

/** Of a server that keeps each object as a file: one bit of it, behind the server's back. */
export const flippedOnDisk = (bucket: string) => async (key: string, at: number) => {
  const file = join(bucket, key);
  await flip(file, at);
  return () => flip(file, at);
};
