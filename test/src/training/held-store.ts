import { MemoryStore, type ObjectBody, type PutCondition } from '@temper/storage';

/** A store in memory that calls before each commit of a checkpoint: the move of a run's pointer to it. */
export class HeldStore extends MemoryStore {
  constructor(
    /** What it throws the store answers with. */
    private readonly beforeCommit: (step: number) => Promise<void> | void,
  ) {
    super();
  }

  override async put(key: string, body: ObjectBody, condition?: PutCondition) {
    if (key.startsWith('refs/runs/') && body instanceof Uint8Array) {
      const { value } = JSON.parse(new TextDecoder().decode(body)) as {
        value: { step: number; ref?: object };
      };
      if (value.ref) await this.beforeCommit(value.step);
    }
    return super.put(key, body, condition);
  }
}
