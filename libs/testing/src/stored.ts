import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArtifactKind, ArtifactMeta, ArtifactRef } from '@temper/contracts';
import { ArtifactStore, Registry, RunStore, type ObjectStore } from '@temper/storage';

/** What fakes write to: real artifacts, versions and logs, so that a client reads of a fake run what it reads of any. */
export interface Stored {
  readonly artifacts: ArtifactStore;
  readonly registry: Registry;
  readonly runs: RunStore;
}

export function storedIn(store: ObjectStore): Stored {
  return {
    // Fakes put bytes, never files: nothing comes into the folder.
    artifacts: new ArtifactStore(store, { cacheFolder: join(tmpdir(), 'temper-testing') }),
    registry: new Registry(store),
    runs: new RunStore(store),
  };
}

/** An artifact of one small file that says what it was made of: equal inputs make an equal artifact. */
export function standIn<K extends ArtifactKind>(
  { artifacts }: Stored,
  kind: K,
  madeOf: unknown,
  meta: ArtifactMeta[K],
): Promise<ArtifactRef<K>> {
  const text = `${JSON.stringify({ fake: kind, madeOf }, null, 2)}\n`;
  return artifacts.putArtifact(kind, { 'fake.json': new TextEncoder().encode(text) }, meta);
}
