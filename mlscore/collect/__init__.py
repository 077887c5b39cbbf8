"""Collecting evidence: test outcomes, attestations and proofs of automation, each source guarded from the others."""
