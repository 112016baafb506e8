"""A stand-in for the Azure Functions host, for one machine.

It runs a function app through Microsoft's own worker library and serves its HTTP, queue and timer triggers
with the host's rules; `python -m local.host --help` says what it leaves out.
"""
