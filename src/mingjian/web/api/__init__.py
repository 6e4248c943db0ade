"""The API: typed answers, problem+json refusals, versions and keys on every write. `v1.router` holds its rooms."""
