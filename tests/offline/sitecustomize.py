"""Closes the network to Python code while tests run.

The test run puts this folder on PYTHONPATH, so that every interpreter it starts (a kernel,
and whatever a notebook starts in turn) imports this file first. Loopback and sockets of this
machine pass: kernels talk through them. Anything else raises, and is written to the file that
INTERESTKIT_OFFLINE_LOG names, so that swallowing the exception does not hide it.

Not for: native code with sockets of its own, and interpreters started with -I or -S.
`.ci/run` closes the network to those from outside.
"""

import os
import socket
import sys

LOG = "INTERESTKIT_OFFLINE_LOG"

_ADDRESS_SECOND = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_HOST_FIRST = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}
_LOCAL_FAMILIES = {getattr(socket, name) for name in ("AF_UNIX", "AF_NETLINK") if hasattr(socket, name)}


def stays_here(host):
    """Whether a host, as socket functions take it, is this machine."""
    if isinstance(host, (bytes, bytearray)):
        host = host.decode("ascii", "replace")
    if host in (None, "", "localhost"):
        return True
    import ipaddress

    try:
        address = ipaddress.ip_address(str(host))
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified


def target(event, args):
    """The host that an audit event would reach, or None if it reaches none."""
    if event in _ADDRESS_SECOND:
        connection, address = args[0], args[1]
        if address is None or connection.family in _LOCAL_FAMILIES:  # None: connected before
            return None
        host = address[0] if isinstance(address, tuple) else address
    elif event in _HOST_FIRST:
        host = args[0][0] if isinstance(args[0], tuple) else args[0]
    else:
        return None
    return None if stays_here(host) else str(host)


def refuse(event, args):
    """The audit hook."""
    if not event.startswith("socket."):
        return
    host = target(event, args)
    if host is None:
        return
    log = os.environ.get(LOG)
    if log:
        with open(log, "a", encoding="utf-8") as file:
            file.write(f"{event} {host}\n")
    raise PermissionError(f"The network is closed while tests run: {event} to {host} was refused.")


def import_the_shadowed_one():
    """Run the sitecustomize of the environment, which this file hides."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    here = os.path.dirname(os.path.abspath(__file__))
    path = [os.path.abspath(entry) for entry in sys.path]
    after = path[path.index(here) + 1 :] if here in path else []
    spec = PathFinder.find_spec("sitecustomize", after)
    if spec and spec.loader:
        spec.loader.exec_module(module_from_spec(spec))


if __name__ == "sitecustomize":
    if os.environ.get(LOG):
        sys.addaudithook(refuse)
    import_the_shadowed_one()
