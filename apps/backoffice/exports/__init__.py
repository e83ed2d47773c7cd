"""Lists as files: small ones at once, large ones made by a job and kept for some days."""
