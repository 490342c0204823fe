import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { TemperError, type Problem } from '@temper/contracts';
import { LineCounter, parseDocument } from 'yaml';
import { usageError } from '../failure.js';
import { excessOf } from './limits.js';
import { resolvePaths } from '@temper/client/pipeline';

/** In characters. */
const LONGEST = 2 ** 18;

/** YAML or JSON (which is YAML) as a plain value; syntax errors come with line and column. */
export async function readSpecFile(file: string): Promise<unknown> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > 4 * LONGEST) throw tooLong(file, size);
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = { ENOENT: 'no such file', EISDIR: 'this is a folder, not a spec file' }[cause.code ?? ''];
    throw usageError(file, why ?? `the spec cannot be read (${cause.code})`, {
      hint: 'a spec is a YAML or JSON file, see docs/spec.md',
    });
  });
  return parseSpecText(text, file);
}

const tooLong = (file: string, length: number) =>
  usageError(file, 'this is no spec: it is too long', {
    found: `${Math.ceil(length / 2 ** 10).toLocaleString('en')} kB`,
    allowed: `${LONGEST / 2 ** 10} kB`,
  });

export function parseSpecText(text: string, file: string): unknown {
  if (text.length > LONGEST) {
    throw tooLong(file, text.length);
  }
  const lines = new LineCounter();
  const excess = excessOf(text);
  if (excess) {
    const { offset, message, allowed } = excess;
    const before = text.slice(0, offset).split('\n');
    throw usageError(`${file}:${before.length}:${before.at(-1)!.length + 1}`, message, { allowed });
  }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length) {
    const written = text.split('\n');
    throw new TemperError(
      'SPEC_INVALID',
      document.errors.map((error): Problem => {
        const { line, col } = lines.linePos(error.pos[0]);
        return {
          path: `${file}:${line}:${col}`,
          message: error.message,
          found: written[line - 1]?.trim() || 'the end of the file',
        };
      }),
    );
  }
  const value = plain(document, file);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw usageError(file, 'a spec is a mapping of fields', {
    found: value === null ? 'nothing' : Array.isArray(value) ? 'a list' : String(value).slice(0, 60),
    hint: 'it needs at least name, model.base and dataset.train',
  });
}

/** What the aliases of a document are, written out: neither missing, nor without end, nor more than a spec can be. */
function plain(document: { toJS(): unknown }, file: string): unknown {
  try {
    const value = document.toJS();
    // Refuses what holds itself.
    const length = JSON.stringify(value)?.length ?? 0;
    if (length > 4 * LONGEST) throw new Error(`it would be ${(length / 2 ** 20).toFixed(1)} MB`);
    return value;
  } catch (cause) {
    const found = (cause as Error).message.split('\n')[0]!;
    throw usageError(file, 'an alias (*name) cannot be written out', { found });
  }
}

/** Reads, applies `--set`, and makes relative paths absolute (from the spec's folder): not validated yet. */
export async function loadSpec(
  file: string,
  settings: readonly string[] = [],
): Promise<Record<string, unknown>> {
  const value = (await readSpecFile(file)) as Record<string, unknown>;
  for (const setting of settings) applySetting(value, setting);
  return resolvePaths(value, dirname(resolve(file)));
}

/** `training.epochs=1`: the value is YAML, so numbers, booleans, null, lists and text all work. */
export function applySetting(spec: Record<string, unknown>, setting: string): void {
  const equals = setting.indexOf('=');
  const path = setting.slice(0, equals).trim();
  if (equals < 1 || path.split('.').some((key) => key === '' || key === '__proto__')) {
    throw usageError(`--set ${setting}`, 'not a setting', { allowed: 'PATH=VALUE, e.g. training.epochs=1' });
  }
  const text = setting.slice(equals + 1);
  const excess = excessOf(text);
  if (excess) throw usageError(`--set ${path}`, excess.message, { allowed: excess.allowed });
  const document = parseDocument(text, { prettyErrors: false });
  if (document.errors.length) throw usageError(`--set ${setting}`, document.errors[0]!.message);
  const value = plain(document, `--set ${setting}`);
  const keys = path.split('.');
  let at = spec;
  for (const key of keys.slice(0, -1)) {
    const next = at[key];
    if (typeof next !== 'object' || next === null) at[key] = {};
    at = at[key] as Record<string, unknown>;
  }
  at[keys.at(-1)!] = value;
}
