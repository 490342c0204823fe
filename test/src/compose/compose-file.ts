import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export type Condition = 'service_started' | 'service_healthy' | 'service_completed_successfully';

/** What of the Compose specification our file uses (https://github.com/compose-spec/compose-spec). */
export interface Service {
  readonly name: string;
  readonly image: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Path in the container to one of this machine; a named volume is a folder of its own. */
  readonly mounts: ReadonlyMap<string, string>;
  readonly dependsOn: ReadonlyMap<string, Condition>;
  readonly healthcheck: readonly string[] | undefined;
}

interface Raw {
  readonly image: string;
  readonly profiles?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly volumes?: readonly string[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, { readonly condition: Condition }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}

const file = fileURLToPath(new URL('../../../infra/compose/compose.yaml', import.meta.url));

/** The services that start without a profile. `variables`: what `.env` holds; `volumes`: the folder of named volumes. */
export async function composeServices(
  variables: Readonly<Record<string, string>>,
  volumes: string,
): Promise<Service[]> {
  const text = filledIn(await readFile(file, 'utf8'), variables);
  const { services } = parse(text, { merge: true }) as { services: Record<string, Raw> };
  return Object.entries(services)
    .filter(([, { profiles }]) => !profiles)
    .map(([name, raw]) => serviceOf(name, raw, volumes));
}

/** `${NAME:-default}` and `${NAME:?what to do}`. */
const filledIn = (text: string, variables: Readonly<Record<string, string>>) =>
  text.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind: string, rest: string) => {
    const value = variables[name] ?? (kind === '-' ? rest : undefined);
    if (value === undefined) throw new Error(`${name}: ${rest}`);
    return value;
  });

function serviceOf(name: string, raw: Raw, volumes: string): Service {
  const after = raw.depends_on ?? [];
  return {
    name,
    image: raw.image.split(':')[0]!,
    entrypoint: raw.entrypoint ?? [],
    command: raw.command ?? [],
    environment: Object.fromEntries(
      Object.entries(raw.environment ?? {}).map(([key, value]) => [key, String(value)]),
    ),
    mounts: new Map((raw.volumes ?? []).map((volume) => mountOf(volume, volumes))),
    dependsOn: new Map(
      Array.isArray(after)
        ? (after as string[]).map((other) => [other, 'service_started'] as const)
        : Object.entries(after as Record<string, { condition: Condition }>).map(
            ([other, { condition }]) => [other, condition] as const,
          ),
    ),
    healthcheck: raw.healthcheck?.test.slice(1),
  };
}

function mountOf(volume: string, volumes: string): [string, string] {
  const [source, target] = volume.split(':') as [string, string];
  return [target, source.startsWith('.') ? resolve(dirname(file), source) : join(volumes, source)];
}

/** A path of the container, wherever it stands in a text, as one of this machine. */
export const onThisMachine = (text: string, { mounts }: Service): string =>
  [...mounts].reduce((shown, [inside, outside]) => shown.replaceAll(inside, outside), text);
