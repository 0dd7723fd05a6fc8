"""The resident process: schedules, workers, and the local API that commands talk to."""
