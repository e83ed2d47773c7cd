"""What is held about a person: each app says it of its own tables, and export and erasure follow from that."""
