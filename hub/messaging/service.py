"""What a city needs to run Mosquitto as a service for the hub: configuration and instructions."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from hub.data import write_whole
from hub.errors import StartError
from hub.homes.authority import Authority, KeyPair
from hub.messaging.mosquitto import Files, access_list, configuration

_INSTRUCTIONS = """\
The broker as a service
=======================

These files make a Mosquitto (2.0.11 or newer) the broker of this hub.

1. Let Mosquitto's user own this folder, which holds the broker's private key:
     chown -R mosquitto: {folder}
2. Start it with this configuration alone:
     mosquitto -c {folder}/mosquitto.conf
   or, with systemd, by a drop-in of mosquitto.service:
     [Service]
     ExecStart=
     ExecStart=/usr/sbin/mosquitto -c {folder}/mosquitto.conf
3. Tell the hub (its configuration file):
     [broker]
     mode = "external"
     host = "{host}"
     port = {port}
     public_host = "{host}"
     crl = "{folder}/crl.pem"
     reload = ["systemctl", "reload", "mosquitto"]
   The hub writes the revocation list to `crl` and runs `reload` whenever a home is removed, so it
   must be allowed to do both. On another machine, let `reload` be a script of yours that copies the
   list there.
4. The broker's certificate ends on {ends}. Run this command again before, and at every change of
   the broker's name.
"""


def write_service(
    folder: Path, authority: Authority, *, host: str, port: int, names: Iterable[str], now: datetime
) -> Path:
    """Write configuration, ACL, certificates and instructions into a folder; return its path.

    Raises:
        StartError: if a file cannot be written.

    """
    folder = folder.absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as err:
        raise StartError(f"cannot make {folder}: {err.strerror}") from err
    if not authority.crl_file.exists():
        authority.write_crl([], now)
    server = authority.new_server({host, *names}, now)
    files = Files(
        acl=folder / "acl",
        ca=folder / "ca.pem",
        crl=folder / "crl.pem",
        server=KeyPair(folder / "server.pem", folder / "server.key"),
    )
    contents: dict[Path, str | bytes] = {
        files.acl: access_list(),
        files.ca: authority.pem,
        files.crl: authority.crl_file.read_bytes(),
        files.server.certificate: server.pem,
        files.server.key: server.key_pem,
        folder / "mosquitto.conf": configuration(files, port=port),
        folder / "README.txt": _INSTRUCTIONS.format(
            folder=folder, host=host, port=port, ends=f"{server.ends:%Y-%m-%d}"
        ),
    }
    for path, content in contents.items():
        write_whole(path, content)
    return folder
