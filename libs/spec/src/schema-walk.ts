import { z } from 'zod';
import { typeInWords, type JsonSchema } from './schema-words.js';
import { writtenAs } from './written.js';

// The schema is walked by its own definition, so that allowed names never go stale.
export type Schema = z.core.$ZodType;

const unwrap = (schema: Schema): Schema => {
  const def = schema._zod.def as { innerType?: Schema };
  return def.innerType ? unwrap(def.innerType) : schema;
};
const shapeOf = (schema: Schema) => (schema._zod.def as { shape?: Record<string, Schema> }).shape;
const optionsOf = (schema: Schema) => (schema._zod.def as { options?: Schema[] }).options;
const shapeKeys = (schema: Schema) => Object.keys(shapeOf(unwrap(schema)) ?? {});

export const valuesOf = (schema: Schema) =>
  ((schema._zod.def as { values?: unknown[] }).values ?? []).map(String);

/** `{text, label}`, `config`, `number ≥ 0 < 1` */
export const formOf = (schema: Schema) =>
  typeInWords(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema).replaceAll(/[`"]/g, '');

/** The alternatives of a schema that has some. */
export const alternatives = (schema: Schema): readonly Schema[] => optionsOf(unwrap(schema)) ?? [];

/** The fields of a group, and those of them that have no default. */
export function requiredOf(schema: Schema): { names: readonly string[]; required: readonly string[] } {
  const json = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
  return { names: Object.keys(json.properties ?? {}), required: json.required ?? [] };
}

export const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((v, key) => (v as Record<string, unknown> | undefined | null)?.[key], value);

export function schemaAt(root: Schema, path: readonly string[]): Schema | undefined {
  let schema: Schema | undefined = root;
  for (const key of path) {
    const inner: Schema = unwrap(schema);
    schema =
      ownField(shapeOf(inner), key) ??
      optionsOf(inner)
        ?.map((option) => ownField(shapeOf(unwrap(option)), key))
        .find((found) => found) ??
      [inner, ...(optionsOf(inner) ?? []).map(unwrap)].map(valueType).find((found) => found) ??
      (/^\d+$/.test(key)
        ? [inner, ...(optionsOf(inner) ?? []).map(unwrap)].map(elementOf).find((e) => e)
        : undefined);
    if (!schema) return undefined;
  }
  return unwrap(schema);
}

const valueType = (schema: Schema) => (schema._zod.def as { valueType?: Schema }).valueType;

const elementOf = (schema: Schema) => (schema._zod.def as { element?: Schema }).element;

const ownField = (shape: Record<string, Schema> | undefined, key: string) =>
  shape && Object.hasOwn(shape, key) ? shape[key] : undefined;

export const unionBranches = (root: Schema, path: readonly string[]) => {
  const schemas = [path, path.slice(0, -1)].map((place) => schemaAt(root, place));
  return schemas.map((schema) => schema && optionsOf(schema)).find((options) => options) ?? [];
};

export const literalValues = (branch: Schema, key: string): string[] => {
  const literal = shapeOf(unwrap(branch))?.[key];
  return literal ? valuesOf(unwrap(literal)) : [];
};

/** The names of the fields that may stand at a path; of a union those of the branch that the input chose by `type`. */
export function keysAt(root: Schema, path: readonly string[], input: unknown): string[] {
  const schema = schemaAt(root, path);
  if (!schema) return [];
  const options = optionsOf(schema);
  if (!options) return shapeKeys(schema);
  const type = at(input, [...path, 'type']);
  const chosen = options.filter((option) => literalValues(option, 'type').includes(writtenAs(type)));
  return [...new Set((chosen.length ? chosen : options).flatMap(shapeKeys))];
}

/** Every path of a field below a schema: `training`, `training.epochs`, `method.r`. */
export function fieldPaths(schema: Schema, path: readonly string[] = []): string[][] {
  const inner = unwrap(schema);
  const shapes = [inner, ...(optionsOf(inner) ?? []).map(unwrap)].map((branch) => shapeOf(branch) ?? {});
  return shapes.flatMap((shape) =>
    Object.entries(shape).flatMap(([key, field]) => [[...path, key], ...fieldPaths(field, [...path, key])]),
  );
}
