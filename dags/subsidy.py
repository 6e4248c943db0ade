"""Airflow DAG of the subsidy sector, nightly. Wiring only: the path is mingjian.flow.PATH."""

from mingjian.orchestrate import sector_dag

dag = sector_dag("subsidy", cron="0 1 * * *")
