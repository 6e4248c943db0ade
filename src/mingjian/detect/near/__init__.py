"""Near-duplicate texts and records: shingles, MinHash, candidates by bands, exact Jaccard, star-shaped clusters."""

from mingjian.detect.near.records import duplicate_records
from mingjian.detect.near.stars import star_labels
from mingjian.detect.near.texts import NearDuplicates, near_duplicates

__all__ = ["NearDuplicates", "duplicate_records", "near_duplicates", "star_labels"]
