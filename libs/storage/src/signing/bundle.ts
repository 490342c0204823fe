import { sign, verify } from 'node:crypto';
import { encode } from '../write.js';
import type { PublicKey, Signer } from './keys.js';

/**
 * A Sigstore bundle of one key's signature, offline: no certificate, no transparency log
 * (https://github.com/ossf/model-signing-spec, sections 4 and 6.7).
 */
export interface Bundle {
  readonly mediaType: string;
  readonly verificationMaterial: {
    readonly publicKey: { readonly hint: string };
    readonly tlogEntries: readonly [];
  };
  readonly dsseEnvelope: {
    readonly payload: string;
    readonly payloadType: string;
    readonly signatures: readonly { readonly sig: string; readonly keyid?: string | null }[];
  };
}

const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** What is signed: DSSE's pre-authentication encoding, `DSSEv1 LEN(type) type LEN(payload) payload`. */
const encoded = (payload: Buffer) =>
  Buffer.concat([encode(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `), payload]);

export function signStatement(statement: object, signer: Signer): Bundle {
  const payload = Buffer.from(JSON.stringify(statement));
  const sig = sign(signer.hash, encoded(payload), signer.privateKey).toString('base64');
  return {
    mediaType: MEDIA_TYPE,
    verificationMaterial: { publicKey: { hint: signer.id }, tlogEntries: [] },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType: PAYLOAD_TYPE,
      signatures: [{ sig, keyid: '' }],
    },
  };
}

/** Undefined for what is no bundle of a key. */
export function readBundle(text: string): Bundle | undefined {
  try {
    const bundle = JSON.parse(text) as Bundle;
    const { mediaType, verificationMaterial, dsseEnvelope } = bundle;
    const { payload, payloadType, signatures } = dsseEnvelope;
    const strings = [verificationMaterial.publicKey.hint, payload, signatures[0]?.sig];
    const isWhole = strings.every((value) => typeof value === 'string');
    return isWhole && mediaType === MEDIA_TYPE && payloadType === PAYLOAD_TYPE ? bundle : undefined;
  } catch {
    return undefined;
  }
}

export const keyIdOf = (bundle: Bundle): string => bundle.verificationMaterial.publicKey.hint;

/** What the key has signed; undefined where the signature is not this key's, or not of this content. */
export function verifiedStatement({ dsseEnvelope }: Bundle, { key, hash }: PublicKey): unknown {
  const payload = Buffer.from(dsseEnvelope.payload, 'base64');
  const signature = Buffer.from(dsseEnvelope.signatures[0]!.sig, 'base64');
  if (!verify(hash, encoded(payload), key, signature)) return undefined;
  return JSON.parse(payload.toString('utf8')) as unknown;
}
