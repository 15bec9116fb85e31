"""(ELF, core, board) -> profile -> cycles. Imports neither simref nor generator."""
