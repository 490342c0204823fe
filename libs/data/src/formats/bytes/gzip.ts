import { TemperError } from '@temper/contracts';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

/**
 * The members of a .gz file, one after another (RFC 1952, 2.2); zlib verifies the CRC-32 and the length of each.
 * @throws TemperError DATA_INVALID for a damaged or cut file, and for anything but padding behind a member.
 */
export async function* gunzipped(file: string, chunk: number): AsyncGenerator<Buffer> {
  const source = createReadStream(file, { highWaterMark: chunk });
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  source.once('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    for await (const part of gunzip) yield part as Buffer;
  } catch (error) {
    throw damaged(file, reasons[(error as Error).message] ?? (error as Error).message);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
  await onlyPadding(file, gunzip.bytesWritten);
}

const reasons: Readonly<Record<string, string>> = {
  'unexpected end of file': 'it is cut off',
  'incorrect data check': 'its checksum (CRC-32) is wrong',
  'incorrect length check': 'its length is not the one that it names',
  'incorrect header check': 'something else stands where a member of the file begins',
};

/** zlib stops at a zero after a member, for the zeros that a tape or a block device adds. There must be nothing else. */
async function onlyPadding(file: string, start: number): Promise<void> {
  for await (const part of createReadStream(file, { start })) {
    if ((part as Buffer).some((byte) => byte !== 0)) throw damaged(file, reasons['incorrect header check']!);
  }
}

const damaged = (file: string, reason: string) =>
  new TemperError('DATA_INVALID', { path: file, message: `the .gz file is damaged: ${reason}` });
