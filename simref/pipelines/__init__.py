"""One pipeline per verb of the command line; only these and the command line join the three packages."""
