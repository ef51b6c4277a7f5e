"""Where certs, registrations, messages and deliveries live; SQL stops here."""
