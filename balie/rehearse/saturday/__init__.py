"""A Saturday at four posts: patients ask, nurses answer by urgency, and two of the posts close while some wait."""
