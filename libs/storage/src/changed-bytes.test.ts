import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { changedBytesContract } from './contract/changed-bytes.js';
import { rows } from './contract/stored-kinds.js';
import { MemoryStore } from './memory-store.js';
import { flippedIn } from './testing/flipped-in.js';

const store = new MemoryStore();
changedBytesContract('the memory fake', () => ({ store, change: flippedIn(store) }), { describe, it });

/** Where the kinds lie that keys.ts makes keys of. */
const made = [
  'blobs/',
  'manifests/',
  ...['models', 'signatures', 'approvals', 'protected'].map((name) => `registry/${name}/`),
  'refs/models/',
  'refs/runs/',
  'refs/preemptions/',
];
const places = [
  ...made,
  '.temper-probe/clock',
  'refs/stored/',
  'cache/',
  ...Object.keys(rows).filter((kind) => kind.includes('/')),
];

describe('the table of what is stored', () => {
  it('has a row for every place that the sources name', async () => {
    const unknown = [];
    for (const name of await readdir(import.meta.dirname, { recursive: true })) {
      if (!name.endsWith('.ts') || /test|contract/.test(name)) continue;
      const source = (await readFile(join(import.meta.dirname, name), 'utf8')).replace(
        /^\s*(\*|\/[/*]).*$/gm,
        '',
      );
      const roots = source.matchAll(
        /['`]((?:blobs|manifests|registry|refs|runs|cache|gc|\.temper-probe)\/[\w./-]*)/g,
      );
      const ofRuns = source.matchAll(/runPrefix\([^`]*?\)\}([\w.]+\/?)/g);
      const files = /keys|run-store/.test(name) ? source.matchAll(/_FILE = '([\w.]+)'/g) : [];
      const found = [...roots].map((match) => match[1]!);
      found.push(...[...ofRuns, ...files].map((match) => `runs/${match[1]!}`));
      unknown.push(...found.filter((each) => !places.some((place) => place.startsWith(each))));
    }
    expect(unknown).toEqual([]);
  });
});
