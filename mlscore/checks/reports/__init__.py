"""Reports that other tools wrote: read into one shape, and judged by their own verdicts and by limits."""
