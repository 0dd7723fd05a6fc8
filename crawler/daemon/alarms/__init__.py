"""Silence is what kills archives: the daemon looks at itself and its sites every minute and calls for a person.

`rules` decides what is wrong, from `facts` read from the state and this machine; `watch` raises and clears; `notify`
tells.
"""
