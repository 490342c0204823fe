"""Makes config-defaults.json: every field of the configuration class of each family of the parity matrix, and what it is where config.json is silent.

    pip install torch transformers
    python make_defaults.py && npx prettier --write config-defaults.json
"""

import dataclasses
import json
import pathlib
import sys

from transformers import CONFIG_MAPPING

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parents[3] / "test/src/parity/matrix"))
from families import FAMILIES  # noqa: E402

types = sorted({model_type for model_type, _ in FAMILIES.values()})
found = {t: {f.name: f.default for f in dataclasses.fields(CONFIG_MAPPING[t])} for t in types}
(HERE / "config-defaults.json").write_text(json.dumps(found, indent=1) + "\n")
