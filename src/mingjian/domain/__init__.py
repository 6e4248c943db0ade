"""The nouns: what a source, a rule, a finding, a warning and an order are. Imports nothing of ours."""
