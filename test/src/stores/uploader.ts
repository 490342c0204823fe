// Uploads a part a second under the key it is given, until it is told to end.
import { randomBytes } from 'node:crypto';
import { createS3Store } from '@temper/s3';

const PART = 8 * 2 ** 20;
let over = false;
process.on('SIGTERM', () => (over = true));

async function* parts() {
  // What is held back for the end, and a part that goes out at once.
  yield randomBytes(2 * PART);
  while (!over) {
    yield randomBytes(PART);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

const store = createS3Store();
await store.put(process.argv[2]!, { stream: parts() });
store.close();
