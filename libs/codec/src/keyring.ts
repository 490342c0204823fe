import { readFileSync } from 'node:fs';
import { TemperError } from '@temper/contracts';

export interface EncryptionKey {
  /** Stands in plain text beside what the key encrypted. */
  readonly id: string;
  /** 32 bytes: AES-256. */
  readonly secret: Uint8Array;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const SECRET_BYTES = 32;
const idPattern = /^[A-Za-z0-9][\w.-]{0,63}$/;
const allowed =
  'ID:KEY, one a line or separated by commas; KEY is 32 bytes in base64 (openssl rand -base64 32)';

/** Keys by id. The first encrypts; all decrypt, so that a key stays readable after another has taken its place. */
export class Keyring {
  readonly #keys: ReadonlyMap<string, EncryptionKey>;

  constructor(
    keys: readonly EncryptionKey[],
    readonly path = 'keys',
  ) {
    const known = new Map<string, EncryptionKey>();
    for (const key of keys) {
      if (!idPattern.test(key.id)) throw refused(path, 'not an id of a key', key.id);
      if (known.has(key.id)) throw refused(path, 'two keys have the same id', key.id);
      if (key.secret.length !== SECRET_BYTES) {
        // What was found is a secret: its length alone is told.
        throw refused(path, `the key ${key.id} has ${key.secret.length} bytes, not ${SECRET_BYTES}`);
      }
      known.set(key.id, key);
    }
    this.#keys = known;
  }

  /** What new payloads are encrypted with; undefined where there is no key at all. */
  get current(): EncryptionKey | undefined {
    return this.#keys.values().next().value;
  }

  /** @throws TemperError NOT_FOUND */
  get(id: string): EncryptionKey {
    const key = this.#keys.get(id);
    if (key) return key;
    throw new TemperError('NOT_FOUND', {
      path: 'encryption key',
      message: 'a payload is encrypted with a key that this process has not',
      found: id,
      ...(this.#keys.size ? { allowed: [...this.#keys.keys()].join(', ') } : {}),
      hint: 'TEMPER_PAYLOAD_KEYS, or the file of TEMPER_PAYLOAD_KEYS_FILE, must name every key that payloads were encrypted with',
    });
  }
}

/**
 * The keys of `TEMPER_PAYLOAD_KEYS_FILE` (a file's path) or `TEMPER_PAYLOAD_KEYS`; none where neither is set.
 * @throws TemperError SPEC_INVALID: a file that cannot be read, or what is no key
 */
export function keyringFrom(env: Environment): Keyring {
  const file = env['TEMPER_PAYLOAD_KEYS_FILE'];
  const given = env['TEMPER_PAYLOAD_KEYS'];
  if (file && given) throw refused('TEMPER_PAYLOAD_KEYS', 'TEMPER_PAYLOAD_KEYS_FILE is set too: give one');
  const path = file ? 'TEMPER_PAYLOAD_KEYS_FILE' : 'TEMPER_PAYLOAD_KEYS';
  const keys = parseKeys(file ? contentOf(file) : (given ?? ''), path);
  // An empty file must not mean that everything is written in plain text.
  if (file && !keys.length) throw refused(path, 'there is no key in the file', file);
  return new Keyring(keys, path);
}

function parseKeys(text: string, path: string): EncryptionKey[] {
  const lines = text.split(/[\n,]/).map((line) => line.trim());
  return lines
    .filter((line) => line && !line.startsWith('#'))
    .map((line, index) => {
      const [, id, secret] = /^([^:\s]+):([A-Za-z0-9+/_-]+={0,2})$/.exec(line) ?? [];
      if (!id || !secret) throw refused(path, `entry ${index + 1} is no key`);
      return { id, secret: Buffer.from(secret, 'base64') };
    });
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { message } = cause as Error;
    throw refused('TEMPER_PAYLOAD_KEYS_FILE', `the file cannot be read: ${message}`, file);
  }
}

const refused = (path: string, message: string, found?: string) =>
  new TemperError('SPEC_INVALID', { path, message, ...(found ? { found } : {}), allowed });
