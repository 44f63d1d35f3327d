"""How Medicare pays: small pure functions on whole numbers, beside dated values (`params/`) and tables (`lookups/`)."""
