"""The dashboard: views per page, templates, vendored assets."""
