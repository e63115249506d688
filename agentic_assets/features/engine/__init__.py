"""Build features as of each decision: facts in the order in which they became known, sums between two places."""
