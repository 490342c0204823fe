import { TemperError, type ArtifactManifest, type ModelVersion, type Problem } from '@temper/contracts';
import { signatureKey, signaturePrefix } from '../keys.js';
import { keysBelow } from '../keys-below.js';
import { readManifest } from '../manifest.js';
import type { ObjectStore } from '../object-store.js';
import { eachLimited } from '../parallel.js';
import { storedDigest } from '../stored-digest.js';
import { encode, isConflict } from '../write.js';
import { keyIdOf, readBundle, signStatement, verifiedStatement, type Bundle } from './bundle.js';
import { readTrusted, type PublicKey, type Signer } from './keys.js';
import { asStatement, changedFiles, identityOf, statementOf, type SignedIdentity } from './statement.js';

/** A signature that was found good, and by which trusted key. */
export interface VerifiedSignature {
  readonly keyId: string;
  /** Of the trusted key, as its file is called. */
  readonly signer: string;
  readonly bundle: Bundle;
}

/** `signed`: by these keys, none of which was asked for; `verified`: by a key that is trusted here; `refused`: and why. */
export type SignatureState =
  | { readonly state: 'unsigned' }
  | { readonly state: 'signed'; readonly keyIds: readonly string[] }
  | { readonly state: 'verified'; readonly keyId: string; readonly signer: string }
  | { readonly state: 'refused'; readonly why: string };

/** Signatures of published versions, in the form of OpenSSF Model Signing. */
export class Signatures {
  /** `trusted`: file or folder of the public keys that are asked for; read at each use, so that keys change without a restart. */
  constructor(
    private readonly store: ObjectStore,
    readonly trusted: string | undefined,
  ) {}

