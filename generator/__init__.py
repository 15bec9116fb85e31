"""Graph to C to ELF."""
