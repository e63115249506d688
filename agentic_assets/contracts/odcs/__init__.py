"""From ODCS in YAML to columns and rules: read, hold against the standard, compile."""
