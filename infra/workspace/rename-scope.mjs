// Gives every package another scope, everywhere: manifests, imports, documentation, lock file.
//   node infra/workspace/rename-scope.mjs @acme [--repository URL]
// Then `npm install` links the packages under their new names, and `npm run format` wraps the lines that grew.
import { parseArgs } from 'node:util';
import { root } from './packages.mjs';
import { renameScope } from './rename.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { repository: { type: 'string' } },
});
const [scope] = positionals;
if (!scope) {
  process.stderr.write('node infra/workspace/rename-scope.mjs @acme [--repository URL]\n');
  process.exit(2);
}
const { from, files } = renameScope(root, scope, values);
process.stdout.write(`${from} is ${scope} in ${files} files; now: npm install && npm run format\n`);
