"""A photo's perceptual hash: the same picture, smaller or pressed harder, differs in a few of 64 places."""

from __future__ import annotations

import warnings
from pathlib import Path

import imagehash
from PIL import Image, UnidentifiedImageError

from mingjian.domain.i18n import _
from mingjian.web.errors import Unprocessable

MAX_PIXELS = 80_000_000
_PLAIN = 8  # a hash with so few differences is that of an empty page; it would be like every other one


def photo_hash(path: Path) -> int | None:
    """The dHash as a signed 64-bit number, None for a picture without features; Unprocessable when unreadable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise Image.DecompressionBombError
                image.draft("L", (512, 512))
                hashed = imagehash.dhash(image)
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
    ):
        raise Unprocessable(_("图片无法读取或尺寸过大"), hint=_("请重新拍摄或导出为普通图片后上传")) from None
    bits = int(str(hashed), 16)
    if not _PLAIN <= bits.bit_count() <= 64 - _PLAIN:
        return None
    return bits - 2**64 if bits >= 2**63 else bits
