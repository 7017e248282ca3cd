"""Writes `docs/spec/vectors/consult/`, one module per page of the specification.

python -m balie.consult.protocol.tests.vectors
"""
