"""Airflow DAG of the real-estate sector, nightly. Wiring only: the path is mingjian.flow.PATH."""

from mingjian.orchestrate import sector_dag

dag = sector_dag("realty", cron="0 2 * * *")
