"""What verdicts say of the models: precision, what is missed, and proposals to take a model back to shadow."""

from mingjian.verdicts.stage import learn_from_verdicts

__all__ = ["learn_from_verdicts"]
