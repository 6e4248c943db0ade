"""Airflow's settings for one home, as environment variables; they must be set before Airflow is imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import create_engine, inspect

from mingjian.content.loader import content_root
from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _
from mingjian.store import db, embedded
from mingjian.store.keyfile import kept_secret


def prepare(home: Path, sources: Path) -> dict[str, str]:
    """Set the environment for Airflow on this home, make its metadata database, and return what was set."""
    root = content_root().resolve()
    metadata = _metadata_url(home)
    settings = {
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(root / "dags"),
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "airflow" / "logs"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata,
        # psycopg speaks both ways; left unsaid, Airflow would ask for another driver.
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": metadata,
        "AIRFLOW__CORE__FERNET_KEY": kept_secret(
            home, "airflow_fernet.key", lambda: Fernet.generate_key().decode()
        ),
        "AIRFLOW__API_AUTH__JWT_SECRET": kept_secret(home, "airflow_jwt.key"),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(
            [
                {
                    "name": "mingjian",
                    "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
                    "kwargs": {"path": str(root / "dags")},
                }
            ]
        ),
        "GX_ANALYTICS_ENABLED": "false",
        "MINGJIAN_HOME": str(home),
        "MINGJIAN_SOURCES": str(sources),
        "MINGJIAN_CONTENT": str(root),
    }
    os.environ.update(settings)
    _migrate(metadata)
    return settings


def _metadata_url(home: Path) -> str:
    """MINGJIAN_AIRFLOW_DATABASE_URL, else a database beside the city's own on the embedded server."""
    named = os.environ.get("MINGJIAN_AIRFLOW_DATABASE_URL")
    return named or db.create_database(embedded.start(home), "airflow")


def _migrate(url: str) -> None:
    engine = create_engine(url)
    known = inspect(engine).has_table("dag_run")
    engine.dispose()
    if not known:
        done = subprocess.run(
            [sys.executable, "-m", "airflow", "db", "migrate"],
            capture_output=True,
            text=True,
            env=dict(os.environ),
        )
        if done.returncode:
            raise MingjianError(
                _("Airflow 元数据库无法建立:{said}", said=(done.stderr or done.stdout).strip()[-800:]),
                hint=_("检查 MINGJIAN_AIRFLOW_DATABASE_URL,或不设它以使用内置 PostgreSQL"),
            )
