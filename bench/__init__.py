"""Measurements that people can repeat; see README.md."""
