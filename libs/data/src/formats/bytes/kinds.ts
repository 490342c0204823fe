/** What a file is that was taken for one with rows in it, and what helps. */
export interface OtherKind {
  readonly found: string;
  readonly hint: string;
}

/** The longest beginning that is looked at: a tar archive says what it is at byte 257. */
export const HEAD = 512;

const unpack = 'unpack it, and name the file in it';
const repack = 'unpack it, or pack it as .gz or .zst';
const toParquet = (read: string) => `in pandas: ${read}.to_parquet('data.parquet')`;
const again = 'the address of the file itself is needed; see what the server says';

/** By their first bytes (as Latin-1), wherever a file of another kind carries the name of one with rows now and then. */
const kinds: readonly (readonly [starts: RegExp, found: string, hint: string])[] = [
  [/^PK\x03\x04[^]{26}(\[Content_Types\]|_rels\/|xl\/)/, 'an Excel workbook', 'save the sheet as CSV'],
  [/^PK(\x03\x04|\x05\x06)/, 'a zip archive or a spreadsheet', 'unpack it, or save the sheet as CSV'],
  [/^\xd0\xcf\x11\xe0/, 'an Excel workbook', 'save the sheet as CSV'],
  [/^PAR1/, 'a Parquet file', 'name it .parquet'],
  [/^PARE/, 'an encrypted Parquet file', 'write it without encryption'],
  [/^ARROW1/, 'an Arrow (Feather) file', toParquet('pd.read_feather(…)')],
  [
    /^\xff{4}[^]{4}[^]{2}\0\0/,
    'an Arrow stream',
    'in pyarrow: pq.write_table(pa.ipc.open_stream(…).read_all(), …)',
  ],
  [/^FEA1/, 'a Feather file', toParquet('pd.read_feather(…)')],
  [/^ORC/, 'an ORC file', toParquet('pd.read_orc(…)')],
  [/^Obj\x01/, 'an Avro file', 'write it as Parquet or JSON Lines'],
  [/^SQLite format 3\0/, 'an SQLite database', toParquet('pd.read_sql(…)')],
  [/^\x89HDF\r\n/, 'an HDF5 file', toParquet('pd.read_hdf(…)')],
  [/^\x93NUMPY/, 'a NumPy file', 'write it as Parquet or JSON Lines'],
  [
    /^\x80[\x02-\x05]/,
    'a Python pickle',
    'write it as Parquet or JSON Lines; a pickle runs code when it is read',
  ],
  [/^[^]{257}ustar/, 'a tar archive', unpack],
  [/^7z\xbc\xaf/, 'a 7z archive', unpack],
  [/^Rar!\x1a/, 'a RAR archive', unpack],
  [/^BZh[1-9]/, 'a bzip2 file', repack],
  [/^\xfd7zXZ\0/, 'an xz file', repack],
  [/^\x04\x22\x4d\x18/, 'an lz4 file', repack],
  [/^\xff\x06\0\0sNaPpY/, 'a Snappy file', repack],
  [/^\x1f\x9d/, 'a file of compress (.Z)', repack],
  [/^\x1f\x8b/, 'a .gz file', 'unpack it: files are packed once'],
  [/^\x28\xb5\x2f\xfd/, 'a .zst file', 'unpack it: files are packed once'],
  [/^%PDF-/, 'a PDF', 'extract its text'],
  [/^\x89PNG\r\n|^\xff\xd8\xff|^GIF8/, 'an image', 'rows have text'],
  [
    /^\s*(\xef\xbb\xbf)?\s*<(!doctype html|html|head)[\s>]/i,
    'a web page',
    'the address of the file itself is needed',
  ],
  [/^\s*(\xef\xbb\xbf)?<\?xml\s/, 'an XML document', again],
  [/^version https:\/\/(git-lfs|hawser)/, 'a Git LFS pointer, not the data', 'git lfs pull'],
  [/^(\.\.\/)*(\.git\/annex|\/annex)\/objects\//, 'a git-annex pointer, not the data', 'git annex get'],
];

/** What a file that begins so is, where it has no rows as text. */
export function otherKind(head: Uint8Array): OtherKind | undefined {
  const start = Buffer.from(head.subarray(0, HEAD)).toString('latin1');
  const kind = kinds.find(([starts]) => starts.test(start));
  return kind && { found: kind[1], hint: kind[2] };
}
