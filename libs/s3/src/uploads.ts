import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { OpenUpload } from '@temper/storage';
import { isMissing } from './errors.js';

type Client = { readonly client: S3Client; readonly Bucket: string };

/** Uploads in parts of keys with a prefix that have neither ended nor been given up, each with the time of its newest part. */
export async function* openUploads({ client, Bucket }: Client, prefix: string): AsyncIterable<OpenUpload> {
  let marker: { readonly KeyMarker?: string | undefined; readonly UploadIdMarker?: string | undefined } = {};
  for (;;) {
    const page = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: prefix, ...marker }));
    for (const { Key: key, UploadId: id, Initiated } of page.Uploads ?? []) {
      // Not every store looks at the prefix.
      if (!key?.startsWith(prefix) || id === undefined) continue;
      const parts = await partsOf({ client, Bucket }, { key, id });
      // Else it has ended since.
      if (parts)
        yield { key, id, bytes: parts.bytes, modified: Math.max(Initiated?.getTime() ?? 0, parts.newest) };
    }
    const next = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    const moves =
      next.KeyMarker !== marker.KeyMarker || (next.UploadIdMarker ?? '') !== (marker.UploadIdMarker ?? '');
    if (!page.IsTruncated || !moves) return;
    marker = next;
  }
}

/** `newest` in milliseconds since 1970, 0 where there are no parts; undefined where there is no such upload. */
async function partsOf(
  { client, Bucket }: Client,
  { key, id }: Pick<OpenUpload, 'key' | 'id'>,
): Promise<{ readonly newest: number; readonly bytes: number } | undefined> {
  let [newest, bytes] = [0, 0];
  let marker: string | undefined;
  try {
    for (;;) {
      const page = await client.send(
        new ListPartsCommand({ Bucket, Key: key, UploadId: id, PartNumberMarker: marker }),
      );
      for (const { LastModified, Size } of page.Parts ?? []) {
        newest = Math.max(newest, LastModified?.getTime() ?? 0);
        bytes += Size ?? 0;
      }
      const next = page.NextPartNumberMarker;
      if (!page.IsTruncated || next === undefined || next === marker) return { newest, bytes };
      marker = next;
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export async function abandon(
  { client, Bucket }: Client,
  { key, id }: Pick<OpenUpload, 'key' | 'id'>,
): Promise<void> {
  try {
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key: key, UploadId: id }));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
