import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TemperError, type Problem } from '@temper/contracts';
import { shown } from './formats/messages.js';
import { readModelText } from './formats/model-file.js';
import { modelJson } from './formats/model-json.js';

/** Modules of sentence-transformers behind the model that change no cosine, or are the model itself. */
const harmless = ['Transformer', 'Normalize'];

/**
 * Of a folder that sentence-transformers saved: refuses what stands behind the model and is not the mean over tokens, as
 * `modules.json` and the pooling's own `config.json` say (`pooling_mode_cls_token`, …; `pooling_mode` of newer ones).
 * @throws TemperError MODEL_UNSUPPORTED
 */
export async function refuseOtherPooling(folder: string): Promise<void> {
  const file = join(folder, 'modules.json');
  if (!existsSync(file)) return;
  const modules = modelJson(file, await readModelText(file));
  const problems: Problem[] = [];
  for (const module of Array.isArray(modules) ? modules : []) {
    const { type, path } = (module ?? {}) as { type?: unknown; path?: unknown };
    const kind = typeof type === 'string' ? (type.split('.').at(-1) ?? '') : '';
    if (harmless.includes(kind)) continue;
    if (kind === 'Pooling') problems.push(...(await poolingProblems(folder, path)));
    else problems.push({ path: file, ...unsupported, found: shown(kind || type) });
  }
  if (problems.length) throw new TemperError('MODEL_UNSUPPORTED', problems);
}

const unsupported = {
  message: 'this module of sentence-transformers is not supported',
  allowed: 'Transformer, Pooling by the mean, Normalize',
};

async function poolingProblems(folder: string, path: unknown): Promise<Problem[]> {
  // Only a folder of this one is read: the path is the file's word.
  const file = join(folder, /^\d+_Pooling$/.test(String(path)) ? String(path) : '1_Pooling', 'config.json');
  if (!existsSync(file)) return [];
  const config = modelJson(file, await readModelText(file)) as Readonly<Record<string, unknown>> | null;
  const modes = Object.entries(config ?? {}).flatMap(([name, on]) => {
    if (name === 'pooling_mode') return typeof on === 'string' ? [on] : [];
    return name.startsWith('pooling_mode_') && on === true ? [name.slice('pooling_mode_'.length)] : [];
  });
  const others = modes.filter((mode) => mode !== 'mean' && mode !== 'mean_tokens');
  if (!others.length) return [];
  return [
    {
      path: file,
      message: 'vectors of this model are not the mean over its tokens',
      found: others.map(shown).join(', '),
      allowed: 'mean_tokens',
      hint: 'take a base model that pools by the mean: all-MiniLM, all-mpnet, e5 …',
    },
  ];
}
