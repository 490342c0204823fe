/** `NAME`, `NAME@ALIAS`, `NAME:VERSION`; a leading `model:` is tolerated, as pipeline specs write it. */
export function parseModelName(reference: string): { name: string; alias?: string; version?: number } {
  const plain = reference.trim().replace(/^model:/, '');
  const versioned = /^(.+):(\d+)$/.exec(plain);
  if (versioned) return { name: versioned[1]!, version: Number(versioned[2]) };
  const at = plain.lastIndexOf('@');
  return at > 0 ? { name: plain.slice(0, at), alias: plain.slice(at + 1) } : { name: plain };
}
