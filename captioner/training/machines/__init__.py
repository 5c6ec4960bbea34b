"""What trains: devices, this machine's hardware, workers on several machines."""
