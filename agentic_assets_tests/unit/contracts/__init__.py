"""Tests of the contract layer."""
