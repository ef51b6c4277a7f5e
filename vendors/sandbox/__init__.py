"""Strict simulators of the makers' HTTP APIs, for developing, testing and load without a company account.

Each is written from the maker's page alone and never imports the plug-in it is there to catch.
"""
