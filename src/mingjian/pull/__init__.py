"""Pull: foreign rows become rows of our tables in the lake; what cannot be read goes to quarantine."""

from mingjian.pull.stage import pull_source
from mingjian.pull.tokens import Kind, load_key, tokenise
from mingjian.pull.truth import token_of

__all__ = ["Kind", "load_key", "pull_source", "token_of", "tokenise"]
