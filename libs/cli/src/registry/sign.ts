import { join } from 'node:path';
import { specNamePattern } from '@temper/contracts';
import { createKeys } from '@temper/storage';
import { usageError } from '../failure.js';
import { homeFolder } from '../services/home.js';
import { openSession } from '../services/session.js';
import { pc } from '../style.js';
import type { Terminal } from '../terminal.js';

export async function makeKeys(terminal: Terminal, name: string): Promise<void> {
  if (!specNamePattern.test(name))
    throw usageError('--name', 'not a name that a key can have', {
      found: name,
      allowed: 'letters, digits, ".", "_" and "-", at most 63',
    });
  const made = await createKeys(join(homeFolder(), 'keys'), name);
  terminal.answer(made, () => {
    terminal.say(`${pc.green('✔')} key ${made.id}`);
    terminal.say(`  private, for its owner alone  ${made.privateFile}`);
    terminal.say(`  public                        ${made.publicFile}`);
    terminal.note('workers that sign what they publish:  TEMPER_SIGNING_KEY_FILE=the private file');
    terminal.note(
      'whoever takes signed models alone:    TEMPER_TRUSTED_KEYS=the public file, or a folder of such',
    );
  });
}

export async function signModel(
  terminal: Terminal,
  reference: string,
  key = process.env['TEMPER_SIGNING_KEY_FILE'],
): Promise<void> {
  if (!key)
    throw usageError('--key', 'which key?', {
      allowed: '--key FILE, or TEMPER_SIGNING_KEY_FILE',
      hint: 'temper keys create makes one',
    });
  await using session = await openSession(terminal);
  const { name, version, digest, keyId } = await session.client.models.sign(reference, key);
  terminal.answer({ name, version, digest, keyId }, () =>
    terminal.say(`${pc.green('✔')} ${name}:${version} is signed by key ${keyId}`),
  );
}

export async function verifyModel(terminal: Terminal, reference: string): Promise<void> {
  await using session = await openSession(terminal);
  const { name, version, digest, signature } = await session.client.models.verify(reference);
  const by = signature && { keyId: signature.keyId, signer: signature.signer };
  terminal.answer({ name, version, digest, signature: by }, () => {
    terminal.say(
      signature
        ? `${pc.green('✔')} ${name}:${version} is what ${signature.signer} (key ${signature.keyId}) has signed`
        : `${pc.green('✔')} every file of ${name}:${version} is what was published`,
    );
    if (!signature)
      terminal.note('no signature was asked for: TEMPER_TRUSTED_KEYS names no file of public keys');
  });
}
