const MB = 2 ** 20;

/** Files up to this come whole: looking at a part of them would save nothing. */
const WHOLE_BYTES = 8 * MB;

/** A safetensors header is at most so long; https://github.com/huggingface/safetensors, MAX_HEADER_SIZE. */
const MAX_HEADER_BYTES = 100_000_000;

/** A Parquet file says at its end what is in it. */
export const isParquet = (name: string) => /\.parquet$/i.test(name);

/** Footers are some dozens of kilobytes; a longer one is fetched once its length is known, up to this. */
export const MAX_FOOTER_BYTES = 64 * MB;

/** Of the first rows of a Parquet file: where their group is larger, the file comes whole. */
export const MAX_GROUP_BYTES = 64 * MB;

const isWeights = (name: string) => /\.(safetensors|gguf)$/i.test(name);

/**
 * How much of a file is fetched to look at its beginning: of data some rows, of weights their header (a GGUF file has
 * its tokenizer in it). undefined: all of it.
 */
export function headBytes(name: string, size: number): number | undefined {
  if (size <= WHOLE_BYTES) return undefined;
  const wanted = /\.gguf$/i.test(name) ? 64 * MB : /\.safetensors$/i.test(name) ? 4 * MB : MB;
  return wanted < size ? wanted : undefined;
}

/** The whole length of a safetensors header, where it is longer than what was fetched. */
export function longerHeader(name: string, head: Uint8Array): number | undefined {
  if (!/\.safetensors$/i.test(name) || head.length < 8) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, 8);
  const length = 8 + Number(view.getBigUint64(0, true));
  return length > head.length && length <= 8 + MAX_HEADER_BYTES ? length : undefined;
}

/** Weights are looked at in files of their own length, the rest of which is a hole; data ends where it was cut. */
export const lengthOf = (name: string, head: Uint8Array, size: number): number =>
  isWeights(name) ? size : head.length;
