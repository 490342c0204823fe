/** The part of JSON Schema that zod writes for the spec. */
export interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** In words: `integer > 0`, `"no" | "epoch" | "steps"`, `{text, label} | {messages}`. */
export function typeInWords(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum) return schema.enum.map((v) => `\`${String(v)}\``).join(' | ');
  if (schema.anyOf) return schema.anyOf.map(typeInWords).join(' | ');
  if (schema.type === 'array') return `list of ${schema.items ? typeInWords(schema.items) : 'values'}`;
  if (schema.properties) return `{${Object.keys(schema.properties).join(', ')}}`;
  if (typeof schema.additionalProperties === 'object')
    return `{NAME: ${typeInWords(schema.additionalProperties)}}`;
  return [schema.type ?? 'any', ...bounds(schema)].join(' ');
}

function bounds({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string[] {
  const low =
    exclusiveMinimum !== undefined ? `> ${exclusiveMinimum}` : minimum !== undefined ? `≥ ${minimum}` : '';
  const high =
    exclusiveMaximum !== undefined ? `< ${exclusiveMaximum}` : maximum !== undefined ? `≤ ${maximum}` : '';
  // The limits of safe integers say nothing to a reader.
  return [low, high].filter((bound) => bound !== '' && !bound.includes(String(Number.MAX_SAFE_INTEGER)));
}
