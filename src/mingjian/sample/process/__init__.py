"""How requests were handled: steps, return visits, and units that do it badly."""
