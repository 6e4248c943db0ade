"""Airflow DAG that fits the fit-then-score outlier models anew, every Sunday. Wiring only: mingjian.flow.WEEKLY."""

from mingjian.orchestrate import refit_dag

dag = refit_dag(cron="0 6 * * 0")
