"""The way of a report: parameters checked, the notebook run, its page and record made."""
