"""The workshop, room by room: classes of data, questions, lessons from masters, the pack."""

SEED = 3  # of the classes of data that the lessons are written for
ROSTER = "class-3-roster.csv"  # beside the classes: who is in the team of the third
