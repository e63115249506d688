"""Tests of the auditor's view."""
