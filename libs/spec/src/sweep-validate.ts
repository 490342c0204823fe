import { z } from 'zod';
import { greaterIsBetter, nearest, TemperError, type Problem } from '@temper/contracts';
import { metricsOf, nameProblems } from './metric-checks.js';
import type { PipelineSpec } from './pipeline-spec.js';
import { gridSize, trialParams, trialSpec, withValue } from './sweep-sampling.js';
import {
  looseSweepSchema,
  MAX_TRIALS,
  sweepSpecSchema,
  type SearchSpace,
  type SweepSpec,
} from './sweep-spec.js';
import { problemsIn } from './schema-problems.js';
import { parsePipelineSpec } from './validate.js';

type Loose = z.output<typeof looseSweepSchema>;
type Pipeline = Readonly<Record<string, unknown>>;

const DEFAULT_TRIALS = 10;
/** Combinations that are checked as whole specs, besides each value by itself. */
const COMBINATIONS_CHECKED = 32;
/** Groups of the pipeline that only training and tokenising read: data and model stay the same for all trials. */
const searchable = ['training', 'method', 'tokenize'];

/** Checks a sweep with its pipeline and fills in the defaults; all mistakes are reported at once as SPEC_INVALID. */
export function parseSweepSpec(input: unknown): SweepSpec {
  const problems: Problem[] = [];
  const collect = (found: readonly Problem[]) => void problems.push(...found);
  const loose = looseSweepSchema.safeParse(input);
  if (!loose.success) collect(problemsIn(loose.error.issues, input, looseSweepSchema));
  const given = pipelineOf(input, loose.data);
  const parsed =
    given &&
    attempt(
      () => parsePipelineSpec(given),
      collect,
      (path) => `pipeline.${path}`,
    );
  if (loose.data && given && parsed) {
    const written = withObjective(given, loose.data, parsed);
    const pipeline = parsePipelineSpec(written);
    const search = checkedSearch(loose.data, written, pipeline, collect);
    const spec = withDefaults(loose.data, pipeline, search);
    collect(crossChecks(loose.data, spec));
    if (!problems.length) collect(combinationProblems(spec));
    if (!problems.length) return spec;
  }
  throw new TemperError('SPEC_INVALID', problems);
}

/** For editors: `# yaml-language-server: $schema=…`. */
export const sweepJsonSchema = () => z.toJSONSchema(sweepSpecSchema, { io: 'input' });

/** The pipeline with what the sweep says about it; looked at even where the rest of the sweep has mistakes. */
function pipelineOf(input: unknown, sweep: Loose | undefined): Pipeline | undefined {
  const written = (input as { pipeline?: unknown } | undefined)?.pipeline;
  if (typeof written !== 'object' || written === null) return undefined;
  const pipeline = written as Record<string, Record<string, unknown> | undefined>;
  const { publish } = sweep ?? {};
  return { ...pipeline, ...(publish ? { publish: { ...pipeline.publish, ...publish } } : {}) };
}

/** The best checkpoint of a trial is the best by what trials are compared by; a name that the task lacks is told elsewhere. */
function withObjective(written: Pipeline, { objective }: Loose, spec: PipelineSpec): Pipeline {
  const { metric } = objective;
  if (!metric || !metricsOf(spec).includes(metric)) return written;
  return {
    ...written,
    training: { metricForBestModel: metric, ...(written.training as object | undefined) },
  };
}

function withDefaults(
  { name, strategy, trials, seed, objective, parallel, asha }: Loose,
  pipeline: PipelineSpec,
  search: SweepSpec['search'],
): SweepSpec {
  const metric = objective.metric ?? pipeline.training.metricForBestModel;
  const { maxSteps, epochs } = pipeline.training;
  const { reductionFactor, minSteps, minEpochs } = asha;
  const share = reductionFactor ** 2;
  const whole = maxSteps ? { steps: Math.ceil(maxSteps / share) } : { epochs: epochs / share };
  const given = minSteps ? { steps: minSteps } : minEpochs ? { epochs: minEpochs } : undefined;
  return {
    name,
    pipeline,
    search,
    strategy,
    trials: trials ?? (strategy === 'grid' ? gridSize(search) : DEFAULT_TRIALS),
    seed,
    objective: {
      metric,
      mode: objective.mode ?? (greaterIsBetter(metric) ? 'max' : 'min'),
      split: objective.split,
    },
    parallel,
    asha: { minimum: given ?? whole, reductionFactor },
  };
}

/** Every value is tried in the pipeline by itself, and takes the form that the pipeline's parser gives it. */
function checkedSearch(
  { search, strategy }: Loose,
  written: Pipeline,
  pipeline: PipelineSpec,
  collect: (problems: readonly Problem[]) => void,
): SweepSpec['search'] {
  const entries = Object.entries(search).map(([path, space]) => {
    const place = `search.${path}`;
    const [group] = path.split('.');
    if (!searchable.includes(group!)) {
      collect([{ path: place, message: 'cannot be searched', ...groupHint(group!) }]);
      return [path, space] as const;
    }
    collect(rangeProblems(place, space, strategy));
    const checked = (value: unknown) => checkedValue(path, value, written, pipeline, collect);
    if ('values' in space) return [path, { values: space.values.map(checked) }] as const;
    if (space.min < space.max) [space.min, space.max].forEach(checked);
    return [path, space] as const;
  });
  return Object.fromEntries(entries);
}

