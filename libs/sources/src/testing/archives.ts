import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Header } from 'tar';
import { gzipSync } from 'node:zlib';

export interface Member {
  readonly name: string;
  readonly content?: string;
  /** The target of a link. */
  readonly link?: string;
  /** Of a tar header; default File. */
  readonly type?: 'File' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO' | 'Directory';
  /** Unix mode and kind, of a zip. */
  readonly mode?: number;
}

/** For tests: a gzipped tar with exactly these headers, as no tool would write it. */
export function makeTarball(file: string, members: readonly Member[]): void {
  const blocks = members.flatMap(({ name, content = '', link, type = 'File' }) => {
    const bytes = Buffer.from(content);
    const header = new Header({
      path: name,
      type,
      size: bytes.length,
      mode: 0o644,
      ...(link ? { linkpath: link } : {}),
    });
    const block = Buffer.alloc(512);
    header.encode(block, 0);
    return [block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  writeFileSync(file, gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)])));
}

/** For tests: a zip with exactly these members, made with Python's zipfile. */
export function makeZip(file: string, members: readonly Member[]): void {
  const script = [
    'import json,sys,zipfile',
    'with zipfile.ZipFile(sys.argv[1],"w") as z:',
    '  for m in json.load(sys.stdin):',
    '    i=zipfile.ZipInfo(m["name"]); i.external_attr=m.get("mode",0o100644)<<16; z.writestr(i,m.get("link",m.get("content","")))',
  ].join('\n');
  execFileSync('python3', ['-c', script, file], { input: JSON.stringify(members) });
}
