"""What the city's authority has confirmed, applied to the models: shadow models it names go live."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from mingjian.content import yamlfile
from mingjian.content.loader import Content
from mingjian.domain.authority import Authority, confirm
from mingjian.domain.errors import ContentError
from mingjian.domain.i18n import _

FILE = "authority.yaml"


def with_authority(content: Content, folder: Path, as_of: date) -> Content:
    """The content as the city's `authority.yaml` leaves it on this day; unchanged without the file.

    Raises ContentError with path:line when the file names a model or a basis that there is not.
    """
    path = folder / FILE
    if not path.exists():
        return content
    authority = yamlfile.read(path, Authority)
    _check(content, authority, path)
    models = {
        i: confirm(model, authority.models[i], as_of) if i in authority.models else model
        for i, model in content.models.items()
    }
    return replace(content, models=models)


def _check(content: Content, authority: Authority, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for model_id, said in authority.models.items():
        model = content.models.get(model_id)
        if model is None:
            line = yamlfile.line_of(text, ("models", model_id))
            raise ContentError(
                f"{path}:{line}: " + _("没有模型 {id}", id=model_id),
                hint=_("运行 mingjian models 查看全部模型编码"),
            )
        codes = [b.code for b in model.basis]
        for n, one in enumerate(said):
            if one.code not in codes:
                line = yamlfile.line_of(text, ("models", model_id, n, "code"))
                raise ContentError(
                    f"{path}:{line}: " + _("模型 {id} 没有依据 {code}", id=model_id, code=one.code),
                    hint=_("它的依据有：{codes}", codes="、".join(codes)),
                )
