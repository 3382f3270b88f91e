"""Who may open the page, and what each of them may do."""

from inkbatch.ports.access import Role
from inkbatch.web.access.guard import Guard
from inkbatch.web.access.sessions import Person, Sessions

__all__ = ["Guard", "Person", "Role", "Sessions"]
