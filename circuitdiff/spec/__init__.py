"""What is asked of circuits: the target, words, devices and costs."""
