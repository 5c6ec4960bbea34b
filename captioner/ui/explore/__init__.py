"""The Explore tab and the web API."""
