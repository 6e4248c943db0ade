"""Kin, shared accounts and tenders: what only shows across registers."""
