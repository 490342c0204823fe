import type { ElementwiseKernel } from '@temper/graph';
import type { Session, Tensor, Tensors } from '../session.js';
import type { Chunk } from './chunks.js';

/** A rule's graph, ready to run: changes the chunk's memory in place. */
export type Update = (chunk: Chunk, scalars: Readonly<Record<string, number>>) => Promise<void> | void;

/** By the runtime. What cannot be written over itself is copied afterwards; coded state is decoded before and encoded after. */
export const sessionUpdate =
  (session: Session, inPlace: ReadonlySet<string>): Update =>
  async ({ param, grad, slots, coded }, scalars) => {
    const feeds: Tensors = { param, grad, ...slots, ...tensorsOf(scalars) };
    const replaced = Object.entries({ param, ...slots });
    const fetches = replaced.map(
      ([name, tensor]) => [`new_${name}`, inPlace.has(name) ? tensor : null] as const,
    );
    for (const { code, codes, scales, decoded } of coded) code.decode(codes, scales, decoded);
    const results = await session.run(feeds, Object.fromEntries(fetches));
    for (const [name, tensor] of replaced) {
      if (!inPlace.has(name)) dataOf(tensor).set(dataOf(results[`new_${name}`]!));
    }
    for (const { code, codes, scales, decoded } of coded) code.encode(decoded, codes, scales);
  };

/** Node's WebAssembly, as far as it is used: its types come with those of browsers. */
interface WebAssemblyApi {
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Readonly<Record<string, (...numbers: number[]) => void>> };
}
const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

/** By a loop of our own over each chunk, which has at most the kernel's capacity: one pass where the runtime makes a dozen. */
export function kernelUpdate(kernel: ElementwiseKernel): Update {
  const memory = new Memory({ initial: kernel.pages });
  const { exports } = new Instance(new Module(kernel.module), { env: { memory } });
  const run = exports['run']!;
  const places = kernel.arrays.map(({ input, output }, k) => {
    const data = new Float32Array(memory.buffer, k * kernel.capacity * 4, kernel.capacity);
    return { input, isReplaced: output !== undefined, data };
  });
  return ({ param, grad, slots, coded }, scalars) => {
    const tensors: Tensors = { param, grad, ...slots };
    const { length } = param.data;
    const here = places.map((place) => ({
      ...place,
      data: place.data.subarray(0, length),
      part: coded.find(({ name }) => name === place.input),
    }));
    for (const { input, data, part } of here) {
      if (part) part.code.decode(part.codes, part.scales, data);
      else data.set(dataOf(tensors[input]!));
    }
    run(Math.ceil(length / 4) * 16, ...kernel.scalars.map((name) => scalars[name]!));
    for (const { input, isReplaced, data, part } of here) {
      if (part) part.code.encode(data, part.codes, part.scales);
      else if (isReplaced) dataOf(tensors[input]!).set(data);
    }
  };
}

const tensorsOf = (scalars: Readonly<Record<string, number>>): Tensors =>
  Object.fromEntries(
    Object.entries(scalars).map(([name, value]) => [
      name,
      { dtype: 'float32', dims: [], data: Float32Array.of(value) },
    ]),
  );

const dataOf = ({ data }: Tensor) => data as Float32Array;
