import { fileURLToPath } from 'node:url';
import { formatFiles, generateFiles, logger, names, type GeneratorCallback, type Tree } from '@nx/devkit';
import { amongSorted, edit, lastOf, requireCheckout, requireNew, tableRow } from '../temper-checkout.js';
import type { ModelFamilyGeneratorSchema } from './schema.js';

const files = fileURLToPath(new URL('../../../src/generators/model-family/files', import.meta.url));

const folder = 'libs/models/src/architectures';
const registry = `${folder}/registry.ts`;
const bert = `${folder}/bert.ts`;
const matrix = 'test/src/parity/matrix/families.py';
const goldens = 'libs/models/src/goldens/make_encoders.py';
const docs = 'docs/models.md';

interface Words {
  /** `model_type` */
  readonly name: string;
  readonly fileName: string;
  readonly propertyName: string;
  readonly className: string;
  /** `name` as a key of an object. */
  readonly key: string;
}

/** What docs/adding-a-model.md lists. The family begins as one that works, and becomes its own by what is changed. */
export default async function modelFamilyGenerator(
  tree: Tree,
  { name, className, kind = 'decoder', skipFormat }: ModelFamilyGeneratorSchema,
): Promise<GeneratorCallback> {
  requireCheckout(tree, 'model-family', [registry, bert, matrix, goldens, docs]);
  const derived = names(name);
  const words: Words = {
    name,
    fileName: name.replaceAll('_', '-'),
    propertyName: derived.propertyName,
    className: className ?? derived.className,
    key: /^\w+$/.test(name) ? name : `'${name}'`,
  };
  requireNew(tree, `${folder}/${words.fileName}.ts`);
  (kind === 'decoder' ? decoder : encoder)(tree, words);
  const { propertyName, fileName } = words;
  edit(
    tree,
    registry,
    amongSorted(/^import \{ \w+ \} from '\.\//, `import { ${propertyName} } from './${fileName}.js';`),
  );
  edit(tree, registry, lastOf(/^export const families = \{/, /^\}/, `  ${propertyName},`));
  if (!skipFormat) await formatFiles(tree);
  return () => logger.info(whatIsLeft(words, kind));
}

function decoder(tree: Tree, words: Words): void {
  generateFiles(tree, files, folder, words);
  const { name } = words;
  const tiny = `    "${name}": ("${name}", DECODER | dict(num_key_value_heads=2, tie_word_embeddings=True)),`;
  edit(tree, matrix, lastOf(/^DECODERS = \{/, /^\}/, tiny));
  edit(
    tree,
    docs,
    tableRow(/^\| +\| beside Llama/, [`\`${name}\``, 'nothing yet', '`q_proj`, `v_proj`', '']),
  );
}

function encoder(tree: Tree, words: Words): void {
  const { name, className, propertyName, key, fileName } = words;
  // Its weights are called after it, as BERT's are.
  const prefix = name.replaceAll('-', '_');
  const text = tree
    .read(bert, 'utf-8')!
    .replaceAll("'bert.", `'${prefix}.`)
    .replaceAll('`bert.', `\`${prefix}.`)
    .replaceAll('/^bert\\.', `/^${prefix}\\.`)
    .replaceAll('BertConfig (configuration_bert.py)', `${className}Config (configuration_${prefix}.py)`)
    .replace("{ bert: encoderClasses('Bert') }", `{ ${key}: encoderClasses('${className}') }`)
    .replace('{ bert: fields }', `{ ${key}: fields }`)
    .replace('export const bert:', `export const ${propertyName}:`)
    .replace(/\/\*\* BERT and its smaller kin.*\*\//, `/** ${className}: so far a BERT. */`);
  tree.write(`${folder}/${fileName}.ts`, text);
  edit(
    tree,
    matrix,
    lastOf(/^ENCODERS = \{/, /^\}/, `    "${name}": ("${name}", BERT | dict(type_vocab_size=2)),`),
  );
  const rates = `    "${name}": ("${className}", SIZES, RATES | dict(classifier_dropout=0.3)),`;
  edit(tree, goldens, lastOf(/^MODELS = \{/, /^\}/, rates));
  edit(
    tree,
    docs,
    tableRow(/^\| +\| sequence classification/, [
      `\`${name}\``,
      'pooler, tanh, classifier',
      '`max_position_embeddings`',
      '`query`, `value`',
    ]),
  );
}

const whatIsLeft = ({ name, fileName, propertyName }: Words, kind: 'decoder' | 'encoder') => `
${folder}/${fileName}.ts trains as a ${kind === 'decoder' ? 'Llama' : 'BERT'}; now make it ${name} (docs/adding-a-model.md):
  1. fields, modules and forward in ${fileName}.ts; the settings that are easy to get wrong in ${matrix}
  2. ${kind === 'decoder' ? `GGUF: a file in libs/models/src/formats/gguf, \`gguf\` of ${propertyName}, a line of make_gguf.py` : `"${name}" in encoder-files.test.ts and dropout.test.ts of libs/models/src`}
  3. python ${kind === 'decoder' ? 'test/src/parity/matrix/make_dropout.py' : `libs/models/src/goldens/make_encoders.py ${name}`}
  4. python libs/models/src/goldens/make_defaults.py; python test/src/parity/matrix/make.py '${name}/*'
  5. node infra/workspace/support.mjs, which writes docs/support.md
`;
