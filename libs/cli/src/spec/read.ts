import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { TemperError, type Problem } from '@temper/contracts';
import { LineCounter, parseDocument } from 'yaml';
import { usageError } from '../failure.js';
import { resolvePaths } from './paths.js';

/** YAML or JSON (which is YAML) as a plain value; syntax errors come with line and column. */
export async function readSpecFile(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = { ENOENT: 'no such file', EISDIR: 'this is a folder, not a spec file' }[cause.code ?? ''];
    throw usageError(file, why ?? `the spec cannot be read (${cause.code})`, {
      hint: 'a spec is a YAML or JSON file, see docs/spec.md',
    });
  });
  return parseSpecText(text, file);
}

export function parseSpecText(text: string, file: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length) {
    throw new TemperError(
      'SPEC_INVALID',
      document.errors.map((error): Problem => {
        const { line, col } = lines.linePos(error.pos[0]);
        return {
          path: `${file}:${line}:${col}`,
          message: error.message,
          found: text.split('\n')[line - 1]?.trim() || 'the end of the file',
        };
      }),
    );
  }
  const value: unknown = document.toJS();
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw usageError(file, 'a spec is a mapping of fields', {
    found: value === null ? 'nothing' : Array.isArray(value) ? 'a list' : String(value).slice(0, 60),
    hint: 'it needs at least name, model.base and dataset.train',
  });
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
  const value = parseDocument(setting.slice(equals + 1), { prettyErrors: false });
  if (value.errors.length) throw usageError(`--set ${setting}`, value.errors[0]!.message);
  const keys = path.split('.');
  let at = spec;
  for (const key of keys.slice(0, -1)) {
    const next = at[key];
    if (typeof next !== 'object' || next === null) at[key] = {};
    at = at[key] as Record<string, unknown>;
  }
  at[keys.at(-1)!] = value.toJS();
}
