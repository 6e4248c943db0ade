"""Pages: one module each. `render` fills a template with what every page shows."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from mingjian.domain.i18n import LANGUAGES, _, language, pick
from mingjian.domain.roles import Role
from mingjian.web import labels, show

_templates = Environment(
    loader=PackageLoader("mingjian.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals |= {
    "_": _,
    "pick": pick,
    "labels": labels,
    "label": labels.label,
    "level_label": labels.level_label,
}
_templates.filters |= {
    "money": show.money,
    "large_money": show.large_money,
    "number": show.number,
    "day": show.day,
    "capital": show.capital,
    "moment": show.moment,
    "plain": show.plain,
}


def render(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page. `viewer` among the values puts the menu and the user's name on it."""
    viewer = values.pop("viewer", None)
    other = next(lang for lang in LANGUAGES if lang != language())
    # A page that answers a POST has no address of its own to come back to.
    here = request.url if request.method == "GET" else request.url.replace(path="/", query="")
    switched = here.include_query_params(lang=other)
    common = {
        "lang": language(),
        "other_lang": other,
        "switch_url": f"{switched.path}?{switched.query}",
        "path": request.url.path,
        "status": status,
        "viewer": viewer,
        "role_name": Role(viewer.user.role).label if viewer else "",
    }
    return HTMLResponse(_templates.get_template(template).render(**common, **values), status_code=status)
