import { dirname, join } from 'node:path';
import ts from 'typescript';
import { sourceFolder } from '../parity/source-folder.js';

const root = join(sourceFolder, '../..');

/** A file of the repository with something left out. */
export interface Variant {
  /** What was left out. */
  readonly member: string;
  readonly file: string;
  readonly text: string;
}

/** An import that nothing needs any more is no reason. */
const unused = new Set([6133, 6192, 6196, 6198]);

export const read = (file: string): string => ts.sys.readFile(join(root, file))!;

/** A file without each property, in turn, of the object that a constant of it is, within `satisfies` and calls. */
export function withoutEach(file: string, constant: string): Variant[] {
  const text = read(file);
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return objectOf(source, constant).properties.map((property) => ({
    member: property.name?.getText(source).replaceAll("'", '') ?? property.getText(source),
    file,
    text: text.slice(0, property.getFullStart()) + text.slice(property.end).replace(/^\s*,/, ''),
  }));
}

/** The variants without a type error. All are checked side by side, in one program: each beside the file that it is of. */
export function compiling(variants: readonly Variant[]): Variant[] {
  const config = join(root, 'infra/workspace/tsconfig.json');
  const found = ts.readConfigFile(config, (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(found.config, ts.sys, dirname(config));
  const places = new Map(variants.map((variant, i) => [placeOf(variant, i), variant] as const));
  const host = ts.createCompilerHost({ ...options, noEmit: true, incremental: false });
  const { getSourceFile, fileExists, readFile } = host;
  const textAt = (path: string) => places.get(path)?.text;
  host.fileExists = (path) => places.has(path) || fileExists(path);
  host.readFile = (path) => textAt(path) ?? readFile(path);
  host.getSourceFile = (path, target, ...rest) => {
    const text = textAt(path);
    return text === undefined
      ? getSourceFile(path, target, ...rest)
      : ts.createSourceFile(path, text, target, true);
  };
  const program = ts.createProgram(
    [...places.keys()],
    { ...options, noEmit: true, incremental: false },
    host,
  );
  return [...places]
    .filter(([path]) => {
      const errors = program.getSemanticDiagnostics(program.getSourceFile(path));
      return errors.every(({ code }) => unused.has(code));
    })
    .map(([, variant]) => variant);
}

const placeOf = ({ file }: Variant, i: number) => join(root, file.replace(/\.ts$/, `.variant-${i}.ts`));

function objectOf(source: ts.SourceFile, name: string): ts.ObjectLiteralExpression {
  const within = (node: ts.Expression): ts.ObjectLiteralExpression | undefined => {
    if (ts.isObjectLiteralExpression(node)) return node;
    if (ts.isSatisfiesExpression(node) || ts.isAsExpression(node)) return within(node.expression);
    return ts.isCallExpression(node) && node.arguments[0] ? within(node.arguments[0]) : undefined;
  };
  const declared = source.statements
    .filter(ts.isVariableStatement)
    .flatMap((statement) => [...statement.declarationList.declarations])
    .find((declaration) => declaration.name.getText(source) === name);
  const object = declared?.initializer && within(declared.initializer);
  if (!object) throw new TypeError(`${source.fileName} has no constant ${name} that is an object`);
  return object;
}
