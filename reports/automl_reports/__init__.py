"""A run as plain rows in; a page, tables and terminal lines out."""
