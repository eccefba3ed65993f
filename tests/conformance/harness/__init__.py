"""Drives the built command line from outside and judges what it leaves with libraries that are not ours."""
