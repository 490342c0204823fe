import { isDataFile } from '../choose-files.js';

const known = (name: string) => isDataFile(name) || /\.gguf$/i.test(name);

/**
 * The file's name, whose ending says its format: that of the address, of `Content-Disposition`, or of where the address
 * led to; the first that says one.
 */
export function fileNameFor(asked: URL, disposition: string | undefined, led: URL): string {
  const names = [lastOf(asked), dispositionName(disposition), lastOf(led)].filter(
    (name) => name !== undefined,
  );
  return names.find(known) ?? names[0] ?? 'index';
}

function lastOf({ pathname }: URL): string | undefined {
  const last = pathname.slice(pathname.lastIndexOf('/') + 1);
  try {
    const decoded = decodeURIComponent(last);
    return /[/\p{Cc}]|^\.{1,2}$/u.test(decoded) ? last || undefined : decoded || undefined;
  } catch {
    return last || undefined;
  }
}

/** RFC 6266 */
function dispositionName(header = ''): string | undefined {
  const [, encoded] = /;\s*filename\*=utf-8'[^']*'([^;\s]+)/i.exec(header) ?? [];
  try {
    if (encoded) return decodeURIComponent(encoded);
  } catch {
    // The plain one beside it, then.
  }
  const [, quoted, token] = /;\s*filename=(?:"([^"]*)"|([^;\s]+))/i.exec(header) ?? [];
  return quoted ?? token;
}
