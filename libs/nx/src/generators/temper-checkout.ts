import type { Tree } from '@nx/devkit';

/** Refuses, in a sentence, to change anything but a checkout of Temper itself. */
export function requireCheckout(tree: Tree, generator: string, files: readonly string[]): void {
  const missing = files.filter((file) => !tree.exists(file));
  if (!missing.length) return;
  throw new Error(
    `nx g @temper/nx:${generator} adds to Temper itself and belongs into a checkout of it: there is no ${missing[0]} here. ` +
      'In a workspace of yours, pipelines, activities and workers are generated.',
  );
}

export function requireNew(tree: Tree, file: string): void {
  if (tree.exists(file)) throw new Error(`${file} is there already`);
}

/** Changes a file that is there; `change` returns undefined where it does not find its place. */
export function edit(tree: Tree, file: string, change: (text: string) => string | undefined): void {
  const text = tree.read(file, 'utf-8');
  const changed = text === null ? undefined : change(text);
  if (changed === undefined) throw new Error(`${file} is not as this generator knows it: add to it by hand`);
  tree.write(file, changed);
}

/** A new line among those that match, in their order; behind the last that is before it. */
export const amongSorted =
  (pattern: RegExp, line: string) =>
  (text: string): string | undefined => {
    const lines = text.split('\n');
    const alike = lines.flatMap((one, at) => (pattern.test(one) ? [at] : []));
    if (!alike.length) return undefined;
    const before = alike.filter((at) => lines[at]! < line);
    lines.splice(before.length ? before.at(-1)! + 1 : alike[0]!, 0, line);
    return lines.join('\n');
  };

/** A new line as the last of the block that the first match begins and `end` ends. */
export const lastOf =
  (begin: RegExp, end: RegExp, line: string) =>
  (text: string): string | undefined => {
    const lines = text.split('\n');
    const first = lines.findIndex((one) => begin.test(one));
    const last = lines.findIndex((one, at) => at > first && end.test(one));
    if (first < 0 || last < 0) return undefined;
    lines.splice(last, 0, line);
    return lines.join('\n');
  };

/** A row behind the last of the table whose header matches. */
export const tableRow =
  (header: RegExp, cells: readonly string[]) =>
  (text: string): string | undefined => {
    const lines = text.split('\n');
    const first = lines.findIndex((one) => header.test(one));
    if (first < 0) return undefined;
    let end = first;
    while (lines[end + 1]?.startsWith('|')) end++;
    lines.splice(end + 1, 0, `| ${cells.join(' | ')} |`);
    return lines.join('\n');
  };
