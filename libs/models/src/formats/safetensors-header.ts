import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseJson, TemperError, type Problem } from '@temper/contracts';
import { elementCount, elementTypes, isElementType, shownShape, type ElementType } from './dtypes.js';
import { firstOf, shown } from './messages.js';
import { withModelFile } from './model-file.js';
import { jsonDoubts } from './strict-json.js';

/** Where a tensor lies: `offset` counts from the beginning of the file, in bytes. */
export interface TensorLocation {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, TensorLocation>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The reference implementation's limit, so that a damaged length is not taken for a header. */
const longestHeader = 100_000_000;

/**
 * Reads and checks the header: 8 bytes little-endian length, then JSON {name: {dtype, shape, data_offsets: [begin, end)}},
 * then the data without gaps (https://huggingface.co/docs/safetensors, "Format"). What the reference implementation refuses
 * (safetensors/src/tensor.rs: read_metadata, validate) is refused, and names that occur twice, as the format's text says.
 * @throws TemperError MODEL_CORRUPT with everything that is wrong
 */
export const readSafetensorsHeader = (file: string): Promise<SafetensorsHeader> =>
  withModelFile(file, async (handle, size) => {
    const path = basename(file);
    const length = headerLength(path, size, await readExactly(handle, 0, Math.min(8, size)));
    return parseHeader(path, size, await readExactly(handle, 8, length));
  });

/** The same for a file that is in memory. */
export function safetensorsHeaderOf(path: string, bytes: Buffer): SafetensorsHeader {
  const length = headerLength(path, bytes.length, bytes.subarray(0, 8));
  return parseHeader(path, bytes.length, bytes.subarray(8, 8 + length));
}

function headerLength(path: string, size: number, first: Buffer): number {
  const corrupt = (problem: Omit<Problem, 'path'>) => new TemperError('MODEL_CORRUPT', { path, ...problem });
  if (size < 8) {
    throw corrupt({
      message: 'too short for a safetensors file',
      found: `${size} bytes`,
      allowed: '8 bytes of header length first',
    });
  }
  const length = Number(first.readBigUInt64LE());
  if (length > longestHeader || 8 + length > size) {
    const other = otherKind(first);
    throw corrupt({
      message: other
        ? `is ${other}, not a safetensors file`
        : 'the header length is damaged, or this is not a safetensors file',
      found: `${length} bytes of header`,
      allowed: `at most ${Math.min(longestHeader, size - 8)} (the file has ${size} bytes)`,
      hint: other ? 'convert it with transformers: save_pretrained(…)' : 'fetch the file again',
    });
  }
  return length;
}

/** Files that are taken for safetensors by their name, by their first bytes. */
function otherKind(first: Buffer): string | undefined {
  if (first.toString('latin1', 0, 4) === 'PK\x03\x04') return 'a zip archive (what torch.save writes)';
  if (first[0] === 0x80 && first[1]! <= 5) return 'a pickle (what torch.save writes)';
  if (first.toString('latin1', 0, 4) === 'GGUF') return 'a GGUF file';
  return undefined;
}

function parseHeader(path: string, size: number, header: Buffer): SafetensorsHeader {
  const dataStart = 8 + header.length;
  const { json, problems } = headerJson(path, header);
  const { __metadata__: metadata, ...entries } = json;
  if (!isMetadata(metadata)) {
    problems.push({
      path: `${path}: __metadata__`,
      message: 'is not an object of texts',
      found: shown(metadata),
      allowed: '{"name": "text"}',
    });
  }
  const tensors = new Map<string, TensorLocation>();
  for (const [name, entry] of Object.entries(entries)) {
    const found = tensorOf(entry, dataStart);
    if ('problem' in found) problems.push({ path: `${path}: ${shown(name)}`, ...found.problem });
    else tensors.set(name, found.location);
  }
  problems.push(...layoutProblems(path, tensors, dataStart, size));
  if (problems.length) throw new TemperError('MODEL_CORRUPT', firstOf(problems));
  return { tensors, metadata: (metadata ?? {}) as Record<string, string> };
}

function headerJson(path: string, header: Buffer): { json: Record<string, unknown>; problems: Problem[] } {
  let json: unknown;
  let text = header.toString('latin1', 0, 40);
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header);
    json = parseJson(text);
  } catch (cause) {
    const reason = (cause as Error).message.slice(0, 200);
    throw new TemperError(
      'MODEL_CORRUPT',
      { path, message: `the header is not JSON (${reason})`, found: shown(text.slice(0, 40)) },
      { cause },
    );
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new TemperError('MODEL_CORRUPT', {
      path,
      message: 'the header is not an object',
      found: shown(text.slice(0, 40)),
      allowed: '{name: {dtype, shape, data_offsets}}',
    });
  }
  const { repeated, notWhole } = jsonDoubts(text, 2);
  const problems: Problem[] = [
    ...repeated.map((name) => ({ path: `${path}: ${shown(name)}`, message: 'is named twice in the header' })),
    ...notWhole.map((found) => ({ path, message: 'a size that is no whole number', found })),
  ];
  return { json: json as Record<string, unknown>, problems };
}

