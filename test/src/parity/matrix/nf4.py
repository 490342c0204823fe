"""NF4 as bitsandbytes has it (Dettmers et al. 2023, QLoRA; csrc/kernels.cu: dQuantizeNF4): blocks of 64, each by its largest magnitude."""

import numpy as np

BLOCK = 64
ABSMAX_BLOCK = 256
CODE = np.array(
    [
        -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0.0,
        0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0,
    ],
    dtype=np.float32,
)
# What lies above bounds[i] is nearest to CODE[i + 1].
BOUNDS = np.array(
    [
        -0.8480964004993439, -0.6106329262256622, -0.4599952697753906, -0.33967943489551544, -0.23460740596055984, -0.13791173323988914, -0.045525018125772476,
        0.03979014977812767, 0.1202552504837513, 0.2035212516784668, 0.2920137718319893, 0.3893125355243683, 0.5016634166240692, 0.6427869200706482, 0.8614784181118011,
    ],
    dtype=np.float32,
)


def dequantized(weight, double=False):
    """float32 [outputs, inputs] → the float32 values that its NF4 blocks stand for."""
    flat = weight.astype(np.float32).ravel()
    blocks = np.pad(flat, (0, -len(flat) % BLOCK)).reshape(-1, BLOCK)
    absmax = np.abs(blocks).max(axis=1)
    scaled = blocks * (np.float32(1) / np.where(absmax, absmax, np.float32(1)))[:, None]
    codes = np.searchsorted(BOUNDS, scaled)
    used = double_quantized(absmax) if double else absmax
    return (CODE[codes] * used[:, None]).ravel()[: len(flat)].reshape(weight.shape)


def double_quantized(absmax):
    """The scales themselves in 8 bits, less their mean, in blocks of 256 (functional.py: quantize_blockwise)."""
    code = dynamic_map()
    offset = absmax.mean(dtype=np.float32)
    centered = absmax - offset
    out = np.empty_like(absmax)
    for start in range(0, len(absmax), ABSMAX_BLOCK):
        part = centered[start : start + ABSMAX_BLOCK]
        largest = np.abs(part).max() or np.float32(1)
        middles = (code[:-1] + code[1:]) / 2
        out[start : start + ABSMAX_BLOCK] = code[np.searchsorted(middles, part / largest)] * largest + offset
    return out


def dynamic_map(exponent_bits=7, total_bits=8):
    """bitsandbytes' create_dynamic_map(signed=True): 256 values in [−1, 1]."""
    data = []
    for i in range(exponent_bits):
        items = 2 ** (i + total_bits - exponent_bits - 1) + 1
        bounds = np.linspace(0.1, 1, items)
        means = (bounds[:-1] + bounds[1:]) / 2
        scale = 10 ** (-(exponent_bits - 1) + i)
        data += (scale * means).tolist() + (-scale * means).tolist()
    return np.array(sorted(data + [0.0, 1.0]), dtype=np.float32)
