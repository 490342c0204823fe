import { TemperError } from '@temper/contracts';
import { MemoryStore } from '../memory-store.js';
import type { ObjectBody, PutCondition, ReadOptions } from '../object-store.js';

const lostAnswer = () =>
  new TemperError('STORE_CONFLICT', { path: '', message: 'the condition of the write was not met' });

/**
 * The fake, with the faults that a network adds: `loseAnswers` writes are carried out, their answers are lost, and the
 * client's retry meets the write itself; `corruptReads` streams come with one bit changed.
 */
export class FaultyStore extends MemoryStore {
  loseAnswers = 0;
  corruptReads = 0;
  downloads = 0;
  /** What happens elsewhere before the store is asked whether it has something. */
  onHead: () => Promise<void> = () => Promise.resolve();
  readonly written: string[] = [];

  override async put(key: string, body: ObjectBody, condition: PutCondition = {}) {
    const answer = await super.put(key, body, condition);
    this.written.push(key);
    if (this.loseAnswers > 0) {
      this.loseAnswers--;
      throw lostAnswer();
    }
    return answer;
  }

  override async head(key: string) {
    await this.onHead();
    return super.head(key);
  }

  override async getStream(key: string, options: ReadOptions = {}) {
    this.downloads++;
    const object = await super.getStream(key, options);
    if (!object || this.corruptReads === 0) return object;
    this.corruptReads--;
    return { ...object, stream: flipped(object.stream) };
  }
}

async function* flipped(stream: AsyncIterable<Uint8Array>) {
  let first = true;
  for await (const piece of stream) {
    const copy = new Uint8Array(piece);
    if (first && copy.length) copy[0]! ^= 1;
    first = false;
    yield copy;
  }
}
