/** The first bytes of a stream; what comes after them is not waited for. */
export async function firstBytes(stream: AsyncIterable<Uint8Array>, bytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of stream) {
    pieces.push(piece);
    size += piece.length;
    if (size >= bytes) break;
  }
  return Buffer.concat(pieces).subarray(0, bytes);
}
