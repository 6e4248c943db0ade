"""Subsidy payments, what entitles to them, and the cases and look-alikes planted among them."""
