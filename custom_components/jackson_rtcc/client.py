"""The MQTT client: aiomqtt's, without a race that would reach into other connections."""

from typing import Any, override

import aiomqtt
from paho.mqtt.client import Client as PahoClient


class BrokerClient(aiomqtt.Client):
    """Watches its socket for writing only while it has something to write to that same socket.

    aiomqtt asks the loop to watch a file descriptor some time after the socket was registered. If
    the broker hung up in between, the loop fails on a closed descriptor, or worse, watches one
    that by then belongs to somebody else in Home Assistant.
    """

    @override
    def _on_socket_register_write(
        self,
        client: PahoClient,
        userdata: Any,
        sock: Any,
    ) -> None:
        def write() -> None:
            try:
                client.loop_write()
            except Exception as err:  # noqa: BLE001 - whatever it is, the connection is broken
                if not self._disconnected.done():
                    self._disconnected.set_exception(err)

        def register() -> None:
            current = client.socket()
            if current is not None and current is sock and client.want_write():
                self._loop.add_writer(current.fileno(), write)

        self._loop.call_soon_threadsafe(register)
