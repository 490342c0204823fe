"""Writes the files of test/corpus/rows that are not plain text: compressed, in other encodings, Parquet.

    python test/src/corpus/make-rows.py        (needs pandas, pyarrow and the zstd command)
"""
import datetime as dt
import decimal
import gzip
import io
import json
import pickle
import subprocess
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.orc as orc
import pyarrow.parquet as pq

folder = Path(__file__).parents[2] / 'corpus/rows'
rows = ''.join(f'{{"text":"row {i}","label":"{"xyz"[i % 3]}"}}\n' for i in range(30)).encode()


def write(name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)


def member(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def flipped(content: bytes, at: int) -> bytes:
    copy = bytearray(content)
    copy[at] ^= 1
    return bytes(copy)


def zstd(content: bytes) -> bytes:
    return subprocess.run(['zstd', '-q', '--check', '-c'], input=content, capture_output=True, check=True).stdout


whole = member(rows)
write('members.jsonl.gz', member(rows[:270]) + member(rows[270:]))
write('padded.jsonl.gz', whole + bytes(512))
write('half.jsonl.gz', whole[: len(whole) // 2])
write('no-trailer.jsonl.gz', whole[:-8])
write('crc.jsonl.gz', flipped(whole, -8))
write('length.jsonl.gz', flipped(whole, -4))
write('between.jsonl.gz', member(rows[:270]) + b'garbage' + member(rows[270:]))
write('behind.jsonl.gz', whole + b'garbage')
write('unpacked.jsonl.gz', rows)
write('packed.jsonl', whole)

frame = zstd(rows)
write('frames.jsonl.zst', zstd(rows[:270]) + bytes.fromhex('502a4d18 04000000 01020304') + zstd(rows[270:]))
write('half.jsonl.zst', frame[: len(frame) // 2])
write('no-checksum.jsonl.zst', frame[:-4])
write('checksum.jsonl.zst', flipped(frame, -1))
write('behind.jsonl.zst', frame + b'garbage')

text = 'text,label\ncafé „Zürich“,ja\nb,nein\n'
write('windows-1252.csv', text.encode('cp1252'))
write('utf-16.csv', b'\xff\xfe' + text.encode('utf-16-le'))
write('utf-16-unmarked.csv', text.encode('utf-16-le'))
write('utf-16-cut.csv', (b'\xff\xfe' + text.encode('utf-16-le'))[:-1])
write('shift-jis.csv', 'text,label\n良い,正\n悪い,負\n'.encode('shift_jis'))
write('late-byte.csv', ('text,label\n' + 'a,x\n' * 3000).encode() + b'caf\xe9,x\n')
write('zip.csv', b'PK\x03\x04' + bytes(40))
write('late-key.jsonl.gz', member(b'{"text":"a"}\n' * 30_000 + b'{"text":"z","label":"x"}\n'))
write('line-30000.csv.gz', member(b'text,label\n' + b'a,x\n' * 29_998 + b'a,x,y\n' + b'a,x\n' * 20_000))
write('line-30000.jsonl.gz', member(b'{"text":"a","label":"x"}\n' * 29_999 + b'{"text": oops\n' + b'{"text":"a","label":"x"}\n' * 20_000))


def table(name: str, **columns: object) -> None:
    pq.write_table(pa.table(columns), folder / name, compression='snappy')


two = ['a', 'b']
table('binary.parquet', text=pa.array(['é'.encode(), b'b'], pa.binary()), label=pa.array(['x', 'y']).dictionary_encode())
table('binary-not-text.parquet', text=pa.array([b'a', b'\xff\xfe'], pa.binary()), label=['x', 'y'])
table('date.parquet', text=two, label=pa.array([dt.date(2024, 1, 5), None]))
table('timestamp.parquet', text=two, label=pa.array([dt.datetime(2024, 1, 5, 10), dt.datetime(2024, 1, 5, 10, 0, 0, 5)]))
table('decimal.parquet', text=two, label=pa.array([decimal.Decimal('1.10'), decimal.Decimal('2.00')]))
table('float.parquet', text=['a', 'b', 'c'], label=pa.array([1.0, float('nan'), 0.1]))
# A few kB that are sixty million characters.
pq.write_table(pa.table({'text': ['x' * 20_000_000] * 3, 'label': ['x', 'y', 'x']}), folder / 'long-row.parquet', compression='zstd')
table('large-integer.parquet', text=['a'], label=pa.array([2**64 - 1], pa.uint64()))
table('boolean.parquet', text=two, label=[True, False])
table('list-label.parquet', text=two, label=[['x'], ['x', 'y']])
table('struct.parquet', text=two, label=[{'a': 1}, {'a': 2}])
table('ids.parquet', ids=pa.array([[1, 2], [3]], pa.large_list(pa.int32())), labels=[[-100, 2], [3]])
table('twins.parquet', text=['a'], Text=['B'], label=['x'])
table('conversation.parquet', messages=[[{'role': 'user', 'content': 'q'}, {'role': 'assistant', 'content': 'a'}]])
pq.write_table(pa.table({'text': two * 500, 'label': ['x', 'y'] * 500}), folder / 'whole.parquet', row_group_size=100)
groups = (folder / 'whole.parquet').read_bytes()
write('half.parquet', groups[: len(groups) // 2])
write('zeros.parquet', groups[:200] + bytes(200) + groups[400:])
(folder / 'whole.parquet').unlink()

# Other encodings, and files of another kind under the name of rows.
plain = 'text,label\nçé,x\nb,y\n'
write('utf-16-be.csv', b'\xfe\xff' + plain.encode('utf-16-be'))
write('utf-32-le.csv', b'\xff\xfe\0\0' + plain.encode('utf-32-le'))
write('utf-32-be.csv', b'\0\0\xfe\xff' + plain.encode('utf-32-be'))
write('utf-32-unmarked.csv', plain.encode('utf-32-le'))
write('utf-32-unmarked-2.csv', plain.encode('utf-32-le'))
write('zeros-behind.csv', b'text,label\na,x\nb,y\n' + bytes(512))
write('surrogates.csv', b'text,label\n\xed\xa0\xbd\xed\xb8\x80,x\nb,y\n')
write('zero.csv', b'text,label\na\0b,x\nb,y\n')
archive = io.BytesIO()
with tarfile.open(fileobj=archive, mode='w') as tar:
    inside = tarfile.TarInfo('d.csv')
    inside.size = len(plain.encode())
    tar.addfile(inside, io.BytesIO(plain.encode()))
write('tar.csv.gz', member(archive.getvalue()))
pair = pa.table({'text': two, 'label': ['x', 'y']})
feather.write_feather(pair, folder / 'arrow.csv')
feather.write_feather(pair, folder / 'arrow.parquet')
with pa.ipc.new_stream(folder / 'stream.jsonl', pair.schema) as stream:
    stream.write_table(pair)
orc.write_table(pair, folder / 'orc.csv')
write('pickle.csv', pickle.dumps({'text': two}))
write('npy.csv', b'\x93NUMPY\x01\0' + b'{}'.ljust(120))
write('zip-empty.csv', b'PK\x05\x06' + bytes(18))
write('sqlite.csv', b'SQLite format 3\0' + bytes(84))

# What Parquet files have elsewhere.
three = pa.table({'text': ['a', 'b', 'c'], 'label': ['x', 'y', 'x']})


def parquet(name: str, content: pa.Table, **options: object) -> None:
    pq.write_table(content, folder / f'{name}.parquet', **options)


for codec in 'gzip', 'brotli', 'zstd', 'lz4':
    parquet(codec, three, compression=codec)
parquet('row-groups', three, row_group_size=1)
pq.ParquetWriter(folder / 'no-groups.parquet', three.schema).close()
parquet('delta', three, use_dictionary=False, column_encoding={'text': 'DELTA_BYTE_ARRAY', 'label': 'DELTA_LENGTH_BYTE_ARRAY'})
table('strings.parquet', text=pa.array(two, pa.string_view()), label=pa.array(['x', 'y'], pa.large_string()))
table('fixed-binary.parquet', text=pa.array([b'abc', b'def'], pa.binary(3)), label=['x', 'y'])
table('half-float.parquet', text=two, label=pa.array(np.array([1, 0.5], np.float16)))
table('nullable.parquet', text=two, label=pa.array([1, None], pa.int64()))
pd.DataFrame({'text': two, 'label': ['x', 'y']}, index=[5, 7]).to_parquet(folder / 'pandas-index.parquet')
table('time.parquet', text=['a'], label=pa.array([dt.time(1, 2, 3)]))
table('zone.parquet', text=['a'], label=pa.array([dt.datetime(2024, 7, 1, 12)], pa.timestamp('us', 'Europe/Zurich')))
table('nanoseconds.parquet', text=['a'], label=pa.array([1720000000123456789], pa.timestamp('ns')))
table('decimal-long.parquet', text=['a'], label=pa.array([decimal.Decimal('1.10')], pa.decimal256(60, 2)))
table('fixed-lists.parquet', input_ids=pa.array([[1, 2], [3, 4]], pa.list_(pa.int32(), 2)), labels=[1, 0])
table('map.parquet', text=['a'], label=pa.array([[('k', 'v')]], pa.map_(pa.string(), pa.string())))
parquet('names', pa.table([two, ['c', 'd'], ['x', 'y'], ['e', 'f']], names=['text', 'text', 'label', '']))
buffers = [pa.py_buffer(np.array([0, 2, 3], np.int32).tobytes()), pa.py_buffer(b'a\xffb')]
table('bytes.parquet', text=pa.StringArray.from_buffers(2, *buffers), label=['x', 'y'])
write('utf-16.txt', 'a\nb\n'.encode('utf-16'))
table('nulls.parquet', text=two, label=pa.nulls(2))
chat = [{'role': 'user', 'content': 'q'}, {'role': 'assistant', 'content': 'a'}]
table('messages-text.parquet', messages=[json.dumps(chat)])
table('messages-nulls.parquet', messages=[[{**message, 'tool_calls': None, 'name': None} for message in chat]])
table('messages-lists.parquet', messages=[{'role': ['user', 'assistant'], 'content': ['q', 'a']}])
small = (folder / 'lz4.parquet').read_bytes()
write('encrypted.parquet', small[:-4] + b'PARE')
write('packed.parquet.gz', member(small))
