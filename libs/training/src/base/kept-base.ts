import { TemperError, type ArtifactRef, type Digest, type Metrics } from '@temper/contracts';
import { StageCache, stageKey, type ArtifactStore } from '@temper/storage';
import type { RowResults } from '../rows/row-results.js';
import { filesOf, predictedName } from '../rows/store-rows.js';

/** Raise it where an equal graph is measured otherwise than before. */
const CODE = 'base-evaluation/2';
const STAGE = 'base-evaluation';
const METRICS = 'base.metrics.json';

/** Measurements of base models by all that they depend on: any run over the same model and test split finds them. */
export class KeptBase {
  private readonly cache: StageCache;
  private readonly key: Digest;
  /** What was found there cannot be used, and may be damaged. */
  private damaged = false;

  constructor(
    private readonly artifacts: ArtifactStore,
    on: { readonly inputs: readonly Digest[]; readonly settings: unknown },
  ) {
    this.cache = new StageCache(artifacts.store);
    this.key = stageKey({ code: CODE, inputs: on.inputs, spec: on.settings });
  }

  /** The metrics, with what the model makes of each row in `rows`; undefined where there are none that can be used. */
  async find(rows: RowResults): Promise<Metrics | undefined> {
    const ref = await this.cache.get<ArtifactRef<'evaluation'>>(STAGE, this.key);
    if (ref === undefined) return undefined;
    try {
      return await this.read(ref, rows);
    } catch (error) {
      if (error instanceof TemperError && error.code === 'STORE_UNAVAILABLE') throw error;
      this.damaged = true;
      return undefined;
    }
  }

  async keep(metrics: Metrics, rows: RowResults): Promise<void> {
    const files = { ...filesOf('base', rows), [METRICS]: new TextEncoder().encode(JSON.stringify(metrics)) };
    const meta = { labelKind: rows.split.labelKind, rows: rows.rows };
    const ref = await this.artifacts.putArtifact('evaluation', files, meta, this.writing);
    await this.cache.put(STAGE, this.key, ref);
  }

  /** How what belongs to it is written: over what is damaged. */
  get writing(): { readonly rewrite: boolean } {
    return { rewrite: this.damaged };
  }

  private async read(ref: ArtifactRef<'evaluation'>, rows: RowResults): Promise<Metrics> {
    const metrics = await this.artifacts.readJson<Metrics>(ref, METRICS);
    const loss = await this.artifacts.readFile(ref, 'base.loss.f32');
    const { predicted } = rows;
    const said = predicted && (await this.artifacts.readFile(ref, predictedName('base', predicted)));
    // Both or none: what is half filled would be measured on.
    const fits = loss.length === rows.loss.byteLength && said?.length === predicted?.byteLength;
    if (!fits) throw new TemperError('BLOB_CORRUPT', `${ref.uri} has another number of rows`);
    fill(rows.loss, loss);
    if (predicted) fill(predicted, said!);
    return metrics;
  }
}

const fill = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array, bytes: Uint8Array) =>
  new Uint8Array(buffer, byteOffset, byteLength).set(bytes);
