"""What recurs on a site's pages: learnt from many, applied to one."""
