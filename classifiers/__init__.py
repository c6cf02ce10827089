"""Understanding Indonesian text: one contract, several engines."""
