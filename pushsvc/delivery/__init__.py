"""From accepted to settled: the batcher gathers calls, the dispatcher finds the lane, the lane hands over."""
