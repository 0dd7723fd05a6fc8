"""The three readers of responses that there were before `crawler.http`, as they were: an oracle, nothing to mend."""
