"""Functions of the product, open or closed: for everybody, for one organisation, or for one campaign."""
