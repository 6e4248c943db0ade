"""Airflow DAG of the cross-sector network models, nightly after the sectors. Wiring only: the path is mingjian.flow.PATH."""

from mingjian.orchestrate import sector_dag

dag = sector_dag("network", cron="0 4 * * *")
