"""Dashboards as code: load them, write them out for file provisioning, or send them to a Grafana."""

from __future__ import annotations

import importlib.util
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from grafana_client import GrafanaApi
from grafana_client.client import GrafanaClientError, GrafanaException, GrafanaUnauthorizedError
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from mingjian.content import Content
from mingjian.domain.errors import ContentError, MingjianError
from mingjian.domain.i18n import _
from mingjian.report.panels import DATASOURCE_TYPE, DATASOURCE_UID, Speech

FOLDER_UID, FOLDER_TITLE = "mingjian", "明鉴"


class GrafanaError(MingjianError):
    """Grafana could not be reached or refused what was sent."""


@dataclass(frozen=True)
class DashDatabase:
    """Where Grafana finds the `dash` views; the login belongs to `mingjian_dash` and to nothing else."""

    url: str
    database: str
    user: str
    password: str = ""
    sslmode: str = "require"

    @classmethod
    def from_environment(cls) -> DashDatabase:
        """From MINGJIAN_DASH_URL (host:port), _DATABASE, _USER, _PASSWORD, _SSLMODE; raises GrafanaError."""
        names = {"url": "URL", "database": "DATABASE", "user": "USER"}
        found = {key: os.environ.get(f"MINGJIAN_DASH_{name}", "") for key, name in names.items()}
        absent = [f"MINGJIAN_DASH_{names[key]}" for key, value in found.items() if not value]
        if absent:
            raise GrafanaError(
                _("没有说明 Grafana 从哪里读取看板数据:缺少 {names}", names="、".join(absent)),
                hint=_("设置这些环境变量(主机:端口、库名、只读账号),密码用 MINGJIAN_DASH_PASSWORD"),
            )
        return cls(
            **found,
            password=os.environ.get("MINGJIAN_DASH_PASSWORD", ""),
            sslmode=os.environ.get("MINGJIAN_DASH_SSLMODE", "require"),
        )

    def as_datasource(self) -> dict[str, Any]:
        """The data source as Grafana's API and provisioning files write it."""
        made: dict[str, Any] = {
            "name": "明鉴",
            "uid": DATASOURCE_UID,
            "type": DATASOURCE_TYPE,
            "access": "proxy",
            "url": self.url,
            "user": self.user,
            "jsonData": {"database": self.database, "sslmode": self.sslmode, "postgresVersion": 1500},
        }
        if self.password:
            made["secureJsonData"] = {"password": self.password}
        return made


# Grafana fills these in from its own environment when it reads a provisioning file.
FROM_GRAFANA_ENVIRONMENT = DashDatabase(
    url="$MINGJIAN_DASH_URL",
    database="$MINGJIAN_DASH_DATABASE",
    user="$MINGJIAN_DASH_USER",
    password="${MINGJIAN_DASH_PASSWORD}",  # noqa: S106 - the name of a variable, not a password
    sslmode="$MINGJIAN_DASH_SSLMODE",
)


def dashboards(content: Content, lang: str = "zh") -> dict[str, dict[str, Any]]:
    """Every `dashboards/<name>.py` of the content, built in one language: name -> dashboard JSON."""
    files = sorted((content.root / "dashboards").glob("*.py"))
    if not files:
        raise ContentError(
            _("{folder} 中没有看板", folder=content.root / "dashboards"), hint=_("在完整的项目目录中运行")
        )
    return {file.stem: _build(file, Speech(lang, content)) for file in files}


def committed(content: Content) -> dict[str, str]:
    """The texts of `dashboards/<name>.json`: Chinese; no model names, so that a new rule stays one file."""
    return {name: as_text(board) for name, board in dashboards(replace(content, models={})).items()}


def as_text(board: dict[str, Any]) -> str:
    """A dashboard as it stands in a file."""
    return json.dumps(board, ensure_ascii=False, indent=2) + "\n"


def export(out: Path, content: Content, lang: str = "zh", grafana_dir: str = "/etc/grafana") -> list[Path]:
    """Write the tree that Grafana reads at start: `provisioning/` and `dashboards/` below `out`.

    `grafana_dir` is where `out` will lie on the Grafana machine. Returns the files written.
    """
    provider = {
        "name": FOLDER_TITLE,
        "folder": FOLDER_TITLE,
        "folderUid": FOLDER_UID,
        "type": "file",
        "options": {"path": f"{grafana_dir}/dashboards"},
    }
    source = FROM_GRAFANA_ENVIRONMENT.as_datasource()
    files = {
        "provisioning/datasources/mingjian.yaml": _yaml({"apiVersion": 1, "datasources": [source]}),
        "provisioning/dashboards/mingjian.yaml": _yaml({"apiVersion": 1, "providers": [provider]}),
        **{f"dashboards/{name}.json": as_text(board) for name, board in dashboards(content, lang).items()},
    }
    for name, text in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [out / name for name in files]


def publish(url: str, token: str, content: Content, database: DashDatabase, lang: str = "zh") -> list[str]:
    """Create or update data source, folder and dashboards on a Grafana; returns the dashboards' addresses.

    Raises GrafanaError when Grafana cannot be reached or refuses the token.
    """
    api = GrafanaApi.from_url(url, credential=token, timeout=20)
    boards = dashboards(content, lang)
    try:
        _upsert_datasource(api, database.as_datasource())
        _ensure_folder(api)
        sent = [
            api.dashboard.update_dashboard(
                {
                    "dashboard": board,
                    "folderUid": FOLDER_UID,
                    "overwrite": True,
                    "message": "mingjian publish",
                }
            )
            for board in boards.values()
        ]
    except GrafanaUnauthorizedError as error:
        raise GrafanaError(
            _("Grafana {url} 拒绝了令牌", url=url), hint=_("换一个有 Admin 角色的服务账号令牌")
        ) from error
    except (GrafanaException, OSError) as error:
        raise GrafanaError(
            _("Grafana {url} 没有接受:{error}", url=url, error=error), hint=_("核对地址与网络,再运行一次")
        ) from error
    return [url.rstrip("/") + str(answer.get("url", "")) for answer in sent]


def _build(file: Path, speech: Speech) -> dict[str, Any]:
    spec = importlib.util.spec_from_file_location(f"mingjian_dashboard_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise ContentError(_("{file} 不是看板文件", file=file), hint=_("看板文件须有函数 build(speech)"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: dict[str, Any] = json.loads(json.dumps(module.build(speech).build(), cls=JSONEncoder))
    for number, panel in enumerate(made["panels"], start=1):
        panel["id"] = number
    return made


def _yaml(data: dict[str, Any]) -> str:
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def _upsert_datasource(api: GrafanaApi, source: dict[str, Any]) -> None:
    try:
        api.datasource.get_datasource_by_uid(DATASOURCE_UID)
    except GrafanaClientError as error:
        if error.status_code != 404:
            raise
        api.datasource.create_datasource(source)
    else:
        api.datasource.update_datasource_by_uid(DATASOURCE_UID, source)


def _ensure_folder(api: GrafanaApi) -> None:
    try:
        api.folder.get_folder(FOLDER_UID)
    except GrafanaClientError as error:
        if error.status_code != 404:
            raise
        api.folder.create_folder(FOLDER_TITLE, uid=FOLDER_UID)
