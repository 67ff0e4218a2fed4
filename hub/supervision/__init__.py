"""Supervision: approvals, reviews, the misuse detector, and what supervisors export."""
