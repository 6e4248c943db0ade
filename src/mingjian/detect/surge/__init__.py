"""Surges in counts: prospective surveillance of many series at once, as R's `surveillance` does it for one."""

from mingjian.detect.surge.bayes import bayes
from mingjian.detect.surge.daily import daily
from mingjian.detect.surge.ears import ears
from mingjian.detect.surge.farrington import farrington
from mingjian.detect.surge.farrington_flexible import farrington_flexible
from mingjian.detect.surge.glr_nb import glr_nb
from mingjian.detect.surge.nb_cusum import nb_cusum
from mingjian.detect.surge.result import Alarms

__all__ = ["Alarms", "bayes", "daily", "ears", "farrington", "farrington_flexible", "glr_nb", "nb_cusum"]
