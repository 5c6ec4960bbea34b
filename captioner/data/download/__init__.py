"""Data from elsewhere: downloaded, unpacked, and checked on the way."""
