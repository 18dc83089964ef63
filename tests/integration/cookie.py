#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cookie.py CASE HOST CERT KEY TARGET [FILE]: what a cookie is good for, and for how long (protocol.md 1.6)."""
import socket
import ssl
import sys
import threading
import time

import cstp
from cstp import DATA, DPD, DPD_RESP, Client, echo_request

host, cert, key, target = sys.argv[2:6]
ANYCONNECT = "AnyConnect Windows 4.10.08029"


def ping(c, number):
    c.send(DATA, echo_request(c.address, target, number, b"x" * 100))
    while True:
        frame = c.receive()
        assert frame is not None, "the tunnel is closed"
        if frame[0] == DATA and frame[1][20] == 0:
            return


def up(agent=None):
    c = Client(host, cert, key).login()
    if agent:
        c.agent = agent
    return again(c)


def again(c):
    """CONNECT with the cookie of c, on a connection of its own."""
    n = Client(host, cert, key, agent=c.agent)
    n.cookie = c.cookie
    answer = n.connect("X-CSTP-MTU: 1290")
    n.status, n.address = answer[""], answer.get("X-CSTP-Address")
    return n


def bye_phone():
    c = up()
    ping(c, 1)
    c.bye()
    while c.receive(10) is not None: # closed once the goodbye has come through
        pass
    assert " 401 " in again(c).status


def bye_anyconnect_returns():
    """Some versions say goodbye and come straight back."""
    c = up(ANYCONNECT)
    ping(c, 1)
    c.bye()
    time.sleep(2)
    n = again(c)
    assert n.address == c.address, (n.status, n.address, c.address)
    ping(n, 2)
    time.sleep(15)  # the old goodbye is forgotten
    ping(n, 3)
    n.bye()


def bye_anyconnect_stays_away():
    c = up(ANYCONNECT)
    c.bye()
    time.sleep(16)
    assert " 401 " in again(c).status


def empty_bye_means_back_soon():
    c = up()
    c.bye(b"")
    n = again(c)
    assert n.address == c.address, n.status
    ping(n, 1)
    n.bye()


def replaced():
    """Packets all the time while a new connection takes the old one's place, ten times: few are lost, the old ones close."""
    c = up()
    sent = got = 0
    for _ in range(10):
        stop, old = threading.Event(), c
        seen = []

        def flow():
            n = 0
            while not stop.is_set():
                try:
                    old.send(DATA, echo_request(old.address, target, n, b"y" * 200))
                    n += 1
                    frame = old.receive(1)
                    if frame is None:
                        break
                    seen.append(frame)
                except (OSError, ssl.SSLError):
                    break
            seen.append(n)

        t = threading.Thread(target=flow)
        t.start()
        end = time.monotonic() + 10
        while len(seen) < 20 and time.monotonic() < end:
            t.join(0.01)
        c = again(old)
        assert c.address == old.address, c.status
        ping(c, 1)
        t.join(3)
        assert not t.is_alive(), "the old connection is still open"
        sent, got = sent + seen[-1], got + len(seen) - 1
        stop.set()
    assert sent - got <= 20, "%d of %d" % (got, sent)
    ping(c, 2)
    c.bye()


def mute_records():
    """What a client must never see: more than one packet in a record, or none."""
    c = up()
    for i in range(200):
        c.send(DPD, bytes([i]) * i)
        assert c.receive() == (DPD_RESP, bytes([i]) * i)
    c.bye()


def resumption(version):
    """A session offered again: the server makes a new one, and asks for the certificate again."""
    context = cstp.context(cert, key, version)

    def request(session):
        s = context.wrap_socket(socket.create_connection((host, 443), timeout=10), server_hostname="asav.sckiewer.lab",
                                session=session)
        s.sendall(b"GET /phone HTTP/1.1\r\nHost: asav.sckiewer.lab\r\nUser-Agent: Cisco SVC IPPhone Client v1.0 (1.0)\r\n\r\n")
        s.recv(65536)
        return s

    first = request(None)
    assert first.session is None or not first.session.has_ticket, "a ticket"
    for session in (first.session, first.session):
        s = request(session)
        assert not s.session_reused, "resumed"
        s.close()


def resumption_12():
    resumption(ssl.TLSVersion.TLSv1_2)


def resumption_13():
    resumption(ssl.TLSVersion.TLSv1_3)


globals()[sys.argv[1]]()
