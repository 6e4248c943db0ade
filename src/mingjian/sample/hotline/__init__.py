"""A year of the hotline's requests, with what is planted among them."""
