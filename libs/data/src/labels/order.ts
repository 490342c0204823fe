/** Class names in the order of their numbers: as numbers where all are, else by code point. */
export function orderLabels(found: Iterable<string>): string[] {
  const names = [...new Set(found)];
  const numeric = names.every((name) => name.trim() !== '' && Number.isFinite(Number(name)));
  return names.sort((a, b) => (numeric ? Number(a) - Number(b) || byCodePoint(a, b) : byCodePoint(a, b)));
}

// Comparing UTF-16 units differs from code points only for pairs of surrogates against U+E000 … U+FFFF.
function byCodePoint(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (difference) return difference;
  }
  return left.length - right.length;
}

/** `id2label` of a model's config.json as a list; undefined where it is absent or has gaps. */
export function labelsOfModel(config: { readonly id2label?: unknown } | undefined): string[] | undefined {
  const map = config?.id2label;
  if (typeof map !== 'object' || map === null) return undefined;
  const names = Object.keys(map).map((_, i) => (map as Record<string, unknown>)[String(i)]);
  return names.every((name) => typeof name === 'string') ? (names as string[]) : undefined;
}
