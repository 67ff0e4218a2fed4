"""Measurements against DESIGN.md section 7, as ratios to a reference in the same run."""
