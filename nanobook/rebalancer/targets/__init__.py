"""The target: the weights that an account shall have, read and checked."""
