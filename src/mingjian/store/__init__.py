"""PostgreSQL: tables, migrations, one repository per noun, the embedded server."""
