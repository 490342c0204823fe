import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';
import { boundaries, folders, vendors } from './boundaries.mjs';
import { packages } from './packages.mjs';

const root = new URL('../..', import.meta.url).pathname;

// `@temper/x` -> scope, read from the packages themselves.
const scopeOf = new Map(
  packages().map(({ manifest }) => [manifest.name, manifest.nx.tags[0].replace('scope:', '')]),
);

/** What a scope may not import, each with the reason, where Nx's own message only names the tags. */
function restrictedImports(scope) {
  const { may, why } = boundaries[scope];
  const internal = [...scopeOf]
    .filter(([, other]) => other !== scope && !may.includes(other))
    .map(([name, other]) => ({
      regex: `^${name}(/|$)`,
      message: `${scope} may not import ${other}: ${why}.`,
    }));
  const external = vendors
    .filter((rule) => !rule.only.includes(scope))
    .map((rule) => ({ regex: `^(${rule.packages.join('|')})(/|$)`, message: `${rule.why}.` }));
  return [...internal, ...external];
}

// `no-restricted-imports` does not see these.
const restrictedExpressions = (scope) =>
  restrictedImports(scope).map(({ regex, message }) => {
    const source = `source.value=/${regex.replaceAll('/', '\\u002F')}/`;
    return { selector: `:matches(ImportExpression, TSImportType)[${source}]`, message };
  });

export default [
  { ignores: ['**/dist/**', '**/node_modules/**', '**/.temper/**', '**/*.py', '.nx/**'] },
  // What a rule finds is mended, never silenced by a comment.
  { linterOptions: { noInlineConfig: true } },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    languageOptions: {
      parserOptions: {
        project: process.env['LINT_PROJECT'] ?? 'infra/workspace/tsconfig.json',
        tsconfigRootDir: root,
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  {
    files: ['**/*.ts'],
    rules: { complexity: ['error', 15], 'max-depth': ['error', 4] },
  },
  {
    files: ['**/*.ts'],
    // A suite is as long as it has cases.
    ignores: ['**/*.test.ts', 'test/**'],
    rules: {
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['infra/workspace/*.ts'],
    languageOptions: { parserOptions: { project: null } },
    ...tseslint.configs.disableTypeChecked,
  },
  {
    files: ['**/*.ts'],
    // Programs of the docs stand for a user's own, outside the projects; tests run them where they lie.
    ignores: ['infra/**', 'docs/**'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          allow: ['../../../docs/examples/**', '../../../infra/**'],
          depConstraints: Object.entries(boundaries).map(([scope, { may }]) => ({
            sourceTag: `scope:${scope}`,
            onlyDependOnLibsWithTags: [scope, ...may].map((s) => `scope:${s}`),
          })),
        },
      ],
    },
  },
  ...Object.entries(folders).map(([folder, scope]) => ({
    files: [`${folder}/*.ts`],
    rules: {
      'no-restricted-imports': ['error', { patterns: restrictedImports(scope) }],
      'no-restricted-syntax': ['error', ...restrictedExpressions(scope)],
    },
  })),
  prettier,
];
