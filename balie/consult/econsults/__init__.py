"""E-consulten: what patients ask their practice, how urgent that is, and who answers; never what was asked."""
