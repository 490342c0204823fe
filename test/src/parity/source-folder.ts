import { join } from 'node:path';

/** Of this project's sources, from src/ and from dist/: data and Python are not compiled. */
export const sourceFolder = join(import.meta.dirname, '..', '..', 'src');

export const goldenSource = (...parts: string[]): string => join(sourceFolder, 'parity', 'goldens', ...parts);
