"""The domain: reading BLAST output, and the life of the artifacts made from it."""
