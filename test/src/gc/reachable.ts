import type { ModelVersion } from '@temper/contracts';
import { checkpointKey, Pointer, referencesIn, type ArtifactStore, type ObjectStore } from '@temper/storage';
import type { TemperClient } from '@temper/client';

/** Looked at without the collection's own code: what of all that people and runs can ask for is not there. */
export async function lost(
  artifacts: ArtifactStore,
  client: TemperClient,
  running: readonly string[],
): Promise<string[]> {
  const gone: string[] = [];
  const { registry } = client;
  for (const name of await registry.names()) {
    for (const version of await registry.versions(name)) {
      for (const ref of await needsOf(artifacts, version)) {
        if (!(await artifacts.isComplete(ref))) gone.push(`${name}:${version.version} needs ${ref.uri}`);
      }
    }
  }
  for (const runId of running) {
    const pointer = await new Pointer<object>(artifacts.store, checkpointKey(runId)).read();
    const listed = await client.checkpoints(runId);
    for (const ref of [
      ...referencesIn(pointer?.value).artifacts,
      ...listed.map(({ checkpoint }) => checkpoint),
    ]) {
      // It may have ended while this was asked.
      const isGone = !(await artifacts.isComplete(ref)) && (await goesOn(client, runId));
      if (isGone) gone.push(`${runId} needs ${ref.uri}`);
    }
  }
  return gone;
}

async function needsOf(artifacts: ArtifactStore, { artifact }: ModelVersion) {
  const { base, lineage } = (await artifacts.manifest(artifact)).meta;
  return [artifact, base, artifacts.ref('dataset', lineage.dataset)];
}

export const goesOn = async (client: TemperClient, runId: string): Promise<boolean> =>
  (await client.temporal.workflow.getHandle(runId).describe()).status.name === 'RUNNING';

/** Blobs and manifests whose digest no other object of the store has anywhere in its text. */
export async function unnamed(store: ObjectStore): Promise<string[]> {
  const texts: string[] = [];
  const content: string[] = [];
  for await (const { key } of store.list('')) {
    if (key.startsWith('blobs/') || key.startsWith('manifests/')) content.push(key);
    if (key.startsWith('blobs/') || key.startsWith('gc/')) continue;
    texts.push(`${new TextDecoder().decode((await store.get(key))?.bytes)} `);
  }
  const named = new Set(texts.join(' ').match(/[0-9a-f]{64}/g));
  return content.filter((key) => !named.has(/([0-9a-f]{64})(\.json)?$/.exec(key)![1]!));
}
