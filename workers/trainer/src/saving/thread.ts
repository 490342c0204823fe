// The thread that stores a training's checkpoints: files, digests, uploads, the pointer. It has a connection of its own to the store,
// by the environment of the process, and reads copies in shared memory, which are not changed before it has answered.
import { parentPort, workerData } from 'node:worker_threads';
import { createS3Store } from '@temper/s3';
import { ArtifactStore, heldBy } from '@temper/storage';
import { savesTo, type Save } from '@temper/training/checkpoint/saver';
import { failure } from '../failure.js';
import { StoreRequests } from '../store-requests.js';
import type { SavingAnswer, SavingData } from './messages.js';

const { claimed, cacheFolder } = workerData as SavingData;
const answer = (message: SavingAnswer) => parentPort!.postMessage(message);
const requests = new StoreRequests(answer);
const store = createS3Store(process.env, { onRequest: requests.add });
const saver = savesTo(new ArtifactStore(store, { cacheFolder }))(claimed);

parentPort!.on('message', (save: Save) => {
  void heldBy(claimed.runId, () => saver.save(save))
    .then((ref): SavingAnswer => ({ type: 'saved', ref }), failure)
    .then((ended) => {
      requests.flush();
      answer(ended);
    });
});
