"""Writes the files of test/corpus/rows that are not plain text: compressed, in other encodings, Parquet.

    python test/src/corpus/make-rows.py        (needs pyarrow and the zstd command)
"""
import datetime as dt
import decimal
import gzip
import subprocess
from pathlib import Path

import pyarrow as pa
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
