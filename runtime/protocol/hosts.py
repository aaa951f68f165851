"""Which hosts are this machine, where nothing crosses a network."""

from ipaddress import ip_address


def is_here(host: str) -> bool:
    """Say whether a name or an address can only mean this machine.

    >>> is_here("127.0.0.1"), is_here("::1"), is_here("0.0.0.0"), is_here("models.example")
    (True, True, False, False)
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