  /** Signs what the version's manifest says; a signature of this key that holds stays as it is. Returns its bundle. */
  async sign(version: ModelVersion, signer: Signer): Promise<Bundle> {
    const statement = statementOf(version, await this.#manifest(version));
    const key = signatureKey(version.name, version.version, signer.id);
    const bundle = signStatement(statement, signer);
    const bytes = encode(`${JSON.stringify(bundle, null, 2)}\n`);
    try {
      await this.store.put(key, bytes, { ifNoneMatch: '*' });
    } catch (error) {
      if (!isConflict(error)) throw error;
      // Another worker of this key, or a retry. It is ours alone to replace where it is of something else.
      const there = (await this.of(version)).find((other) => keyIdOf(other) === signer.id);
      const isSame = there?.dsseEnvelope.payload === bundle.dsseEnvelope.payload;
      if (there && isSame && verifiedStatement(there, signer)) return there;
      await this.store.put(key, bytes);
    }
    return bundle;
  }

  /** Whatever is there, by whomever. */
  async of({ name, version }: Pick<ModelVersion, 'name' | 'version'>): Promise<Bundle[]> {
    const keys = await keysBelow(this.store, signaturePrefix(name, version));
    const found = await Promise.all(keys.map((key) => this.store.get(key)));
    return found.flatMap((object) => (object && readBundle(Buffer.from(object.bytes).toString())) ?? []);
  }

  /**
   * That a trusted key has signed this version as it is: its number, its manifest and every file that the manifest lists.
   * Undefined where no keys are trusted here, so that nobody is asked for.
   * @throws TemperError MODEL_UNSIGNED, SIGNER_UNTRUSTED, MODEL_CHANGED with every file that is another one
   */
  async require(version: ModelVersion): Promise<VerifiedSignature | undefined> {
    if (this.trusted === undefined) return undefined;
    return this.#verified(version, await this.of(version), this.trusted);
  }

  /** The same, and every byte of the files in the store. Without trusted keys, the bytes alone. */
  async verify(version: ModelVersion): Promise<VerifiedSignature | undefined> {
    const signature = await this.require(version);
    const { files } = await this.#manifest(version);
    const problems = await eachLimited(files, 4, async ({ path, digest }) => {
      const found = await storedDigest(this.store, digest);
      if (found === digest) return [];
      const what = found === undefined ? 'is missing in the store' : 'is not the file that was published';
      return [changed(version, path, what)];
    });
    refuse(problems.flat());
    return signature;
  }

  async state(version: ModelVersion): Promise<SignatureState> {
    const bundles = await this.of(version);
    if (this.trusted === undefined)
      return bundles.length ? { state: 'signed', keyIds: bundles.map(keyIdOf) } : { state: 'unsigned' };
    try {
      const { keyId, signer } = await this.#verified(version, bundles, this.trusted);
      return { state: 'verified', keyId, signer };
    } catch (error) {
      if (!(error instanceof TemperError)) throw error;
      return bundles.length ? { state: 'refused', why: error.message } : { state: 'unsigned' };
    }
  }

  async #verified(
    version: ModelVersion,
    bundles: readonly Bundle[],
    place: string,
  ): Promise<VerifiedSignature> {
    const trusted = await readTrusted(place);
    const path = wordsOf(version);
    if (!bundles.length)
      throw new TemperError('MODEL_UNSIGNED', {
        path,
        message: 'the version is not signed, and trusted keys are asked for here (TEMPER_TRUSTED_KEYS)',
        allowed: keysInWords(trusted),
        hint: `who has one of them: temper models sign ${path}`,
      });
    const known = bundles.flatMap((bundle) => {
      const key = trusted.find(({ id }) => id === keyIdOf(bundle));
      return key ? [{ bundle, key }] : [];
    });
    if (!known.length)
      throw new TemperError('SIGNER_UNTRUSTED', {
        path,
        message: 'the version is signed, but by no key that is trusted here (TEMPER_TRUSTED_KEYS)',
        found: `signed by key ${bundles.map(keyIdOf).join(', ')}`,
        allowed: keysInWords(trusted),
      });
    // One good signature is enough: others may have been put beside it by whoever can write there.
    const tried = await Promise.all(known.map((one) => this.#problems(version, one)));
    const good = tried.findIndex((problems) => !problems.length);
    if (good < 0) refuse(tried[0]!);
    const { bundle, key } = known[good]!;
    return { keyId: key.id, signer: key.name, bundle };
  }

  async #problems(
    version: ModelVersion,
    { bundle, key }: { readonly bundle: Bundle; readonly key: PublicKey },
  ): Promise<Problem[]> {
    const signed = asStatement(verifiedStatement(bundle, key) ?? {});
    if (!signed)
      return [
        {
          path: wordsOf(version),
          message: `the signature of key ${key.id} does not hold: it, or what it signs, was changed`,
        },
      ];
    const [{ annotations }] = signed.subject;
    const { files } = await this.#manifest(version);
    const differing = changedFiles(signed, files).map(({ path, what }) => changed(version, path, what));
    return [...differing, ...otherIdentity(version, annotations.temper, differing.length > 0)];
  }

  async #manifest({ artifact }: ModelVersion): Promise<ArtifactManifest> {
    return readManifest(this.store, artifact.digest);
  }
}

/** A signature of version 2 says nothing of version 3, though it had its files; nor of other lineage with the same files. */
function otherIdentity(version: ModelVersion, signed: SignedIdentity, isExplained: boolean): Problem[] {
  const is = identityOf(version);
  const fields = (Object.keys(is) as (keyof SignedIdentity)[]).filter(
    (field) => is[field] !== signed[field] && !(isExplained && field === 'artifact'),
  );
  return fields.map((field) => ({
    path: wordsOf(version),
    message:
      field === 'artifact'
        ? 'the manifest (base model, lineage, metrics) is not the one that was signed'
        : `its ${field} is not the one that was signed`,
    found: String(is[field]),
    allowed: String(signed[field]),
  }));
}

const wordsOf = ({ name, version }: ModelVersion) => `${name}:${version}`;
const keysInWords = (keys: readonly PublicKey[]) => keys.map(({ name, id }) => `${name} (${id})`).join(', ');

const changed = (version: ModelVersion, path: string, what: string): Problem => ({
  path: `${wordsOf(version)}/${path}`,
  message: `this file ${what}`,
});

function refuse(problems: readonly Problem[]): void {
  if (problems.length) throw new TemperError('MODEL_CHANGED', problems);
}
