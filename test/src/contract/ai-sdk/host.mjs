// node host.mjs before|after – somebody's worker with the plugin of the AI SDK, before or after the preset. Its model is a fake.
import { fileURLToPath } from 'node:url';
import { AiSdkPlugin } from '@temporalio/ai-sdk';
import { NativeConnection, Worker } from '@temporalio/worker';
import { TemperPlugin } from '@temper/plugin';
import { createS3Store } from '@temper/s3';

const tokens = { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0, text: 1, reasoning: 0 };
const languageModel = (modelId) => ({
  ...{ specificationVersion: 'v4', provider: 'fake', modelId, supportedUrls: {} },
  doGenerate: async ({ prompt }) => ({
    content: [{ type: 'text', text: `${modelId} was asked: ${prompt.at(-1).content[0].text}` }],
    finishReason: { unified: 'stop', raw: 'stop' },
    ...{ usage: { inputTokens: tokens, outputTokens: tokens }, warnings: [] },
  }),
});
const none = () => {
  throw new Error('the fake has language models alone');
};
const modelProvider = { specificationVersion: 'v4', languageModel, embeddingModel: none, imageModel: none };

const theirs = new AiSdkPlugin({ modelProvider });
const ours = new TemperPlugin({ store: createS3Store(), home: 'home-ai' });
const connection = await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS });
const worker = await Worker.create({
  connection,
  taskQueue: 'temper-cpu',
  workflowsPath: fileURLToPath(new URL('workflows.mjs', import.meta.url)),
  plugins: process.argv[2] === 'before' ? [theirs, ours] : [ours, theirs],
});
console.log('ready');
await worker.run();
await connection.close();
