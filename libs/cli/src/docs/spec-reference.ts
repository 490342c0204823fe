import { typeInWords, type JsonSchema } from '@temper/spec';

/** The reference of all fields as Markdown: one table a group, a row a field. */
export function specReference(schema: JsonSchema, introduction = intro): string {
  const groups = Object.entries(schema.properties ?? {});
  const simple = groups.filter(([, s]) => !isGroup(s));
  const nested = groups.filter(([, s]) => isGroup(s));
  return [
    introduction,
    '## The top level\n',
    tableOf('', { ...schema, properties: Object.fromEntries(simple) }),
    ...nested.flatMap(([name, group]) => section(name, group, schema.required?.includes(name) ?? false)),
  ].join('\n');
}

const intro = `<!-- Written by \`node infra/workspace/docs.mjs\` from libs/contracts/src/pipeline-spec.ts: change it there. -->

# The pipeline spec

A spec is a YAML or JSON file. Only \`name\`, \`model.base\` and \`dataset.train\` are required:

\`\`\`yaml
# yaml-language-server: $schema=./docs/schema/pipeline.schema.json
name: mail
model: { base: ./models/minilm }
dataset: { train: data/train.csv }
\`\`\`

Relative paths are relative to the folder of the spec. \`temper run SPEC --set training.epochs=1\` changes a field for one
run, \`temper run SPEC --check\` only checks. All mistakes are reported at once, before anything is queued, each with its
place, what was found, what is allowed and the nearest valid name. The same as JSON Schema, for editors:
[schema/pipeline.schema.json](schema/pipeline.schema.json), or \`temper schema\`.
`;

function section(path: string, schema: JsonSchema, required: boolean): string[] {
  const heading = `## \`${path}\`${required ? ' (required)' : ''}\n`;
  const about = schema.description ? [`${sentence(schema.description)}\n`] : [];
  const variants = schema.oneOf;
  const body = variants
    ? variants.flatMap((v) => [`\`type: ${String(v.properties?.type?.const)}\`\n`, variantTable(path, v)])
    : [tableOf(path, schema)];
  const note = variants && schema.default ? [`Default: \`${JSON.stringify(schema.default)}\`.\n`] : [];
  return [heading, ...about, ...note, ...body];
}

function variantTable(path: string, variant: JsonSchema): string {
  const fields = Object.fromEntries(Object.entries(variant.properties ?? {}).filter(([k]) => k !== 'type'));
  return Object.keys(fields).length
    ? tableOf(path, { ...variant, properties: fields })
    : 'No other fields.\n';
}

function tableOf(path: string, schema: JsonSchema): string {
  const rows = Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    rowsOf(path ? `${path}.${name}` : name, field, schema.required?.includes(name) ?? false),
  );
  return ['| field | type | default | |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}

/** A nested group is a heading row and then its own fields. */
function rowsOf(path: string, field: JsonSchema, required: boolean): string[] {
  const inner = field.properties
    ? Object.entries(field.properties).flatMap(([name, f]) =>
        rowsOf(`${path}.${name}`, f, field.required?.includes(name) ?? false),
      )
    : [];
  const listed = itemsOf(field).flatMap(([name, f, required]) => rowsOf(`${path}[].${name}`, f, required));
  const shown = inner.length ? '' : defaultOf(field, required);
  return [
    row(`\`${path}\``, cell(typeInWords(field)), shown, cell(field.description ?? '')),
    ...inner,
    ...listed,
  ];
}

/** The fields of what a list holds, where a field may be such a list. */
function itemsOf(field: JsonSchema): [name: string, field: JsonSchema, required: boolean][] {
  const items = [field, ...(field.anyOf ?? [])].map((one) => one.items).find((one) => one?.properties);
  const { properties = {}, required = [] } = items ?? {};
  return Object.entries(properties).map(([name, inner]) => [name, inner, required.includes(name)]);
}

const row = (...cells: string[]) => `| ${cells.join(' | ')} |`;
const cell = (text: string) => text.replaceAll('|', '\\|');

function defaultOf({ default: value }: JsonSchema, required: boolean): string {
  if (required) return '**required**';
  return value === undefined ? '' : `\`${JSON.stringify(value)}\``;
}

const isGroup = (schema: JsonSchema) => schema.properties !== undefined || schema.oneOf !== undefined;

const sentence = (text: string) => `${text[0]!.toUpperCase()}${text.slice(1)}.`;
