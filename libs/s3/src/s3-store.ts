import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { addAbortSignal, Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { TemperError } from '@temper/contracts';
import type {
  ObjectBody,
  ObjectInfo,
  ObjectStore,
  OpenUpload,
  PutCondition,
  ReadOptions,
} from '@temper/storage';
import { s3Client } from './client.js';
import { s3ConfigFrom, type Environment, type S3Config, type S3Encryption } from './config.js';
import { isMissing, isWrongSum, lacksChecksums, storeError, wrongSum } from './errors.js';
import { observeRequests, type OnRequest } from './observe.js';
import { abandon, openUploads } from './uploads.js';

/** Larger content goes up in parts; an upload holds at most PARTS_AT_ONCE of them in memory. */
const PART_BYTES = 8 * 2 ** 20;
const PARTS_AT_ONCE = 4;
/** S3 takes 10,000 parts an object. */
const MAX_PARTS = 9_900;
const READ_ATTEMPTS = 3;
/** A page may be empty where much was deleted; so many one after the other are not. */
const EMPTY_PAGES = 1_000;

type Checksum = { readonly ChecksumAlgorithm?: 'SHA256' };
type Target = { readonly Bucket: string; readonly Key: string } & Partial<S3Encryption>;

/** How a store is told of in errors: what to set where it does not answer. */
export type StoreRole = 'own' | 'source';

export interface S3StoreOptions {
  /** Where the settings have to be read first. */
  readonly config?: (() => Promise<S3Config>) | undefined;
  readonly role?: StoreRole;
}

type Named = Pick<S3Config, 'bucket'> & { readonly onRequest?: OnRequest | undefined };

/**
 * The port on any S3: AWS, SeaweedFS, MinIO, … Every write carries a SHA-256 checksum that the server verifies, unless the
 * server says that it knows none.
 */
export class S3Store implements ObjectStore {
  readonly bucket: string;
  readonly #role: StoreRole;
  readonly #config: () => Promise<S3Config>;
  readonly #onRequest: OnRequest | undefined;
  #opened: Promise<S3Client> | undefined;
  #checksums = true;

  constructor(config: S3Config & Named, options?: S3StoreOptions);
  constructor(named: Named, options: S3StoreOptions & Required<Pick<S3StoreOptions, 'config'>>);
  constructor(given: Named, { config, role = 'own' }: S3StoreOptions = {}) {
    this.bucket = given.bucket;
    this.#role = role;
    this.#config = config ?? (() => Promise.resolve(given as S3Config));
    this.#onRequest = given.onRequest;
  }

  get #client(): Promise<S3Client> {
    this.#opened ??= this.#config().then((config) => {
      const client = s3Client(config, () => this.#checksums);
      if (this.#onRequest) observeRequests(client, this.#onRequest);
      return client;
    });
    return this.#opened;
  }

  async get(key: string) {
    for (let attempt = 1; ; attempt++) {
      const object = await this.getStream(key);
      if (!object) return undefined;
      const { stream, ...info } = object;
      try {
        const pieces: Uint8Array[] = [];
        for await (const piece of stream) pieces.push(piece);
        return { ...info, bytes: Buffer.concat(pieces) };
      } catch (error) {
        // The SDK retries requests, not bodies that break off.
        if (attempt === READ_ATTEMPTS) throw error;
      }
    }
  }

  async getStream(key: string, { first, last, signal }: ReadOptions = {}) {
    const from = last === undefined ? first && `bytes=0-${first - 1}` : `bytes=-${last}`;
    const range = from ? { Range: from } : {};
    const output = await this.#unlessMissing(key, async () =>
      (await this.#client).send(
        new GetObjectCommand({ Bucket: this.bucket, Key: key, ...range }),
        signal ? { abortSignal: signal } : {},
      ),
    );
    if (!output) return undefined;
    const length = output.ContentLength;
    if (length === undefined) {
      (output.Body as Readable).destroy();
      const message = 'this is not the answer of an object store';
      const problem = { path: this.#where(key), message, found: 'an object without a length' };
      throw new TemperError('STORE_REFUSED', problem);
    }
    const size = Number(/\/(\d+)$/.exec(output.ContentRange ?? '')?.[1] ?? length);
    const body = output.Body as Readable;
    if (signal) addAbortSignal(signal, body);
    const stream = whole(body, length, this.#where(key), signal);
    return { key, size, etag: output.ETag ?? '', ...writtenAt(output), stream };
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    const output = await this.#unlessMissing(key, async () =>
      (await this.#client).send(new HeadObjectCommand({ Bucket: this.bucket, Key: key })),
    );
    if (!output) return undefined;
    return { key, size: output.ContentLength ?? 0, etag: output.ETag ?? '', ...writtenAt(output) };
  }

  async put(key: string, body: ObjectBody, condition: PutCondition = {}) {
    return this.#mapped(key, async () => {
      const { encryption } = await this.#config();
      const target = {
        ...{ Bucket: this.bucket, Key: key, ...encryption },
        ...(condition.ifNoneMatch ? { IfNoneMatch: condition.ifNoneMatch } : {}),
        ...(condition.ifMatch ? { IfMatch: condition.ifMatch } : {}),
      };
      const small = await inMemory(body);
      if (!small) return this.#upload(target, body as InParts);
      const output = await this.#withChecksum(async (checksum) =>
        (await this.#client).send(new PutObjectCommand({ ...target, ...checksum, Body: small })),
      );
      return { etag: output.ETag ?? '' };
    });
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    let token: string | undefined;
    let empty = 0;
    do {
      const page = await this.#mapped(prefix, async () =>
        (await this.#client).send(
          new ListObjectsV2Command({ Bucket: this.bucket, Prefix: prefix, ContinuationToken: token }),
        ),
      );
      for (const { Key: key, Size: size, ETag: etag, LastModified } of page.Contents ?? []) {
        if (key === undefined) continue;
        yield { key, size: size ?? 0, etag: etag ?? '', ...writtenAt({ LastModified }) };
      }
      const next = page.IsTruncated ? page.NextContinuationToken : undefined;
      empty = page.Contents?.length ? 0 : empty + 1;
      if (next !== undefined && (next === token || empty > EMPTY_PAGES)) throw this.#endless(prefix);
      token = next;
    } while (token !== undefined);
  }

  async delete(key: string): Promise<void> {
    await this.#mapped(key, async () =>
      (await this.#client).send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key })),
    );
  }

  async *openUploads(prefix: string): AsyncIterable<OpenUpload> {
    try {
      yield* openUploads({ client: await this.#client, Bucket: this.bucket }, prefix);
    } catch (error) {
      throw storeError(error, this.#where(prefix), this.#role);
    }
  }

  async abandon(upload: Pick<OpenUpload, 'key' | 'id'>): Promise<void> {
    await this.#mapped(upload.key, async () =>
      abandon({ client: await this.#client, Bucket: this.bucket }, upload),
    );
  }

  /** Creates the bucket if there is none. */
  async ensureBucket(): Promise<void> {
    const found = await this.#unlessMissing('', async () =>
      (await this.#client).send(new HeadBucketCommand({ Bucket: this.bucket })),
    );
    if (found) return;
    await this.#mapped('', async () => {
      try {
        await (await this.#client).send(new CreateBucketCommand({ Bucket: this.bucket }));
      } catch (error) {
        // Somebody was faster.
        const name = (error as Error).name;
        if (name !== 'BucketAlreadyOwnedByYou' && name !== 'BucketAlreadyExists') throw error;
      }
    });
  }

  /** Closes the connections that are kept open. */
  close(): void {
    void this.#opened?.then(
      (client) => client.destroy(),
      () => undefined,
    );
  }

  /** Writes again without a checksum where the store answers that it knows none, and from then on. */
  async #withChecksum<T>(write: (checksum: Checksum) => Promise<T>, again = true): Promise<T> {
    if (!this.#checksums) return write({});
    try {
      return await write({ ChecksumAlgorithm: 'SHA256' });
    } catch (error) {
      if (!lacksChecksums(error)) throw error;
      this.#checksums = false;
      // What has been read from a stream is gone.
      if (!again) throw error;
      return write({});
    }
  }

  /** In parts; where one fails or the source does, the parts that are already there are given up. */
  async #upload(target: Target, body: InParts) {
    const size = await sizeOf(body);
    const upload = async (checksum: Checksum) => {
      const source = 'file' in body ? createReadStream(body.file) : streamOf(body);
      try {
        const parts = new Upload({
          client: await this.#client,
          params: {
            ...{ ...target, ...checksum, Body: source },
            ...(size === undefined ? {} : { ContentLength: size }),
          },
          partSize: Math.max(PART_BYTES, Math.ceil((size ?? 0) / MAX_PARTS)),
          queueSize: PARTS_AT_ONCE,
          leavePartsOnError: false,
        });
        return { etag: (await parts.done()).ETag ?? '' };
      } finally {
        source.destroy();
      }
    };
    return this.#withChecksum(upload, size !== undefined);
  }

  async #unlessMissing<T>(key: string, request: () => Promise<T>): Promise<T | undefined> {
    try {
      return await request();
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw storeError(error, this.#where(key), this.#role);
    }
  }

  async #mapped<T>(key: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      throw storeError(error, this.#where(key), this.#role);
    }
  }

  #endless(prefix: string): TemperError {
    const message = 'this is not the answer of an object store';
    return new TemperError('STORE_REFUSED', {
      path: this.#where(prefix),
      message,
      found: 'a listing without end',
    });
  }

  #where(key: string): string {
    return `s3://${this.bucket}/${key}`;
  }
}

