"""What is reached by HTTP: health, metrics, and the vendors' callbacks."""
