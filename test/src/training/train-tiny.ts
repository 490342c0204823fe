// node test/dist/training/train-tiny.js SETTINGS_JSON – trains and prints the metric lines as JSON. A process of its own,
// because a GPU driver is chosen by the environment that a process starts with.
import { TinyRun, type TinySettings } from './tiny-run.js';

const settings = JSON.parse(process.argv[2]!) as TinySettings;
await using run = await TinyRun.start(settings);
await run.train();
process.stdout.write(JSON.stringify(await run.lines()));
