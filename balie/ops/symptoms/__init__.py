"""What users say does not work. Several who say it while probes see nothing open an incident whose cause is
undetermined.
"""
