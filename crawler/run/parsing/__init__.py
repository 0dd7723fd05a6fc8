"""From a capture to an article: tasks, the processes that carry them out, and the profile in force."""
