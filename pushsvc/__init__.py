"""pushsvc: the push gateway service."""
