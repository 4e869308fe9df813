"""What the benchmarks share: stacks to measure on, meters, prices, how to print."""
