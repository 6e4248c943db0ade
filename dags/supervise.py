"""Airflow DAG that watches the feeds and sweeps the queue, after every sector and every quarter of an hour."""

from mingjian.orchestrate import supervise_dag

dag = supervise_dag(["subsidy", "realty", "utility", "network"], cron="*/15 * * * *")
