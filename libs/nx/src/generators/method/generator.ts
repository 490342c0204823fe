import { formatFiles, logger, names, type GeneratorCallback, type Tree } from '@nx/devkit';
import { amongSorted, edit, lastOf, requireCheckout, requireNew, tableRow } from '../temper-checkout.js';
import type { MethodGeneratorSchema } from './schema.js';

const folder = 'libs/methods/src';
const schemas = `${folder}/schema/index.ts`;
const table = `${folder}/table.ts`;
const matrix = 'test/src/parity/matrix/methods.py';
const docs = 'docs/methods.md';
/** PEFT's smallest method, which the docs show whole. */
const smallest = { schema: `${folder}/schema/ln-tuning.ts`, method: `${folder}/ln-tuning.ts` };

/** What docs/adding-a-method.md lists. The method begins as one that works, and becomes its own by what is changed. */
export default async function methodGenerator(
  tree: Tree,
  { name, peftType, learningRate = 1e-3, skipFormat }: MethodGeneratorSchema,
): Promise<GeneratorCallback> {
  requireCheckout(tree, 'method', [schemas, table, matrix, docs, ...Object.values(smallest)]);
  const { propertyName, className, constantName } = names(name);
  const file = `${folder}/${name}.ts`;
  requireNew(tree, file);
  const renamed = (from: string) =>
    tree
      .read(from, 'utf-8')!
      .replaceAll('ln-tuning', name)
      .replaceAll('lnTuning', propertyName)
      .replaceAll('LnTuning', className)
      .replaceAll("'LN_TUNING'", `'${peftType ?? constantName}'`)
      .replaceAll("'LN tuning'", `'${name}'`)
      .replace(/learningRate: [\d.e-]+/, `learningRate: ${learningRate}`)
      .replace("PEFT's LNTuningConfig, in camelCase.", 'So far the fields of LN tuning.')
      .replace(/\/\*\* PEFT [\d.]+'s LNTuningConfig.*\*\//, '/** So far those of LN tuning. */')
      .replace(
        /\/\*\* Tuning of the norms alone.*\*\//,
        '/** So far LN tuning: give the formula and where it comes from. */',
      );
  tree.write(`${folder}/schema/${name}.ts`, renamed(smallest.schema));
  tree.write(file, renamed(smallest.method));
  // A key of an object needs no quotes where the name is one word.
  const word = /^\w+$/.test(name);
  const key = word ? name : `'${name}'`;
  const imported = `import { ${propertyName}Schema } from './${name}.js';`;
  edit(tree, schemas, amongSorted(/^import \{ \w+Schema \} from '\.\//, imported));
  const exported = `export type { ${className}Spec } from './${name}.js';`;
  edit(tree, schemas, amongSorted(/^export type \{ \w+Spec \} from '\.\//, exported));
  edit(tree, schemas, lastOf(/^export const methodSchemas = \{/, /^\}/, `  ${key}: ${propertyName}Schema,`));
  edit(
    tree,
    table,
    amongSorted(/^import \{ \w+ \} from '\.\//, `import { ${propertyName} } from './${name}.js';`),
  );
  const line = word && propertyName === name ? `  ${name},` : `  ${key}: ${propertyName},`;
  edit(tree, table, lastOf(/^const methods: /, /^\}/, line));
  const words = [`\`${name}\``, 'so far the norms alone', String(learningRate), 'PEFT adapter', 'yes'];
  edit(tree, docs, tableRow(/^\| `method\.type`/, words));
  edit(
    tree,
    matrix,
    lastOf(/^METHODS = \{/, /^\}/, `    "${name}": ln_tuning,  # another configuration, and type="${name}"`),
  );
  if (!skipFormat) await formatFiles(tree);
  return () => logger.info(whatIsLeft(name));
}

const whatIsLeft = (name: string) => `
${folder}/${name}.ts trains as LN tuning does; now make it ${name} (docs/adding-a-method.md):
  1. its fields in ${folder}/schema/${name}.ts, its hooks and its files in ${folder}/${name}.ts
  2. its configuration in ${matrix} in place of ln_tuning's
  3. node infra/workspace/build.mjs && node infra/workspace/docs.mjs, which writes its fields into docs/spec.md
  4. python make.py llama/${name}/causal-lm bert/${name}/sequence-classification in test/src/parity/matrix
  5. node infra/workspace/support.mjs, which writes docs/support.md
`;
