"""Which hosts are this machine: where a key may go in plain text, and where nobody is called."""

from ipaddress import ip_address


def is_this_machine(host: str) -> bool:
    """Tell whether a host is `localhost` or a loopback address, with or without brackets."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
