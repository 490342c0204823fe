import { describeGguf, writeTokenizer } from './formats/gguf/convert.js';
import { locateModel } from './locate.js';

/** Where a model's tokenizer files lie: its own folder; those of a GGUF file are written into `folder`. */
export async function tokenizerFolder(path: string, folder: string): Promise<string> {
  const place = await locateModel(path);
  if (place.format === 'directory') return place.folder;
  await writeTokenizer((await describeGguf(place.file)).gguf, folder);
  return folder;
}
