import { z } from 'zod';

type Fields = Readonly<Record<string, z.ZodType>>;
type Table = Readonly<Record<string, { readonly fields: Fields }>>;

type Intersection<T> = (T extends unknown ? (x: T) => void : never) extends (x: infer I) => void ? I : never;
type Inner<T> = T extends z.ZodDefault<infer I> | z.ZodOptional<infer I> ? I : T;
/** Every field of any member, optional. */
export type ComposedFields<T extends Table> =
  Intersection<T[keyof T]['fields']> extends infer All
    ? { [K in keyof All]: All[K] extends z.ZodType ? z.ZodOptional<Inner<All[K]> & z.ZodType> : never }
    : never;

/**
 * The settings of all members of a table side by side: each is optional, because its default depends on the member that
 * is chosen, and says whose it is: `decay of the momentum (sgd: 0.9; muon: 0.95)`.
 */
export function composeFields<T extends Table>(table: T): ComposedFields<T> {
  const names = [...new Set(Object.values(table).flatMap(({ fields }) => Object.keys(fields)))];
  const composed = names.map((name) => {
    const members = Object.entries(table).filter(([, { fields }]) => Object.hasOwn(fields, name));
    const [, first] = members[0]!;
    const described = `${first.fields[name]!.description} (${owners(name, members)})`;
    return [name, inner(first.fields[name]!).optional().describe(described)] as const;
  });
  return Object.fromEntries(composed) as unknown as ComposedFields<T>;
}

const inner = (field: z.ZodType): z.ZodType =>
  field instanceof z.ZodDefault || field instanceof z.ZodOptional ? (field.unwrap() as z.ZodType) : field;

/** `sgd, adam: 0; muon: 0.1` */
function owners(name: string, members: readonly (readonly [string, { readonly fields: Fields }])[]): string {
  const byDefault = new Map<string, string[]>();
  for (const [member, { fields }] of members) {
    const field = fields[name]!;
    const value = field instanceof z.ZodDefault ? `: ${JSON.stringify(field.def.defaultValue)}` : '';
    byDefault.set(value, [...(byDefault.get(value) ?? []), member]);
  }
  return [...byDefault].map(([value, names]) => names.join(', ') + value).join('; ');
}
