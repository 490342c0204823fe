"""A golden as text: one entry a line, numbers with as many digits as they are compared to."""

import json

short = lambda value: json.dumps(rounded(value), separators=(",", ":"), ensure_ascii=False)


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, list):
        return [rounded(v) for v in value]
    return {k: rounded(v) for k, v in value.items()} if isinstance(value, dict) else value


def written(golden):
    lines = []
    for key, value in golden.items():
        if key in ("base", "rows", "steps"):
            lines.append(f"{json.dumps(key)}: [\n  " + ",\n  ".join(short(v) for v in value) + "\n ]")
        elif key == "weights":
            lines.append(f"{json.dumps(key)}: {{\n  " + ",\n  ".join(f"{json.dumps(k)}: {short(v)}" for k, v in value.items()) + "\n }")
        else:
            lines.append(f"{json.dumps(key)}: {short(value)}")
    return "{\n " + ",\n ".join(lines) + "\n}\n"
