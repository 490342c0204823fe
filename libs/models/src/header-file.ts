import { truncate, writeFile } from 'node:fs/promises';
import { TemperError } from '@temper/contracts';
import { readGguf } from './formats/gguf/reader.js';
import { NotInHeaders } from './making.js';

/** Enough for the header of most safetensors files, and for a question that costs about as much as its way. */
const FIRST = 1 << 18;
/** Of a GGUF file, whose header holds the tokenizer: that of the largest vocabularies takes a quarter of it. */
const MOST = 1 << 26;

/**
 * Writes a weight file as its header and a hole: everything of `bytes` bytes can be opened, and values read as zeros. What the header
 * of a Phi-3 file needs besides (its rotary divisors) is there too. `first` gives so many bytes of its beginning.
 * @throws NotInHeaders where it is longer than a header is
 */
export async function writeHeaderFile(
  file: string,
  bytes: number,
  first: (count: number) => Promise<Uint8Array>,
): Promise<void> {
  const write = async (beginning: Uint8Array) => {
    await writeFile(file, beginning);
    await truncate(file, bytes);
  };
  let known = await first(Math.min(bytes, FIRST));
  await write(known);
  if (!/\.gguf$/i.test(file)) {
    const length =
      known.length < 8 ? 0 : Number(Buffer.from(known.buffer, known.byteOffset, 8).readBigUInt64LE());
    if (8 + length > known.length) await write(await first(Math.min(bytes, 8 + length)));
    return;
  }
  // How long it is nobody says: more of it is asked for until all that is read of it is there.
  while (known.length < bytes && (await neededOf(file)) > known.length) {
    if (known.length >= MOST) throw new NotInHeaders('what a GGUF file says before its weights');
    known = await first(Math.min(bytes, 4 * known.length));
    await write(known);
  }
}

/** Bytes from the beginning to the end of the last thing that is read of a GGUF file; Infinity where its table is cut off. */
async function neededOf(file: string): Promise<number> {
  try {
    const { tensors } = await readGguf(file);
    const all = [...tensors.values()];
    const divisors = all.filter(({ name }) => name.startsWith('rope_factors_'));
    return Math.max(
      Math.min(...all.map(({ offset }) => offset)),
      ...divisors.map(({ offset, length }) => offset + length),
    );
  } catch (error) {
    if (error instanceof TemperError) return Infinity;
    throw error;
  }
}
