import type { Example } from '@temper/contracts';
import { createReadStream } from 'node:fs';

/**
 * The examples of a `SPLIT.jsonl` file, in chunks of `size`. Lines end with \n alone: Node's readline would also break at
 * U+2028, which JSON leaves as it is inside a text. `onLine` is told the bytes of each line, its end included, in their order.
 */
export async function* readChunks(
  file: string,
  size: number,
  onLine?: (bytes: number) => void,
): AsyncGenerator<Example[]> {
  let chunk: Example[] = [];
  let rest = '';
  for await (const part of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 18 })) {
    const lines = (rest + (part as string)).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      onLine?.(Buffer.byteLength(line) + 1);
      if (chunk.push(JSON.parse(line) as Example) < size) continue;
      yield chunk;
      chunk = [];
    }
  }
  if (rest) {
    onLine?.(Buffer.byteLength(rest));
    chunk.push(JSON.parse(rest) as Example);
  }
  if (chunk.length) yield chunk;
}
