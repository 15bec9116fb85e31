"""Results as text and JSON; no arithmetic here beyond unit prefixes."""
