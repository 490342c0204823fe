import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TemperError } from '@temper/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensorsHeader } from './safetensors-header.js';
import { parseSafetensors, readSafetensors, writeSafetensors, type TensorSource } from './safetensors.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safetensors-'));
});
afterAll(() => rm(folder, { recursive: true }));

const tensors: Record<string, TensorSource> = {
  'b.weight': { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 4, 5, 6) },
  ids: { dtype: 'I64', shape: [2], data: BigInt64Array.of(-1n, 1n << 40n) },
  flags: { dtype: 'BOOL', shape: [3], data: Uint8Array.of(1, 0, 1) },
  'a.weight': { dtype: 'F16', shape: [1], data: () => Uint16Array.of(0x3c00) },
  scalar: { dtype: 'F32', shape: [], data: Float32Array.of(7) },
  empty: { dtype: 'F32', shape: [0, 4], data: new Float32Array(0) },
};

describe('safetensors', () => {
  it('reads back what was written, aligned, whole or by name', async () => {
    const file = join(folder, 'all.safetensors');
    await writeSafetensors(file, tensors, { format: 'pt', by: 'test' });
    const read = await readSafetensors(file);
    expect(read.get('b.weight')).toEqual({ ...tensors['b.weight'] });
    expect(read.get('ids')!.data).toEqual(BigInt64Array.of(-1n, 1n << 40n));
    expect(read.get('flags')!.data).toEqual(Uint8Array.of(1, 0, 1));
    expect(read.get('a.weight')!.data).toEqual(Uint16Array.of(0x3c00));
    expect(read.get('empty')!.data.length).toBe(0);
    expect([...(await readSafetensors(file, ['scalar']))]).toEqual([['scalar', tensors.scalar]]);
    expect(parseSafetensors('x', await readFile(file))).toEqual(read);
    const header = await readSafetensorsHeader(file);
    expect(header.metadata).toEqual({ format: 'pt', by: 'test' });
    expect(
      [...header.tensors.values()].every(({ offset, dtype }) => dtype !== 'F32' || offset % 8 === 0),
    ).toBe(true);
  });

  it('writes equal bytes whatever the order of the tensors, and leaves no part behind', async () => {
    const [a, b] = [join(folder, 'a.safetensors'), join(folder, 'b.safetensors')];
    await writeSafetensors(a, tensors, { x: '1', a: '2' });
    await writeSafetensors(b, new Map(Object.entries(tensors).reverse()), { a: '2', x: '1' });
    expect(await readFile(a)).toEqual(await readFile(b));
    const wrong = { w: { dtype: 'F32', shape: [3], data: Float32Array.of(1) } } as const;
    await expect(writeSafetensors(join(folder, 'c.safetensors'), wrong)).rejects.toThrow(
      /w: .*found 4 bytes/,
    );
    expect((await readdir(folder)).filter((name) => name.startsWith('c.'))).toEqual([]);
  });

  const withHeader = (header: unknown, data = 8) => {
    const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    return Buffer.concat([length, json, Buffer.alloc(data)]);
  };
  const f32 = (shape: unknown, data_offsets: unknown, dtype: unknown = 'F32') => ({
    dtype,
    shape,
    data_offsets,
  });

  it.each<[string, Buffer, RegExp]>([
    ['an empty file', Buffer.alloc(0), /too short.*0 bytes/],
    ['a damaged header length', Buffer.from('ffffffffffffff7f00', 'hex'), /header length is damaged/],
    ['a header cut off', withHeader({ w: f32([2], [0, 8]) }).subarray(0, 20), /header length is damaged/],
    ['another kind of file', Buffer.from('PK\x03\x04 a zip archive of something'), /not a safetensors file/],
    ['a header that is not JSON', withHeader('{"w": nonsense}'), /header is not JSON/],
    ['a header that is a list', withHeader([1]), /header is not an object/],
    [
      'an unknown dtype',
      withHeader({ w: f32([2], [0, 8], 'F128') }),
      /w: unknown dtype; found F128; allowed: .*F32/,
    ],
    ['a negative dimension', withHeader({ w: f32([-2], [0, 8]) }), /w: bad shape; found \[-2\]/],
    ['a reversed range', withHeader({ w: f32([2], [8, 0]) }), /w: bad data_offsets/],
    ['a shape that does not fit', withHeader({ w: f32([3], [0, 8]) }), /w: F32 \[3\].*8 bytes.*12 bytes/],
    ['a truncated file', withHeader({ w: f32([4], [0, 16]) }), /w: lies beyond the end/],
    ['an overlap', withHeader({ v: f32([1], [0, 4]), w: f32([2], [0, 8]) }), /w: overlaps v/],
    ['a hole', withHeader({ w: f32([1], [4, 8]) }), /w: leaves a gap after the header/],
    ['bytes at the end', withHeader({ w: f32([1], [0, 4]) }), /bytes that no tensor owns.*4 bytes/],
  ])('refuses %s', async (name, bytes, message) => {
    const file = join(folder, `${name.replace(/\W/g, '-')}.safetensors`);
    await writeFile(file, bytes);
    const error = await readSafetensorsHeader(file).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(TemperError);
    expect((error as TemperError).code).toBe('MODEL_CORRUPT');
    expect((error as TemperError).message).toMatch(message);
    expect(() => parseSafetensors('adapter', bytes)).toThrow(message);
  });

  const verdicts = JSON.parse(
    readFileSync(new URL('../goldens/safetensors-verdicts.json', import.meta.url), 'utf8'),
  ) as [header: string, data: number, taken: boolean][];
  it.each(verdicts)('takes or refuses as the reference does: %s with %i bytes', (header, data, taken) => {
    const parse = () => parseSafetensors('m', withHeader(header, data));
    if (taken) parse();
    else expect(parse).toThrow(TemperError);
  });

  it('reports every damaged tensor at once', async () => {
    const bytes = withHeader({ v: f32([1], [0, 4], 'X'), w: f32([9], [0, 8]) });
    expect(() => parseSafetensors('m', bytes)).toThrow(/m: v: unknown dtype[^]*m: w: F32 \[9\]/);
  });
});
