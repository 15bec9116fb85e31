"""Graph rewrites, one per module: a graph goes in, a graph that computes the same comes out."""
