"""Files on their way in: told by content, hashed while they are read, scanned, and kept under their hash."""
