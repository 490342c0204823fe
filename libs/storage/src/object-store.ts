/** What the store holds under a key. */
export interface ObjectInfo {
  readonly key: string;
  /** Length in bytes. */
  readonly size: number;
  /** Opaque version of the content; what `ifMatch` compares. */
  readonly etag: string;
  /**
   * When it was last written, in milliseconds since 1970 by the store's own clock, cut to the second. A store that keeps no
   * such time gives none: nothing is ever removed from it by age.
   */
  readonly modified?: number | undefined;
}

export interface StoredObject extends ObjectInfo {
  readonly bytes: Uint8Array;
}

export interface ObjectStream extends ObjectInfo {
  readonly stream: AsyncIterable<Uint8Array>;
}

/** Content to store. Files and streams go up in parts, so that they need little memory. `open`: what can be read again. */
export type ObjectBody =
  | Uint8Array
  | { readonly file: string }
  | { readonly stream: AsyncIterable<Uint8Array> }
  | { readonly size: number; readonly open: () => AsyncIterable<Uint8Array> };

/** Parts of an object that is not there yet: its upload goes on, or its process was killed. */
export interface OpenUpload {
  readonly key: string;
  readonly id: string;
  /** When it began or its newest part was written, whichever is later, as `ObjectInfo.modified`. */
  readonly modified: number;
  /** Of the parts that are there. */
  readonly bytes: number;
}

/**
 * `ifNoneMatch: '*'`: only if the key is new; `ifMatch`: only if its etag is still this one. Of racing writers exactly one wins
 * where the content is given as bytes; where it goes up in parts a store may let more of them win (SeaweedFS does).
 */
export interface PutCondition {
  readonly ifNoneMatch?: '*';
  readonly ifMatch?: string;
}

export interface ReadOptions {
  /** Only so many bytes from the beginning; the object must be longer. `size` is that of the whole. */
  readonly first?: number | undefined;
  /** Only so many bytes from the end, in the same way. */
  readonly last?: number | undefined;
  /** Ends the stream with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The port to an S3-like store: flat keys, whole-object atomic writes, conditional writes, strong consistency.
 * Errors: a lost condition is STORE_CONFLICT, no answer is STORE_UNAVAILABLE, a refusal is STORE_REFUSED (TemperError).
 */
export interface ObjectStore {
  readonly bucket: string;
  /** undefined where there is no such key. */
  get(key: string): Promise<StoredObject | undefined>;
  getStream(key: string, options?: ReadOptions): Promise<ObjectStream | undefined>;
  head(key: string): Promise<ObjectInfo | undefined>;
  put(key: string, body: ObjectBody, condition?: PutCondition): Promise<{ readonly etag: string }>;
  /** All keys that start with the prefix, in no promised order. */
  list(prefix: string): AsyncIterable<ObjectInfo>;
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>;
  /** Uploads in parts that have not ended, of keys that start with the prefix. Absent where objects only go up whole. */
  openUploads?(prefix: string): AsyncIterable<OpenUpload>;
  /** Removes its parts; whoever still sends some fails, and may begin anew. What is gone already is no error. */
  abandon?(upload: Pick<OpenUpload, 'key' | 'id'>): Promise<void>;
}
