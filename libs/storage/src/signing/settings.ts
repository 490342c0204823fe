import { readSigner, readTrusted, type Signer } from './keys.js';

/** Which keys a process signs and verifies with: names of files, from its environment. */
export interface SigningSettings {
  /** `TEMPER_SIGNING_KEY_FILE`: the private key that this worker's publications are signed with. */
  readonly keyFile?: string | undefined;
  /** `TEMPER_TRUSTED_KEYS`: file or folder of public keys; where it is set, models that none of them signed are refused. */
  readonly trusted?: string | undefined;
}

export const signingFrom = (env: NodeJS.ProcessEnv): SigningSettings => ({
  keyFile: env['TEMPER_SIGNING_KEY_FILE'] || undefined,
  trusted: env['TEMPER_TRUSTED_KEYS'] || undefined,
});

export async function signerOf({ keyFile }: SigningSettings): Promise<Signer | undefined> {
  return keyFile === undefined ? undefined : readSigner(keyFile);
}

/** That the keys can be used. @throws TemperError SPEC_INVALID as they are read */
export async function checkSigning(settings: SigningSettings): Promise<void> {
  await signerOf(settings);
  if (settings.trusted !== undefined) await readTrusted(settings.trusted);
}
