// The page of what is supported, from the tests of the parity matrix that passed.
//   node infra/workspace/support.mjs            runs the matrix and writes docs/support.md
//   node infra/workspace/support.mjs --check    compares docs/support.md with what the last `npm test` noted
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { argv, execPath, exit, stderr } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const matrix = 'test/src/parity/matrix';
export const matrixFiles = ['language', 'classes', 'embedding', 'preference', 'question-answering'].map(
  (name) => `${matrix}/${name}.test.ts`,
);
export const resultsFile = join(root, 'test/dist/matrix-results.json');
const page = join(root, 'docs/support.md');

const head = `# What is supported

Made by \`node infra/workspace/support.mjs\` from the tests that ran: a cell holds the ids of the tests that passed, and is empty where there is none.
Each trains a tiny random model for 20 steps and compares losses and every tensor's change with PyTorch, transformers and PEFT
([how](../test/src/parity/matrix/README.md)). What follows an id says what was exported and, read again, gave the logits of what was trained.
`;

/** The text of the page. */
export function supportPage(results) {
  const cells = passedCells(results);
  const tasks = [...new Set(cells.map(({ task }) => task))].sort();
  return [
    head,
    ...tasks.map((task) =>
      taskSection(
        task,
        cells.filter((cell) => cell.task === task),
      ),
    ),
  ].join('\n');
}

function passedCells(results) {
  const ids = [...new Set(results.map(({ cell }) => cell))].sort();
  return ids.flatMap((id) => {
    const passed = results
      .filter(({ cell, state }) => cell === id && state === 'passed')
      .map(({ test }) => test);
    if (!passed.some((test) => test.startsWith('trains'))) return [];
    const golden = JSON.parse(
      readFileSync(join(root, matrix, 'goldens', `${id.replaceAll('/', '--')}.json`), 'utf8'),
    );
    const exported = passed.flatMap((test) => /^exports (?:an? )?(.+?)(?: that .*)?$/.exec(test)?.[1] ?? []);
    return [
      { id, task: golden.task, family: golden.config.model_type, method: golden.spec.method.type, exported },
    ];
  });
}

function taskSection(task, cells) {
  const methods = [...new Set(cells.map(({ method }) => method))].sort();
  const families = [...new Set(cells.map(({ family }) => family))].sort();
  const shown = ({ id, exported }) => `\`${id}\`${exported.length ? `: ${exported.join(', ')}` : ''}`;
  const row = (family) =>
    methods.map((method) =>
      cells
        .filter((cell) => cell.family === family && cell.method === method)
        .map(shown)
        .join('<br>'),
    );
  const line = (parts) => `| ${parts.join(' | ')} |`;
  return [
    `## ${task}\n`,
    line(['family', ...methods]),
    line(['family', ...methods].map(() => '---')),
    ...families.map((family) => line([family, ...row(family)])),
    '',
  ].join('\n');
}

function main(check) {
  if (!check) {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const args = [vitest, 'run', '--config', 'infra/workspace/vitest.config.ts', ...matrixFiles];
    const { status } = spawnSync(execPath, args, { cwd: root, stdio: 'inherit' });
    if (status !== 0) return 1;
  }
  if (!existsSync(resultsFile)) {
    stderr.write('no results of the matrix: npm test leaves them\n');
    return 1;
  }
  const text = supportPage(JSON.parse(readFileSync(resultsFile, 'utf8')));
  if (!check) writeFileSync(page, text);
  else if (!existsSync(page) || readFileSync(page, 'utf8') !== text) {
    stderr.write('docs/support.md is not what the tests show: node infra/workspace/support.mjs writes it\n');
    return 1;
  }
  return 0;
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) exit(main(argv.includes('--check')));
