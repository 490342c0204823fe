/** What is needed of WebAssembly's binary format (https://webassembly.github.io/spec/core/binary/). */
export type Bytes = readonly number[];

export const VALUE_TYPES = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const;

/** LEB128 of a whole number ≥ 0. */
export function leb(value: number): Bytes {
  const bytes: number[] = [];
  do {
    const low = value & 127;
    value >>>= 7;
    bytes.push(value ? low | 128 : low);
  } while (value);
  return bytes;
}

export const float32Bytes = (value: number): Bytes => [...new Uint8Array(Float32Array.of(value).buffer)];
const vector = (items: readonly Bytes[]): Bytes => [...leb(items.length), ...items.flat()];
const section = (id: number, body: Bytes): Bytes => [id, ...leb(body.length), ...body];
const text = (name: string): Bytes => vector([...Buffer.from(name)].map((byte) => [byte]));
const simd = (code: number): Bytes => [0xfd, ...leb(code)];

export const get = (local: number): Bytes => [0x20, ...leb(local)];
export const set = (local: number): Bytes => [0x21, ...leb(local)];
export const constant = (value: number): Bytes => [0x43, ...float32Bytes(value)];
export const splat: Bytes = simd(0x13);
/** Of the address on the stack plus `offset`; aligned to 16 bytes. */
export const load = (offset: number): Bytes => [...simd(0x00), 4, ...leb(offset)];
export const store = (offset: number): Bytes => [...simd(0x0b), 4, ...leb(offset)];

export const scalarOps = { Add: [0x92], Sub: [0x93], Mul: [0x94], Div: [0x95], Sqrt: [0x91] } as const;
export const vectorOps = {
  Add: simd(0xe4),
  Sub: simd(0xe5),
  Mul: simd(0xe6),
  Div: simd(0xe7),
  Sqrt: simd(0xe3),
  /** f32x4.gt, f32x4.lt: all bits of a lane, or none. */
  Greater: simd(0x44),
  Less: simd(0x43),
  and: simd(0x4e),
} as const;

/** `for (i = 0; i < local 0; i += 16) body` where `i` is a local that is 0. */
export const loop = (i: number, body: Bytes): Bytes => [
  ...[0x03, 0x40],
  ...body,
  ...get(i),
  ...[0x41, 16, 0x6a, 0x22, ...leb(i)],
  ...get(0),
  ...[0x49, 0x0d, 0, 0x0b],
];

export interface WasmFunction {
  /** Types of the parameters, and of the locals behind them. */
  readonly parameters: readonly (keyof typeof VALUE_TYPES)[];
  readonly locals: readonly (keyof typeof VALUE_TYPES)[];
  readonly body: Bytes;
}

/** A module of one function without results, exported as `run`, over the imported memory `env.memory` of so many bytes. */
export function moduleOf(
  { parameters, locals, body }: WasmFunction,
  memory: number,
): Uint8Array<ArrayBuffer> {
  const type = [0x60, ...vector(parameters.map((name) => [VALUE_TYPES[name]])), 0];
  const code = [...vector(locals.map((name) => [1, VALUE_TYPES[name]])), ...body, 0x0b];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector([type])),
    ...section(2, vector([[...text('env'), ...text('memory'), 2, 0, ...leb(pagesOf(memory))]])),
    ...section(3, vector([[0]])),
    ...section(7, vector([[...text('run'), 0, 0]])),
    ...section(10, vector([[...leb(code.length), ...code]])),
  ]);
}

export const pagesOf = (bytes: number): number => Math.ceil(bytes / 65536);
