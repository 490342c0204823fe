import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createS3Store } from '@temper/s3';
import { ArtifactStore, digestOfFile } from '@temper/storage';

export interface Measured {
  /** Bytes of resident memory at most, until the artifact was stored and until it was fetched. */
  readonly putPeak: number;
  readonly getPeak: number;
  readonly putSeconds: number;
  readonly getSeconds: number;
  /** Bytes that the cache of the machine which stored it took. */
  readonly cached: number;
  readonly equal: boolean;
}

const [file, folder] = process.argv.slice(2) as [string, string];
const peak = () => process.resourceUsage().maxRSS * 1024;
const store = createS3Store();
const [here, elsewhere, fetched] = ['here', 'elsewhere', 'fetched'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
const seconds = async (work: () => Promise<unknown>) => {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
};

async function bytesBelow(place: string): Promise<number> {
  const entries = await readdir(place, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries.map(async (e) => (e.isFile() ? (await stat(join(e.parentPath, e.name))).size : 0));
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

const { digest } = await digestOfFile(file);
const at = new ArtifactStore(store, { cacheFolder: here });
const files = { 'model.safetensors': file };
let ref!: Awaited<ReturnType<typeof put>>;
const put = () => at.putArtifact('base-model', files, { format: 'directory', source: file });
const putSeconds = await seconds(async () => (ref = await put()));
const putPeak = peak();
const cached = await bytesBelow(here);
const getSeconds = await seconds(() =>
  new ArtifactStore(store, { cacheFolder: elsewhere }).materialize(ref, fetched),
);
const getPeak = peak();
const equal = (await digestOfFile(join(fetched, 'model.safetensors'))).digest === digest;
store.close();
await Promise.all([here, elsewhere, fetched].map((place) => rm(place, { recursive: true, force: true })));
const measured: Measured = { putPeak, getPeak, putSeconds, getSeconds, cached, equal };
process.stdout.write(JSON.stringify(measured));
