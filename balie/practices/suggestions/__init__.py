"""What users would like: collected, put together by staff, answered where everybody reads it."""
