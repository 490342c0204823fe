import { z } from 'zod';
import { hasControl, hfName, npmName, pypiName, s3Address, storedName } from './source-names.js';

/** What is wrong with the text of a source, and what is right. */
export interface SourceMistake {
  readonly message: string;
  readonly allowed?: string;
  readonly hint?: string;
}

type Check = (rest: string, uri: string) => SourceMistake | undefined;

const form =
  (fits: (rest: string, uri: string) => unknown, message: string, allowed: string): Check =>
  (rest, uri) =>
    fits(rest, uri) ? undefined : { message, allowed };

/** Scheme -> its grammar. What has none of them is a path or a glob. */
const schemes = {
  s3: form((_, uri) => s3Address(uri), 'not an object, folder or glob of a bucket', 's3://BUCKET/KEY'),
  http: webAddress,
  https: webAddress,
  npm: form(npmName, 'not the name of an npm package', 'npm:PACKAGE[@VERSION][/FILE]'),
  pypi: form(pypiName, 'not the name of a Python package', 'pypi:PACKAGE[@VERSION]'),
  hf: form(hfName, 'not the name of a repository', 'hf:ORG/NAME[/FILE][@REVISION]'),
  model: form(
    (rest) => /^[a-z\d][a-z\d._-]*(?:[@:][a-z\d][a-z\d._-]*)?$/i.test(rest),
    'not the name of a published model',
    'model:NAME, model:NAME@ALIAS or model:NAME:VERSION',
  ),
  file: form(
    (rest) => fileOfUri(rest) !== undefined,
    'not the address of a file on this machine',
    'file:///FOLDER/FILE (percent-encoded), or the plain path',
  ),
  stored: form(
    storedName,
    'not the files that a command line stored for the workers',
    'stored:DIGEST/NAME, as `temper runs show` writes it',
  ),
} as const satisfies Record<string, Check>;

export type SourceScheme = keyof typeof schemes;

/** Of a source that names one; undefined for a path or a glob. A colon alone makes no scheme: `a:b.csv` is a file. */
export function schemeOf(uri: string): SourceScheme | undefined {
  const name = /^([a-z\d]+):/.exec(uri)?.[1];
  return name !== undefined && Object.hasOwn(schemes, name) ? (name as SourceScheme) : undefined;
}

/** In characters: longer than any path, and than addresses with their signatures. */
const LONGEST = 8_192;

export function sourceMistake(uri: string): SourceMistake | undefined {
  if (uri.length > LONGEST)
    return { message: 'too long for a path or an address', allowed: `${LONGEST} characters` };
  const hub = hubModel(uri);
  if (hub) return { message: 'a model of the hub is written another way', hint: `did you mean ${hub}?` };
  const scheme = schemeOf(uri);
  if (scheme) return schemes[scheme](uri.slice(scheme.length + 1), uri);
  if (uri.includes('\0')) return { message: 'no path: it holds a NUL' };
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(uri)) return undefined;
  const allowed = `a path, a glob, ${Object.keys(schemes)
    .map((name) => `${name}:`)
    .join(' ')}`;
  return { message: 'no such kind of source', allowed };
}

/** What people write for `hf:ORG/NAME`: the address of its page, or `hf://ORG/NAME`. */
function hubModel(uri: string): string | undefined {
  const [, rest] =
    /^https?:\/\/(?:www\.)?(?:huggingface\.co|hf\.co)\/(?!datasets\/|spaces\/)([^/]+\/[^/?#]+)\/?(?:tree\/[^?#]*)?$/i.exec(
      uri,
    ) ??
    /^(?:hf|hugging_?face):\/\/(.+)$/i.exec(uri) ??
    [];
  return rest !== undefined && hfName(rest) ? `hf:${rest}` : undefined;
}

function webAddress(_: string, uri: string): SourceMistake | undefined {
  const allowed = 'https://HOST/FILE';
  if (!/^https?:\/\/[^/?#\\]/.test(uri) || hasControl(uri) || !URL.canParse(uri))
    return { message: 'no address', allowed };
  // A spec is kept in the histories of its runs, for everybody who may look at them.
  const { username, password } = new URL(uri);
  if (!username && !password) return undefined;
  return { message: 'holds a user name or password, which everybody who sees the run would see' };
}

/** The path of what follows `file:`; undefined where it is none of this machine. */
export function fileOfUri(rest: string): string | undefined {
  const path = /^(?:\/\/(?:localhost)?)?(\/.*)$/s.exec(rest)?.[1];
  if (path === undefined || path.startsWith('//')) return undefined;
  try {
    const decoded = decodeURIComponent(path);
    return decoded.includes('\0') ? undefined : decoded;
  } catch {
    return undefined;
  }
}

/** Where a data set or model comes from; a published model is a base alone. */
export const source = (description: string, { models = false } = {}) =>
  z
    .string()
    .min(1)
    .superRefine((uri, context) => {
      const isModel = !models && schemeOf(uri) === 'model';
      const mistake = isModel ? { message: 'a published model holds no rows' } : sourceMistake(uri);
      if (!mistake) return;
      const { message, allowed, hint }: SourceMistake = mistake;
      context.addIssue({ code: 'custom', message, params: { allowed, hint } });
    })
    .describe(description);
