"""Phone makers' push services as plug-ins; knows nothing of the service that uses them."""
