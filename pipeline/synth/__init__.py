"""MNIST's digits -> images of fields, as pens, paper, scanners and cameras make them."""
