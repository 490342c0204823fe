import { storedName, type ArtifactRef } from '@temper/contracts';
import type { PipelineSpec } from '@temper/spec';
import { storedKey, type ArtifactStore } from '@temper/storage';
import { namedSources } from '@temper/client/pipeline';
import type { Session } from '../services/session.js';

type At = Pick<Session, 'store' | 'artifacts' | 'client'>;

/** What the runs of a schedule read of what was stored of this machine is kept until they read something else. */
export async function keepForSchedule(at: At, id: string, spec: PipelineSpec): Promise<void> {
  const refs = storedIn(spec, at.artifacts);
  if (!refs.length) return forgetSchedule(at, id);
  await at.store.put(keyOf(at, id), new TextEncoder().encode(JSON.stringify({ sources: refs })));
}

/** Nothing reads it any more. */
export const forgetSchedule = async (at: Pick<Session, 'store' | 'client'>, id: string): Promise<void> =>
  at.store.delete(keyOf(at, id));

const keyOf = ({ client }: { readonly client: Session['client'] }, id: string) =>
  storedKey(client.installation.queues.prefix, id);

const storedIn = (spec: PipelineSpec, artifacts: ArtifactStore): ArtifactRef<'source'>[] =>
  namedSources(spec).flatMap(({ uri }) => {
    const name = uri.startsWith('stored:') ? storedName(uri.slice('stored:'.length)) : undefined;
    return name ? [artifacts.ref('source', name.digest)] : [];
  });
