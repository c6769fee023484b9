"""The digits of MNIST, and the numbers composed of them."""