/** Listings have milliseconds, the header of an object has not. */
const writtenAt = ({ LastModified: at }: { LastModified?: Date | undefined }) =>
  at ? { modified: Math.floor(at.getTime() / 1000) * 1000 } : {};

/** The store that the environment names for Temper itself. Connects when it is first used. */
export function createS3Store(
  env: Environment = process.env,
  overrides: { readonly onRequest?: OnRequest | undefined } = {},
): S3Store {
  return new S3Store({ ...s3ConfigFrom(env), ...overrides });
}

export const ensureBucket = (store: S3Store): Promise<void> => store.ensureBucket();

type InParts = Exclude<ObjectBody, Uint8Array>;

/** Bytes for a single request, undefined for what has to go up in parts. */
async function inMemory(body: ObjectBody): Promise<Uint8Array | undefined> {
  if (body instanceof Uint8Array) return body;
  if (((await sizeOf(body)) ?? Infinity) > PART_BYTES) return undefined;
  if ('file' in body) return readFile(body.file);
  const pieces: Uint8Array[] = [];
  for await (const piece of streamOf(body as Exclude<InParts, { file: string }>)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function sizeOf(body: InParts): Promise<number | undefined> {
  if ('file' in body) return (await stat(body.file)).size;
  return 'size' in body ? body.size : undefined;
}

const streamOf = (body: Exclude<InParts, { file: string }>): Readable =>
  Readable.from('open' in body ? body.open() : body.stream, { objectMode: false });

/** The body, or STORE_UNAVAILABLE where it breaks off before its announced end. */
async function* whole(
  body: Readable,
  size: number,
  where: string,
  signal: AbortSignal | undefined,
): AsyncIterable<Uint8Array> {
  let read = 0;
  try {
    for await (const piece of body) {
      read += (piece as Uint8Array).length;
      if (read > size) break;
      yield piece as Uint8Array;
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (isWrongSum(error)) throw wrongSum(where, error);
    throw new TemperError(
      'STORE_UNAVAILABLE',
      { path: where, message: `the answer broke off after ${read} of ${size} bytes`, found: String(error) },
      { cause: error },
    );
  }
  if (read !== size) {
    throw new TemperError('STORE_UNAVAILABLE', {
      path: where,
      message:
        read > size
          ? `the answer goes on after its ${size} bytes`
          : `the answer ended after ${read} of ${size} bytes`,
    });
  }
}
