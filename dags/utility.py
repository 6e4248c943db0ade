"""Airflow DAG of utility complaints and services, nightly. Wiring only: the path is mingjian.flow.PATH."""

from mingjian.orchestrate import sector_dag

dag = sector_dag("utility", cron="0 3 * * *")
