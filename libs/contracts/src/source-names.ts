import type { Digest } from './artifact.js';

/**
 * What may follow the scheme of a source. A name is a name: it goes to pip, npm or a hub, and nothing in it may be taken
 * there for an option, a path, an address or a second line.
 */

export interface PypiName {
  readonly name: string;
  readonly version?: string | undefined;
}

export interface NpmName extends PypiName {
  /** A file inside the package, with `/`. */
  readonly file?: string | undefined;
}

export interface HubName {
  /** ORG/NAME */
  readonly repository: string;
  readonly file?: string | undefined;
  readonly revision?: string | undefined;
}

/** Files that a client stored for the workers, by the digest of their manifest. */
export interface StoredName {
  readonly digest: Digest;
  /** What they were called where they lay; for people. */
  readonly name: string;
}

export interface S3Address {
  readonly bucket: string;
  /** As the store has it: nothing in it is decoded. */
  readonly key: string;
}

const LONGEST = 214;

// PEP 508
const pythonPackage = /^[a-z\d](?:[a-z\d._-]*[a-z\d])?$/i;
// PEP 440, appendix B, without white space
const pythonVersion = new RegExp(
  String.raw`^v?(?:\d+!)?\d+(?:\.\d+)*` +
    String.raw`(?:[-_.]?(?:alpha|beta|preview|pre|a|b|c|rc)[-_.]?\d*)?` +
    String.raw`(?:-\d+|[-_.]?(?:post|rev|r)[-_.]?\d*)?` +
    String.raw`(?:[-_.]?dev[-_.]?\d*)?` +
    String.raw`(?:\+[a-z\d]+(?:[-_.][a-z\d]+)*)?$`,
  'i',
);

/** `PACKAGE`, `PACKAGE@VERSION` or `PACKAGE==VERSION`. */
export function pypiName(text: string): PypiName | undefined {
  const [, name, version] = /^([^@=]+)(?:(?:@|==)(.+))?$/.exec(text) ?? [];
  if (!name || text.length > LONGEST || !pythonPackage.test(name)) return undefined;
  if (version === undefined) return { name };
  return pythonVersion.test(version) ? { name, version } : undefined;
}

// npm's own rules, with the capitals that old packages have
const npmPackage = /^(?:@[a-z\d][a-z\d._~-]*\/)?[a-z\d][a-z\d._~-]*$/i;
// A version, the beginning of one (`1`, `^1.2`), or a tag. What npm would take for an archive is none of them.
const npmVersion = /^[~^]?[a-z\d][a-z\d._+-]*$/i;
const archive = /\.(?:tgz|tar|tar\.gz)$/i;

/** `PACKAGE[@VERSION][/FILE]`; PACKAGE may have a scope. */
export function npmName(text: string): NpmName | undefined {
  const [, name, version, file] = /^((?:@[^/@]+\/)?[^/@]+)(?:@([^/@]+))?(?:\/(.+))?$/s.exec(text) ?? [];
  if (!name || name.length > LONGEST || !npmPackage.test(name)) return undefined;
  if (version !== undefined && (version.length > LONGEST || !isNpmVersion(version))) return undefined;
  if (file !== undefined && !isInside(file)) return undefined;
  return { name, version, file };
}

const isNpmVersion = (version: string) =>
  npmVersion.test(version) && !version.includes('..') && !archive.test(version);

// huggingface_hub's validate_repo_id, and Git's own names of revisions; of those with a `/` the hub's.
const hubPart = /^\w(?:[\w.-]*\w)?$/;
const hubRevision = /^(?:[\w][\w.+-]*|refs\/(?:pr\/\d+|convert\/[\w-]+))$/;

/** `ORG/NAME[/FILE][@REVISION]` */
export function hfName(text: string): HubName | undefined {
  const [, org, name, file, revision] = /^([^/@]+)\/([^/@]+)(?:\/([^@]+))?(?:@(.+))?$/s.exec(text) ?? [];
  if (!org || !name || ![org, name].every(isHubPart)) return undefined;
  if (file !== undefined && !isInside(file)) return undefined;
  if (revision !== undefined && (!hubRevision.test(revision) || revision.includes('..'))) return undefined;
  return { repository: `${org}/${name}`, file, revision };
}

const isHubPart = (part: string) => part.length <= 96 && hubPart.test(part) && !/--|\.\.|\.git$/.test(part);

/** `s3://BUCKET/KEY` */
export function s3Address(uri: string): S3Address | undefined {
  const [, bucket, key = ''] = /^s3:\/\/([a-z\d][a-z\d._-]{1,254})(?:\/(.*))?$/is.exec(uri) ?? [];
  if (bucket === undefined || bucket.includes('..') || new TextEncoder().encode(key).length > 1024)
    return undefined;
  return key.includes('\0') ? undefined : { bucket, key };
}

/** `HEX/NAME` */
export function storedName(text: string): StoredName | undefined {
  const [, hex, name] = /^([\da-f]{64})\/([^/]+)$/.exec(text) ?? [];
  return hex && name && isInside(name) ? { digest: `sha256:${hex}`, name } : undefined;
}

/** A file or folder below another: no part of it is empty, `.` or `..`. */
export const isInside = (path: string): boolean =>
  path.split('/').every((part) => !['', '.', '..'].includes(part) && !hasControl(part));

/** C0, DEL and C1: a line break among them. */
export const hasControl = (text: string): boolean => /\p{Cc}/u.test(text);
