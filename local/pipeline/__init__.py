"""The pipeline on one machine: takes searches from a queue, runs BLAST+, leaves what ElasticBLAST would."""
