"""The second level of the gate: what published partitions look like, judged against what they looked like before."""
