/** A field that two values have otherwise; undefined where one of them has none. */
export interface FieldDifference {
  /** `training.learningRate` */
  readonly path: string;
  readonly a?: unknown;
  readonly b?: unknown;
}

/** Where two values differ, by the paths of their leaves; lists are leaves. */
export function differencesOf(a: unknown, b: unknown, path = ''): FieldDifference[] {
  if (isGroup(a) && isGroup(b)) {
    const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return names.flatMap((name) => differencesOf(a[name], b[name], path ? `${path}.${name}` : name));
  }
  return JSON.stringify(a) === JSON.stringify(b) ? [] : [{ path, a, b }];
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
