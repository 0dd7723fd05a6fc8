"""The status page of the daemon: what runs, what was kept and what was not, for people and for Prometheus.

Server-made HTML with a little htmx; nothing is loaded from anywhere else, and what came from the web is shown as text
or in a sandboxed frame without scripts.
"""
