// A page shows the programs that the tests run: after `<!-- docs/examples/NAME -->` comes that file, and nothing else is edited there.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const place = /(<!-- (docs\/examples\/\S+) -->\n\n)```\w+\n[\s\S]*?```\n/g;
const language = { ts: 'ts', mts: 'ts', cts: 'ts', js: 'js', mjs: 'js', cjs: 'js' };

/** The page with every example as its file is now. */
export const withExamples = (page, root) =>
  page.replace(place, (_, mark, path) => {
    const fence = language[path.split('.').at(-1)];
    return `${mark}\`\`\`${fence}\n${readFileSync(join(root, path), 'utf8')}\`\`\`\n`;
  });
