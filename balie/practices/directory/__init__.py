"""The organiser's list of practices, and one page for each: what is known of it, and how to correct that."""
