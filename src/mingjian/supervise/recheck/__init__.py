"""Re-supervision (回头看): closed matters are decided about, looked at again by their model, and checked by people."""
