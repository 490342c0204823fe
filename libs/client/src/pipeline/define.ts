import { TemperError } from '@temper/contracts';
import {
  parsePipelineSpec,
  parseSweepSpec,
  readPipelineSpec,
  type PipelineSpec,
  type PipelineSpecInput,
  type SweepSpec,
  type SweepSpecInput,
} from '@temper/spec';
import { missingFiles } from './files.js';
import { namedSources, resolvePaths } from './paths.js';

/** What local paths of a pipeline are relative to. */
export interface Placed {
  /** Default: the folder of the process. A module's own folder is `import.meta.dirname`. */
  readonly folder?: string | undefined;
}

/** A sweep in a program has its pipeline in it; only a file can name another file. */
export type SweepDefinition = Omit<SweepSpecInput, 'pipeline'> & { readonly pipeline: PipelineSpecInput };

/** Of a pipeline that is about to be submitted. */
export interface ReadyOptions extends Placed {
  /** `false`: the files are not here but where the workers are, so they are not looked for. */
  readonly check?: boolean | undefined;
  /** The ingest stage looks at all sources first, as the command line does before it submits. */
  readonly unchecked?: boolean | undefined;
}

/**
 * A pipeline written in TypeScript: checked, every default filled in, local paths absolute.
 *
 *     export const mail = definePipeline({ name: 'mail', model: { base: './minilm' }, dataset: { train: './mail.csv' } });
 *
 * @throws TemperError SPEC_INVALID with all mistakes, as `temper run` tells them. Files are looked for when it is submitted.
 */
export const definePipeline = (spec: PipelineSpecInput, { folder }: Placed = {}): PipelineSpec =>
  parsePipelineSpec(placed(spec, folder));

/** The same for a sweep, whose pipeline is written in it. */
export const defineSweep = (spec: SweepDefinition, { folder }: Placed = {}): SweepSpec =>
  parseSweepSpec(placedSweep(spec, folder));

/**
 * The pipeline as it is queued: paths absolute, defaults filled in, local files there.
 * @throws TemperError SPEC_INVALID with all mistakes and all missing files.
 */
export async function readyPipeline(
  input: PipelineSpecInput,
  { folder, check = true }: ReadyOptions = {},
): Promise<PipelineSpec> {
  const written = placed(input, folder);
  const missing = check ? await missingFiles(namedSources(written)) : [];
  const { spec, problems } = readPipelineSpec(written);
  const told = new Set(problems.map(({ path }) => path));
  const all = [...problems, ...missing.filter(({ path }) => !told.has(path))];
  if (all.length) throw new TemperError('SPEC_INVALID', all);
  return spec!;
}

/** As `readyPipeline`, of a sweep with its pipeline. */
export async function readySweep(
  input: SweepDefinition | SweepSpec,
  { folder, check = true }: ReadyOptions = {},
): Promise<SweepSpec> {
  const spec = isChecked(input) ? input : parseSweepSpec(placedSweep(input, folder));
  const missing = check ? await missingFiles(namedSources(spec.pipeline)) : [];
  if (!missing.length) return spec;
  throw new TemperError(
    'SPEC_INVALID',
    missing.map((problem) => ({ ...problem, path: `pipeline.${problem.path}` })),
  );
}

/** A sweep that was parsed is no input of its own schema: its rungs are counted already. */
const isChecked = (spec: SweepDefinition | SweepSpec): spec is SweepSpec =>
  spec.asha !== undefined && 'minimum' in spec.asha;

const placed = <T extends object>(spec: T, folder = process.cwd()): T =>
  isObject(spec) ? (resolvePaths(spec, folder) as T) : spec;

const placedSweep = <T extends { pipeline: object }>(sweep: T, folder?: string): T =>
  isObject(sweep) ? { ...sweep, pipeline: placed(sweep.pipeline, folder) } : sweep;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
