"""What people do with the whole product in a real browser: one file per journey, over `house.py` and `visitor.py`."""
