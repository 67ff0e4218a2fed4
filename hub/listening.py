"""A listening TCP socket on one address, or on every address of the machine."""

import socket


def listening_socket(bind: str, port: int) -> socket.socket:
    """Return a socket that listens; empty `bind` is every address, IPv4 and IPv6 alike.

    Raises:
        OSError: if the port is in use or the address is not this machine's.

    """
    address = bind or ("::" if socket.has_dualstack_ipv6() else "0.0.0.0")  # noqa: S104
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server(
        (address, port),
        family=family,
        dualstack_ipv6=not bind and family == socket.AF_INET6,
    )
