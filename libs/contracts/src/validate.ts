import { z } from 'zod';
import { TemperError, type Problem } from './errors.js';
import { typeInWords, type JsonSchema } from './schema-words.js';
import {
  pipelineSpecSchema,
  withDerivedDefaults,
  type PipelineSpec,
  type PipelineSpecInput,
} from './pipeline-spec.js';

/** Checks a spec and fills in the defaults; all mistakes are reported at once as SPEC_INVALID. */
export function parsePipelineSpec(input: unknown): PipelineSpec {
  const parsed = pipelineSpecSchema.safeParse(input);
  if (!parsed.success) {
    throw new TemperError('SPEC_INVALID', problemsIn(parsed.error.issues, input, pipelineSpecSchema));
  }
  const spec = withDerivedDefaults(parsed.data);
  const problems = crossChecks(spec);
  if (problems.length) throw new TemperError('SPEC_INVALID', problems);
  return spec;
}

/** For pipelines written in TypeScript: the same checks, with types. */
export const definePipeline = (spec: PipelineSpecInput): PipelineSpec => parsePipelineSpec(spec);

/** For editors: `# yaml-language-server: $schema=…`. */
export const pipelineJsonSchema = () => z.toJSONSchema(pipelineSpecSchema, { io: 'input' });

function crossChecks(spec: PipelineSpec): Problem[] {
  const problems: Problem[] = [];
  const { split, columns } = spec.dataset;
  const total = split.train + split.validation + split.test;
  if (Math.abs(total - 1) > 1e-6) {
    problems.push({
      path: 'dataset.split',
      message: 'train, validation and test must add up to 1',
      found: String(total),
    });
  }
  const classification = spec.task === 'sequence-classification';
  const fits = classification ? 'label' in columns || 'inputIds' in columns : !('label' in columns);
  if (!fits) {
    problems.push({
      path: 'dataset.columns',
      message: `these columns do not fit the task ${spec.task}`,
      found: `{${Object.keys(columns).join(', ')}}`,
      allowed: classification
        ? '{text, label} or {inputIds, labels}'
        : '{prompt, completion}, {messages}, {text} or {inputIds, labels}',
    });
  }
  if (
    spec.training.loadBestModelAtEnd &&
    spec.training.evalStrategy === 'no' &&
    spec.training.earlyStoppingPatience
  ) {
    problems.push({
      path: 'training.earlyStoppingPatience',
      message: 'needs evaluations during training',
      found: 'evalStrategy no',
      allowed: 'evalStrategy epoch or steps',
    });
  }
  return problems;
}

/** zod's issues as problems: where, what was found, what the schema allows there, the nearest name. */
export const problemsIn = (issues: readonly z.core.$ZodIssue[], input: unknown, schema: Schema): Problem[] =>
  issues.flatMap((issue) => problemsOf(issue, input, schema));

function problemsOf(issue: z.core.$ZodIssue, input: unknown, root: Schema): Problem[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(root, path, input);
    return issue.keys.map((key) => ({
      path: [...path, key].join('.'),
      message: 'unknown field',
      found: shown(at(input, [...path, key])),
      ...(known.length ? { allowed: known.join(', ') } : {}),
      ...hint(nearest(key, known)),
    }));
  }
  const found = shown(at(input, path));
  const base = { path: path.join('.') || '(spec)', found };
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map(String);
    return [
      {
        ...base,
        message: 'not an allowed value',
        allowed: allowed.join(', '),
        ...hint(nearest(found, allowed)),
      },
    ];
  }
  if (issue.code === 'invalid_union') {
    const branches = unionBranches(root, path);
    if (issue.discriminator) {
      const allowed = branches.flatMap((b) => literalValues(b, issue.discriminator as string));
      return [
        {
          ...base,
          message: 'not an allowed value',
          allowed: allowed.join(', '),
          ...hint(nearest(found, allowed)),
        },
      ];
    }
    return [
      {
        ...base,
        message: 'fits none of the allowed forms',
        allowed: branches.map(formOf).join(' or '),
        ...hint(nearest(found, branches.flatMap(valuesOf))),
      },
    ];
  }
  return [{ ...base, message: issue.message.replace(/^Invalid input: /, '') }];
}

const hint = (name: string | undefined) => (name ? { hint: `did you mean ${name}?` } : {});

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((v, key) => (v as Record<string, unknown> | undefined | null)?.[key], value);

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  // A password in a URL is not repeated.
  const json = (JSON.stringify(value) ?? String(value)).replace(/:\/\/[^/?#]*@/, '://…@');
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
}

// The schema is walked by its own definition, so that allowed names never go stale.
type Schema = z.core.$ZodType;
const unwrap = (schema: Schema): Schema => {
  const def = schema._zod.def as { innerType?: Schema };
  return def.innerType ? unwrap(def.innerType) : schema;
};
const shapeOf = (schema: Schema) => (schema._zod.def as { shape?: Record<string, Schema> }).shape;
const optionsOf = (schema: Schema) => (schema._zod.def as { options?: Schema[] }).options;
const valuesOf = (schema: Schema) => ((schema._zod.def as { values?: unknown[] }).values ?? []).map(String);
/** `{text, label}`, `config`, `number ≥ 0 < 1` */
const formOf = (schema: Schema) =>
  typeInWords(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema).replaceAll(/[`"]/g, '');
const shapeKeys = (schema: Schema) => Object.keys(shapeOf(unwrap(schema)) ?? {});

function schemaAt(root: Schema, path: readonly string[]): Schema | undefined {
  let schema: Schema | undefined = root;
  for (const key of path) {
    const inner: Schema = unwrap(schema);
    schema =
      shapeOf(inner)?.[key] ??
      optionsOf(inner)
        ?.map((o) => shapeOf(unwrap(o))?.[key])
        .find((s) => s) ??
      (inner._zod.def as { valueType?: Schema }).valueType;
    if (!schema) return undefined;
  }
  return unwrap(schema);
}

const unionBranches = (root: Schema, path: readonly string[]) => {
  const schemas = [path, path.slice(0, -1)].map((place) => schemaAt(root, place));
  return schemas.map((schema) => schema && optionsOf(schema)).find((options) => options) ?? [];
};

const literalValues = (branch: Schema, key: string): string[] => {
  const literal = shapeOf(unwrap(branch))?.[key];
  return literal ? valuesOf(literal) : [];
};

function keysAt(root: Schema, path: readonly string[], input: unknown): string[] {
  const schema = schemaAt(root, path);
  if (!schema) return [];
  const options = optionsOf(schema);
  if (!options) return shapeKeys(schema);
  const type = at(input, [...path, 'type']);
  const chosen = options.filter((o) => literalValues(o, 'type').includes(String(type)));
  return [...new Set((chosen.length ? chosen : options).flatMap(shapeKeys))];
}

/** The name within a third of its length in edit distance, or one that contains the other. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const plain = (s: string) => s.toLowerCase().replace(/[^a-z0-9]/g, '');
  const scored = candidates
    .map((c) => ({ c, d: editDistance(plain(name), plain(c)) }))
    .filter(({ c, d }) => d <= Math.max(2, Math.ceil(c.length / 3)))
    .sort((a, b) => a.d - b.d);
  return scored[0]?.c;
}

// Levenshtein distance, one row at a time.
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}
