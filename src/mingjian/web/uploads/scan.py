"""The city's own virus scanner: a command that is given the file's path and answers by its exit code."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

from mingjian.domain.attachment import ScanState
from mingjian.domain.i18n import _
from mingjian.web.errors import Unavailable, Unprocessable

SECONDS = 60


def scan(path: Path) -> ScanState:
    """Run MINGJIAN_SCAN_COMMAND on the file: 0 is clean, 1 infected (Unprocessable), all else Unavailable.

    Without a command the file is kept and shown as not scanned. A scanner that fails lets nothing in.
    """
    command = shlex.split(os.environ.get("MINGJIAN_SCAN_COMMAND", ""))
    if not command:
        return ScanState.NOT_SCANNED
    try:
        done = subprocess.run([*command, str(path)], check=False, capture_output=True, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        raise _broken() from None
    if done.returncode == 0:
        return ScanState.CLEAN
    if done.returncode == 1:
        raise Unprocessable(_("附件未通过病毒检查，已拒收"), hint=_("请在本机清除病毒后重新导出"))
    raise _broken()


def _broken() -> Unavailable:
    return Unavailable(_("病毒检查暂时不可用，附件未接收"), hint=_("稍后重试；如持续出现请联系系统管理员"))
