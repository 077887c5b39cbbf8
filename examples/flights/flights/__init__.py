"""flights: a batch system that predicts, two hours before departure, which flights arrive late."""
