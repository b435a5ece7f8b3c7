"""The command line of the rebalancer: ``rebalancer COMMAND``. One file per command group."""
