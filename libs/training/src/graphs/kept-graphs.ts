import type { ArtifactRef, EngineIdentity } from '@temper/contracts';
import { encodeModel, type Graph } from '@temper/graph';
import type { ArtifactStore } from '@temper/storage';

/** The graphs of a job as they are loaded, each encoded once; for the store, with the engine that runs them. */
export class KeptGraphs {
  private readonly encoded = new Map<string, Uint8Array>();

  /** ONNX bytes of a graph; weights are external data, named by file and place. */
  bytes(name: string, graph: Graph): Uint8Array {
    const bytes = this.encoded.get(name) ?? encodeModel(graph);
    this.encoded.set(name, bytes);
    return bytes;
  }

  /** By content: equal graphs on an equal engine are one artifact. What is loaded later is encoded again. */
  async store(artifacts: ArtifactStore, engine: EngineIdentity): Promise<ArtifactRef<'graphs'>> {
    const files = Object.fromEntries(this.encoded);
    this.encoded.clear();
    return artifacts.putArtifact('graphs', files, { engine });
  }
}
