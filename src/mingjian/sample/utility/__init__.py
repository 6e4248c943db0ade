"""Accounts, bills, outages and water samples, with what is planted among them."""
