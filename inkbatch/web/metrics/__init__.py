"""Where every campaign and the budget stand, for Prometheus."""
