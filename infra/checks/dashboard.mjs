// The Grafana dashboard by the types of Grafana's schema package: members that are missing, unknown, or of another kind.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';

const folder = resolve('node_modules/.cache/temper');

/** JSON has no enums: a member of one is its value. */
const program = ({ panels, ...dashboard }) => `
import type { Dashboard, Panel } from '@grafana/schema';
import type { FieldConfig, Options } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
type Json<T> = T extends string ? \`\${T}\`
  : T extends number ? (\`\${T}\` extends \`\${infer N extends number}\` ? N : T)
  : T extends readonly (infer E)[] ? Json<E>[]
  : T extends object ? { [K in keyof T]: Json<T[K]> } : T;
export const dashboard: Json<Dashboard> = ${JSON.stringify({ ...dashboard, panels: [] }, null, 1)};
export const series: Json<Panel<Partial<Options>, FieldConfig>>[] = ${JSON.stringify(
  panels.filter(({ type }) => type === 'timeseries'),
  null,
  1,
)};
export const rows: Json<NonNullable<Dashboard['panels']>> = ${JSON.stringify(
  panels.filter(({ type }) => type !== 'timeseries'),
  null,
  1,
)};
`;

/** Throws with TypeScript's messages. */
export function checkDashboard(path) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'grafana-dashboard.ts');
  writeFileSync(file, program(JSON.parse(readFileSync(path, 'utf8'))));
  const options = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    module: ts.ModuleKind.NodeNext,
    types: [],
  };
  const found = ts.getPreEmitDiagnostics(ts.createProgram([file], options));
  if (!found.length) return;
  const host = {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => folder,
    getNewLine: () => '\n',
  };
  throw new Error(ts.formatDiagnostics(found, host));
}
