import { headKinds, problemTypes, reportedMetrics, tasks } from '@temper/contracts';
import { methodSchemas } from '@temper/methods/schema';
import { supportedFamilies } from '@temper/models';
import { optimizers, schedules } from '@temper/optimizers';
import { taskSchemas, type TaskSchema } from '@temper/tasks/schema';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');

/** What stands in a table, by the word that the things of the table are called by in code. */
const tables: Readonly<Record<string, readonly string[]>> = {
  task: [...tasks, ...headKinds, ...problemTypes, ...Object.keys(taskSchemas)],
  method: Object.keys(methodSchemas),
  optimizer: Object.keys(optimizers),
  schedule: Object.keys(schedules),
  loss: Object.values<TaskSchema>(taskSchemas).flatMap(({ losses }) => losses),
  metric: reportedMetrics,
  family: supportedFamilies,
};

/** Words that mean other things, too: they are names beside a word of their table alone. */
const ambiguous = new Set(['embedding', 'linear', 'constant', 'full', 'adapter', 'precision', 'loss', 'opt']);

/** Where the things themselves, their tables and what each says to others are. */
const homes = [
  /^libs\/contracts\/src\/(task|metrics)\.ts$/,
  /^libs\/tasks\/src\//,
  /^libs\/methods\/src\/(schema|lora)\//,
  new RegExp(`^libs/methods/src/(table|(${tables.method!.join('|')})(-method)?)\\.ts$`),
  /^libs\/optimizers\/src\//,
  /^libs\/models\/src\/architectures\//,
  /^libs\/models\/src\/head-kinds\.ts$/,
];

/** Files that read or write words of others, or hold a spec: why each may. */
const others: Readonly<Record<string, string>> = {
  'libs/contracts/src/model.ts': 'what stores of 0.1.0 call the first kind of head',
  'libs/cli/src/quickstart/spec.ts': 'a spec, as a user writes it',
  'libs/nx/src/generators/pipeline/samples.ts': 'specs of samples, one a task',
  'libs/nx/src/generators/pipeline/generator.ts': 'the sample that is made where no task is said',
  'libs/nx/src/generators/method/generator.ts': 'the method that a new one begins as',
  'libs/data/src/tokenizer/tokenizer-json.ts': "transformers' model types, whose tokenizers differ",
  'libs/data/src/tokenizer/vocabulary/class-of.ts': "transformers' table of tokenizer classes",
};
const isForeignFormat = (file: string) => file.startsWith('libs/models/src/formats/gguf/');

interface Named {
  readonly file: string;
  readonly line: number;
  readonly name: string;
}

/** Names of tables in a source text: in literals and keys, or in a pattern. */
function namesIn(file: string, source: string): Named[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const found: Named[] = [];
  const note = (node: ts.Node, name: string) =>
    found.push({ file, name, line: tree.getLineAndCharacterOfPosition(node.getStart()).line + 1 });
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isStringLiteralLike(node) && isName(node.text, node)) note(node, node.text);
    const key = ts.isPropertyAssignment(node) && ts.isIdentifier(node.name) ? node.name.text : undefined;
    if (key !== undefined && !ambiguous.has(key) && nameTables(key).length && isTable(node.parent))
      note(node, key);
    if (ts.isRegularExpressionLiteral(node)) {
      const words = node.text.split(/[^\w-]+|\\[bdsw]/);
      words.filter((word) => !ambiguous.has(word) && nameTables(word).length).forEach((w) => note(node, w));
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

const nameTables = (name: string): string[] =>
  Object.keys(tables).filter((table) => tables[table]!.includes(name));

/** Of a word that means other things, too: what it is compared with, or put into, says which it is. */
function isName(text: string, node: ts.Node): boolean {
  const of = nameTables(text);
  if (!of.length) return false;
  if (!ambiguous.has(text)) return true;
  return besides(node).some((beside) =>
    of.some((table) => new RegExp(`${table}(Name|Type|\\.type)?$`, 'i').test(beside)),
  );
}

/** What a literal is compared with, or given beside. */
function besides({ parent }: ts.Node): string[] {
  const of = ts.isCaseClause(parent)
    ? [parent.parent.parent.expression]
    : ts.isBinaryExpression(parent)
      ? [parent.left, parent.right]
      : ts.isCallExpression(parent)
        ? parent.arguments
        : [];
  return of.map((node) => node.getText());
}

/** An object of which another key is of the same table, and no settings of one thing. */
function isTable(node: ts.Node): boolean {
  if (!ts.isObjectLiteralExpression(node)) return false;
  const keys = node.properties.flatMap(({ name }) =>
    name && (ts.isIdentifier(name) || ts.isStringLiteral(name)) ? [name.text] : [],
  );
  return Object.values(tables).some((names) => keys.filter((key) => names.includes(key)).length > 1);
}

const sources = ['libs', 'activities', 'workers', 'workflows']
  .flatMap((group) =>
    readdirSync(join(root, group), { recursive: true }).map((file) => `${group}/${String(file)}`),
  )
  .filter((file) => /^(\w+\/\w[\w-]*|workflows)\/src\/.*\.ts$/.test(file))
  .filter((file) => !/\.test\.ts$|\/testing[^/]*\.ts$/.test(file));

describe('code that is no table names no task, method, family, optimizer, schedule, loss or metric', () => {
  it('which is found where it does', () => {
    const found = (source: string) => namesIn('x.ts', source).map(({ name }) => name);
    expect(found(`if (task === 'causal-lm') go();`)).toEqual(['causal-lm']);
    expect(found(`switch (spec.method.type) { case 'full': go(); }`)).toEqual(['full']);
    expect(found(`const rates = { adamw: 1, sgd: 100 };`)).toEqual(['adamw', 'sgd']);
    expect(found(`const wanted = ['f1', 'accuracy'];`)).toEqual(['f1', 'accuracy']);
    expect(found(`/^(lora)_A$|\\.lora\\./.test(name)`)).toContain('lora');
    expect(
      found(`if (module.type === 'linear') go(); build({ kind: 'embedding', constant: true });`),
    ).toEqual([]);
    expect(found(`schedule === 'linear'`)).toEqual(['linear']);
  });

  it('and nothing else does', () => {
    expect(sources.length).toBeGreaterThan(500);
    const allowed = (file: string) =>
      homes.some((home) => home.test(file)) || Object.hasOwn(others, file) || isForeignFormat(file);
    const named = sources
      .filter((file) => !allowed(file))
      .flatMap((file) => namesIn(file, readFileSync(join(root, file), 'utf8')));
    expect(named.map(({ file, line, name }) => `${file}:${line} ${name}`)).toEqual([]);
  });

  it('files that may are there, and do', () => {
    for (const file of Object.keys(others))
      expect([file, namesIn(file, readFileSync(join(root, file), 'utf8')).length]).not.toEqual([file, 0]);
  });
});
