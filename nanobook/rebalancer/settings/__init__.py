"""The configuration: what it may say, how it is read and checked."""
