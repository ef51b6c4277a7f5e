"""Requests to domain values, and domain values to answers. Pure; generated types stop here."""
