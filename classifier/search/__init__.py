"""Parameters -> the best of them: searches with cross-validation that go on where they were stopped."""
