"""The workshop, room by room: classes of data, questions, lessons from masters, the pack."""
