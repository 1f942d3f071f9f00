"""Governance by API."""
