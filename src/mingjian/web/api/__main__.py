"""Prints the OpenAPI document: `python -m mingjian.web.api > docs/openapi.json`."""

from __future__ import annotations

import json
import sys

from mingjian.web.api.v1 import document

sys.stdout.write(json.dumps(document(), ensure_ascii=False, indent=1, sort_keys=True) + "\n")
