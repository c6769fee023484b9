"""What the networks say of an image -> a number, how sure it is, and whether to accept it."""
