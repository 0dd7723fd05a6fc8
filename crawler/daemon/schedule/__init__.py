"""When a site is due, and the scheduler that queues its run."""
