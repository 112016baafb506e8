"""Commands of the command line that look after jobs in an account."""