function checkedValue(
  path: string,
  value: unknown,
  written: Pipeline,
  pipeline: PipelineSpec,
  collect: (problems: readonly Problem[]) => void,
): unknown {
  const keys = path.split('.');
  // `method.r` alone means the method that the pipeline has by default.
  const base = { ...written, method: written.method ?? pipeline.method };
  const parsed = attempt(
    () => parsePipelineSpec(withValue(base, keys, value)),
    collect,
    (at) => `search.${at}`,
  );
  if (!parsed) return value;
  const taken = keys.reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], parsed);
  const others = changedFields(withValue(pipeline, keys, taken), parsed);
  if (others.length) {
    const message = `the default of ${others.join(', ')} follows from this field, so it would change too`;
    collect([
      {
        path: `search.${path}`,
        message,
        found: shown(value),
        hint: `write ${others.join(', ')} in the pipeline, or search it too`,
      },
    ]);
  }
  return taken;
}

function rangeProblems(path: string, space: SearchSpace, strategy: Loose['strategy']): Problem[] {
  if ('values' in space) return [];
  const problems: Problem[] = [];
  const found = `min ${space.min}, max ${space.max}`;
  if (space.min >= space.max) problems.push({ path, message: 'min must be less than max', found });
  if (space.scale === 'log' && space.min <= 0) {
    problems.push({
      path,
      message: 'a logarithmic range is positive',
      found,
      hint: 'raise min, or scale: linear',
    });
  }
  if (space.integer && !(Number.isInteger(space.min) && Number.isInteger(space.max))) {
    problems.push({ path, message: 'a range of integers has whole ends', found });
  }
  if (strategy === 'grid') {
    problems.push({
      path,
      message: 'a grid has no ranges',
      allowed: '{values: […]}',
      hint: 'strategy: random draws from ranges',
    });
  }
  return problems;
}

function crossChecks({ trials, asha, search: written }: Loose, spec: SweepSpec): Problem[] {
  const { pipeline, objective, strategy, search } = spec;
  const { training, dataset } = pipeline;
  const problems: Problem[] = [];
  if (!Object.keys(written).length) {
    problems.push({
      path: 'search',
      message: 'names no field',
      hint: 'e.g. training.learningRate: {min: 1e-5, max: 1e-3, scale: log}',
    });
  }
  const known = metricsOf(pipeline);
  problems.push(...nameProblems('objective.metric', objective.metric, pipeline.task, known));
  if (training.evalStrategy === 'no') {
    problems.push({
      path: 'pipeline.training.evalStrategy',
      message: 'trials are compared by evaluations',
      found: 'no',
      allowed: 'epoch, steps',
    });
  }
  if (!dataset.validation && dataset.split.validation === 0) {
    problems.push({
      path: 'pipeline.dataset.split.validation',
      message: 'trials are compared on the validation split',
      found: '0',
      hint: 'give it a share, or name a file in dataset.validation',
    });
  }
  if (strategy === 'grid' && gridSize(search) > MAX_TRIALS && !trials) {
    problems.push({
      path: 'search',
      message: 'the grid is too large',
      found: `${gridSize(search)} combinations`,
      allowed: `at most ${MAX_TRIALS}`,
      hint: 'strategy: random',
    });
  }
  if (strategy === 'grid' && trials && trials > gridSize(search)) {
    problems.push({
      path: 'trials',
      message: 'the grid has fewer combinations',
      found: String(trials),
      allowed: `at most ${gridSize(search)}`,
    });
  }
  if (asha.minSteps && asha.minEpochs) {
    problems.push({
      path: 'asha',
      message: 'the first rung is given twice',
      found: 'minSteps and minEpochs',
      allowed: 'one of them',
    });
  }
  return problems;
}

/** Values that are right by themselves may not go together. */
function combinationProblems(spec: SweepSpec): Problem[] {
  for (let index = 0; index < Math.min(spec.trials, COMBINATIONS_CHECKED); index++) {
    const params = trialParams(spec, index);
    const found: Problem[] = [];
    attempt(
      () => parsePipelineSpec(trialSpec(spec.pipeline, params)),
      (problems) => found.push(...problems),
      (path) => `search.${path}`,
    );
    if (found.length)
      return found.map((p) => ({ ...p, message: `${p.message} (in trial ${index}: ${shown(params)})` }));
  }
  return [];
}

/** Problems of a parse go to `collect`, in places of the sweep; anything else is thrown. */
function attempt<T>(
  parse: () => T,
  collect: (problems: readonly Problem[]) => void,
  place: (path: string) => string,
): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TemperError)) throw error;
    collect(error.problems.map((p) => ({ ...p, path: place(p.path) })));
    return undefined;
  }
}

function groupHint(group: string): Partial<Problem> {
  const close = nearest(group, searchable);
  return {
    allowed: searchable.map((name) => `${name}.…`).join(', '),
    ...(close ? { hint: `did you mean ${close}?` } : {}),
  };
}

/** Paths where two specs differ. */
function changedFields(a: unknown, b: unknown, path = ''): string[] {
  if (!isObject(a) || !isObject(b)) return JSON.stringify(a) === JSON.stringify(b) ? [] : [path];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) => changedFields(a[key], b[key], path ? `${path}.${key}` : key));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const shown = (value: unknown) => JSON.stringify(value)?.slice(0, 80) ?? String(value);
