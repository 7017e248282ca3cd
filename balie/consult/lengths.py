"""How long what the protocol calls things is, in characters."""

from typing import Final

NAME: Final = 43  # a SHA-256 in base64url
ID: Final = 22  # sixteen bytes in base64url
