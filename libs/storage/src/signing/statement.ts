import { createHash } from 'node:crypto';
import type { ArtifactFile, ArtifactManifest, ModelVersion } from '@temper/contracts';
import { hexOf } from '../digest.js';

/** The file beside an exported model; it cannot be in its own list. */
export const SIGNATURE_FILE = 'model.sig';

const STATEMENT = 'https://in-toto.io/Statement/v1';
const PREDICATE = 'https://model_signing/signature/v1.0';

/** What of a version is signed besides its files: which one it is, and its manifest, which holds base model, lineage and metrics. */
export interface SignedIdentity {
  readonly name: string;
  readonly version: number;
  /** Digest of the artifact's manifest. */
  readonly artifact: string;
  /** Of the weights and their configuration. */
  readonly weights: string;
  readonly run: string;
}

export const identityOf = ({ name, version, digest, artifact, runId }: ModelVersion): SignedIdentity => ({
  name,
  version,
  artifact: artifact.digest,
  weights: digest,
  run: runId,
});

interface Resource {
  readonly name: string;
  readonly digest: string;
  readonly algorithm: 'sha256';
}

export interface Statement {
  readonly _type: string;
  readonly predicateType: string;
  readonly subject: readonly [
    {
      readonly name: string;
      readonly digest: { readonly sha256: string };
      readonly annotations: { readonly temper: SignedIdentity };
    },
  ];
  readonly predicate: {
    readonly resources: readonly Resource[];
    readonly serialization: Readonly<Record<string, unknown>>;
  };
}

/**
 * An in-toto statement of OpenSSF Model Signing 1.0 (sections 5 and 6): each file by its SHA-256, in the order of their
 * names' code points; the subject's digest is SHA-256 over the files' digests in that order. in-toto leaves `annotations` of a
 * subject to who signs: ours tell the version.
 */
export function statementOf(version: ModelVersion, { files }: Pick<ArtifactManifest, 'files'>): Statement {
  const resources = [...files]
    .sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
    .map(({ path, digest }): Resource => ({ name: path, digest: hexOf(digest), algorithm: 'sha256' }));
  const root = createHash('sha256');
  for (const { digest } of resources) root.update(Buffer.from(digest, 'hex'));
  return {
    _type: STATEMENT,
    predicateType: PREDICATE,
    subject: [
      {
        name: version.name,
        digest: { sha256: root.digest('hex') },
        annotations: { temper: identityOf(version) },
      },
    ],
    predicate: {
      resources,
      serialization: {
        ...{ method: 'files', hash_type: 'sha256', allow_symlinks: false },
        ignore_paths: [SIGNATURE_FILE, '.git', '.gitattributes', '.github', '.gitignore'],
      },
    },
  };
}

/** Undefined for a statement of something else. */
export function asStatement(value: unknown): Statement | undefined {
  const { _type, predicateType, subject, predicate } = value as Partial<Statement>;
  if (_type !== STATEMENT || predicateType !== PREDICATE || !Array.isArray(predicate?.resources))
    return undefined;
  return subject?.[0]?.annotations?.temper ? (value as Statement) : undefined;
}

/** Paths whose content is another than was signed, that are missing, or that nobody signed. */
export function changedFiles(
  { predicate }: Statement,
  files: readonly ArtifactFile[],
): { readonly path: string; readonly what: string }[] {
  const signed = new Map(predicate.resources.map(({ name, digest }) => [name, digest]));
  const there = new Map(files.map(({ path, digest }) => [path, hexOf(digest)]));
  const changed = [...there].flatMap(([path, digest]) => {
    const was = signed.get(path);
    if (was === digest) return [];
    return [{ path, what: was === undefined ? 'was not signed' : 'is not the file that was signed' }];
  });
  const gone = [...signed.keys()].filter((path) => !there.has(path));
  return [...changed, ...gone.map((path) => ({ path, what: 'was signed, and is missing' }))];
}
