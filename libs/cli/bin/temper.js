#!/usr/bin/env node
import { existsSync } from 'node:fs';

// Nothing is built when packages are installed (.npmrc): the first use of a fresh clone does it.
if (!existsSync(new URL('../dist/main.js', import.meta.url))) await import('./build-clone.js');
await import('../dist/main.js');
