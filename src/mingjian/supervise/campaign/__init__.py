"""面上问题 dual track (catalogue §4.5): one order top-down beside the local ones, closed when the last case is called back."""
