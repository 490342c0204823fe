/**
 * A value from outside as text: itself, or as JSON. `String` calls the `toString` that an object brings, which may be
 * anything: `{"toString": 1}` makes it throw.
 */
export const writtenAs = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
