import { TemperError } from '@temper/contracts';
import type { Graph } from '@temper/graph';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ParameterStore } from './parameters.js';

/**
 * Fills the store's values: from what the method made, else from the graph's own initializers – inline, or float32 at a
 * place of a file in `folder`, read straight into the flat array.
 */
export async function readInitialValues(
  graph: Graph,
  initial: ReadonlyMap<string, Float32Array>,
  store: ParameterStore,
  folder: string,
): Promise<void> {
  for (const name of store.names) {
    const { data: target } = store.view(store.values, name);
    const made = initial.get(name);
    if (made) {
      target.set(made);
      continue;
    }
    const data = graph.initializers.get(name)?.data;
    if (!data)
      throw new TemperError('GRAPH_INVALID', {
        path: name,
        message: 'is no initializer of the forward graph',
      });
    if (data.kind === 'inline') target.set(data.data as Float32Array);
    else await readAt(join(folder, data.location), data.offset, target);
  }
}

async function readAt(file: string, offset: number, target: Float32Array): Promise<void> {
  const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  const handle = await open(file);
  try {
    for (let done = 0; done < bytes.length;) {
      const { bytesRead } = await handle.read(bytes, done, bytes.length - done, offset + done);
      if (bytesRead === 0)
        throw new TemperError('MODEL_CORRUPT', {
          path: file,
          message: 'the file ends within a weight',
          found: `${offset + done} bytes`,
          allowed: `${offset + bytes.length} or more`,
        });
      done += bytesRead;
    }
  } finally {
    await handle.close();
  }
}
