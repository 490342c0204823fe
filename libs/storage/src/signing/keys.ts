import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { TemperError } from '@temper/contracts';

/**
 * The curves of OpenSSF Model Signing, and the hash that is signed on each
 * (https://github.com/ossf/model-signing-spec, algorithm-registry.md).
 */
const hashes: Readonly<Record<string, string>> = {
  prime256v1: 'sha256',
  secp384r1: 'sha384',
  secp521r1: 'sha512',
};

export interface PublicKey {
  /** SHA-256 of the key's PEM text, in hexadecimal digits: what a bundle calls its key by. */
  readonly id: string;
  readonly key: KeyObject;
  /** Of the digest that is signed. */
  readonly hash: string;
  /** Of its file, for people. */
  readonly name: string;
}

export interface Signer extends PublicKey {
  readonly privateKey: KeyObject;
}

/**
 * Makes a P-256 key pair: `NAME.pem`, for its owner's eyes, and `NAME.pub` beside it. Neither is ever written over.
 * @throws TemperError SPEC_INVALID where one of them is there
 */
export async function createKeys(
  folder: string,
  name: string,
): Promise<{ readonly privateFile: string; readonly publicFile: string; readonly id: string }> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const [privateFile, publicFile] = [join(folder, `${name}.pem`), join(folder, `${name}.pub`)];
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeNew(publicFile, pemOf(publicKey), 0o644);
  await writeNew(privateFile, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600);
  return { privateFile, publicFile, id: idOf(publicKey) };
}

async function writeNew(file: string, text: string, mode: number): Promise<void> {
  try {
    await writeFile(file, text, { mode, flag: 'wx' });
    await chmod(file, mode); // whatever the umask says
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw wrong(file, 'there is a key of this name', { hint: 'give the new one another name' });
  }
}

/** @throws TemperError SPEC_INVALID where the file is no such key, or others than its owner and group may read it */
export async function readSigner(file: string): Promise<Signer> {
  const text = await readText(file);
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(text);
  } catch {
    throw wrong(file, 'not a private key in PEM without a passphrase');
  }
  if ((await stat(file)).mode & 0o007)
    throw wrong(file, 'every user of this machine can read this private key', { hint: `chmod 600 ${file}` });
  return { ...describe(createPublicKey(privateKey), file), privateKey };
}

/**
 * The keys in a file, or in the files `*.pub` of a folder; a file may hold several.
 * @throws TemperError SPEC_INVALID where there are none: who asks for signatures gets no model without
 */
export async function readTrusted(place: string): Promise<readonly PublicKey[]> {
  const isFolder = (await stat(place).catch(() => undefined))?.isDirectory() === true;
  const names = isFolder ? (await readdir(place)).filter((name) => name.endsWith('.pub')).sort() : [];
  const files = isFolder ? names.map((name) => join(place, name)) : [place];
  const keys = (await Promise.all(files.map(keysIn))).flat();
  if (keys.length) return keys;
  throw wrong(place, 'there is no public key', { allowed: 'a PEM file, or a folder of files *.pub' });
}

async function keysIn(file: string): Promise<PublicKey[]> {
  const blocks = (await readText(file)).match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g);
  return (blocks ?? []).map((text) => {
    try {
      return describe(createPublicKey(text), file);
    } catch (error) {
      throw error instanceof TemperError ? error : wrong(file, 'not a public key in PEM');
    }
  });
}

function describe(key: KeyObject, file: string): PublicKey {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const hash = curve === undefined ? undefined : hashes[curve];
  if (hash) return { id: idOf(key), key, hash, name: basename(file).replace(/\.(pub|pem)$/, '') };
  throw wrong(file, 'not a kind of key that models are signed with', {
    found: curve ?? key.asymmetricKeyType ?? 'unknown',
    allowed: 'an elliptic curve key: P-256, P-384 or P-521',
  });
}

const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
const idOf = (key: KeyObject) => createHash('sha256').update(pemOf(key)).digest('hex');

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw wrong(file, 'the key cannot be read', {
      found: error.code ?? String(error),
      hint: `is ${dirname(file)} there for this user?`,
    });
  });
}

const wrong = (
  path: string,
  message: string,
  more: { readonly found?: string; readonly allowed?: string; readonly hint?: string } = {},
) => new TemperError('SPEC_INVALID', { path, message, ...more });
