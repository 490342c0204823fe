// npm run test:infra – the chart, the Dockerfile, the compose file and the dashboard, each by its own tools and schemas.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { checkDashboard } from './dashboard.mjs';
import { goModule, goProgram, hasGo } from './go.mjs';
import { schemaLocation } from './schemas.mjs';
import { hadolint } from './wheels.mjs';

const infra = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const chart = join(infra, 'helm', 'temper');
const failures = [];

function check(name, work) {
  try {
    work();
    console.log(`✔ ${name}`);
  } catch (error) {
    failures.push(name);
    console.error(`✖ ${name}\n${error.stdout ?? ''}${error.stderr ?? error.message}`);
  }
}

const run = (program, args, options = {}) =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'], ...options });

async function checkChart() {
  const helm = goProgram('helm.sh/helm/v3/cmd/helm@v3.19.0');
  const kubeconform = goProgram('github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0');
  check('helm lint', () => run(helm, ['lint', '--strict', chart]));
  const schemas = await schemaLocation();
  const settings = readdirSync(join(chart, 'ci')).map((name) => join(chart, 'ci', name));
  for (const file of [join(chart, 'values.yaml'), ...settings]) {
    check(`helm template -f ${file.slice(infra.length + 1)}, by schema`, () => {
      const manifests = run(helm, ['template', 'temper', chart, '-f', file]);
      run(kubeconform, ['-strict', '-summary', '-schema-location', schemas, '-'], { input: manifests });
    });
  }
  check('values that cannot work are refused', () => {
    for (const wrong of ['pools.cpu.provider=cuda', 'shutdownSeconds=soon', 'typo=1', 'queuePrefix=a/b']) {
      const { status } = refused(helm, ['template', 'temper', chart, '--set', wrong]);
      if (!status) throw new Error(`--set ${wrong} is taken`);
    }
  });
}

function refused(program, args) {
  try {
    run(program, args);
    return { status: 0 };
  } catch ({ status }) {
    return { status };
  }
}

function checkCompose() {
  check('compose file, by its schema', () => {
    const file = join(
      goModule('github.com/compose-spec/compose-go/v2@v2.16.2'),
      'schema',
      'compose-spec.json',
    );
    const ajv = new Ajv({ strict: false, allErrors: true });
    addFormats(ajv);
    const validate = ajv.compile({ ...JSON.parse(readFileSync(file, 'utf8')), $schema: undefined });
    const compose = parse(readFileSync(join(infra, 'compose', 'compose.yaml'), 'utf8'), { merge: true });
    if (!validate(compose)) throw new Error(ajv.errorsText(validate.errors, { separator: '\n' }));
  });
}

const linter = await hadolint();
check('hadolint', () => run(linter, ['--failure-threshold', 'info', join(infra, 'docker', 'Dockerfile')]));
check('Grafana dashboard, by its schema', () =>
  checkDashboard(join(infra, 'observability', 'grafana-dashboard.json')),
);
if (hasGo()) {
  await checkChart();
  checkCompose();
} else {
  console.log('- skipped: the chart and the compose file (helm, kubeconform and their schemas need Go)');
}
process.exitCode = failures.length ? 1 : 0;
