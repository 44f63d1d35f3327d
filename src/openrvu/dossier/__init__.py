"""The dossier: everything that is held about one code, as pure data, and as HTML, PDF, JSON and text."""
