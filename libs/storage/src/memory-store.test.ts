import { describe, it } from 'vitest';
import { objectStoreContract } from './object-store.contract.js';
import { MemoryStore } from './memory-store.js';

const store = new MemoryStore();
objectStoreContract('the memory fake', () => store, { describe, it });
