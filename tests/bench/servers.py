# SPDX-License-Identifier: GPL-2.0-or-later
"""The two servers, each with a pool for thousands of sessions."""
import os

from lab import BIN, TWO_CPUS, WORK, Process, fail, output, read, wait_for


def key_pin(pem):
    """What openconnect's --servercert wants."""
    return "pin-sha256:" + output("sh", "-c", "openssl x509 -pubkey -noout | openssl pkey -pubin -outform DER |"
                                  "openssl dgst -sha256 -binary | base64", input=pem).strip()


class Server:
    process = None

    def __init__(self):
        self.dir = f"{WORK}/{self.name}"
        os.makedirs(self.dir, exist_ok=True)
        self.log_path = f"{WORK}/{self.name}.log"

    def rest(self):
        """Wait for the workers of past connections to go."""
        wait_for(self.name + ": workers that end", lambda: len(self.process.pids()) <= self.at_rest, 60)
        self.process.quiet()

    def start(self, cpus=TWO_CPUS):
        self.log = open(self.log_path, "wb", buffering=0)
        self.start_process(cpus)
        self.process.quiet()
        self.at_rest = len(self.process.pids())
        return self

    def stop(self):
        if self.process:
            self.process.stop(120)
            self.process = None
            self.log.close()

    def cpu_us(self):
        return self.process.cpu_us()


class Offhook(Server):
    name, address, inside = "offhook", "10.99.0.1", "10.99.1.2"
    url = f"https://{address}/phone"
    host_lines = ""  # more of them, for offhookd.conf
    config_lines = ""  # the same, for the configuration
    pool = "10.101.0.1-10.101.255.254 mask 255.255.0.0"

    def show(self, *command, **more):
        return output(f"{BIN}/offhook", "-s", f"{self.dir}/run/control.sock", *command, **more)

    def summary(self):
        """The shortest way to ask how many sessions there are."""
        return self.show("show", "vpn-sessiondb", "summary")

    def sessions(self):
        return self.show("show", "vpn-sessiondb", "anyconnect")

    def start_process(self, cpus):
        config = read("configs/vpn-phone.cfg").replace("https://172.16.1.250/phone", self.url)
        config = config.replace("10.10.1.1-10.10.1.254 mask 255.255.255.0", self.pool) + self.config_lines
        with open(f"{self.dir}/startup-config", "w") as f:
            f.write(config)
        with open(f"{self.dir}/offhookd.conf", "w") as f:
            f.write(f'state_dir = "{self.dir}/state";\nrun_dir = "{self.dir}/run";\n'
                    f'interfaces = {{ outside = {{ address = "{self.address}"; tcp_port = 443; udp_port = 443; }}; }};\n{self.host_lines}')
        ready, ready_in = os.pipe()
        self.process = Process(self.name, [f"{BIN}/offhookd", "-f", "-c", f"{self.dir}/startup-config", "-o",
                                           f"{self.dir}/offhookd.conf", "--ready-fd", str(ready_in)], self.log, cpus,
                               pass_fds=[ready_in])
        os.close(ready_in)
        with os.fdopen(ready) as f:
            line = f.readline()
        if not line:
            fail("offhookd did not start:\n" + read(self.log_path))
        if '"sha1": null' in line:
            self.show("crypto", "ca", "enroll", "asa-identity-cert", "noconfirm")
        for trustpoint, file in ("cert3", "mic-sha256-root"), ("cert4", "mic-sha256-ca"):
            self.show("crypto", "ca", "authenticate", trustpoint, "nointeractive",
                      input=read(f"{WORK}/certs/{file}.pem") + "quit\n")
        self.pin = key_pin(self.show("crypto", "ca", "export", "asa-identity-cert", "identity-certificate"))


class Ocserv(Server):
    name, address, inside = "ocserv", "10.99.0.2", "10.99.1.3"
    url = f"https://{address}/"

    # Debian's own file, but for addresses, certificates, limits that would slow a
    # benchmark down, and dtls-psk: without it the DTLS of both servers is the same.
    config = """
auth = "certificate"
listen-host = {address}
tcp-port = 443
udp-port = 443
run-as-user = ocserv
run-as-group = ocserv
socket-file = {dir}/ocserv.socket
occtl-socket-file = {dir}/occtl.socket
pid-file = {dir}/ocserv.pid
server-cert = {work}/certs/gateway.pem
server-key = {work}/certs/gateway.key
ca-cert = {dir}/ca.pem
cert-user-oid = 2.5.4.3
isolate-workers = true
max-clients = 0
max-same-clients = 0
rate-limit-ms = 0
max-ban-score = 0
server-stats-reset-time = 604800
keepalive = 32400
dpd = 90
mobile-dpd = 1800
switch-to-tcp-timeout = 25
try-mtu-discovery = false
tls-priorities = "NORMAL:%SERVER_PRECEDENCE:%COMPAT:-VERS-SSL3.0:-VERS-TLS1.0:-VERS-TLS1.1:-VERS-TLS1.3"
auth-timeout = 240
min-reauth-time = 300
cookie-timeout = 300
deny-roaming = false
rekey-time = 172800
rekey-method = ssl
use-occtl = true
log-level = 1
device = vpns
predictable-ips = true
ipv4-network = 10.102.0.0
ipv4-netmask = 255.255.0.0
ping-leases = false
compression = false
cisco-client-compat = true
dtls-legacy = true
dtls-psk = false
client-bypass-protocol = false
"""

    def show(self, *command):
        return output("occtl", "-s", f"{self.dir}/occtl.socket", *command)

    def summary(self):
        return self.show("show", "status")

    def sessions(self):
        return self.show("show", "users")

    def start_process(self, cpus):
        with open(f"{self.dir}/ca.pem", "w") as f:
            f.write(read(f"{WORK}/certs/mic-sha256-ca.pem") + read(f"{WORK}/certs/mic-sha256-root.pem"))
        with open(f"{self.dir}/ocserv.conf", "w") as f:
            f.write(self.config.format(address=self.address, work=WORK, dir=self.dir))
        self.process = Process(self.name, ["ocserv", "-f", "-c", f"{self.dir}/ocserv.conf"], self.log, cpus)
        wait_for("ocserv that starts", lambda: "sec-mod initialized" in read(self.log_path))
        self.pin = key_pin(read(f"{WORK}/certs/gateway.pem"))


SERVERS = {"offhook": Offhook, "ocserv": Ocserv}
