"""What joins the engine to the outside: HTTP, databases, files, the clock."""
