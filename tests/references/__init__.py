"""What the field's libraries say to the same question."""
