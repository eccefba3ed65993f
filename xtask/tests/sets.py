Colour = Literal[
    "blue",
    "red-hot",
    "green2",
]
"""Colours."""
