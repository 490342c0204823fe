import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface WheelOptions {
  readonly name?: string;
  readonly version?: string;
  /** Lines of `Requires-Dist`. */
  readonly requires?: readonly string[];
}

/** For tests: a real wheel with the given files, made with Python's zipfile. */
export async function makeWheel(
  folder: string,
  files: Readonly<Record<string, string>>,
  { name = 'temper-test-wheel', version = '1.2.3', requires = [] }: WheelOptions = {},
): Promise<{ name: string; version: string; sha256: string }> {
  const stem = `${name.replaceAll('-', '_')}-${version}`;
  const info = `${stem}.dist-info`;
  const required = requires.map((line) => `Requires-Dist: ${line}\n`).join('');
  const all: Record<string, string> = {
    ...files,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n${required}`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  };
  const record = [...Object.keys(all), `${info}/RECORD`].map((path) => `${path},,\n`).join('');
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${stem}-py3-none-any.whl`);
  const listing = join(folder, 'files.json');
  await writeFile(listing, JSON.stringify({ ...all, [`${info}/RECORD`]: record }));
  const script =
    'import json,sys,zipfile\nwith zipfile.ZipFile(sys.argv[2],"w") as z:\n for k,v in json.load(open(sys.argv[1])).items(): z.writestr(k,v)';
  execFileSync('python3', ['-c', script, listing, file]);
  return {
    name,
    version,
    sha256: createHash('sha256')
      .update(await readFile(file))
      .digest('hex'),
  };
}
