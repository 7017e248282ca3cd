"""What is known of an incident after it: computed from the ledger, told beside what people write themselves."""
