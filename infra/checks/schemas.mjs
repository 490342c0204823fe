// JSON schemas of what the chart makes, in the folder and under the names that kubeconform looks for.
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { goModule } from './go.mjs';
import { kubernetesSchemas } from './wheels.mjs';

const KUBERNETES = 'v1.37.0';
const definitions = [
  { module: 'github.com/kedacore/keda/v2@v2.21.0', folder: 'config/crd/bases' },
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    folder: 'example/prometheus-operator-crd',
  },
];

/** Template of kubeconform's `-schema-location`, for Kubernetes' own kinds and for those of KEDA and Prometheus. */
export async function schemaLocation() {
  const folder = mkdtempSync(join(tmpdir(), 'temper-schemas-'));
  await ownKinds(folder);
  for (const { module, folder: inside } of definitions) customKinds(join(goModule(module), inside), folder);
  return join(folder, '{{ .ResourceKind }}{{ .KindSuffix }}.json');
}

/** The package has them with addresses under which kubeconform would look for a server. */
async function ownKinds(folder) {
  const source = join(await kubernetesSchemas(), `${KUBERNETES}-local-strict`);
  const wanted =
    /^(_definitions|(deployment-apps|configmap|serviceaccount|secret|service|networkpolicy-networking|poddisruptionbudget-policy)-v1)\.json$/;
  for (const name of readdirSync(source).filter((file) => wanted.test(file))) {
    const text = readFileSync(join(source, name), 'utf8').replaceAll(
      '"/api/_definitions.json',
      '"_definitions.json',
    );
    writeFileSync(join(folder, name), JSON.stringify({ ...JSON.parse(text), $id: undefined }));
  }
}

/** Each version of each CustomResourceDefinition: `scaledobject-keda-v1alpha1.json`. */
function customKinds(source, folder) {
  for (const name of readdirSync(source).filter((file) => file.endsWith('.yaml'))) {
    const { spec } = parse(readFileSync(join(source, name), 'utf8'));
    for (const { name: version, schema } of spec.versions) {
      const kind = spec.names.kind.toLowerCase();
      const file = `${kind}-${spec.group.split('.')[0]}-${version}.json`;
      writeFileSync(join(folder, file), JSON.stringify(strict(schema.openAPIV3Schema)));
    }
  }
}

/** The API server drops fields that it does not know; here they are mistakes. */
function strict(schema) {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
  const open = members['x-kubernetes-preserve-unknown-fields'] || members.additionalProperties !== undefined;
  return members.properties && typeof schema.properties === 'object' && !open
    ? { ...members, additionalProperties: false }
    : members;
}
