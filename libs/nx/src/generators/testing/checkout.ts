import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../../../..', import.meta.url));

/** Files of this checkout, as they are. */
export function checkout(files: readonly string[]): Tree {
  const tree = createTreeWithEmptyWorkspace({ formatter: 'none' });
  for (const file of files) tree.write(file, readFileSync(join(root, file), 'utf8'));
  return tree;
}

/** What the compiler says of files as they are in the tree, among the checkout's other files. */
export function mistakesIn(tree: Tree, files: readonly string[]): string[] {
  const config = join(root, 'infra/workspace/tsconfig.json');
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(config, (path) => ts.sys.readFile(path)).config,
    ts.sys,
    join(root, 'infra/workspace'),
  );
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  const changed = (path: string) =>
    path.startsWith(root) ? tree.read(path.slice(root.length), 'utf-8') : null;
  host.readFile = (path) => changed(path) ?? readFile(path);
  host.fileExists = (path) => changed(path) !== null || fileExists(path);
  host.getSourceFile = (path, language) => {
    const text = host.readFile(path);
    return text === undefined ? undefined : ts.createSourceFile(path, text, language);
  };
  const program = ts.createProgram(
    files.map((file) => join(root, file)),
    { ...options, noEmit: true },
    host,
  );
  return files.flatMap((file) => {
    const source = program.getSourceFile(join(root, file))!;
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  });
}