const isMetadata = (metadata: unknown): boolean =>
  metadata === undefined ||
  metadata === null ||
  (typeof metadata === 'object' &&
    !Array.isArray(metadata) &&
    Object.values(metadata).every((value) => typeof value === 'string'));

function tensorOf(
  entry: unknown,
  dataStart: number,
): { location: TensorLocation } | { problem: Omit<Problem, 'path'> } {
  // The reference takes a list [dtype, shape, data_offsets] too; no writer makes one.
  const { dtype, shape, data_offsets: range } = (entry ?? {}) as Record<string, unknown>;
  if (!isElementType(dtype)) {
    return {
      problem: {
        message: 'unknown dtype',
        found: shown(dtype),
        allowed: Object.keys(elementTypes).join(', '),
      },
    };
  }
  if (!isWholeNumbers(shape)) {
    return {
      problem: {
        message: 'bad shape',
        found: shown(shape),
        allowed: 'a list of whole numbers',
      },
    };
  }
  if (!isWholeNumbers(range) || range.length !== 2 || range[1]! < range[0]!) {
    return {
      problem: {
        message: 'bad data_offsets',
        found: shown(range),
        allowed: '[begin, end]',
      },
    };
  }
  const [begin, end] = range as [number, number];
  const expected = elementCount(shape) * elementTypes[dtype].bytes;
  if (end - begin !== expected) {
    return {
      problem: {
        message: `${dtype} ${shownShape(shape)} does not fit its data_offsets`,
        found: `${end - begin} bytes`,
        allowed: `${expected} bytes`,
      },
    };
  }
  return { location: { dtype, shape, offset: dataStart + begin, length: expected } };
}

/** The tensors must tile the data section: no overlap, no hole, nothing beyond the end. */
function layoutProblems(
  path: string,
  tensors: ReadonlyMap<string, TensorLocation>,
  dataStart: number,
  size: number,
): Problem[] {
  const problems: Problem[] = [];
  const inOrder = [...tensors].sort(([, a], [, b]) => a.offset - b.offset || a.length - b.length);
  let end = dataStart;
  let previous = 'the header';
  for (const [name, { offset, length }] of inOrder) {
    const where = { path: `${path}: ${shown(name)}` };
    if (offset + length > size) {
      problems.push({
        ...where,
        message: 'lies beyond the end of the file',
        found: `bytes ${offset} to ${offset + length} of ${size}`,
        hint: 'the file is truncated or its header damaged: fetch it again',
      });
    } else if (offset !== end) {
      problems.push({
        ...where,
        message: `${offset < end ? 'overlaps' : 'leaves a gap after'} ${shown(previous)}`,
        found: `begins at byte ${offset}`,
        allowed: `byte ${end}`,
      });
    }
    end = Math.max(end, offset + length);
    previous = name;
  }
  if (!problems.length && end !== size) {
    problems.push({
      path,
      message: 'has bytes that no tensor owns',
      found: `${size - end} bytes at the end`,
    });
  }
  return problems;
}

const isWholeNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);

export async function readExactly(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  await readInto(handle, buffer, offset);
  return buffer;
}

/** Fills `buffer` from the file's byte `offset` on. */
export async function readInto(handle: FileHandle, buffer: Buffer, offset: number): Promise<void> {
  let done = 0;
  while (done < buffer.length) {
    const length = Math.min(buffer.length - done, 1 << 30);
    const { bytesRead } = await handle.read(buffer, done, length, offset + done);
    if (bytesRead === 0) throw new TemperError('MODEL_CORRUPT', `the file ends at byte ${offset + done}`);
    done += bytesRead;
  }
}
