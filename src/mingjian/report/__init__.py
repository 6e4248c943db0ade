"""Letters in HTML and Word, and dashboards as code: what others read of warnings and their handling."""
