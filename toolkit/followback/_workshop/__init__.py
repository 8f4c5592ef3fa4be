"""The workshop, room by room: classes of data, questions, lessons from masters, the pack."""

SEED = 3  # of the classes of data that the lessons are written for
